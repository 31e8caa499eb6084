//! The server, the network and the application, as the dice want them.

use crate::world::{Answers, World, config};
use serde_json::{Value, json};
use switchboard_realtime::{Event, Input, Output, Status};

/// Something that will reach the client later.
pub(super) enum Coming {
    Opened,
    Refused(Option<u16>),
    Closed(u16),
    Frame {
        event: &'static str,
        reference: Option<String>,
        payload: Value,
    },
    Heartbeat(String),
    Token(u64),
    SameToken,
    Garbage,
    Visible,
    Online,
}

pub(super) struct Model {
    pub(super) world: World,
    dice: Vec<u8>,
    rolled: usize,
    /// What is on its way: when, on which socket, what.
    pub(super) coming: Vec<(u64, u32, Coming)>,
    socket: u32,
    socket_exists: bool,
    pub(super) calm: bool,
    read: usize,
    /// The current join, and how far the server has confirmed it.
    join: Option<String>,
    replied: bool,
    confirmed: bool,
    outstanding: bool,
}

impl Model {
    pub(super) fn new(dice: Vec<u8>) -> Self {
        let mut config = config();
        config.seed = dice.iter().map(|die| u64::from(*die)).sum();
        let mut world = World::new(config);
        world.answers = Answers::Nothing;
        world.server_answers_heartbeats = false;
        Self {
            world,
            dice,
            rolled: 0,
            coming: Vec::new(),
            socket: 0,
            socket_exists: false,
            calm: false,
            read: 0,
            join: None,
            replied: false,
            confirmed: false,
            outstanding: false,
        }
    }

    /// A number below `sides`; in calm times always 0, which every choice takes as the good one.
    fn roll(&mut self, sides: u64) -> u64 {
        if self.calm {
            return 0;
        }
        let at = self.rolled;
        self.rolled += 1;
        let len = self.dice.len();
        // Neighbours are mixed in, so that the dice do not repeat with their period.
        let die = u64::from(self.dice[at % len]) + u64::from(self.dice[(at / len) % len]) * 7;
        (die + at as u64 / len as u64) % sides
    }

    fn send(&mut self, coming: Coming) {
        let delay = match self.roll(4) {
            0 | 1 => self.roll(50),
            2 => self.roll(3_000),
            _ => self.roll(9_000),
        };
        self.coming
            .push((self.world.clock + delay, self.socket, coming));
    }

    fn frame(&mut self, event: &'static str, reference: Option<&str>, payload: Value) {
        let reference = reference.map(str::to_owned);
        self.send(Coming::Frame {
            event,
            reference,
            payload,
        });
    }

    fn system(&mut self, extension: &str, status: &str) {
        let payload = json!({"message": "m", "status": status, "extension": extension});
        self.frame("system", None, payload);
    }

