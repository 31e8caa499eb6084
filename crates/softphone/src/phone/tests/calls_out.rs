//! Calls to telephones, whose leg carries the customer.

use super::*;

/// Talking with the telephone that I called: leg `out`, call 1.
fn calling_out() -> Desk {
    let mut desk = Desk::ready();
    desk.hear(Signal::Dial("+12025550123".to_owned()));
    desk.hear(Signal::Connecting("out".to_owned()));
    desk.board.calls_out = vec![call(1)];
    desk.sees(Some(answered(0)));
    desk.hear(Signal::Accepted("out".to_owned()));
    desk
}

/// Call 1, which I placed.
fn dialled(epoch: i32) -> Mine {
    Mine {
        outbound: true,
        ..mine(1, epoch)
    }
}

/// The same, and the telephone was picked up.
fn answered(epoch: i32) -> Mine {
    Mine {
        connected: true,
        ..dialled(epoch)
    }
}

#[test]
fn nobody_talks_before_the_row_says_that_somebody_answered() {
    let mut desk = Desk::ready();
    desk.hear(Signal::Dial("+12025550123".to_owned()));
    desk.hear(Signal::Connecting("out".to_owned()));
    // The service says in a sentence what it refuses, on a line without a row.
    desk.hear(Signal::Accepted("out".to_owned()));
    assert_eq!(desk.state(), "calling");
    desk.sees(Some(dialled(0)));
    assert_eq!(desk.state(), "calling");
    // It was busy, which is a sentence as well.
    desk.sees(None);
    assert_eq!(desk.state(), "calling");
    desk.hear(Signal::Disconnected("out".to_owned()));
    assert_eq!(desk.state(), "ready");
}

#[test]
fn an_outbound_call_becomes_the_row_that_appears_and_ends_with_it() {
    let mut desk = Desk::ready();
    let number = "+12025550123".to_owned();
    let placed = desk.hear(Signal::Dial(number.clone()));
    assert_eq!(placed, [Order::Connect(number)]);
    assert_eq!(desk.hear(Signal::Connecting("out".to_owned())), []);
    desk.board.calls_out = vec![call(1)];
    assert_eq!(desk.sees(Some(dialled(0))), []);
    desk.hear(Signal::Accepted("out".to_owned()));
    assert_eq!(desk.sees(Some(answered(0))), []);
    assert!(desk.state() == "talking");
    desk.board.calls_out.clear();
    assert_eq!(desk.sees(None), [disconnect("out")]);
}

#[test]
fn the_leg_that_carries_the_customer_is_never_hung_up_while_the_call_lives() {
    let held = Mine {
        on_hold: true,
        ..dialled(1)
    };
    // Parked or transferred, or a board that is behind; held; taken back before the leg has ended.
    for (elsewhere, then) in [
        (None, vec![]),
        (Some(held), vec![Order::Music(true)]),
        (Some(dialled(2)), vec![]),
        (Some(mine(2, 1)), vec![]),
    ] {
        let mut desk = calling_out();
        assert_eq!(desk.sees(elsewhere), then, "{elsewhere:?}");
        assert_eq!(desk.settle(), [], "{elsewhere:?}");
        // The service has led the customer elsewhere, and Twilio ends what carried them.
        desk.hear(Signal::Disconnected("out".to_owned()));
        assert_ne!(desk.state(), "talking");
    }
}

#[test]
fn who_takes_an_outbound_call_back_waits_for_the_old_leg_to_end() {
    let mut desk = calling_out();
    desk.sees(None);
    desk.takes(dialled(2));
    assert_eq!(desk.hear(invitation("back", 1, 2)), []);
    let over = desk.hear(Signal::Disconnected("out".to_owned()));
    assert_eq!(over, [accept("back")]);
    // This one is a leg like any other: the customer is carried elsewhere.
    assert_eq!(desk.sees(None), [disconnect("back")]);
}

#[test]
fn an_outbound_call_that_cannot_be_placed_leaves_the_line_free() {
    let mut desk = Desk::ready();
    desk.hear(Signal::Dial("+12025550123".to_owned()));
    desk.hear(Signal::Trouble(31486));
    desk.hear(invitation("a", 1, 2));
    assert_eq!(desk.takes(mine(1, 2)), [accept("a"), Order::Ring(None)]);
}

#[test]
fn nobody_dials_while_on_a_call() {
    let mut desk = Desk::talking();
    let dialled = desk.hear(Signal::Dial("+12025550123".to_owned()));
    assert_eq!(dialled, [Order::Say(Sentence::OnAnotherCall)]);
}
