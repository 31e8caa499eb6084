//! Plays a recording into a client.
//!
//! A recording holds another client's conversation, so two things are translated, and nothing else
//! of a frame is touched:
//!
//! - **References.** At each recorded `phx_join` the client under test must have sent a join of its
//!   own; the two references are paired. The same goes for `access_token`, which the player
//!   provokes by giving the client a new token. In the server's frames a recorded reference is
//!   replaced by its partner, or by one that the client never used where there is no partner.
//! - **Topics**, where the test says so.
//!
//! Heartbeats of the recording belong to its recorder: their replies are left out, and the client's
//! own heartbeats are answered at once.
//!
//! Times are the recording's. When the client is later than the recorder was (it waits out a
//! back-off), the rest of the recording is shifted by as much. Attempts to connect between a
//! recorded `closed` and the next `opened` are refused, as the recorder's were.

use crate::recording::{Recorded, at_full_length, read};
use crate::world::{World, config};
use serde_json::Value;
use std::collections::HashMap;
use switchboard_realtime::{Config, Input, Output};

pub(crate) struct Player {
    pub(crate) world: World,
    events: Vec<Recorded>,
    topics: Vec<(String, String)>,
    references: HashMap<String, String>,
    paired_joins: usize,
    paired_tokens: usize,
    shift: u64,
    server_is_down: bool,
    only_joins_of: Option<String>,
    patient: bool,
}

/// Plays one socket's part with the usual client.
pub(crate) fn play(name: &str, conn: &str) -> World {
    Player::new(name, &[conn], config()).play()
}

/// What the recordings call topics and how their channels were joined.
pub(crate) fn config_for(topic: &str, private: bool, with_binding: bool) -> Config {
    let mut config = config();
    config.topic = topic.to_owned();
    config.private = private;
    if !with_binding {
        config.bindings.clear();
    }
    config
}

/// Version 2 recordings were made on a topic of their own.
pub(crate) fn on_board2() -> Config {
    config_for("board2", false, true)
}

impl Player {
    /// `conns` are the labels of one client's sockets, one after the other.
    pub(crate) fn new(name: &str, conns: &[&str], config: Config) -> Self {
        let events = read(name).events_of(conns);
        assert!(!events.is_empty(), "{name} has no socket {conns:?}");
        Self::of(events, config)
    }

    /// A player of these events of one client's sockets.
    pub(crate) fn of(events: Vec<Recorded>, config: Config) -> Self {
        Self {
            world: World::new(config),
            events,
            topics: Vec::new(),
            references: HashMap::new(),
            paired_joins: 0,
            paired_tokens: 0,
            shift: 0,
            server_is_down: false,
            only_joins_of: None,
            patient: false,
        }
    }

    /// Begins here: the socket was opened at this moment, and what it did before is left out.
    pub(crate) fn starting_at(mut self, ms: u64) -> Self {
        let start = ms as f64;
        self.events
            .retain(|event| event.dir == "opened" || event.t >= start);
        for event in &mut self.events {
            event.t = event.t.max(start);
        }
        self
    }

    /// Goes on where the client does not do what the recorder did.
    pub(crate) fn patiently(mut self) -> Self {
        self.patient = true;
        self
    }

    /// Calls a recorded topic by the client's.
    pub(crate) fn rename_topic(mut self, recorded: &str, ours: &str) -> Self {
        self.topics
            .push((format!("\"{recorded}\""), format!("\"{ours}\"")));
        self
    }

    /// Of a socket with several channels, pairs this topic's joins only.
    pub(crate) fn pair_joins_of(mut self, topic: &str) -> Self {
        self.only_joins_of = Some(topic.to_owned());
        self
    }

    /// Plays to the end, or to where the recorder hung up.
    pub(crate) fn play(mut self) -> World {
        self.world.feed(Input::Start);
        for event in std::mem::take(&mut self.events) {
            if event.dir == "close" {
                break;
            }
            self.pass_time(event.t as u64);
            self.step(&event);
        }
        self.world
    }

    fn pass_time(&mut self, recorded: u64) {
        let at = recorded + self.shift;
        while self.server_is_down && self.world.clock < at {
            // One millisecond at a time, so that no attempt waits for its refusal.
            let before = self.world.opens().len();
            self.world.advance(1);
            if self.world.opens().len() > before {
                self.world.feed(Input::SocketRefused { status: None });
            }
        }
        self.world.advance_to(at);
        self.shift += self.world.clock - at;
    }

    fn wait_until(&mut self, what: &str, condition: impl Fn(&World) -> bool) {
        let before = self.world.clock;
        self.world.advance_until(what, condition);
        self.shift += self.world.clock - before;
    }

