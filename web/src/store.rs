//! The dashboard's one reducer: whatever happens becomes an [`Action`], and what is on the screen
//! follows from the [`Store`] that it leaves behind.

use std::rc::Rc;

use serde_json::{Map, Value};
use switchboard_model::{
    Applied, Asked, Board, Call, CallId, Change, Intent, Member, MemberId, Table, UserId,
};
use switchboard_realtime::Status;
use yew::Reducible;

use crate::clock::ServerClock;
use crate::components::find::Find;
use crate::format::{caller, millis};
use crate::texts::{self, Holder};

mod action;
mod moves;
mod status;
mod supposed;

pub(crate) use action::{Action, Late, Ticket};
use moves::Had;
pub(crate) use status::{Link, Notice, Phase};
pub(crate) use supposed::Pending;
use supposed::supposed;

/// So many snapshots in a row may fail before a board that hears changes is called stale.
const TRUSTED_FAILURES: u32 = 2;

/// Everything that the board's page knows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Store {
    /// Calls, members and settings, as the server said.
    pub(crate) board: Board,
    /// How much of it is known.
    pub(crate) phase: Phase,
    /// Whether it can be trusted.
    pub(crate) link: Link,
    /// The server's clock.
    pub(crate) clock: ServerClock,
    /// Whether calls have audio here, so that it is shown whom they reach.
    pub(crate) has_audio: bool,
    /// From commit to screen, of the last change by the fast lane.
    pub(crate) latency_ms: Option<i64>,
    /// My actions that are on their way, in the order in which I asked for them.
    pub(crate) pending: Vec<Pending>,
    /// Whether my switch between on and off duty is on its way.
    pub(crate) duty_pending: bool,
    /// Whether the other side of my call does not hear me, while I could be heard in this browser.
    pub(crate) muted: Option<bool>,
    /// Who is looked for.
    pub(crate) find: Find,
    /// Calls that are not for me.
    pub(crate) hushed: Vec<CallId>,
    /// What the person is told, oldest first.
    pub(crate) notices: Vec<Notice>,
    user: UserId,
    /// The board with them done, while there are any.
    supposed: Option<Board>,
    asked: Vec<(Ticket, Asked)>,
    live_since: Option<Asked>,
    failures: u32,
    unpainted_ms: Option<i64>,
    next_notice: u32,
}

impl Store {
    /// An empty board for the account `user`.
    pub(crate) fn new(user: UserId) -> Self {
        Self {
            board: Board::default(),
            phase: Phase::Loading,
            link: Link {
                status: Status::Connecting,
                is_behind: false,
                stopped_ms: None,
                misconfigured: false,
                has_failed: false,
            },
            clock: ServerClock::default(),
            has_audio: false,
            latency_ms: None,
            pending: Vec::new(),
            duty_pending: false,
            muted: None,
            find: Find::default(),
            hushed: Vec::new(),
            notices: Vec::new(),
            user,
            supposed: None,
            asked: Vec::new(),
            live_since: None,
            failures: 0,
            unpainted_ms: None,
            next_notice: 0,
        }
    }

    /// The member who is signed in, if the account is on the team.
    pub(crate) fn me(&self) -> Option<&Member> {
        let mut members = self.board.members().into_iter();
        members.find(|member| member.user_id == self.user)
    }

    /// What is shown: the board, with what I asked for done already.
    pub(crate) fn shown(&self) -> &Board {
        self.supposed.as_ref().unwrap_or(&self.board)
    }

    /// Takes one action.
    pub(crate) fn take(&mut self, action: Action) {
        self.happened(action);
        self.supposed = match self.me() {
            Some(me) if !self.pending.is_empty() => Some(supposed(&self.board, me, &self.pending)),
            _ => None,
        };
    }

