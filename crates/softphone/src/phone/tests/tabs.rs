//! Two tabs of one person: which of them has the audio.

use super::*;

#[test]
fn another_tab_has_the_audio_until_it_is_closed() {
    let mut desk = Desk::new();
    desk.board.available = true;
    desk.phone.press(true);
    desk.settle();
    assert_eq!(desk.hear(Signal::Waiting), []);
    assert_eq!(desk.sees(Some(mine(1, 2))), []);
    assert!(desk.phone.take(call(2), Intent::Answer));
    let led = desk.hear(Signal::Led);
    assert_eq!(led, [Order::Open, Order::Report("connecting")]);
}

#[test]
fn a_tab_that_is_asked_gives_the_audio_away_and_may_have_it_back() {
    let mut desk = Desk::ready();
    desk.hear(invitation("a", 1, 2));
    assert_eq!(desk.hear(Signal::Asked), [Order::StepAside]);
    assert_eq!(desk.state(), "elsewhere");
    assert!(desk.phone.is_on(&desk.board));
    // What the closed device still says is nothing, and nobody is told of it.
    assert_eq!(desk.hear(Signal::Cancelled("a".to_owned())), []);
    assert_eq!(desk.hear(Signal::Closed), []);
    assert_eq!(desk.hear(Signal::Waiting), []);
    assert_eq!(desk.hear(Signal::Asked), []);
    assert_eq!(
        desk.hear(Signal::Led),
        [Order::Open, Order::Report("connecting")]
    );
}

#[test]
fn a_tab_with_a_call_keeps_the_audio_unless_it_was_taken() {
    let mut desk = Desk::talking();
    assert_eq!(desk.hear(Signal::Asked), [Order::Keep]);
    assert_eq!(desk.state(), "talking");
    assert_eq!(desk.hear(Signal::Ousted), [Order::StepAside]);
    assert_eq!(desk.state(), "elsewhere");
    let mut desk = Desk::ready();
    desk.sees(Some(mine(1, 2)));
    assert_eq!(desk.hear(Signal::Asked), [Order::Keep], "it connects");
}
