//! Who is joined where, and the fan-out to them. In memory, one lock, no waiting while it is held.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use axum::extract::ws::Message;
use serde_json::Value;

use super::{
    binding::Watch,
    broadcast::Broadcast,
    budget::Budget,
    frame::{self, Head, Version},
    presence::Presence,
    queue::{Outbox, Waiting},
    token::Identity,
};

/// One joined channel of one socket. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ChannelId(u64);

/// What one channel asked of `postgres_changes`, and for whom.
#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) identity: Identity,
    pub(super) watches: Vec<Watch>,
}

impl Subscription {
    fn covers(&self, kind: &str, schema: &str, table: &str) -> bool {
        self.watches
            .iter()
            .any(|watch| watch.covers(kind, schema, table))
    }
}

/// A joined channel as the hub sees it.
pub(super) struct Member {
    /// The topic as joined, with its `realtime:`.
    pub(super) topic: Arc<str>,
    /// The topic without it.
    pub(super) sub_topic: String,
    pub(super) private: bool,
    pub(super) has_presence: bool,
    pub(super) version: Version,
    /// Gets row changes in the other version's format while somebody of that version is on the topic.
    pub(super) strays: bool,
    pub(super) outbox: Outbox,
    pub(super) subscription: Option<Arc<Subscription>>,
}

/// Everybody on one topic.
#[derive(Default)]
struct Room {
    members: Vec<ChannelId>,
    presence: Presence,
}

#[derive(Default)]
struct Rooms {
    members: HashMap<ChannelId, Member>,
    /// By topic without `realtime:` and by whether it is private.
    topics: HashMap<(String, bool), Room>,
}

impl Rooms {
    fn room(&mut self, id: ChannelId) -> Option<&mut Room> {
        let member = self.members.get(&id)?;
        self.topics
            .get_mut(&(member.sub_topic.clone(), member.private))
    }

    /// The version in which a member gets row changes.
    fn change_version(&self, member: &Member) -> Version {
        let room = self.topics.get(&(member.sub_topic.clone(), member.private));
        let mut versions = room
            .filter(|_| member.strays)
            .into_iter()
            .flat_map(|room| &room.members)
            .filter_map(|id| Some(self.members.get(id)?.version));
        versions
            .find(|version| *version != member.version)
            .unwrap_or(member.version)
    }
}

/// Every joined channel of the stack.
pub(super) struct Hub {
    rooms: Mutex<Rooms>,
    next_id: AtomicU64,
    budget: Budget,
}

