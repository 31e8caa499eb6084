//! The REST API, as far as the webhook uses it.

use serde_json::{Value, json};
use switchboard_twilio::twiml::Method;
use switchboard_twilio::{CallStatus, Form};

use super::fault::Fault;
use super::leg::LegId;
use super::program::{self, Target};
use super::redirect::Destination;
use super::{Output, RestId, Sim, UnansweredRedirect};
use crate::event::Event;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RestRequest {
    /// A call shall do something else.
    Update {
        /// Which.
        sid: String,
        /// `Url` and `Method`, `Twiml`, or `Status`.
        form: Form,
    },
    /// How a call is.
    Fetch {
        /// Which.
        sid: String,
    },
    /// Which calls there are.
    List {
        /// `Status`, `To`, `From`, `ParentCallSid`, `PageSize`, `Page`.
        query: Form,
    },
    /// A recording's resource.
    Recording {
        /// Which.
        sid: String,
    },
}

/// What is answered: JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

/// The longest page.
const MAX_PAGE: usize = 1000;

impl RestRequest {
    /// Reads a request; `None` is a 404.
    #[must_use]
    pub fn read(
        account_sid: &str,
        method: Method,
        path: &str,
        query: &str,
        body: &[u8],
    ) -> Option<Self> {
        let rest = path
            .strip_prefix("/2010-04-01/Accounts/")?
            .strip_prefix(account_sid)?;
        let rest = rest.strip_suffix(".json")?;
        if rest == "/Calls" && method == Method::Get {
            let query = Form::parse(query.as_bytes());
            return Some(Self::List { query });
        }
        if let Some(sid) = rest.strip_prefix("/Recordings/") {
            return (method == Method::Get).then(|| Self::Recording {
                sid: sid.to_owned(),
            });
        }
        let sid = rest.strip_prefix("/Calls/")?.to_owned();
        Some(match method {
            Method::Get => Self::Fetch { sid },
            Method::Post => Self::Update {
                sid,
                form: Form::parse(body),
            },
        })
    }
}

impl RestAnswer {
    /// One of Twilio's refusals.
    #[must_use]
    pub fn refusal(status: u16, code: u32, message: &str) -> Self {
        Self {
            status,
            body: json!({
                "code": code,
                "message": message,
                "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
                "status": status,
            }),
        }
    }

    fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }

    fn not_found() -> Self {
        Self::refusal(404, 20404, "The requested resource was not found")
    }
}

impl Sim {
    pub(super) fn rest(&mut self, id: RestId, request: &RestRequest) {
        let refusal = if self.faults.strikes(Fault::Rest429) {
            Some(Some(RestAnswer::refusal(429, 20429, "Too many requests")))
        } else if self.faults.strikes(Fault::Rest500) {
            Some(Some(RestAnswer::refusal(
                500,
                20500,
                "An internal server error has occurred",
            )))
        } else if self.faults.strikes(Fault::RestUnanswered) {
            Some(None)
        } else {
            None
        };
        if let Some(answer) = refusal {
            return self.out.push(Output::Rest(id, answer));
        }
        let answer = match request {
            RestRequest::Update { sid, form } => self.update(sid, form),
            RestRequest::Fetch { sid } => match self.by_sid.get(sid) {
                Some(leg) => RestAnswer::ok(self.resource(*leg)),
                None => RestAnswer::not_found(),
            },
            RestRequest::List { query } => self.list(query),
            RestRequest::Recording { sid } => match self.recordings.get(sid) {
                Some(recording) => RestAnswer::ok(json!({
                    "sid": recording.sid,
                    "account_sid": self.config.account_sid,
                    "call_sid": recording.call_sid,
                    "status": "completed",
                    "duration": recording.duration_s.to_string(),
                })),
                None => RestAnswer::not_found(),
            },
        };
        let answer = if self.faults.strikes(Fault::RestAnswerLost) {
            None
        } else {
            Some(answer)
        };
        self.out.push(Output::Rest(id, answer));
    }

    fn update(&mut self, sid: &str, form: &Form) -> RestAnswer {
        let Some(leg) = self.by_sid.get(sid).copied() else {
            return RestAnswer::not_found();
        };
        let wish = match Wish::of(form) {
            Ok(wish) => wish,
            Err(message) => return RestAnswer::refusal(400, 20001, &message),
        };
        if !self.can(leg, &wish) {
            let message = "Call is not in-progress. Cannot redirect.";
            return RestAnswer::refusal(400, 21220, message);
        }
        if self.faults.strikes(Fault::RestIgnored) {
            self.note(leg, Event::Fault("a wish is granted, but nothing happens"));
            return RestAnswer::ok(self.resource(leg));
        }
        match wish {
            Wish::Go(destination) => self.redirect(leg, destination),
            Wish::End | Wish::Cancel => {
                let status = if self.legs[leg.0].is_answered() {
                    CallStatus::Completed
                } else {
                    CallStatus::Canceled
                };
                let lasted = (self.now - self.legs[leg.0].placed_at).as_secs();
                self.end(leg, status, Event::HungUp(lasted));
            }
        }
        RestAnswer::ok(self.resource(leg))
    }

