//! What stands where on the board, in plain values: the step between the store and the drawing.

use switchboard_model::{CallId, Intent, Member, MemberId, transition};
use yew::AttrValue;

use crate::drag::{Place, Target, meaning};
use crate::store::Store;

mod eye;
mod news;

use eye::Eye;
pub(crate) use news::news;

/// A waiting time of this length is called long.
pub(crate) const LONG_WAIT_MS: i64 = 30_000;

/// What I may do with a call now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offers {
    pub(crate) answer: bool,
    pub(crate) park: bool,
    pub(crate) retrieve: bool,
    pub(crate) hold: bool,
    /// To be silent to the other side, or not any more.
    pub(crate) mute: bool,
    pub(crate) transfer: bool,
    pub(crate) end: bool,
}

/// How far the two sides of an active call are from hearing each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Talk {
    /// They do.
    Through,
    /// The agent is not heard, by their own wish.
    Muted,
    /// The agent's audio is on its way.
    Connecting,
    /// The customer is being called.
    Calling,
}

/// Whether a member can be rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The member wants no calls.
    Away,
    /// Nobody can be rung here: there is no audio.
    Unsaid,
    /// Yes.
    Ready,
    /// Soon.
    Connecting,
    /// The member's browser may not listen.
    NoMicrophone,
    /// No: the member has not gone on duty in any browser, or has left it.
    Off,
    /// No: calls do not get to the member's browser.
    Lost,
}

impl Reach {
    /// Whether a call would reach that member, as far as one can tell.
    pub(crate) fn can_be_rung(self) -> bool {
        matches!(self, Self::Unsaid | Self::Ready | Self::Connecting)
    }

    /// Whether that member can be rung, where calls have audio or do not.
    pub(crate) fn of(member: &Member, has_audio: bool) -> Self {
        match member.device_state.as_deref() {
            _ if !member.is_available => Self::Away,
            _ if !has_audio => Self::Unsaid,
            Some("ready") => Self::Ready,
            Some("connecting") => Self::Connecting,
            Some("no_microphone") => Self::NoMicrophone,
            Some("off") | None => Self::Off,
            _ => Self::Lost,
        }
    }
}

/// A call as it is drawn. Times are the server's, in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CallView {
    pub(crate) id: CallId,
    /// The caller's name, or the number.
    pub(crate) title: AttrValue,
    /// What stands below it.
    pub(crate) line: AttrValue,
    /// For whom the caller speaks, if contacts say so.
    pub(crate) company: Option<AttrValue>,
    /// Since when it rings, is talked to, or is parked.
    pub(crate) since_ms: i64,
    /// Since when it is on hold.
    pub(crate) held_ms: Option<i64>,
    /// Who hears whom.
    pub(crate) talk: Talk,
    /// The caller is recording a message, and can still be answered.
    pub(crate) leaves_message: bool,
    /// It is not for me.
    pub(crate) is_hushed: bool,
    /// How it came into the parking lot, came to ring again, or came to its agent if a colleague handed it on.
    pub(crate) why: AttrValue,
    /// It is talked by a browser's audio.
    pub(crate) has_audio: bool,
    /// What I may do with it.
    pub(crate) offers: Offers,
    /// It is shown as I asked for it, which is not answered yet.
    pub(crate) is_pending: bool,
    /// I had it last.
    pub(crate) was_mine: bool,
    /// It is being dragged.
    pub(crate) is_lifted: bool,
}

impl CallView {
    /// Whether it can be picked up and dragged.
    pub(crate) fn is_movable(&self) -> bool {
        let offers = self.offers;
        offers.answer || offers.retrieve || offers.park || offers.transfer
    }
}

/// Who could be handed a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Colleague {
    pub(crate) id: MemberId,
    pub(crate) name: AttrValue,
    pub(crate) initials: AttrValue,
    pub(crate) reach: Reach,
}

/// A member's card.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AgentView {
    pub(crate) id: MemberId,
    pub(crate) identity: AttrValue,
    pub(crate) name: AttrValue,
    pub(crate) initials: AttrValue,
    pub(crate) is_me: bool,
    pub(crate) is_supervisor: bool,
    pub(crate) reach: Reach,
    pub(crate) call: Option<CallView>,
    /// Whom this card's call could be handed to: filled on cards whose call I may transfer.
    pub(crate) colleagues: Vec<Colleague>,
}

/// What a member does, as far as it matters to who looks for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Reads this board: it is one's own card.
    Reads,
    Talks,
    /// Can be rung.
    Waits,
    /// Wants calls that do not come.
    IsLost,
    IsAway,
}

