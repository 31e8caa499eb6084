//! A person at two machines, both on duty: who accepts, who waits, what is said.

use super::*;

const WAIT: Order = Order::Wait;

fn connected(number: u8, epoch: i32) -> Mine {
    Mine {
        connected: true,
        ..mine(number, epoch)
    }
}

fn cancelled(leg: &str) -> Signal {
    Signal::Cancelled(leg.to_owned())
}

impl Desk {
    /// A machine at which the person did not answer, while the other one has the call.
    fn idle() -> Self {
        let mut desk = Self::ready();
        desk.hear(invitation("a", 1, 2));
        desk.sees(Some(mine(1, 2)));
        desk.hear(cancelled("a"));
        desk.sees(Some(connected(1, 2)));
        assert_eq!(desk.state(), "other-machine");
        desk
    }

    /// So many ticks pass, the last of which leads to this.
    fn waits(&mut self, ticks: usize) -> Vec<Order> {
        let orders = (0..ticks).map(|_| self.hear(Signal::Waited));
        orders.last().unwrap_or_default()
    }
}

#[test]
fn the_machine_where_the_call_was_taken_accepts_at_once_and_another_one_waits() {
    let (mut here, mut there) = (Desk::ready(), Desk::ready());
    for desk in [&mut here, &mut there] {
        desk.hear(invitation("a", 1, 2));
    }
    assert_eq!(here.takes(mine(1, 2)), [accept("a"), Order::Ring(None)]);
    assert_eq!(there.sees(Some(mine(1, 2))), [WAIT, Order::Ring(None)]);
    assert_eq!(there.settle(), []);
    assert_eq!(there.hear(cancelled("a")), []);
}

#[test]
fn what_no_machine_accepts_is_accepted_a_moment_later() {
    let mut desk = Desk::ready();
    desk.hear(invitation("a", 1, 2));
    desk.sees(Some(mine(1, 2)));
    assert_eq!(desk.hear(Signal::Waited), [accept("a")]);
    // What was waited for before is not what is waited for now.
    let mut desk = Desk::ready();
    desk.sees(Some(mine(1, 2)));
    desk.sees(Some(mine(1, 3)));
    desk.hear(invitation("a", 1, 3));
    assert_eq!(desk.hear(Signal::Waited), [WAIT]);
    assert_eq!(desk.hear(Signal::Waited), [accept("a")]);
}

#[test]
fn a_call_that_a_colleague_gives_me_goes_to_whichever_machine_is_quicker() {
    let mut desk = Desk::ready();
    desk.board.of_others = vec![call(1)];
    desk.settle();
    desk.board.of_others.clear();
    assert_eq!(desk.sees(Some(mine(1, 2))), []);
    assert_eq!(desk.hear(invitation("a", 1, 2)), [accept("a")]);
}

#[test]
fn whoever_puts_a_caller_on_hold_goes_on_where_they_press() {
    let (mut here, mut there) = (Desk::talking(), Desk::idle());
    let held = Mine {
        on_hold: true,
        ..connected(1, 3)
    };
    // The caller's music is heard where one talked.
    assert_eq!(here.sees(Some(held)), [disconnect("a"), Order::Music(true)]);
    assert_eq!(there.sees(Some(held)), []);
    here.hear(Signal::Disconnected("a".to_owned()));
    for desk in [&mut here, &mut there] {
        assert_eq!(desk.state(), "held");
        desk.hear(invitation("b", 1, 4));
    }
    assert_eq!(there.takes(connected(1, 4)), [accept("b")]);
    assert_eq!(
        here.sees(Some(connected(1, 4))),
        [WAIT, Order::Music(false)]
    );
    here.hear(cancelled("b"));
    assert_eq!(here.state(), "other-machine");
    there.hear(Signal::Accepted("b".to_owned()));
    assert_eq!(there.state(), "talking");
}

#[test]
fn it_is_said_that_another_machine_has_the_audio_until_the_call_is_over() {
    let mut desk = Desk::ready();
    desk.hear(invitation("a", 1, 2));
    desk.sees(Some(mine(1, 2)));
    desk.hear(cancelled("a"));
    // Perhaps the caller has hung up.
    assert_eq!(desk.state(), "line-connects");
    desk.sees(Some(connected(1, 2)));
    let state = desk.phone.state(&desk.board);
    assert_eq!(state, ("other-machine", String::new()));
    desk.sees(None);
    assert_eq!(desk.state(), "ready");
}

