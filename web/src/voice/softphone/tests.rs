//! What a tab does about its audio, whatever is heard in whatever order.

use super::*;
use crate::texts;

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

    fn state(&self) -> &'static str {
        let state = self.phone.state(&self.board).0;
        assert!(STATES.contains(&state), "{state} is not listed");
        state
    }

    /// In a call, heard and hearing.
    fn talking() -> Self {
        let mut desk = Self::ready();
        desk.hear(invitation("a", 1, 2));
        desk.sees(Some(mine(1, 2)));
        desk.hear(Signal::Accepted("a".to_owned()));
        assert!(desk.state() == "talking");
        desk
    }
}

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
fn an_invitation_to_a_call_that_is_not_mine_waits_and_rings() {
    let mut desk = Desk::ready();
    assert_eq!(desk.hear(invitation("a", 1, 2)), [Order::Ring(true)]);
    assert_eq!(desk.settle(), []);
    let answered = desk.sees(Some(mine(1, 2)));
    assert_eq!(answered, [accept("a"), Order::Ring(false)]);
    assert_eq!(desk.settle(), []);
}

#[test]
fn the_row_may_be_mine_before_the_invitation_comes() {
    let mut desk = Desk::ready();
    assert_eq!(desk.sees(Some(mine(1, 2))), []);
    assert_eq!(desk.hear(invitation("a", 1, 2)), [accept("a")]);
}

#[test]
fn only_the_call_and_the_epoch_of_the_row_are_accepted() {
    let mut desk = Desk::ready();
    desk.sees(Some(mine(1, 3)));
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
        [Order::Ring(false)]
    );
    assert_eq!(desk.sees(Some(mine(1, 2))), []);
    // The row is still mine, so the next invitation is taken.
    assert_eq!(desk.hear(invitation("b", 1, 2)), [accept("b")]);
}

#[test]
fn an_invitation_that_was_accepted_too_late_makes_room_for_the_next() {
    let mut desk = Desk::ready();
    desk.hear(invitation("a", 1, 2));
    desk.sees(Some(mine(1, 2)));
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
    assert_eq!(desk.sees(Some(mine(1, 4))), [Order::Music(false)]);
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
    desk.phone.take(call(1), Intent::Answer);
    desk.settle();
    desk.hear(Signal::Led);
    let denied = desk.hear(Signal::Microphone(Microphone::Denied));
    assert_eq!(
        denied,
        [
            Order::Say(texts::not_without_microphone()),
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
fn a_closed_socket_ends_its_line_and_its_invitations() {
    let mut desk = Desk::talking();
    assert_eq!(desk.hear(Signal::Closed), [Order::Report("unreachable")]);
    assert_ne!(desk.state(), "talking");
    let again = desk.hear(Signal::Retry);
    assert_eq!(again, [Order::Register]);
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
fn the_team_is_told_again_when_the_row_says_otherwise() {
    let mut desk = Desk::ready();
    desk.board.told_ready = false;
    assert_eq!(desk.settle(), [Order::Report("ready")]);
    // On its way.
    assert_eq!(desk.settle(), []);
    assert_eq!(desk.hear(Signal::Reported(false)), [Order::Report("ready")]);
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

/// Talking with the telephone that I called: leg `out`, call 1.
fn calling_out() -> Desk {
    let mut desk = Desk::ready();
    desk.hear(Signal::Dial("+12025550123".to_owned()));
    desk.hear(Signal::Connecting("out".to_owned()));
    desk.board.calls_out = vec![call(1)];
    desk.sees(Some(dialled(0)));
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
    desk.sees(Some(dialled(2)));
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
    assert_eq!(
        desk.sees(Some(mine(1, 2))),
        [accept("a"), Order::Ring(false)]
    );
}

#[test]
fn nobody_dials_while_on_a_call() {
    let mut desk = Desk::talking();
    let dialled = desk.hear(Signal::Dial("+12025550123".to_owned()));
    assert_eq!(dialled, [Order::Say(texts::on_another_call())]);
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

#[test]
fn every_state_has_words() {
    const WORDS: &str = include_str!("../../../voice/words.js");
    // Off duty needs none.
    for state in STATES.iter().filter(|state| **state != "away") {
        let named = [format!("\n  {state}: ["), format!("\n  \"{state}\": [")];
        let asked = format!("state === \"{state}\"");
        assert!(
            named.iter().any(|line| WORDS.contains(line)) || WORDS.contains(&asked),
            "nothing is said of {state}"
        );
    }
    let said = WORDS.matches(": [\"").count() + WORDS.matches(": [\n").count();
    assert_eq!(
        said,
        STATES.len() - 2,
        "words of a state that does not exist"
    );
}

/// Every name that `Softphone::state` gives.
const STATES: [&str; 15] = [
    "away",
    "blocked",
    "calling",
    "connecting",
    "denied",
    "elsewhere",
    "held",
    "line-connects",
    "lost",
    "muted",
    "needs-press",
    "no-microphone",
    "off",
    "ready",
    "talking",
];

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
