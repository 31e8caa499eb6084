//! What a tab does about its audio, whatever is heard in whatever order.

use super::*;
use crate::{Mine, Sentence};

fn call(number: u8) -> CallId {
    format!("33333333-0000-4000-8000-0000000000{number:02}")
        .parse()
        .expect("a uuid")
}

fn mine(number: u8, epoch: i32) -> Mine {
    Mine {
        id: call(number),
        epoch,
        on_hold: false,
        outbound: false,
        connected: false,
    }
}

fn invitation(leg: &str, number: u8, epoch: i32) -> Signal {
    Signal::Incoming(leg.to_owned(), Some((call(number), epoch)))
}

fn accept(leg: &str) -> Order {
    Order::Accept(leg.to_owned())
}

fn disconnect(leg: &str) -> Order {
    Order::Disconnect(leg.to_owned())
}

/// A person at a desk: a phone, and what the board says.
struct Desk {
    phone: Softphone,
    board: Situation,
}

impl Desk {
    /// Nobody has pressed anything.
    fn new() -> Self {
        Self {
            phone: Softphone::default(),
            board: Situation::default(),
        }
    }

    /// On duty, with a device that is ready.
    fn ready() -> Self {
        let mut desk = Self::new();
        desk.board.available = true;
        desk.board.told_ready = true;
        desk.board.ringing = vec![call(1), call(2)];
        desk.phone.press(true);
        for signal in [
            Signal::Led,
            Signal::Microphone(Microphone::Ready),
            Signal::Registered,
        ] {
            desk.settle();
            desk.phone.hear(signal);
        }
        desk.settle();
        desk.phone.reports = 0;
        desk
    }

    fn settle(&mut self) -> Vec<Order> {
        self.phone.settle(&self.board)
    }

    fn hear(&mut self, signal: Signal) -> Vec<Order> {
        self.phone.hear(signal);
        self.settle()
    }

    fn sees(&mut self, mine: Option<Mine>) -> Vec<Order> {
        self.board.mine = mine;
        self.settle()
    }

    /// The person presses the button at this machine, and the row says so.
    fn takes(&mut self, mine: Mine) -> Vec<Order> {
        assert!(self.phone.take(mine.id, Intent::Answer));
        self.sees(Some(mine))
    }

    fn state(&self) -> &'static str {
        let state = self.phone.state(&self.board).0;
        assert!(STATES.contains(&state), "{state} is not listed");
        state
    }

    /// In a call, heard and hearing.
    fn talking() -> Self {
        let mut desk = Self::ready();
        desk.hear(invitation("a", 1, 2));
        desk.takes(mine(1, 2));
        desk.hear(Signal::Accepted("a".to_owned()));
        assert!(desk.state() == "talking");
        desk
    }
}

mod calls;
mod calls_out;
mod machines;
mod tabs;

#[test]
fn going_on_duty_waits_for_the_turn_then_listens_then_registers() {
    let mut desk = Desk::new();
    assert_eq!(desk.settle(), []);
    desk.phone.press(true);
    assert_eq!(desk.settle(), [Order::Lead]);
    assert_eq!(
        desk.hear(Signal::Led),
        [Order::Open, Order::Report("connecting")]
    );
    assert_eq!(
        desk.hear(Signal::Microphone(Microphone::Ready)),
        [Order::Register]
    );
    assert_eq!(desk.hear(Signal::Registered), [Order::Report("ready")]);
}

#[test]
fn answering_off_duty_waits_for_audio() {
    let mut desk = Desk::new();
    assert!(!desk.phone.take(call(1), Intent::Answer));
    assert_eq!(desk.settle(), [Order::Lead]);
    desk.hear(Signal::Led);
    desk.hear(Signal::Microphone(Microphone::Ready));
    let ready = desk.hear(Signal::Registered);
    assert!(
        ready.contains(&Order::Ask(call(1), Intent::Answer)),
        "{ready:?}"
    );
    assert!(desk.phone.take(call(1), Intent::Answer));
}

