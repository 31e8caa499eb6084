//! A person at two machines: both are rung, and the person is heard at one of them. That is the one
//! where the call was taken, whenever it can be. The others leave it alone for a moment, and see to
//! it only if nobody did: the machine may be gone, or somebody else took the call for this person.

use switchboard_model::CallId;

use super::{Seat, Softphone};
use crate::{Order, Situation};

/// What is left alone: a call in an epoch, or one whose line was lost.
type About = (CallId, Option<i32>);

/// For how many ticks an invitation is left to another machine.
const INVITATION: u8 = 1;
/// After how many ticks without an invitation a call that has its audio must have it elsewhere.
const SILENCE: u8 = 4;
/// For how many ticks a lost line is left to the machine that had it. A page that is loaded anew is
/// back earlier, and the call rings for everybody later.
const LOST_LINE: u8 = 8;

/// What is known of a person's machines.
#[derive(Clone, Debug, Default)]
pub(super) struct Machines {
    /// The call that was taken at this machine, or was given to the person by somebody else.
    here: Option<CallId>,
    /// The call that was taken in this tab while another one of this machine has the audio.
    passed_on: Option<CallId>,
    /// The call that needed my audio when the board was last looked at.
    wanted: Option<CallId>,
    /// The calls that others had then.
    of_others: Vec<CallId>,
    /// Another machine has accepted, or the other side has hung up: the row says which.
    missed: Option<(CallId, i32)>,
    /// The call that another machine has, and whether that is certain.
    away: Option<(CallId, bool)>,
    /// What is left alone, and for how many ticks so far.
    left: Option<(About, u8)>,
    /// What the tick that runs is for.
    ticking: Option<About>,
}

impl Machines {
    /// The person takes that call at this machine.
    pub(super) fn take(&mut self, call: CallId) {
        self.here = Some(call);
    }

    /// The person takes that call in a tab that does not have the audio.
    pub(super) fn take_for_another_tab(&mut self, call: CallId) {
        self.passed_on = Some(call);
    }

    /// Follows whose call it is. What was taken here is over with the talk: whoever puts a caller on
    /// hold may go on at the other machine.
    pub(super) fn look(&mut self, now: &Situation) {
        let wanted = now.wanted().map(|(call, _)| call);
        if self.wanted != wanted {
            if self.here == self.wanted {
                self.here = None;
            }
            self.wanted = wanted;
        }
        // A colleague gave it to me: it was taken nowhere.
        if wanted.is_some_and(|call| self.of_others.contains(&call)) {
            self.here = wanted;
        }
        self.of_others.clone_from(&now.of_others);
    }

    /// Whether an invitation to what is mine is to be taken now.
    pub(super) fn may_accept(&self, (call, epoch): (CallId, i32)) -> bool {
        self.here == Some(call) || self.waited((call, Some(epoch))) >= INVITATION
    }

    /// Whether a lost line is to be taken up by this machine now.
    pub(super) fn may_take_up(&self, call: CallId) -> bool {
        self.away != Some((call, true)) || self.waited((call, None)) >= LOST_LINE
    }

    /// An invitation was over before it was taken here.
    pub(super) fn miss(&mut self, about: Option<(CallId, i32)>) {
        self.missed = about.or(self.missed);
    }

    /// There is an invitation, so nobody has accepted yet.
    pub(super) fn meet(&mut self, about: Option<(CallId, i32)>) {
        if self.missed == about {
            self.missed = None;
        }
    }

    /// A tick is over.
    pub(super) fn tick(&mut self) {
        let about = self.ticking.take();
        if let Some((left, ticks)) = &mut self.left
            && Some(*left) == about
        {
            *ticks += 1;
        }
    }

    /// Whether another machine has the audio of that call, and whether that is certain.
    pub(super) fn has_elsewhere(&self, call: CallId) -> Option<bool> {
        let away = self.away.filter(|(away, _)| *away == call);
        away.map(|(_, is_certain)| is_certain)
    }

    fn waited(&self, about: About) -> u8 {
        let left = self.left.filter(|(left, _)| *left == about);
        left.map_or(0, |(_, ticks)| ticks)
    }

    fn leave_alone(&mut self, about: Option<About>, orders: &mut Vec<Order>) {
        let Some(about) = about else {
            self.left = None;
            return;
        };
        if self.left.is_none_or(|(left, _)| left != about) {
            self.left = Some((about, 0));
        }
        if self.ticking.is_none() && self.waited(about) < LOST_LINE {
            self.ticking = Some(about);
            orders.push(Order::Wait);
        }
    }
}

impl Softphone {
    /// Counts for how long a call has been left to another machine, and notices that one has it.
    pub(super) fn mind_other_machines(&mut self, now: &Situation, orders: &mut Vec<Order>) {
        if let Some(call) = self.machines.passed_on.take()
            && self.seat == Seat::Elsewhere
        {
            orders.push(Order::Claim(call));
        }
        let is_free = self.is_ready() && self.line.is_none();
        let left = match (now.wanted(), now.dropped) {
            (Some((call, epoch)), _)
                if self.machines.here != Some(call)
                    || now.mine.is_some_and(|mine| mine.connected) =>
            {
                Some((call, Some(epoch)))
            }
            (None, Some(call)) if !self.machines.may_take_up(call) => Some((call, None)),
            _ => None,
        };
        self.machines.leave_alone(left.filter(|_| is_free), orders);
        self.machines.away = self.away(now, is_free);
    }

    fn away(&self, now: &Situation, is_free: bool) -> Option<(CallId, bool)> {
        let machines = &self.machines;
        let Some(mine) = now.mine else {
            return machines.away.filter(|(call, _)| now.dropped == Some(*call));
        };
        let before = machines.away.filter(|(call, _)| *call == mine.id);
        if self.line.is_some() {
            return None;
        }
        let Some(about) = now.wanted().filter(|_| is_free && mine.connected) else {
            return before.filter(|_| machines.here != Some(mine.id));
        };
        if machines.missed == Some(about) {
            return Some((mine.id, true));
        }
        let is_invited = self.invitations.iter().any(|(_, to)| *to == Some(about));
        let waited = machines.waited((mine.id, Some(mine.epoch)));
        if machines.here == Some(mine.id) {
            // It was taken here and rang elsewhere alone.
            return (!is_invited && waited >= INVITATION).then_some((mine.id, true));
        }
        let is_silent = !is_invited && waited >= SILENCE;
        before.or(is_silent.then_some((mine.id, false)))
    }
}