impl Hub {
    pub(super) fn new(rate_limit: Option<u32>) -> Self {
        Self {
            rooms: Mutex::default(),
            next_id: AtomicU64::new(1),
            budget: Budget::new(rate_limit, Instant::now()),
        }
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn join(&self, member: Member) -> ChannelId {
        let id = ChannelId(self.next_id.fetch_add(1, Ordering::Relaxed));
        let mut rooms = self.rooms();
        let room = rooms
            .topics
            .entry((member.sub_topic.clone(), member.private))
            .or_default();
        room.members.push(id);
        rooms.members.insert(id, member);
        id
    }

    pub(super) fn leave(&self, id: ChannelId) {
        if let Some(Some(diff)) = self.with_presence(id, |presence| presence.untrack(id)) {
            self.tell_presence(id, &diff);
        }
        let mut rooms = self.rooms();
        let Some(member) = rooms.members.remove(&id) else {
            return;
        };
        let topic = (member.sub_topic, member.private);
        if let Some(room) = rooms.topics.get_mut(&topic) {
            room.members.retain(|other| *other != id);
            if room.members.is_empty() {
                rooms.topics.remove(&topic);
            }
        }
    }

    /// Replaces what a channel gets of `postgres_changes`.
    pub(super) fn subscribe(&self, id: ChannelId, subscription: Option<Arc<Subscription>>) {
        if let Some(member) = self.rooms().members.get_mut(&id) {
            member.subscription = subscription;
        }
    }

    /// Whether any channel has a binding for such a change, filters left aside.
    pub(super) fn has_subscriber(&self, kind: &str, schema: &str, table: &str) -> bool {
        let covers = |subscription: &Arc<Subscription>| subscription.covers(kind, schema, table);
        self.rooms()
            .members
            .values()
            .any(|member| member.subscription.as_ref().is_some_and(covers))
    }

    /// The channels with a binding for such a change, filters left aside, in the order in which they joined.
    pub(super) fn subscribers(
        &self,
        kind: &str,
        schema: &str,
        table: &str,
    ) -> Vec<(ChannelId, Arc<Subscription>)> {
        let rooms = self.rooms();
        let mut found: Vec<_> = rooms
            .members
            .iter()
            .filter_map(|(id, member)| Some((*id, Arc::clone(member.subscription.as_ref()?))))
            .filter(|(_, subscription)| subscription.covers(kind, schema, table))
            .collect();
        found.sort_unstable_by_key(|(id, _)| *id);
        found
    }

    /// Sends what `render` makes of a channel's version and topic, if the channel is still there.
    pub(super) fn deliver(
        &self,
        id: ChannelId,
        render: impl FnOnce(Version, &Arc<str>) -> Message,
    ) {
        let rooms = self.rooms();
        if let Some(member) = rooms.members.get(&id)
            && self.budget.spend(Instant::now())
        {
            let message = render(rooms.change_version(member), &member.topic);
            member.outbox.put(Waiting {
                channel: id,
                is_change: true,
                message,
            });
        }
    }

    /// Sends a broadcast to everybody on its topic, except to `sender`.
    pub(super) fn broadcast(&self, broadcast: &Broadcast, sender: Option<ChannelId>) {
        let rooms = self.rooms();
        let Some(room) = rooms
            .topics
            .get(&(broadcast.topic.clone(), broadcast.private))
        else {
            return;
        };
        let mut rendered: [Option<Option<Message>>; 2] = [None, None];
        for id in room.members.iter().filter(|id| Some(**id) != sender) {
            let Some(member) = rooms.members.get(id) else {
                continue;
            };
            let message = rendered[usize::from(member.version == Version::V2)]
                .get_or_insert_with(|| broadcast.content.render(member.version, &member.topic));
            if let Some(message) = message
                && self.budget.spend(Instant::now())
            {
                member.outbox.put(Waiting {
                    channel: *id,
                    is_change: false,
                    message: message.clone(),
                });
            }
        }
    }

    /// Does something with who is present where a channel is joined; `None` if it has been left.
    pub(super) fn with_presence<T>(
        &self,
        id: ChannelId,
        act: impl FnOnce(&mut Presence) -> T,
    ) -> Option<T> {
        self.rooms().room(id).map(|room| act(&mut room.presence))
    }

    /// Gives a channel presence; whether it had none.
    pub(super) fn enable_presence(&self, id: ChannelId) -> bool {
        let mut rooms = self.rooms();
        let member = rooms.members.get_mut(&id);
        member.is_some_and(|member| !std::mem::replace(&mut member.has_presence, true))
    }

    /// Sends a `presence_diff` to everybody with presence where a channel is joined.
    pub(super) fn tell_presence(&self, id: ChannelId, diff: &str) {
        let mut rooms = self.rooms();
        let Some(room) = rooms.room(id) else {
            return;
        };
        let ids = room.members.clone();
        for id in ids {
            if let Some(member) = rooms.members.get(&id).filter(|member| member.has_presence) {
                let topic = Value::from(&*member.topic);
                let head = Head {
                    join_ref: &Value::Null,
                    reference: &Value::Null,
                    topic: &topic,
                    event: "presence_diff",
                };
                let message = frame::render(member.version, &head, diff);
                member.outbox.put(Waiting {
                    channel: id,
                    is_change: false,
                    message,
                });
            }
        }
    }
}