#[test]
fn nothing_is_answered_without_a_microphone() {
    let mut desk = Desk::new();
    assert!(!desk.phone.take(call(1), Intent::Answer));
    desk.settle();
    desk.hear(Signal::Led);
    let denied = desk.hear(Signal::Microphone(Microphone::Denied));
    assert_eq!(
        denied,
        [
            Order::Say(Sentence::NotWithoutMicrophone),
            Order::Report("no_microphone")
        ]
    );
    // Pressing again asks the browser again.
    desk.phone.press(true);
    assert_eq!(desk.settle(), [Order::Open, Order::Report("connecting")]);
}

#[test]
fn a_lost_device_is_told_and_looked_for_but_never_in_a_call() {
    let mut desk = Desk::talking();
    assert_eq!(
        desk.hear(Signal::Unregistered),
        [Order::Report("unreachable")]
    );
    assert_eq!(desk.hear(Signal::Retry), []);
    assert_eq!(
        desk.hear(Signal::Disconnected("a".to_owned())),
        [Order::Register]
    );
    // Nobody is told of each attempt.
    assert_eq!(desk.hear(Signal::Closed), []);
    assert_eq!(desk.hear(Signal::Retry), [Order::Register]);
    assert_eq!(desk.state(), "lost");
    assert_eq!(desk.hear(Signal::Registered), [Order::Report("ready")]);
}

#[test]
fn going_off_duty_in_a_call_ends_with_the_call() {
    let mut desk = Desk::talking();
    desk.phone.press(false);
    desk.board.available = false;
    assert_eq!(desk.settle(), []);
    assert_eq!(desk.sees(None), [disconnect("a")]);
    assert_eq!(
        desk.hear(Signal::Disconnected("a".to_owned())),
        [Order::Close, Order::Report("off")]
    );
    assert_eq!(desk.state(), "away");
}

#[test]
fn off_duty_by_another_tab_is_off_duty_here_and_back_again() {
    let mut desk = Desk::ready();
    desk.board.available = false;
    assert_eq!(desk.settle(), [Order::Close, Order::Report("off")]);
    desk.board.available = true;
    assert_eq!(desk.settle(), [Order::Lead]);
}

#[test]
fn a_reloaded_page_is_not_on_duty_against_its_row() {
    let mut desk = Desk::new();
    let resumable = |granted, free| Signal::Resumable { granted, free };
    // Off duty since, by another machine.
    assert_eq!(desk.hear(resumable(true, true)), []);
    assert_eq!(desk.state(), "away");
    desk.board.available = true;
    assert_eq!(desk.settle(), [Order::Lead]);
}

#[test]
fn who_presses_while_the_page_resumes_is_on_duty() {
    for granted in [true, false] {
        let mut desk = Desk::new();
        desk.phone.press(true);
        let resumable = Signal::Resumable {
            granted,
            free: true,
        };
        // The row does not say so yet.
        assert_eq!(desk.hear(resumable), [Order::Lead]);
        desk.hear(Signal::Led);
        assert_eq!(desk.state(), "connecting");
    }
}

#[test]
fn a_wish_that_never_reached_the_row_is_given_up() {
    let mut desk = Desk::new();
    desk.phone.press(true);
    assert_eq!(desk.settle(), [Order::Lead]);
    desk.hear(Signal::Led);
    assert_eq!(desk.hear(Signal::Beat), []);
    let given_up = [Order::Close, Order::Report("off")];
    assert_eq!(desk.hear(Signal::Beat), given_up);
    assert_eq!(desk.state(), "away");
    // One that did lasts.
    let mut desk = Desk::ready();
    for _ in 0..3 {
        assert_eq!(desk.hear(Signal::Beat), []);
    }
}

#[test]
fn the_team_is_told_again_when_the_row_says_otherwise() {
    let mut desk = Desk::ready();
    desk.board.told_ready = false;
    assert_eq!(desk.settle(), [Order::Report("ready")]);
    // On its way.
    assert_eq!(desk.settle(), []);
    assert_eq!(desk.hear(Signal::Reported(false)), [Order::Report("ready")]);
}

#[test]
fn the_team_is_told_in_the_end_that_i_am_off_duty() {
    let mut desk = Desk::ready();
    desk.board.available = false;
    assert_eq!(desk.settle(), [Order::Close, Order::Report("off")]);
    assert_eq!(desk.hear(Signal::Reported(false)), [Order::Wait]);
    for _ in 1..UNSAID {
        assert_eq!(desk.hear(Signal::Waited), [Order::Wait]);
    }
    assert_eq!(desk.hear(Signal::Waited), [Order::Report("off")]);
    desk.board.told_ready = false;
    assert_eq!(desk.hear(Signal::Reported(true)), []);
}