    fn give_time(&mut self, ms: u64, enough: impl Fn(&World) -> bool) {
        let before = self.world.clock;
        while !enough(&self.world) && self.world.clock < before + ms {
            self.world.step_towards(before + ms);
        }
        self.shift += self.world.clock - before;
    }

    fn step(&mut self, event: &Recorded) {
        if event.op == "ping" || event.op == "pong" {
            // Sockets answer these by themselves and tell nobody.
            return;
        }
        match event.dir.as_str() {
            "opened" => {
                self.server_is_down = false;
                self.wait_until("an attempt to connect", is_opening);
                self.world.feed(Input::SocketOpened);
            }
            "http" => {
                self.wait_until("an attempt to connect", is_opening);
                self.world.feed(Input::SocketRefused {
                    status: event.status,
                });
            }
            "closed" => {
                self.server_is_down = true;
                self.world.feed(Input::SocketClosed {
                    code: event.code.unwrap_or(1006),
                    reason: &event.reason,
                });
            }
            "c>s" => self.pair(event.raw.as_deref().unwrap_or_default()),
            "s>c" => self.deliver(event),
            _ => {}
        }
    }

    fn pair(&mut self, raw: &str) {
        let frame: Value = serde_json::from_str(raw).unwrap_or_default();
        let (recorded, topic, event) = if frame.is_array() {
            (&frame[1], &frame[2], &frame[3])
        } else {
            (&frame["ref"], &frame["topic"], &frame["event"])
        };
        if self
            .only_joins_of
            .as_ref()
            .is_some_and(|only| topic != only)
        {
            return;
        }
        let Some(recorded) = recorded.as_str().map(str::to_owned) else {
            return;
        };
        if event == "phx_join" {
            let known = self.paired_joins;
            if self.patient {
                // Nothing obliges this client to join again where the recorder did.
                self.give_time(20_000, |world| world.sent("phx_join").len() > known);
                if self.world.sent("phx_join").len() == known {
                    return;
                }
            }
            self.wait_until("a join", |world| world.sent("phx_join").len() > known);
            self.paired_joins = self.world.sent("phx_join").len();
            self.references.insert(recorded, self.world.join_ref());
        } else if event == "access_token" {
            self.world.give_token(3_600_000);
            let pushes = self.world.sent("access_token");
            assert!(
                pushes.len() <= self.paired_tokens + 1,
                "one token is pushed once"
            );
            if pushes.len() > self.paired_tokens {
                let ours = pushes[self.paired_tokens]["ref"].as_str().unwrap();
                self.references.insert(recorded, ours.to_owned());
            }
            self.paired_tokens = pushes.len();
        }
    }

    fn deliver(&mut self, event: &Recorded) {
        if let Some(hex) = &event.hex {
            let bytes: Vec<u8> = (0..hex.len())
                .step_by(2)
                .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
                .collect();
            self.world.feed(Input::Binary(&bytes));
            return;
        }
        let mut raw = at_full_length(event.raw.as_deref().unwrap());
        if raw.contains("\"phoenix\"") {
            return;
        }
        for (recorded, ours) in &self.topics {
            raw = raw.replace(recorded, ours);
        }
        self.world.feed(Input::Text(&self.translate(&raw)));
    }

    /// Replaces the references, which stand first in both formats; the rest stays as received.
    fn translate(&self, raw: &str) -> String {
        let partner = |recorded: &str| match recorded.strip_prefix('"') {
            Some(rest) => {
                let recorded = rest.trim_end_matches('"');
                match self.references.get(recorded) {
                    Some(ours) => format!("\"{ours}\""),
                    None => format!("\"nobody-{recorded}\""),
                }
            }
            None => recorded.to_owned(),
        };
        if let Some(rest) = raw.strip_prefix("{\"ref\":") {
            let (reference, rest) = rest.split_once(',').unwrap();
            format!("{{\"ref\":{},{rest}", partner(reference))
        } else {
            let rest = raw.strip_prefix('[').unwrap();
            let (join_ref, rest) = rest.split_once(',').unwrap();
            let (reference, rest) = rest.split_once(',').unwrap();
            format!("[{},{},{rest}", partner(join_ref), partner(reference))
        }
    }
}

/// Whether the client waits for a handshake: its last word about the socket was `Open`.
fn is_opening(world: &World) -> bool {
    let last = world
        .log
        .iter()
        .rev()
        .map(|(_, output)| output)
        .find(|output| {
            matches!(
                output,
                Output::Open { .. }
                    | Output::Close
                    | Output::Event(switchboard_realtime::Event::Status(
                        switchboard_realtime::Status::Offline
                    ))
            )
        });
    matches!(last, Some(Output::Open { .. }))
}
