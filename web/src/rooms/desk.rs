//! What every room finds: the board, the clock, who is reading, and how to ask for more.

use std::rc::Rc;

use serde_json::Value;
use switchboard_model::{Asked, Board, CallId, Change, Member, Snapshot, Table, UserId};
use yew::prelude::*;

use super::host::{Host, Linked};
use crate::api::Api;
use crate::browser::now_ms;
use crate::clock::ServerClock;

/// Of so many calls the last change is remembered.
const HEARD: usize = 64;

/// The board as the rooms know it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Known {
    /// Calls, members and settings.
    pub(crate) board: Board,
    /// Whether there was a snapshot.
    pub(crate) is_ready: bool,
    /// How many snapshots did not come since one did.
    missed: u32,
    asked: Vec<(u32, Asked)>,
    heard: Vec<(CallId, i64)>,
}

impl Known {
    /// Whether it was asked for more than once in vain, and there is nothing to show: one answer that is lost is asked for
    /// again before anybody needs to hear of it.
    pub(crate) fn is_missing(&self) -> bool {
        !self.is_ready && self.missed > 1
    }

    /// The newest version of that call that a change has told of lately, also of one that is over; 0 if none has.
    pub(crate) fn heard_of(&self, call: CallId) -> i64 {
        let newest = self.heard.iter().find(|(heard, _)| *heard == call);
        newest.map_or(0, |(_, version)| *version)
    }

    fn hear(&mut self, change: &Change) {
        let id = change.record.get("id").and_then(Value::as_str);
        let id = id
            .filter(|_| change.table == Table::Calls)
            .and_then(|id| id.parse().ok());
        let version = change.record.get("version").and_then(Value::as_i64);
        if let (Some(id), Some(version)) = (id, version) {
            let version = version.max(self.heard_of(id));
            self.heard.retain(|(heard, _)| *heard != id);
            self.heard.insert(0, (id, version));
            self.heard.truncate(HEARD);
        }
    }
}

/// What happens to it.
pub(crate) enum Told {
    /// A snapshot of that number is asked for.
    Asked(u32),
    /// It came.
    Snapshot(u32, Snapshot),
    /// It did not.
    Missed(u32),
    /// A row changed.
    Change(Change),
}

impl Reducible for Known {
    type Action = Told;

    fn reduce(self: Rc<Self>, told: Told) -> Rc<Self> {
        let mut next = Rc::unwrap_or_clone(self);
        match told {
            Told::Asked(number) => {
                let asked = next.board.snapshot_asked();
                next.asked.push((number, asked));
            }
            Told::Snapshot(number, snapshot) => {
                let at = next.asked.iter().position(|(asked, _)| *asked == number);
                if let Some(at) = at {
                    let (_, asked) = next.asked.swap_remove(at);
                    next.board.apply_snapshot(asked, snapshot);
                    (next.is_ready, next.missed) = (true, 0);
                }
            }
            Told::Missed(number) => {
                next.asked.retain(|(asked, _)| *asked != number);
                next.missed += 1;
            }
            Told::Change(change) => {
                next.hear(&change);
                next.board.apply(&change);
            }
        }
        Rc::new(next)
    }
}

/// Everything that a room needs; found with `use_desk`.
#[derive(Clone, PartialEq)]
pub(crate) struct Desk {
    /// PostgREST, as the reader.
    pub(crate) api: Api,
    /// The board's program: acts on calls, dials, goes elsewhere, says something.
    pub(crate) host: Host,
    /// The server's clock.
    pub(crate) clock: ServerClock,
    /// Whether calls have audio here.
    pub(crate) has_audio: bool,
    /// Whether the board is in step: else nobody may act.
    pub(crate) is_live: bool,
    /// Since when it is not, by the server's clock, if that is known.
    pub(crate) stopped_ms: Option<i64>,
    /// The calls with an action that is not answered yet.
    pub(crate) pending: Vec<CallId>,
    /// The board as it is now, for the board's own components.
    pub(crate) known: UseReducerHandle<Known>,
    /// The path and the query that are shown, such as `/history?q=anna`.
    pub(crate) address: AttrValue,
    /// The account that is signed in.
    pub(crate) user: UserId,
}

impl Desk {
    pub(super) fn new(
        (api, host): (Api, Host),
        (clock, has_audio, link): (ServerClock, bool, Linked),
        (known, pending): (UseReducerHandle<Known>, Vec<CallId>),
        address: AttrValue,
        user: UserId,
    ) -> Self {
        Self {
            api,
            host,
            clock,
            has_audio,
            is_live: link.is_live,
            stopped_ms: link.stopped_ms,
            pending,
            known,
            address,
            user,
        }
    }

    /// The board as it is now.
    pub(crate) fn board(&self) -> &Board {
        &self.known.board
    }

    /// The reader, once the team is known.
    pub(crate) fn me(&self) -> Option<&Member> {
        let mut members = self.board().members().into_iter();
        members.find(|member| member.user_id == self.user)
    }

    /// The server's time in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.at(now_ms())
    }

    /// What the address says of `name`, decoded; empty if nothing.
    pub(crate) fn query(&self, name: &str) -> String {
        let query = self.address.split_once('?').map_or("", |(_, query)| query);
        let pairs = web_sys::UrlSearchParams::new_with_str(query).ok();
        pairs.and_then(|pairs| pairs.get(name)).unwrap_or_default()
    }

    /// The address with `name` set to `value` in its query, or taken out if that is empty.
    pub(crate) fn with(&self, name: &str, value: &str) -> String {
        let (path, query) = self.address.split_once('?').unwrap_or((&self.address, ""));
        let Ok(pairs) = web_sys::UrlSearchParams::new_with_str(query) else {
            return self.address.to_string();
        };
        match value {
            "" => pairs.delete(name),
            _ => pairs.set(name, value),
        }
        match String::from(pairs.to_string()) {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }
}

/// The desk of the rooms. Only for what is drawn within them.
#[hook]
pub(crate) fn use_desk() -> Desk {
    #[allow(clippy::expect_used)]
    use_context::<Desk>().expect("rooms are drawn within a desk")
}