impl AgentView {
    pub(crate) fn doing(&self) -> Doing {
        match self.reach {
            _ if self.is_me => Doing::Reads,
            _ if self.call.is_some() => Doing::Talks,
            Reach::Ready | Reach::Unsaid => Doing::Waits,
            Reach::Connecting | Reach::NoMicrophone | Reach::Lost => Doing::IsLost,
            Reach::Away | Reach::Off => Doing::IsAway,
        }
    }
}

/// A slot of the parking lot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SlotView {
    pub(crate) number: i16,
    pub(crate) call: Option<CallView>,
    /// When the call rings again, where somebody sees to that.
    pub(crate) until_ms: Option<i64>,
}

/// The three sections.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BoardView {
    pub(crate) me: MemberId,
    pub(crate) incoming: Vec<CallView>,
    pub(crate) agents: Vec<AgentView>,
    pub(crate) slots: Vec<SlotView>,
    /// How many wait for an answer, and who of them has waited longest, whatever is looked for.
    pub(crate) waiting: (usize, Option<CallId>),
    /// I am on a call and cannot take another.
    pub(crate) am_busy: bool,
    /// Whose call is lifted, if one is.
    pub(crate) lifted: AttrValue,
}

impl BoardView {
    /// The board as `me` sees it.
    pub(crate) fn of(store: &Store, me: &Member) -> Self {
        let eye = Eye {
            board: store.shown(),
            floor: store.shown().floor(),
            actor: me.into(),
            may_act: store.link.is_live(),
            store,
        };
        let board = eye.board;
        let waiting = board.waiting();
        let waiting = (waiting.len(), waiting.first().map(|call| call.id));
        let incoming = board.ringing().into_iter().map(|call| eye.call(call));
        let mut agents: Vec<_> = board.members();
        // One's own card is first; the others keep the order of their names.
        agents.sort_by_key(|member| member.id != me.id);
        let parked = board.parked();
        Self {
            me: me.id,
            waiting,
            incoming: incoming.collect(),
            agents: agents.into_iter().map(|member| eye.agent(member)).collect(),
            slots: board
                .slots()
                .into_iter()
                .map(|number| {
                    let mut parked = parked.iter();
                    let call = parked.find(|call| call.parking_slot == Some(number));
                    SlotView {
                        number,
                        call: call.map(|call| eye.call(call)),
                        until_ms: call.and_then(|call| eye.rings_again(call)),
                    }
                })
                .collect(),
            am_busy: eye.floor.busy.contains(&me.id),
            lifted: AttrValue::default(),
        }
    }

    /// What of it fits, by a caller, a number or a colleague; one's own card always does.
    pub(crate) fn finding(mut self, fits: &dyn Fn(&str) -> bool) -> Self {
        let call_fits = |call: &CallView| {
            fits(&call.title) || fits(&call.line) || call.company.as_deref().is_some_and(fits)
        };
        self.incoming.retain(call_fits);
        self.agents.retain(|agent| {
            agent.is_me || fits(&agent.name) || agent.call.as_ref().is_some_and(call_fits)
        });
        // A free slot stays, to park in.
        self.slots
            .retain(|slot| slot.call.as_ref().is_none_or(call_fits));
        self
    }

    /// The same board with one call lifted.
    pub(crate) fn lifting(&self, call: CallId) -> Self {
        let mut lifted = self.clone();
        let on_cards = lifted
            .agents
            .iter_mut()
            .filter_map(|agent| agent.call.as_mut());
        let in_slots = lifted
            .slots
            .iter_mut()
            .filter_map(|slot| slot.call.as_mut());
        for shown in lifted.incoming.iter_mut().chain(on_cards).chain(in_slots) {
            shown.is_lifted = shown.id == call;
            if shown.is_lifted {
                lifted.lifted = shown.title.clone();
            }
        }
        lifted
    }

    /// How many calls are parked.
    pub(crate) fn parked(&self) -> usize {
        self.slots.iter().filter(|slot| slot.call.is_some()).count()
    }
}

/// Whether `place` takes `call`, and what is then asked.
pub(crate) fn drop_intent(store: &Store, call: CallId, place: Place) -> Option<Intent> {
    let me = store.me()?;
    let call = store.shown().call(call)?;
    let intent = meaning(call, place, me.id)?;
    transition(call, me.into(), intent, &store.shown().floor())
        .ok()
        .filter(|_| store.link.is_live())
        .map(|_| intent)
}

/// How `place` looks while `dragged` is dragged and is above `over`.
pub(crate) fn target(
    store: &Store,
    dragged: Option<CallId>,
    over: Option<Place>,
    place: Place,
) -> Target {
    match dragged.and_then(|call| drop_intent(store, call, place)) {
        None => Target::No,
        Some(_) if over == Some(place) => Target::Over,
        Some(_) => Target::Takes,
    }
}
