//! What every room finds: the board, the clock, who is reading, and how to ask for more.

use std::rc::Rc;

use switchboard_model::{Asked, Board, Change, Member, Snapshot, UserId};
use yew::prelude::*;

use super::host::Host;
use crate::api::Api;
use crate::browser::now_ms;
use crate::clock::ServerClock;

/// The board as the rooms know it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Known {
    /// Calls, members and settings.
    pub(crate) board: Board,
    /// Whether there was a snapshot.
    pub(crate) is_ready: bool,
    asked: Vec<(u32, Asked)>,
}

/// What happens to it.
pub(crate) enum Told {
    /// A snapshot of that number is asked for.
    Asked(u32),
    /// It came.
    Snapshot(u32, Snapshot),
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
                    next.is_ready = true;
                }
            }
            Told::Change(change) => {
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
    /// The board as it is now, for the board's own components.
    pub(crate) known: UseReducerHandle<Known>,
    /// The path and the query that are shown, such as `/history?q=anna`.
    pub(crate) address: AttrValue,
    user: UserId,
}

impl Desk {
    pub(super) fn new(
        (api, host): (Api, Host),
        (clock, has_audio): (ServerClock, bool),
        known: UseReducerHandle<Known>,
        address: AttrValue,
        user: UserId,
    ) -> Self {
        Self {
            api,
            host,
            clock,
            has_audio,
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
