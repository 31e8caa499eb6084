//! A client in virtual time, with an application that answers and a server that the test plays.

use serde_json::{Value, json};
use switchboard_realtime::{Client, Config, Event, Input, Now, Output, Status, Token};

/// The wall clock at virtual time zero.
pub(crate) const EPOCH_MS: u64 = 1_780_000_000_000;
const HOUR_MS: u64 = 3_600_000;

/// How the application answers `TokenNeeded`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    /// At once, with a token that lives for so many milliseconds.
    Tokens { lifetime_ms: u64 },
    /// Never.
    Nothing,
}

pub(crate) struct World {
    pub(crate) client: Client,
    pub(crate) clock: u64,
    /// Everything that the client put out, with its time.
    pub(crate) log: Vec<(u64, Output)>,
    pub(crate) answers: Answers,
    /// Whether heartbeats are answered (at once).
    pub(crate) server_answers_heartbeats: bool,
    pub(crate) tokens_given: u32,
    pub(crate) timers_fired: u32,
    wake_at: Option<u64>,
    /// How far somebody has set the wall clock.
    set_by: i64,
}

pub(crate) fn config() -> Config {
    Config::private_channel("http://127.0.0.1:54321/", "key", "board", "calls", 7)
}

impl World {
    pub(crate) fn new(config: Config) -> Self {
        let now = Now {
            monotonic_ms: 0,
            unix_ms: EPOCH_MS,
        };
        Self {
            client: Client::new(config, now),
            clock: 0,
            log: Vec::new(),
            answers: Answers::Tokens {
                lifetime_ms: HOUR_MS,
            },
            server_answers_heartbeats: true,
            tokens_given: 0,
            timers_fired: 0,
            wake_at: None,
            set_by: 0,
        }
    }

    pub(crate) fn wall_clock_set_by(&mut self, ms: i64) {
        self.set_by += ms;
    }

    /// A client that is started, joined and live at virtual time zero.
    pub(crate) fn live() -> Self {
        Self::live_with(config())
    }

    pub(crate) fn live_with(config: Config) -> Self {
        let mut world = Self::new(config);
        world.feed(Input::Start);
        world.feed(Input::SocketOpened);
        world.reply_ok();
        world.system("postgres_changes", "ok");
        assert_eq!(world.status(), Some(Status::Live));
        world
    }

    fn now(&self) -> Now {
        Now {
            monotonic_ms: self.clock,
            unix_ms: (EPOCH_MS + self.clock).saturating_add_signed(self.set_by),
        }
    }

    /// Gives one input; the application and the heartbeat's other end answer at once.
    pub(crate) fn feed(&mut self, input: Input<'_>) -> Vec<Output> {
        let outputs = self.client.handle(input, self.now());
        let mut replies = Vec::new();
        for output in &outputs {
            self.log.push((self.clock, output.clone()));
            match output {
                Output::WakeAt(at) => {
                    assert!(*at > self.clock, "a timer must lie in the future");
                    self.wake_at = Some(*at);
                }
                Output::Event(Event::TokenNeeded(_)) => replies.push(None),
                Output::Send(text) if self.server_answers_heartbeats => {
                    let frame: Value = serde_json::from_str(text).unwrap();
                    if frame["event"] == "heartbeat" {
                        replies.push(Some(frame["ref"].as_str().unwrap().to_owned()));
                    }
                }
                _ => {}
            }
        }
        for reply in replies {
            match reply {
                Some(reference) => self.answer_heartbeat(&reference),
                None => self.answer_token(),
            }
        }
        outputs
    }

    pub(crate) fn answer_heartbeat(&mut self, reference: &str) {
        let frame = json!({"ref": reference, "event": "phx_reply", "topic": "phoenix",
            "payload": {"status": "ok", "response": {}}});
        self.feed(Input::Text(&frame.to_string()));
    }

    fn answer_token(&mut self) {
        if let Answers::Tokens { lifetime_ms } = self.answers {
            self.give_token(lifetime_ms);
        }
    }

    /// Gives the next token, `token-1`, `token-2`, …
    pub(crate) fn give_token(&mut self, lifetime_ms: u64) {
        self.tokens_given += 1;
        let jwt = format!("token-{}", self.tokens_given);
        let expires = self.now().unix_ms + lifetime_ms;
        self.feed(Input::Token(Token::new(jwt, expires)));
    }

    /// Lets time pass up to `at`, with every timer that falls due.
    pub(crate) fn advance_to(&mut self, at: u64) {
        while let Some(wake) = self.wake_at.filter(|wake| *wake <= at) {
            self.fire(wake);
        }
        self.clock = self.clock.max(at);
    }

    /// Lets time pass up to `at`, or to the first timer before it.
    pub(crate) fn step_towards(&mut self, at: u64) {
        match self.wake_at {
            Some(wake) if wake <= at => self.fire(wake),
            _ => self.clock = self.clock.max(at),
        }
    }

    pub(crate) fn advance(&mut self, by: u64) {
        self.advance_to(self.clock + by);
    }

    fn fire(&mut self, wake: u64) {
        self.wake_at = None;
        self.clock = self.clock.max(wake);
        self.timers_fired += 1;
        self.feed(Input::Timer);
    }

    /// Fires timers until the condition holds, for two minutes at most.
    pub(crate) fn advance_until(&mut self, what: &str, condition: impl Fn(&Self) -> bool) {
        let limit = self.clock + 120_000;
        while !condition(self) {
            match self.wake_at {
                Some(wake) if wake <= limit => self.fire(wake),
                _ => panic!("{what}: not within two minutes"),
            }
        }
    }

    /// The reference of the latest join.
    pub(crate) fn join_ref(&self) -> String {
        let join = self.sent("phx_join").pop().expect("no join was sent");
        join["ref"].as_str().unwrap().to_owned()
    }

    /// A frame of the server on the channel.
    pub(crate) fn server(&mut self, event: &str, reference: Option<&str>, payload: &Value) {
        let frame = json!({"ref": reference, "event": event, "topic": "realtime:board", "payload": payload});
        self.feed(Input::Text(&frame.to_string()));
    }

    pub(crate) fn reply_ok(&mut self) {
        let reference = self.join_ref();
        let payload = json!({"status": "ok", "response": {"postgres_changes": []}});
        self.server("phx_reply", Some(&reference), &payload);
    }

    pub(crate) fn reply_error(&mut self, reason: &str) {
        let reference = self.join_ref();
        let payload = json!({"status": "error", "response": {"reason": reason}});
        self.server("phx_reply", Some(&reference), &payload);
    }

    pub(crate) fn system(&mut self, extension: &str, status: &str) {
        let payload = json!({"message": format!("{extension} {status}"), "status": status,
            "extension": extension, "channel": "board"});
        self.server("system", None, &payload);
    }

    pub(crate) fn close_channel(&mut self) {
        let reference = self.join_ref();
        self.server("phx_close", Some(&reference), &json!({}));
    }
}

/// The payload of a `postgres_changes` frame about a call.
pub(crate) fn change_of(id: &str, errors: &Value) -> Value {
    json!({"ids": [1], "data": {"schema": "public", "table": "calls", "type": "UPDATE",
        "commit_timestamp": "2026-01-02T03:04:05.123Z", "columns": [],
        "record": {"id": id, "version": 3}, "old_record": {"id": id}, "errors": errors}})
}