#[test]
fn who_was_too_late_says_so_too() {
    let mut desk = Desk::ready();
    desk.hear(invitation("a", 1, 2));
    assert_eq!(desk.takes(mine(1, 2)), [accept("a"), Order::Ring(None)]);
    desk.hear(cancelled("a"));
    desk.sees(Some(connected(1, 2)));
    assert_eq!(desk.state(), "other-machine");
    // That line was lost, and it rings anew.
    desk.sees(Some(mine(1, 2)));
    assert_eq!(desk.hear(invitation("b", 1, 2)), [accept("b")]);
    desk.sees(Some(connected(1, 2)));
    assert_ne!(desk.state(), "other-machine");
}

#[test]
fn who_took_a_call_that_rang_at_the_other_machine_alone_is_told_where_the_audio_is() {
    // It went on duty while the call rang, and was not rung; the other one waits a moment, and accepts.
    let mut desk = Desk::ready();
    assert_eq!(desk.takes(mine(1, 2)), []);
    assert_eq!(desk.state(), "line-connects");
    assert_eq!(desk.sees(Some(connected(1, 2))), [WAIT]);
    assert_eq!(
        desk.state(),
        "line-connects",
        "its own word may be on the way"
    );
    desk.waits(1);
    let state = desk.phone.state(&desk.board);
    assert_eq!(state, ("other-machine", String::new()));
    // Held and taken up again here, it is heard here.
    let held = Mine {
        on_hold: true,
        ..connected(1, 3)
    };
    desk.sees(Some(held));
    desk.hear(Signal::Act(call(1), Intent::Resume));
    desk.sees(Some(connected(1, 4)));
    assert_eq!(desk.hear(invitation("b", 1, 4)), [accept("b")]);
}

#[test]
fn a_machine_that_comes_later_is_not_certain() {
    let mut desk = Desk::ready();
    assert_eq!(desk.sees(Some(connected(1, 2))), [WAIT]);
    assert_eq!(desk.waits(3), [WAIT]);
    assert_eq!(desk.state(), "line-connects");
    desk.waits(1);
    let state = desk.phone.state(&desk.board);
    assert_eq!(state, ("other-machine", "unsure".to_owned()));
    // Then it was this page that had lost it.
    desk.board.mine = None;
    desk.board.dropped = Some(call(1));
    assert_eq!(desk.settle(), [Order::Ask(call(1), Intent::Retrieve)]);
}

#[test]
fn a_lost_line_is_taken_up_by_the_machine_that_had_it_and_by_another_only_if_it_is_gone() {
    let (mut here, mut there) = (Desk::talking(), Desk::idle());
    here.hear(Signal::Disconnected("a".to_owned()));
    for desk in [&mut here, &mut there] {
        desk.board.mine = None;
        desk.board.dropped = Some(call(1));
    }
    let taken_up = [Order::Ask(call(1), Intent::Retrieve)];
    assert_eq!(here.settle(), taken_up);
    // The tick that runs was for the invitation that it left.
    assert_eq!(there.settle(), []);
    assert_eq!(there.waits(8), [WAIT]);
    assert_eq!(there.waits(1), taken_up);
}

#[test]
fn what_is_taken_in_another_tab_of_this_machine_is_taken_here() {
    let mut tab = Desk::new();
    tab.board.available = true;
    tab.phone.press(true);
    tab.settle();
    tab.hear(Signal::Waiting);
    assert!(tab.phone.take(call(1), Intent::Answer));
    assert_eq!(tab.settle(), [Order::Claim(call(1))]);
    assert_eq!(tab.settle(), []);

    let mut desk = Desk::ready();
    desk.hear(invitation("a", 1, 2));
    assert_eq!(desk.hear(Signal::Claimed(call(1))), []);
    assert_eq!(
        desk.sees(Some(mine(1, 2))),
        [accept("a"), Order::Ring(None)]
    );
}

#[test]
fn a_tab_without_audio_waits_for_nothing() {
    let mut desk = Desk::new();
    assert_eq!(desk.sees(Some(mine(1, 2))), []);
    assert_eq!(desk.sees(Some(connected(1, 2))), []);
    assert_eq!(desk.state(), "away");
}
