//! Requests to the webhook: for verbs, which a leg waits for, and notices, whose answers mean nothing.

use std::time::Duration;

use switchboard_twilio::twiml::Method;
use switchboard_twilio::{CallStatus, Form, signature};

use super::fault::Fault;
use super::leg::{Activity, LegId};
use super::program::{self, Target};
use super::{Answer, HttpRequest, Output, RequestId, Sim, Timer};
use crate::event::Event;

/// Twilio's codes for a URL that gave no verbs.
const HTTP_FAILURE: u32 = 11200;
const CONNECTION_FAILURE: u32 = 11205;
const NOT_TWIML: u32 = 12100;

/// A question for verbs.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    /// Absolute, perhaps with overrides behind a `#`.
    pub(super) url: String,
    pub(super) method: Method,
    /// Beside what is said of every call.
    pub(super) extra: Vec<(String, String)>,
    pub(super) is_fallback: bool,
}

/// A request that is made or will be.
#[derive(Debug, Clone)]
pub(super) struct Request {
    purpose: Purpose,
    method: Method,
    url: String,
    form: Form,
    attempt: u32,
    /// An accident: the answer will not come.
    is_lost: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// A leg waits for it, if it is still at this turn.
    Verbs {
        leg: LegId,
        turn: u64,
        is_fallback: bool,
    },
    /// Nobody waits for it.
    Notice { leg: LegId, is_end: bool },
}

/// Why a request gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    Connection,
    Late,
    Status(u16),
    NotTwiml,
}

impl Sim {
    /// What is said of a leg with every request.
    pub(super) fn parameters(&self, id: LegId) -> Vec<(String, String)> {
        let leg = &self.legs[id.0];
        let mut pairs = vec![
            ("AccountSid", self.config.account_sid.clone()),
            ("ApiVersion", "2010-04-01".to_owned()),
            ("CallSid", leg.sid.clone()),
            ("CallStatus", leg.status.as_str().to_owned()),
            ("Called", leg.to.clone()),
            ("Caller", leg.from.clone()),
            ("Direction", leg.direction().to_owned()),
            ("From", leg.from.clone()),
            ("To", leg.to.clone()),
        ];
        pairs.extend(leg.caller_name.clone().map(|name| ("CallerName", name)));
        let parent = leg.parent.map(|parent| self.legs[parent.0].sid.clone());
        pairs.extend(parent.map(|sid| ("ParentCallSid", sid)));
        pairs
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect()
    }

    /// The leg asks for verbs now.
    pub(super) fn ask(&mut self, id: LegId, ask: Ask) {
        self.turn_to(id, Activity::Asking);
        let path = ask.url.strip_prefix(&self.config.base.join(""));
        let path = path.unwrap_or(&ask.url).to_owned();
        self.note(id, Event::Asks(bare(&path).to_owned()));
        let mut form = self.parameters(id);
        form.extend(ask.extra);
        let request = Request {
            purpose: Purpose::Verbs {
                leg: id,
                turn: self.legs[id.0].turn,
                is_fallback: ask.is_fallback,
            },
            method: ask.method,
            url: ask.url,
            form: form.into_iter().collect(),
            attempt: 0,
            is_lost: false,
        };
        self.send(request);
    }

    /// Asks a URL whose answer means nothing, at once.
    pub(super) fn mention(&mut self, id: LegId, target: &Target, extra: Vec<(String, String)>) {
        let mut form = self.parameters(id);
        form.extend(extra);
        let url = self.resolve(id, &target.url);
        let request = Request {
            method: target.method,
            ..Request::notice(id, url, form.into_iter().collect(), false)
        };
        self.send(request);
    }

    pub(super) fn send(&mut self, mut request: Request) {
        if let Purpose::Verbs { leg, turn, .. } = request.purpose {
            if !self.is_at(leg, turn) {
                return;
            }
            if self.faults.strikes(Fault::FetchUnreachable) {
                self.note(leg, Event::Fault("the webhook cannot be reached"));
                return self.failed(request, Failure::Connection);
            }
            if self.faults.strikes(Fault::FetchLost) {
                self.note(leg, Event::Fault("the webhook's answer is lost"));
                request.is_lost = true;
            }
        }
        self.requests += 1;
        let id = self.requests;
        let url = bare(&request.url);
        let (url, form) = match request.method {
            Method::Post => (url.to_owned(), request.form.clone()),
            Method::Get => {
                let mark = if url.contains('?') { '&' } else { '?' };
                let url = format!("{url}{mark}{}", request.form.encode());
                (url, Form::default())
            }
        };
        let signature = signature::sign(&self.config.token, &url, &form);
        self.out.push(Output::Http(HttpRequest {
            id,
            method: request.method,
            url,
            form,
            signature,
        }));
        let limit = Overrides::of(&request.url)
            .read_limit
            .unwrap_or(self.config.timing.fetch_limit);
        self.after(limit, Timer::Late(id));
        self.pending.insert(id, request);
    }

    pub(super) fn answered(&mut self, id: RequestId, answer: Answer) {
        if self.pending.get(&id).is_none_or(|request| request.is_lost) {
            return;
        }
        let Some(request) = self.pending.remove(&id) else {
            return;
        };
        match answer {
            Answer::Response {
                status: 200..300,
                body,
            } => self.understood(request, &body),
            Answer::Response { status, .. } => self.failed(request, Failure::Status(status)),
            Answer::Unreachable => self.failed(request, Failure::Connection),
            Answer::TimedOut => self.failed(request, Failure::Late),
        }
    }

    /// The webhook has had its time.
    pub(super) fn late(&mut self, id: RequestId) {
        if let Some(request) = self.pending.remove(&id) {
            self.failed(request, Failure::Late);
        }
    }

