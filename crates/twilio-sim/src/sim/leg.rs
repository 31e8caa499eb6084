//! One leg: one person's connection, or the attempt at one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::{Index, IndexMut};
use std::time::Duration;

use switchboard_twilio::CallStatus;

use super::dial::Dialing;
use super::program::{CallbackTo, Step};
use super::record::Taping;
use super::redirect::Leaving;
use super::{Callee, SocketId};
use crate::wire::Hears;

/// A leg's number: they count up, and none is used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LegId(pub(super) usize);

/// How long a leg is remembered after its end.
const REMEMBERED: Duration = Duration::from_secs(60 * 60);

/// The legs by number. The oldest are forgotten when they have been over for long.
#[derive(Debug, Default)]
pub(super) struct Legs {
    forgotten: usize,
    kept: VecDeque<Leg>,
}

impl Legs {
    pub(super) fn push(&mut self, leg: Leg) -> LegId {
        self.kept.push_back(leg);
        LegId(self.forgotten + self.kept.len() - 1)
    }

    /// Oldest first.
    pub(super) fn ids(&self) -> impl DoubleEndedIterator<Item = LegId> + use<> {
        (self.forgotten..self.forgotten + self.kept.len()).map(LegId)
    }

    /// Forgets the oldest leg if it has been over for long and comes before `needed`, the first that somebody still
    /// needs. Returns its name.
    pub(super) fn forget_oldest(&mut self, now: Duration, needed: Option<LegId>) -> Option<String> {
        let ended_at = self.kept.front()?.ended_at?;
        let is_needed = needed.is_some_and(|needed| needed.0 <= self.forgotten);
        if is_needed || now < ended_at + REMEMBERED {
            return None;
        }
        self.forgotten += 1;
        self.kept.pop_front().map(|leg| leg.sid)
    }
}

impl Index<usize> for Legs {
    type Output = Leg;

    fn index(&self, number: usize) -> &Leg {
        &self.kept[number - self.forgotten]
    }
}

impl IndexMut<usize> for Legs {
    fn index_mut(&mut self, number: usize) -> &mut Leg {
        &mut self.kept[number - self.forgotten]
    }
}

/// A leg.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) sid: String,
    pub(super) parent: Option<LegId>,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) caller_name: Option<String>,
    pub(super) end: End,
    pub(super) status: CallStatus,
    pub(super) placed_at: Duration,
    pub(super) answered_at: Option<Duration>,
    pub(super) ended_at: Option<Duration>,
    pub(super) callback: Option<CallbackTo>,
    /// How many callbacks were made.
    pub(super) sequence: u32,
    /// A callback that waits for the next one.
    pub(super) held_back: Option<Box<super::fetch::Request>>,
    pub(super) activity: Activity,
    pub(super) program: Program,
    /// Grows whenever the leg turns to something else: whatever belongs to an older turn comes too late.
    pub(super) turn: u64,
    pub(super) leaving: Option<Leaving>,
    /// The leg that it talks with. Always mutual.
    pub(super) talks_to: Option<LegId>,
    pub(super) is_muted: bool,
    /// The last URL that gave it verbs.
    pub(super) url: Option<String>,
}

/// Who is at the end of a leg.
#[derive(Debug)]
pub(super) enum End {
    /// Somebody at a telephone who called us.
    Caller,
    /// A telephone that a `<Dial>` rings, and what its person will do at once when it does, if that is not what the
    /// number is known for.
    Callee(Option<Callee>),
    /// Browsers under one name.
    Device(Device),
}

/// Browsers under one name.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) identity: String,
    /// Who was invited and has neither refused nor gone.
    pub(super) invited: BTreeSet<SocketId>,
    /// Who has accepted, or who called out; `None` again once that browser is gone.
    pub(super) socket: Option<SocketId>,
    pub(super) parameters: BTreeMap<String, String>,
    /// What the page was last told that it hears.
    pub(super) told: Option<Hears>,
}

/// What a leg does.
#[derive(Debug)]
pub(super) enum Activity {
    /// Nothing by itself: it rings, or it talks in somebody's `<Dial>`.
    Idle,
    /// It waits for verbs.
    Asking,
    /// It listens to this until the verb is over.
    Listening(Hears),
    /// It dials.
    Dialing(Dialing),
    /// It is recorded.
    Recording(Taping),
}

/// Verbs that are being run.
#[derive(Debug, Clone, Default)]
pub(super) struct Program {
    pub(super) url: String,
    pub(super) steps: VecDeque<Step>,
    /// Whether the next verb is the first one.
    pub(super) is_fresh: bool,
}

impl Leg {
    pub(super) fn is_answered(&self) -> bool {
        self.answered_at.is_some()
    }

    /// The browsers at its end.
    pub(super) fn device(&self) -> Option<&Device> {
        match &self.end {
            End::Device(device) => Some(device),
            End::Caller | End::Callee(_) => None,
        }
    }

    pub(super) fn device_mut(&mut self) -> Option<&mut Device> {
        match &mut self.end {
            End::Device(device) => Some(device),
            End::Caller | End::Callee(_) => None,
        }
    }

    /// Whether it was made by a `<Dial>`.
    pub(super) fn is_dialled(&self) -> bool {
        self.parent.is_some()
    }

    /// Twilio's word for its direction. A browser that calls out is inbound for Twilio.
    pub(super) fn direction(&self) -> &'static str {
        if self.is_dialled() {
            "outbound-dial"
        } else {
            "inbound"
        }
    }

    /// How long it was connected, in whole seconds.
    pub(super) fn duration_s(&self, now: Duration) -> u64 {
        let from = self.answered_at.unwrap_or(now);
        self.ended_at.unwrap_or(now).saturating_sub(from).as_secs()
    }
}