    fn happened(&mut self, action: Action) {
        match action {
            Action::Linked { status, at_ms } => self.linked(status, at_ms),
            Action::Misconfigured => self.link.misconfigured = true,
            Action::Heard {
                change,
                committed_ms,
                at_ms,
            } => {
                if let Some(committed_ms) = committed_ms {
                    self.clock.heard(committed_ms, at_ms);
                }
                let me = self.me().map(|me| me.id);
                let had = me.and_then(|me| Had::before(&change, me, &self.board));
                if self.board.apply(&change) == Applied::Changed {
                    self.unpainted_ms = committed_ms;
                    let told = had.and_then(|had| had.told(&change, me?, &self.board));
                    told.into_iter().for_each(|sentence| self.say(sentence));
                }
            }
            Action::Painted { at_ms } => {
                if let Some(committed_ms) = self.unpainted_ms.take() {
                    self.latency_ms = Some((self.clock.at(at_ms) - committed_ms).max(0));
                }
            }
            Action::SnapshotAsked(ticket) => {
                let asked = self.board.snapshot_asked();
                self.asked.push((ticket, asked));
            }
            Action::SnapshotCame(ticket, snapshot) => {
                if let Some(asked) = self.answered(ticket) {
                    self.board.apply_snapshot(asked, snapshot);
                    self.phase = Phase::Ready;
                    self.caught_up(asked);
                }
            }
            Action::SnapshotFailed {
                ticket,
                sentence,
                at_ms,
            } => {
                self.answered(ticket);
                if self.phase != Phase::Ready {
                    self.phase = Phase::Failed(sentence.into());
                }
                self.missed_a_snapshot(at_ms);
            }
            Action::Asked {
                call,
                intent,
                at_ms,
            } => {
                let at_ms = self.clock.at(at_ms);
                self.pending.push(Pending {
                    call,
                    intent,
                    at_ms,
                });
            }
            Action::Done {
                call,
                row,
                sent_ms,
                at_ms,
            } => {
                let mut pending = self.pending.iter();
                if let Some(first) = pending.position(|asked| asked.call == call) {
                    self.pending.remove(first);
                }
                self.learn_time(&row, sent_ms, at_ms);
                self.board.apply(&Change::of_call(row));
            }
            Action::Late(late) => self.late(late),
            Action::Refused { call, sentence } => {
                self.give_up(call);
                self.say(sentence);
            }
            Action::DutyAsked => self.duty_pending = true,
            Action::DutyAnswered(answer) => {
                self.duty_pending = false;
                match answer {
                    Ok(record) => {
                        let mut change = Change::of_call(record);
                        change.table = Table::Members;
                        self.board.apply(&change);
                    }
                    Err(sentence) => self.say(sentence),
                }
            }
            Action::Muted(muted) => self.muted = muted,
            Action::Find(find) => self.find = find,
            Action::Hushed(calls) => self.hushed = calls,
            Action::Said(sentence) => self.say(sentence),
            Action::Dismissed(id) => self.notices.retain(|notice| notice.id != id),
        }
    }

    /// Whether something that I asked for is on its way for that call.
    pub(crate) fn is_pending(&self, call: CallId) -> bool {
        self.pending.iter().any(|asked| asked.call == call)
    }

    /// What I asked for after an action that was not done is not sent.
    fn give_up(&mut self, call: CallId) {
        self.pending.retain(|asked| asked.call != call);
    }

    fn answered(&mut self, ticket: Ticket) -> Option<Asked> {
        let at = self.asked.iter().position(|(asked, _)| *asked == ticket)?;
        Some(self.asked.swap_remove(at).1)
    }

    fn linked(&mut self, status: Status, at_ms: i64) {
        if self.link.is_live() && status != Status::Live {
            self.link.stopped_ms = Some(self.clock.at(at_ms));
        }
        if status == Status::Live && self.link.status != Status::Live {
            self.link.is_behind = true;
            self.live_since = Some(self.board.snapshot_asked());
        }
        self.link.status = status;
        self.link.has_failed |= status == Status::Offline;
    }

