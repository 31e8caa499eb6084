//! The machine, driven by a webhook of paper in virtual time. Every request's signature is checked.

mod calls;
mod devices;
mod faults;
mod flow;
mod outbound;
mod redirects;
mod rest;
mod seeds;

use std::collections::BTreeMap;

use switchboard_twilio::signature::{self, SignedBody};
use switchboard_twilio::twiml::Method;
use switchboard_twilio::{AuthToken, Form, PublicUrl};

use super::*;
use crate::wire::{FromPage, ToPage};

const TOKEN: &str = "paper";
const BASE: &str = "https://x.example";

/// One request that went out.
#[derive(Debug, Clone)]
struct Heard {
    at_ms: u64,
    uri: String,
    form: Form,
}

impl Heard {
    fn get(&self, key: &str) -> &str {
        self.form.get(key).unwrap_or_default()
    }
}

/// The machine, its webhook and its browsers.
struct World {
    sim: Sim,
    /// What a path is answered; the longest path that fits counts. A number is an HTTP status.
    answers: BTreeMap<&'static str, String>,
    heard: Vec<Heard>,
    frames: Vec<(u64, SocketId, ToPage)>,
    rest: Vec<(RestId, Option<RestAnswer>)>,
}

impl World {
    fn new(answers: &[(&'static str, &str)]) -> Self {
        Self::with(answers, |_| {})
    }

    fn with(answers: &[(&'static str, &str)], change: impl FnOnce(&mut Config)) -> Self {
        let base = PublicUrl::parse(BASE).unwrap();
        let mut config = Config::new(7, base, AuthToken::new(TOKEN));
        change(&mut config);
        Self {
            sim: Sim::new(config),
            answers: answers
                .iter()
                .map(|(path, answer)| (*path, (*answer).to_owned()))
                .collect(),
            heard: Vec::new(),
            frames: Vec::new(),
            rest: Vec::new(),
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.sim.now().as_millis()).unwrap()
    }

    fn input(&mut self, input: Input) {
        let outputs = self.sim.handle(input, self.sim.now());
        self.carry(outputs);
    }

    fn carry(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Http(request) => self.webhook(&request),
                Output::Frame(socket, frame) => self.frames.push((self.now_ms(), socket, frame)),
                Output::Close(_) => {}
                Output::Rest(id, answer) => self.rest.push((id, answer)),
            }
        }
    }

    /// Checks the signature, writes the request down, and answers at once.
    fn webhook(&mut self, request: &HttpRequest) {
        let base = PublicUrl::parse(BASE).unwrap();
        let uri = request.url.strip_prefix(BASE).unwrap().to_owned();
        let token = AuthToken::new(TOKEN);
        let body = SignedBody::Form(&request.form);
        signature::verify(&token, &base, &uri, body, &request.signature).unwrap();
        let answer = self
            .answers
            .iter()
            .rev()
            .find(|(path, _)| uri.starts_with(**path))
            .map_or_else(|| "204".to_owned(), |(_, answer)| answer.clone());
        self.heard.push(Heard {
            at_ms: self.now_ms(),
            uri,
            form: request.form.clone(),
        });
        let answer = match answer.parse() {
            Ok(0) => return,
            Ok(status) => Answer::Response {
                status,
                body: String::new(),
            },
            Err(_) => Answer::twiml(answer),
        };
        self.input(Input::Answer(request.id, answer));
    }

    /// Lets time go by, one event after the other.
    fn pass(&mut self, ms: u64) {
        let until = self.sim.now() + Duration::from_millis(ms);
        while let Some(next) = self.sim.next_wake().filter(|next| *next <= until) {
            let outputs = self.sim.handle(Input::Wake, next);
            self.carry(outputs);
        }
        let outputs = self.sim.handle(Input::Wake, until);
        self.carry(outputs);
    }

    fn call(&mut self) -> String {
        self.caller(None)
    }

    fn caller(&mut self, patience_ms: Option<u64>) -> String {
        let caller = Caller {
            from: "+12025550101".to_owned(),
            to: "+12025550199".to_owned(),
            name: Some("Ann & Bob".to_owned()),
            patience: patience_ms.map(Duration::from_millis),
        };
        let (sid, outputs) = self.sim.place(caller, self.sim.now());
        self.carry(outputs);
        sid
    }

    fn device(&mut self, socket: SocketId, identity: &str) {
        self.input(Input::Opened {
            socket,
            identity: identity.to_owned(),
            token_ends: None,
        });
        self.input(Input::Frame(socket, FromPage::Register));
    }

    /// The invitation that a browser was told of last.
    fn invitation(&self, socket: SocketId) -> String {
        let frames = self.frames.iter().rev();
        frames
            .filter(|(_, to, _)| *to == socket)
            .find_map(|(_, _, frame)| match frame {
                ToPage::Incoming { call_sid, .. } => Some(call_sid.clone()),
                _ => None,
            })
            .expect("nobody invited that browser")
    }

    fn accept(&mut self, socket: SocketId) -> String {
        let call_sid = self.invitation(socket);
        let accept = FromPage::Accept {
            call_sid: call_sid.clone(),
        };
        self.input(Input::Frame(socket, accept));
        call_sid
    }

    fn rest(&mut self, request: RestRequest) -> Option<RestAnswer> {
        self.input(Input::Rest(1, request));
        self.rest.pop().unwrap().1
    }

    fn redirect(&mut self, sid: &str, path: &str) -> u16 {
        let url = format!("{BASE}{path}");
        let form = [("Url", url.as_str()), ("Method", "POST")]
            .into_iter()
            .collect();
        let sid = sid.to_owned();
        self.rest(RestRequest::Update { sid, form }).unwrap().status
    }

    fn leg(&self, sid: &str) -> LegView {
        self.sim.leg(sid).unwrap()
    }

    /// Requests to paths that begin like this: when, and one parameter.
    fn told(&self, path: &str, key: &str) -> Vec<(u64, String)> {
        self.heard
            .iter()
            .filter(|heard| heard.uri.starts_with(path))
            .map(|heard| (heard.at_ms, heard.get(key).to_owned()))
            .collect()
    }

    fn words(&self, path: &str, key: &str) -> Vec<String> {
        self.told(path, key)
            .into_iter()
            .map(|(_, word)| word)
            .collect()
    }

    /// The `type`s of what a browser was told, except for `audio`.
    fn types(&self, socket: SocketId) -> Vec<String> {
        self.frames
            .iter()
            .filter(|(_, to, frame)| *to == socket && !matches!(frame, ToPage::Audio { .. }))
            .map(|(_, _, frame)| {
                serde_json::to_value(frame).unwrap()["type"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    }

    /// What a browser was told that it hears, in order.
    fn heard_by(&self, socket: SocketId) -> Vec<crate::wire::Hears> {
        let told = self.frames.iter().filter(|(_, to, _)| *to == socket);
        told.filter_map(|(_, _, frame)| match frame {
            ToPage::Audio { hears, .. } => Some(hears.clone()),
            _ => None,
        })
        .collect()
    }
}

/// A `<Dial>` of these identities.
fn dial(identities: &[&str]) -> String {
    let clients: String = identities
        .iter()
        .map(|identity| {
            format!(
                "<Client statusCallback='/twilio/leg?e=1' statusCallbackEvent='initiated ringing answered completed'>\
                 <Identity>{identity}</Identity><Parameter name='epoch' value='1'/></Client>"
            )
        })
        .collect();
    format!(
        "<Response><Dial answerOnBridge='true' timeout='15' action='/twilio/dial?e=1'>{clients}</Dial></Response>"
    )
}

const HOLD: &str = "<Response><Play>https://x.example/hold.mp3</Play><Redirect>/twilio/voice?e=9</Redirect></Response>";
const END: &str = "<Response><Hangup/></Response>";