#[test]
fn a_reloaded_page_that_must_be_pressed_takes_back_what_the_row_says() {
    let mut desk = Desk::new();
    desk.board.available = true;
    desk.board.told_ready = true;
    let resumable = |granted, free| Signal::Resumable { granted, free };
    assert_eq!(desk.hear(resumable(false, true)), [Order::Report("off")]);
    assert_eq!(desk.state(), "needs-press");
    // Another tab has the audio: its word counts.
    let mut second = Desk::new();
    second.board = desk.board.clone();
    assert_eq!(second.hear(resumable(false, false)), []);
    // With the permission from before nobody need press.
    let mut third = Desk::new();
    third.board = desk.board.clone();
    assert_eq!(third.hear(resumable(true, true)), [Order::Lead]);
}

#[test]
fn what_is_the_case_has_a_name() {
    let mut desk = Desk::new();
    assert_eq!(desk.state(), "away");
    desk.board.available = true;
    assert_eq!(desk.state(), "off");
    desk.phone.press(true);
    desk.settle();
    assert_eq!(desk.state(), "connecting");
    desk.hear(Signal::Waiting);
    assert_eq!(desk.state(), "elsewhere");
    desk.hear(Signal::Led);
    desk.hear(Signal::Microphone(Microphone::Missing));
    assert_eq!(desk.state(), "no-microphone");
    desk.hear(Signal::Microphone(Microphone::Failing));
    assert_eq!(desk.state(), "microphone-fails");
    let mut desk = Desk::ready();
    assert_eq!(desk.state(), "ready");
    desk.hear(Signal::Blocked(true));
    assert_eq!(desk.state(), "blocked");
    desk.hear(Signal::Blocked(false));
    desk.sees(Some(mine(1, 2)));
    assert_eq!(desk.state(), "line-connects");
    desk.hear(Signal::Trouble(53000));
    desk.hear(Signal::Unregistered);
    let lost = desk.phone.state(&desk.board);
    assert_eq!(lost, ("lost", "53000".to_owned()));
}

#[test]
fn what_a_closed_device_still_says_is_not_believed() {
    let mut desk = Desk::ready();
    desk.board.available = false;
    assert_eq!(desk.settle(), [Order::Close, Order::Report("off")]);
    // Both were on their way.
    assert_eq!(desk.hear(Signal::Registered), []);
    assert_eq!(desk.hear(invitation("a", 1, 2)), []);
    desk.board.available = true;
    assert_eq!(desk.settle(), [Order::Lead]);
    // It begins at the beginning, and does not ring.
    assert_eq!(
        desk.hear(Signal::Led),
        [Order::Open, Order::Report("connecting")]
    );
}

#[test]
fn what_an_old_registration_rang_is_forgotten_with_it() {
    let mut desk = Desk::ready();
    desk.hear(invitation("a", 1, 2));
    desk.hear(Signal::Unregistered);
    let again = desk.hear(Signal::Retry);
    assert_eq!(again, [Order::Register, Order::Ring(None)]);
    desk.hear(Signal::Registered);
    assert_eq!(desk.takes(mine(1, 2)), []);
    assert_eq!(desk.hear(invitation("b", 1, 2)), [accept("b")]);
}

#[test]
fn a_microphone_that_is_taken_away_in_a_call_is_told_and_the_line_stays() {
    let mut desk = Desk::talking();
    let denied = desk.hear(Signal::Microphone(Microphone::Denied));
    assert_eq!(denied, [Order::Report("no_microphone")]);
    assert_eq!(desk.state(), "denied");
    // Given back: it registers anew once the line is free.
    desk.hear(Signal::Again);
    assert_eq!(desk.hear(Signal::Microphone(Microphone::Ready)), []);
    assert_eq!(desk.state(), "talking");
    assert_eq!(
        desk.hear(Signal::Disconnected("a".to_owned())),
        [Order::Register]
    );
    assert_eq!(desk.state(), "connecting");
}