    /// Changes may be lost without a word, so a board that cannot be confirmed is not live for long.
    fn missed_a_snapshot(&mut self, at_ms: i64) {
        self.failures += 1;
        if self.link.is_live() && self.failures >= TRUSTED_FAILURES {
            self.link.stopped_ms = Some(self.clock.at(at_ms));
            self.link.is_behind = true;
        }
    }

    /// A snapshot that was asked for while changes came makes the board whole.
    fn caught_up(&mut self, asked: Asked) {
        if self.link.status == Status::Live && self.live_since.is_some_and(|since| asked > since) {
            self.link.is_behind = false;
            self.failures = 0;
            self.link.stopped_ms = None;
            self.link.misconfigured = false;
            self.link.has_failed = false;
        }
    }

    /// An answer's newest timestamp was made between sending and receiving.
    fn learn_time(&mut self, row: &Map<String, Value>, sent_ms: i64, at_ms: i64) {
        let Ok(call) = Call::read(row) else {
            return;
        };
        let stamps = [
            call.answered_at,
            call.parked_at,
            call.held_at,
            call.ended_at,
        ];
        let Some(newest) = stamps.into_iter().flatten().max().map(millis) else {
            return;
        };
        self.clock.heard(newest, at_ms);
        // An action that set no timestamp answers with an old one, which is no upper bound. It can
        // be told by the board: an old one is there already.
        let known = self.board.call(call.id).is_some_and(|old| {
            [old.answered_at, old.parked_at, old.held_at, old.ended_at]
                .into_iter()
                .flatten()
                .any(|at| millis(at) == newest)
        });
        if !known {
            self.clock.made_after(newest, sent_ms);
        }
    }

    fn late(&mut self, late: Late) {
        self.give_up(late.call);
        let mut winner = None;
        let row = late.row.and_then(|row| {
            winner = row.get("claims").and_then(|claims| self.claimant(claims));
            let call = Call::read(&row).ok();
            self.board.apply(&Change::of_call(row));
            call
        });
        // Who came for the call is told who took it, which its holder may not have done.
        let holder = match late.intent {
            Intent::Answer | Intent::Retrieve => winner,
            _ => None,
        };
        let holder = holder.or_else(|| row.as_ref().and_then(|call| self.holder(call)));
        let ahead_ms = row
            .as_ref()
            .and_then(|call| call.answered_at)
            .map(|answered| self.clock.at(late.met_ms) - millis(answered))
            // Closer than the clocks agree: who was ahead cannot be said in numbers.
            .filter(|ahead| *ahead > 0);
        let who = row.as_ref().map(|call| caller(call, &self.board).0);
        self.say(texts::lost(
            late.intent,
            row.as_ref().zip(who.as_deref()),
            holder.as_ref(),
            ahead_ms,
        ));
    }

    /// The name of a colleague who took the call, by its log.
    fn claimant(&self, claims: &Value) -> Option<Holder> {
        let claimant = self.named(claims[0]["assigned_to"].as_str()?.parse().ok()?);
        claimant.filter(|claimant| *claimant != Holder::Me)
    }

    fn holder(&self, call: &Call) -> Option<Holder> {
        self.named(call.assigned_to.or(call.last_agent)?)
    }

    fn named(&self, member: MemberId) -> Option<Holder> {
        if self.me().is_some_and(|me| me.id == member) {
            return Some(Holder::Me);
        }
        let member = self.board.member(member)?;
        Some(Holder::Colleague(member.display_name.clone()))
    }

    fn say(&mut self, text: String) {
        const AT_MOST: usize = 3;
        // The same sentence twice would only move the one that is being read.
        if self.notices.iter().any(|notice| *notice.text == text) {
            return;
        }
        let id = self.next_notice;
        self.next_notice += 1;
        self.notices.push(Notice {
            id,
            text: text.into(),
        });
        if self.notices.len() > AT_MOST {
            self.notices.remove(0);
        }
    }
}

impl Reducible for Store {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = Rc::unwrap_or_clone(self);
        next.take(action);
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests;
