//! Invitations and the line: what is accepted, what is hung up, what is taken up again.

use super::*;

#[test]
fn an_invitation_to_a_call_that_is_not_mine_waits_and_rings() {
    let mut desk = Desk::ready();
    assert_eq!(
        desk.hear(invitation("a", 1, 2)),
        [Order::Ring(Some(call(1)))]
    );
    assert_eq!(desk.settle(), []);
    let answered = desk.takes(mine(1, 2));
    assert_eq!(answered, [accept("a"), Order::Ring(None)]);
    assert_eq!(desk.settle(), []);
}

#[test]
fn it_rings_for_what_waits_longest_and_only_while_the_row_does() {
    let mut desk = Desk::ready();
    assert_eq!(
        desk.hear(invitation("b", 2, 1)),
        [Order::Ring(Some(call(2)))]
    );
    assert_eq!(
        desk.hear(invitation("a", 1, 1)),
        [Order::Ring(Some(call(1)))]
    );
    // A colleague has answered it; the device will hear of that later.
    desk.board.ringing = vec![call(2)];
    assert_eq!(desk.settle(), [Order::Ring(Some(call(2)))]);
    desk.board.ringing.clear();
    assert_eq!(desk.settle(), [Order::Ring(None)]);
}

#[test]
fn a_call_can_be_answered_away_from_the_page() {
    let mut desk = Desk::ready();
    desk.hear(invitation("a", 1, 2));
    let asked = desk.hear(Signal::Act(call(1), Intent::Answer));
    assert_eq!(asked, [Order::Ask(call(1), Intent::Answer)]);
}

#[test]
fn a_call_can_be_held_and_ended_away_from_its_card() {
    // Also where there is no audio.
    let mut desk = Desk::new();
    for intent in [Intent::Hold, Intent::Park { slot: None }, Intent::End] {
        let asked = desk.hear(Signal::Act(call(1), intent));
        assert_eq!(asked, [Order::Ask(call(1), intent)]);
        assert_eq!(desk.settle(), [], "it is asked once");
    }
    // Whoever goes on with a call is to be heard.
    assert_eq!(desk.hear(Signal::Act(call(1), Intent::Resume)), []);
    let mut desk = Desk::ready();
    let asked = desk.hear(Signal::Act(call(1), Intent::Resume));
    assert_eq!(asked, [Order::Ask(call(1), Intent::Resume)]);
}

#[test]
fn the_row_may_be_mine_before_the_invitation_comes() {
    let mut desk = Desk::ready();
    assert_eq!(desk.takes(mine(1, 2)), []);
    assert_eq!(desk.hear(invitation("a", 1, 2)), [accept("a")]);
}

#[test]
fn only_the_call_and_the_epoch_of_the_row_are_accepted() {
    let mut desk = Desk::ready();
    desk.takes(mine(1, 3));
    assert_eq!(desk.hear(invitation("old", 1, 2)), []);
    assert_eq!(desk.hear(invitation("new", 1, 4)), []);
    assert_eq!(desk.hear(invitation("other", 2, 3)), []);
    assert_eq!(desk.hear(Signal::Incoming("stranger".to_owned(), None)), []);
    assert_eq!(desk.hear(invitation("mine", 1, 3)), [accept("mine")]);
}

#[test]
fn nothing_is_accepted_for_a_call_on_hold() {
    let mut desk = Desk::ready();
    let held = Mine {
        on_hold: true,
        ..mine(1, 3)
    };
    desk.sees(Some(held));
    assert_eq!(desk.hear(invitation("a", 1, 3)), []);
}

#[test]
fn a_cancelled_invitation_is_never_accepted() {
    let mut desk = Desk::ready();
    desk.hear(invitation("a", 1, 2));
    assert_eq!(
        desk.hear(Signal::Cancelled("a".to_owned())),
        [Order::Ring(None)]
    );
    assert_eq!(desk.takes(mine(1, 2)), []);
    // The row is still mine, so the next invitation is taken.
    assert_eq!(desk.hear(invitation("b", 1, 2)), [accept("b")]);
}

#[test]
fn an_invitation_that_was_accepted_too_late_makes_room_for_the_next() {
    let mut desk = Desk::ready();
    desk.hear(invitation("a", 1, 2));
    desk.takes(mine(1, 2));
    assert_eq!(desk.hear(invitation("b", 1, 2)), []);
    assert_eq!(desk.hear(Signal::Cancelled("a".to_owned())), [accept("b")]);
}