    fn understood(&mut self, request: Request, body: &str) {
        let Purpose::Verbs { leg, turn, .. } = request.purpose else {
            return;
        };
        if !self.is_at(leg, turn) {
            return;
        }
        match program::read(body) {
            Ok(steps) => self.start(leg, bare(&request.url).to_owned(), steps),
            Err(error) => {
                self.note(leg, Event::Heard(format!("(nothing: {error})")));
                self.failed(request, Failure::NotTwiml);
            }
        }
    }

    fn failed(&mut self, mut request: Request, failure: Failure) {
        let (leg, is_current) = match request.purpose {
            Purpose::Verbs { leg, turn, .. } => (leg, self.is_at(leg, turn)),
            Purpose::Notice { leg, .. } => (leg, true),
        };
        if !is_current {
            return;
        }
        if failure == Failure::Status(403) {
            self.note(leg, Event::Disbelieved);
        }
        if Overrides::of(&request.url).allow(failure, request.attempt) {
            if request.attempt == 0 {
                self.note(leg, Event::Unreachable);
            }
            request.attempt += 1;
            request.is_lost = false;
            let pause = self.config.timing.retry;
            return self.after(pause, Timer::Send(Box::new(request)));
        }
        match request.purpose {
            Purpose::Notice { is_end: true, .. } => self.note(leg, Event::EndNotTold),
            Purpose::Notice { is_end: false, .. } => {}
            Purpose::Verbs {
                is_fallback: false, ..
            } => {
                self.note(leg, Event::FallsBack);
                let url = self.config.fallback_url.clone();
                let extra = [
                    ("ErrorCode", failure.code().to_string()),
                    ("ErrorUrl", bare(&request.url).to_owned()),
                ];
                let ask = Ask {
                    url,
                    method: Method::Post,
                    extra: extra.map(|(k, v)| (k.to_owned(), v)).into(),
                    is_fallback: true,
                };
                self.ask(leg, ask);
            }
            Purpose::Verbs {
                is_fallback: true, ..
            } => {
                let status = if self.legs[leg.0].is_answered() {
                    CallStatus::Completed
                } else {
                    CallStatus::Failed
                };
                self.end(leg, status, Event::Dropped(failure.to_string()));
            }
        }
    }
}

impl Request {
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// A request whose answer means nothing.
    pub(super) fn notice(leg: LegId, url: String, form: Form, is_end: bool) -> Self {
        Self {
            purpose: Purpose::Notice { leg, is_end },
            method: Method::Post,
            url,
            form,
            attempt: 0,
            is_lost: false,
        }
    }
}

impl Failure {
    fn code(self) -> u32 {
        match self {
            Self::Connection => CONNECTION_FAILURE,
            Self::Late | Self::Status(_) => HTTP_FAILURE,
            Self::NotTwiml => NOT_TWIML,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Connection => f.write_str("the webhook cannot be reached"),
            Self::Late => f.write_str("the webhook does not answer in time"),
            Self::Status(status) => write!(f, "the webhook answers {status}"),
            Self::NotTwiml => f.write_str("the webhook's answer is no TwiML"),
        }
    }
}

/// The URL without what follows `#`, which is neither sent nor signed.
fn bare(url: &str) -> &str {
    url.split_once('#').map_or(url, |(bare, _)| bare)
}

/// Twilio's connection overrides: `#rc=2&rp=ct,rt,5xx&rt=5000`. By default only a connection that cannot be made is
/// tried once more.
#[derive(Debug, PartialEq, Eq)]
struct Overrides {
    retries: u32,
    connection: bool,
    late: bool,
    client_error: bool,
    server_error: bool,
    read_limit: Option<Duration>,
}

impl Overrides {
    fn of(url: &str) -> Self {
        let fragment = url.split_once('#').map_or("", |(_, fragment)| fragment);
        let form = Form::parse(fragment.as_bytes());
        let policy: Vec<_> = form.get("rp").unwrap_or("ct").split(',').collect();
        let has = |word| policy.contains(&word) || policy.contains(&"all");
        let retries = form.get("rc").and_then(|text| text.parse().ok());
        let limit = form.get("rt").and_then(|text| text.parse().ok());
        Self {
            retries: retries.unwrap_or(1).min(5),
            connection: has("ct"),
            late: has("rt"),
            client_error: has("4xx"),
            server_error: has("5xx"),
            read_limit: limit.map(|ms: u64| Duration::from_millis(ms.clamp(100, 15_000))),
        }
    }

    fn allow(&self, failure: Failure, attempt: u32) -> bool {
        attempt < self.retries
            && match failure {
                Failure::Connection => self.connection,
                Failure::Late => self.late,
                Failure::Status(400..500) => self.client_error,
                Failure::Status(500..) => self.server_error,
                Failure::Status(_) | Failure::NotTwiml => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_say_what_is_tried_again_and_how_often() {
        let plain = Overrides::of("https://x/voice");
        assert!(plain.allow(Failure::Connection, 0) && !plain.allow(Failure::Connection, 1));
        assert!(!plain.allow(Failure::Late, 0) && !plain.allow(Failure::Status(503), 0));
        let some = Overrides::of("https://x/voice?a=1#rc=3&rp=ct,rt,5xx&rt=5000");
        assert!(some.allow(Failure::Late, 2) && !some.allow(Failure::Late, 3));
        assert!(some.allow(Failure::Status(503), 0) && !some.allow(Failure::Status(404), 0));
        assert_eq!(some.read_limit, Some(Duration::from_secs(5)));
        let all = Overrides::of("https://x/voice#rc=99&rp=all");
        assert!(all.allow(Failure::Status(404), 4) && !all.allow(Failure::Status(404), 5));
        assert!(!all.allow(Failure::NotTwiml, 0));
    }
}
