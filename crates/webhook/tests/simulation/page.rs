//! A browser tab: the dashboard's own softphone ([`switchboard_softphone`]), the board that it looks at, and what its
//! script does with orders, in virtual time.

mod duty;
mod events;
mod orders;
mod tabs;

use std::collections::{BTreeMap, VecDeque};

use switchboard_model::{Call, CallId, Intent, Member, MemberId, Status};
use switchboard_softphone::{Order, Signal, Situation, Softphone};
use switchboard_twilio_sim::sim::SocketId;
use switchboard_twilio_sim::wire::ToPage;

/// One tab, for its life.
pub(crate) type TabId = u64;

/// A person's browser at one of their machines: its tabs share the audio and remember together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Machine {
    pub(crate) person: usize,
    pub(crate) number: usize,
}

/// Whose turn it is to have a machine's audio, as its browser's locks have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// This tab does not want it.
    None,
    /// It waits.
    Waits,
    /// It has it.
    Has,
}

/// The tab.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) machine: Machine,
    pub(crate) member: MemberId,
    pub(crate) socket: Option<SocketId>,
    pub(crate) board: BTreeMap<CallId, Call>,
    turn: Turn,
    phone: Softphone,
    /// My row, as this page knows it, and how new that is.
    me: (u64, Member),
    /// Which attempt to register is the last that was wanted.
    registration: u64,
    /// It will look again for a device that was lost.
    retries: bool,
    /// What is told of the device and not confirmed yet: one after the other.
    telling: VecDeque<&'static str>,
}

impl Page {
    pub(crate) fn new(machine: Machine, me: (u64, Member)) -> Self {
        Self {
            machine,
            member: me.1.id,
            socket: None,
            board: BTreeMap::new(),
            turn: Turn::None,
            phone: Softphone::default(),
            me,
            registration: 0,
            retries: false,
            telling: VecDeque::new(),
        }
    }

    /// Whether the person can take and make calls here.
    pub(crate) fn is_ready(&self) -> bool {
        self.phone.is_ready()
    }

    /// Whether it has its machine's audio.
    pub(crate) fn has_turn(&self) -> bool {
        self.turn == Turn::Has
    }

    pub(crate) fn has_line(&self) -> bool {
        self.phone.has_line()
    }

    /// Whether the person is on duty in this browser, as the switch shows it.
    pub(crate) fn is_on(&self) -> bool {
        self.phone.is_on(&self.situation())
    }

    /// My call, as this page knows it.
    pub(crate) fn mine(&self) -> Option<&Call> {
        let mut calls = self.board.values();
        calls.find(|call| call.status == Status::Active && call.assigned_to == Some(self.member))
    }

    /// The calls in a lane, as this page knows them.
    pub(crate) fn lane(&self, status: Status) -> Vec<CallId> {
        let calls = self.board.values().filter(|call| call.status == status);
        calls.map(|call| call.id).collect()
    }

    /// A row comes, in whatever order.
    pub(crate) fn see(&mut self, call: &Call) {
        let known = self.board.get(&call.id);
        if known.is_none_or(|known| known.version < call.version) {
            self.board.insert(call.id, call.clone());
        }
    }

    /// So does the person's own.
    fn see_me(&mut self, at: u64, me: Member) {
        if self.me.0 < at {
            self.me = (at, me);
        }
    }

    /// The person calls out.
    pub(crate) fn dials(&mut self, number: &str) {
        self.phone.hear(Signal::Dial(number.to_owned()));
    }

    /// The person takes a call. Whether it is to be asked for now.
    fn takes(&mut self, call: CallId, intent: Intent) -> bool {
        self.phone.take(call, intent)
    }

    /// A frame as the script hands it on: as text.
    fn hear(&mut self, frame: &ToPage) -> Option<Signal> {
        let text = serde_json::to_string(frame).unwrap();
        let signal = Signal::read(&text)?;
        self.phone.hear(signal.clone());
        Some(signal)
    }

    fn situation(&self) -> Situation {
        Situation::of(&self.me.1, self.board.values(), true)
    }

    fn settle(&mut self) -> Vec<Order> {
        let now = self.situation();
        self.phone.settle(&now)
    }
}