    /// Whether a call is in a state that allows it.
    fn can(&self, id: LegId, wish: &Wish) -> bool {
        let leg = &self.legs[id.0];
        match wish {
            _ if !self.living.contains(&id) => false,
            Wish::End => true,
            Wish::Cancel => !leg.is_answered(),
            Wish::Go(_) if leg.is_answered() => true,
            // Without `answerOnBridge` a caller who hears ringing is in progress, as Twilio says.
            Wish::Go(_) if leg.is_dialled() => false,
            Wish::Go(_) => match self.config.unanswered_redirect {
                UnansweredRedirect::Works => true,
                UnansweredRedirect::Refused => false,
            },
        }
    }

    fn list(&self, query: &Form) -> RestAnswer {
        let number = |key, default| {
            let text = query.get(key).and_then(|text| text.parse().ok());
            text.unwrap_or(default)
        };
        let size = number("PageSize", 50_usize).clamp(1, MAX_PAGE);
        let page = number("Page", 0_usize);
        let asks =
            |key: &str, value: &str| query.get_filled(key).is_none_or(|wanted| wanted == value);
        let wanted: Vec<_> = self
            .legs
            .ids()
            .rev()
            .filter(|id| {
                let leg = &self.legs[id.0];
                let parent = leg.parent.map_or("", |parent| &self.legs[parent.0].sid);
                asks("Status", leg.status.as_str())
                    && asks("From", &leg.from)
                    && asks("To", &leg.to)
                    && asks("ParentCallSid", parent)
            })
            .collect();
        let calls: Vec<_> = wanted
            .iter()
            .skip(page.saturating_mul(size))
            .take(size)
            .map(|id| self.resource(*id))
            .collect();
        let has_more = wanted.len() > page.saturating_add(1).saturating_mul(size);
        let next = has_more.then(|| {
            let kept = query.pairs().filter(|(key, _)| *key != "Page");
            let next = (page + 1).to_string();
            let form: Form = kept.chain([("Page", next.as_str())]).collect();
            format!(
                "/2010-04-01/Accounts/{}/Calls.json?{}",
                self.config.account_sid,
                form.encode()
            )
        });
        RestAnswer::ok(json!({
            "calls": calls,
            "page": page,
            "page_size": size,
            "next_page_uri": next,
        }))
    }

    /// A call as Twilio shows it.
    fn resource(&self, id: LegId) -> Value {
        let leg = &self.legs[id.0];
        let account = &self.config.account_sid;
        let date = |at: Option<std::time::Duration>| at.map(|at| self.date_at(at));
        let duration = leg.ended_at.map(|_| leg.duration_s(self.now).to_string());
        json!({
            "sid": leg.sid,
            "account_sid": account,
            "parent_call_sid": leg.parent.map(|parent| self.legs[parent.0].sid.clone()),
            "status": leg.status.as_str(),
            "direction": leg.direction(),
            "from": leg.from,
            "to": leg.to,
            "caller_name": leg.caller_name,
            "date_created": self.date_at(leg.placed_at),
            "start_time": date(leg.answered_at),
            "end_time": date(leg.ended_at),
            "duration": duration,
            "api_version": "2010-04-01",
            "uri": format!("/2010-04-01/Accounts/{account}/Calls/{}.json", leg.sid),
        })
    }
}

/// What an update asks for.
enum Wish {
    Go(Destination),
    End,
    Cancel,
}

impl Wish {
    fn of(form: &Form) -> Result<Self, String> {
        let all = ["Url", "Twiml", "Status"].map(|key| form.get_filled(key));
        match all {
            [Some(url), None, None] => {
                let method = match form.get("Method") {
                    Some(word) if word.eq_ignore_ascii_case("get") => Method::Get,
                    _ => Method::Post,
                };
                if !url.starts_with("http://") && !url.starts_with("https://") {
                    return Err("Url is not a valid URL".to_owned());
                }
                let url = url.to_owned();
                Ok(Self::Go(Destination::Url(Target { url, method })))
            }
            [None, Some(twiml), None] => program::read(twiml)
                .map(|steps| Self::Go(Destination::Verbs(steps)))
                .map_err(|error| error.to_string()),
            [None, None, Some("completed")] => Ok(Self::End),
            [None, None, Some("canceled")] => Ok(Self::Cancel),
            _ => Err(
                "exactly one of Url, Twiml and Status=completed or canceled is needed".to_owned(),
            ),
        }
    }
}