    /// Reads what the client has put out since, checks it, and lets the dice answer.
    fn react(&mut self) {
        while self.read < self.world.log.len() {
            let output = self.world.log[self.read].1.clone();
            self.read += 1;
            match output {
                Output::Open { .. } => {
                    assert!(!self.socket_exists, "a second socket");
                    self.new_socket();
                    self.socket_exists = true;
                    match self.roll(6) {
                        0..=2 => self.send(Coming::Opened),
                        3 => self.send(Coming::Refused(None)),
                        4 => self.send(Coming::Refused(Some(401))),
                        _ => {}
                    }
                }
                Output::Close => self.new_socket(),
                Output::Send(text) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    self.answer(&frame);
                }
                Output::Event(Event::TokenNeeded(_)) => match self.roll(6) {
                    0 | 1 => self.send(Coming::Token(3_600_000)),
                    2 => self.send(Coming::Token(0)),
                    3 => self.send(Coming::Token(5_000)),
                    4 => self.send(Coming::SameToken),
                    _ => {}
                },
                Output::Event(Event::Status(Status::Live)) => {
                    assert!(
                        self.replied && self.confirmed && self.join.is_some(),
                        "live without the server's word"
                    );
                }
                _ => {}
            }
        }
    }

    fn new_socket(&mut self) {
        self.socket += 1;
        self.socket_exists = false;
        self.join = None;
        self.outstanding = false;
        self.replied = false;
        self.confirmed = false;
    }

    fn answer(&mut self, frame: &Value) {
        assert!(self.socket_exists, "a frame without a socket");
        let reference = frame["ref"].as_str().unwrap().to_owned();
        match frame["event"].as_str().unwrap() {
            "heartbeat" => match self.roll(12) {
                0..=9 => self.send(Coming::Heartbeat(reference)),
                10 => self.send(Coming::Closed(1006)),
                _ => {}
            },
            "phx_join" => {
                assert!(!self.outstanding, "a join while another is unanswered");
                self.join = Some(reference.clone());
                self.outstanding = true;
                self.replied = false;
                self.confirmed = false;
                self.answer_join(&reference);
            }
            "phx_leave" => {
                let join_ref = frame["join_ref"].as_str().map(str::to_owned);
                if join_ref == self.join {
                    self.outstanding = false;
                    self.join = None;
                }
                if self.roll(2) == 0 {
                    self.frame("phx_close", join_ref.as_deref(), json!({}));
                }
            }
            "access_token" => match self.roll(5) {
                0 | 1 => self.system("postgres_changes", "ok"),
                2 => self.error(&reference, "unmatched topic"),
                3 => self.end_of_token(),
                _ => {}
            },
            other => panic!("the client sent {other}"),
        }
    }

    fn answer_join(&mut self, reference: &str) {
        let ok = json!({"status": "ok", "response": {}});
        match self.roll(12) {
            0..=4 => {
                self.coming.push((
                    self.world.clock,
                    self.socket,
                    Coming::Frame {
                        event: "phx_reply",
                        reference: Some(reference.to_owned()),
                        payload: ok,
                    },
                ));
                self.system("postgres_changes", "ok");
                match self.roll(6) {
                    1 => self.frame("phx_close", Some(reference), json!({})),
                    2 => self.end_of_token(),
                    3 => self.send(Coming::Closed(1012)),
                    4 => self.flood(),
                    _ => {}
                }
            }
            5 => self.frame("phx_reply", Some(reference), ok),
            6 => self.error(reference, "InvalidJWTToken: expired"),
            7 => self.error(reference, "Unauthorized: no"),
            8 => {
                self.frame("phx_reply", Some(reference), ok);
                self.system("postgres_changes", "error");
            }
            9 => self.frame("phx_error", Some(reference), json!({})),
            10 => self.send(Coming::Closed(1000)),
            _ => {}
        }
    }

    fn error(&mut self, reference: &str, reason: &str) {
        let payload = json!({"status": "error", "response": {"reason": reason}});
        self.frame("phx_reply", Some(reference), payload);
    }

    fn end_of_token(&mut self) {
        self.system("system", "error");
        let join = self.join.clone();
        self.frame("phx_close", join.as_deref(), json!({}));
    }

    /// A server out of its mind: contradictions, incomplete changes and noise, all at once.
    fn flood(&mut self) {
        for _ in 0..40 {
            self.system("postgres_changes", "error");
            self.system("postgres_changes", "ok");
            let change = json!({"data": {"table": "calls", "type": "INSERT", "errors": ["413"],
                "record": {"id": 1}}});
            self.frame("postgres_changes", None, change);
            self.send(Coming::Garbage);
        }
    }

    fn arrive(&mut self, socket: u32, coming: Coming) {
        let of_the_page = matches!(
            coming,
            Coming::Token(_) | Coming::SameToken | Coming::Visible | Coming::Online
        );
        if !of_the_page && (socket != self.socket || !self.socket_exists) {
            return;
        }
        match coming {
            Coming::Opened => drop(self.world.feed(Input::SocketOpened)),
            Coming::Refused(status) => {
                self.new_socket();
                self.world.feed(Input::SocketRefused { status });
            }
            Coming::Closed(code) => {
                self.new_socket();
                self.world.feed(Input::SocketClosed { code, reason: "" });
            }
            Coming::Frame {
                event,
                reference,
                payload,
            } => {
                self.note(event, reference.as_deref(), &payload);
                self.world.server(event, reference.as_deref(), &payload);
            }
            Coming::Heartbeat(reference) => self.world.answer_heartbeat(&reference),
            Coming::Token(lifetime) => self.world.give_token(lifetime),
            Coming::SameToken => {
                let token = switchboard_realtime::Token::new("same", 1);
                self.world.feed(Input::Token(token));
            }
            Coming::Garbage => drop(self.world.feed(Input::Text("[{"))),
            Coming::Visible => drop(self.world.feed(Input::Visible)),
            Coming::Online => drop(self.world.feed(Input::Online)),
        }
    }

    /// Keeps the model's own view of the join that the client should have.
    fn note(&mut self, event: &str, reference: Option<&str>, payload: &Value) {
        let of_the_join = self.join.is_some() && reference == self.join.as_deref();
        let is_ok = payload["status"] == "ok";
        match event {
            "phx_reply" if of_the_join && is_ok => self.replied = true,
            "phx_reply" if of_the_join => self.outstanding = false,
            // The answer to a push: the channel is gone.
            "phx_reply" if !is_ok => self.outstanding = false,
            "phx_close" | "phx_error" if of_the_join => self.outstanding = false,
            "system" if payload["extension"] == "postgres_changes" && self.replied => {
                self.confirmed = is_ok;
            }
            _ => {}
        }
    }

    pub(super) fn run_to(&mut self, end: u64) {
        while self.world.clock < end {
            self.react();
            self.coming.sort_by_key(|(at, _, _)| *at);
            match self.coming.first() {
                Some((at, _, _)) if *at <= self.world.clock => {
                    let (_, socket, coming) = self.coming.remove(0);
                    self.arrive(socket, coming);
                }
                next => {
                    let next = next.map_or(end, |(at, _, _)| (*at).min(end));
                    self.world.step_towards(next);
                }
            }
        }
        self.react();
    }
}