#[test]
fn a_line_whose_row_is_not_mine_any_more_is_hung_up_once() {
    let mut desk = Desk::talking();
    assert_eq!(desk.sees(None), [disconnect("a")]);
    assert_eq!(desk.settle(), []);
    assert_eq!(desk.hear(Signal::Disconnected("a".to_owned())), []);
    assert_ne!(desk.state(), "talking");
}

#[test]
fn a_line_of_an_old_epoch_is_hung_up() {
    let mut desk = Desk::talking();
    assert_eq!(desk.sees(Some(mine(1, 3))), [disconnect("a")]);
    desk.hear(invitation("b", 1, 3));
    let over = desk.hear(Signal::Disconnected("a".to_owned()));
    assert_eq!(over, [accept("b")]);
}

#[test]
fn hold_hangs_up_and_plays_what_the_caller_hears() {
    let mut desk = Desk::talking();
    let held = Mine {
        on_hold: true,
        ..mine(1, 3)
    };
    assert_eq!(desk.sees(Some(held)), [disconnect("a"), Order::Music(true)]);
    desk.hear(Signal::Disconnected("a".to_owned()));
    assert_eq!(desk.takes(mine(1, 4)), [Order::Music(false)]);
    assert_eq!(desk.hear(invitation("b", 1, 4)), [accept("b")]);
}

#[test]
fn a_line_that_ends_by_itself_asks_for_nothing() {
    let mut desk = Desk::talking();
    assert_eq!(desk.hear(Signal::Disconnected("a".to_owned())), []);
}

#[test]
fn a_line_that_i_lost_is_taken_up_again_once() {
    let mut desk = Desk::ready();
    desk.board.dropped = Some(call(1));
    assert_eq!(desk.settle(), [Order::Ask(call(1), Intent::Retrieve)]);
    assert_eq!(desk.settle(), []);
    desk.board.dropped = None;
    desk.sees(Some(mine(1, 4)));
    desk.sees(None);
    // It was lost a second time.
    desk.board.dropped = Some(call(1));
    assert_eq!(desk.settle(), [Order::Ask(call(1), Intent::Retrieve)]);
}

#[test]
fn a_line_that_i_lost_is_not_taken_up_by_a_tab_without_audio() {
    let mut desk = Desk::new();
    desk.board.available = true;
    desk.board.dropped = Some(call(1));
    assert_eq!(desk.settle(), []);
    desk.phone.press(true);
    assert_eq!(desk.settle(), [Order::Lead]);
    assert_eq!(desk.hear(Signal::Waiting), []);
}

#[test]
fn a_closed_socket_ends_its_line_and_its_invitations() {
    let mut desk = Desk::talking();
    assert_eq!(desk.hear(Signal::Closed), [Order::Report("unreachable")]);
    assert_ne!(desk.state(), "talking");
    let again = desk.hear(Signal::Retry);
    assert_eq!(again, [Order::Register]);
}

#[test]
fn a_warning_stands_until_it_is_cleared_or_the_call_is_over() {
    let mut desk = Desk::talking();
    desk.hear(Signal::Warning("low-mos".to_owned(), true));
    desk.hear(Signal::Warning("high-rtt".to_owned(), true));
    desk.hear(Signal::Warning("high-rtt".to_owned(), false));
    assert_eq!(
        desk.phone.state(&desk.board),
        ("talking", "low-mos".to_owned())
    );
    desk.hear(Signal::Disconnected("a".to_owned()));
    desk.hear(invitation("b", 1, 2));
    desk.hear(Signal::Accepted("b".to_owned()));
    assert_eq!(desk.phone.state(&desk.board), ("talking", String::new()));
}

#[test]
fn muting_lasts_as_long_as_the_line() {
    let mut desk = Desk::talking();
    let mute = |muted| Order::Mute("a".to_owned(), muted);
    assert_eq!(desk.hear(Signal::Mute(true)), [mute(true)]);
    assert_eq!(desk.settle(), []);
    assert_eq!(desk.state(), "muted");
    assert_eq!(desk.hear(Signal::Mute(false)), [mute(false)]);
    desk.hear(Signal::Mute(true));
    desk.hear(Signal::Disconnected("a".to_owned()));
    desk.hear(invitation("b", 1, 2));
    assert_eq!(desk.hear(Signal::Accepted("b".to_owned())), []);
    assert_eq!(desk.state(), "talking");
}
