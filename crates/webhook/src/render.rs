//! What a caller hears, as a pure function of the call's row.

use switchboard_model::{Call, Member, Status};
use switchboard_twilio::twiml::{Event, Method, Pause, Redirect, Say};
use switchboard_twilio::{Client, Dial, Twiml, Verb};

use crate::urls::Urls;

/// How long a round of ringing lasts. Twilio adds up to 5 s.
const RING_S: u16 = 15;
/// How long the hold loop waits before it asks again. Short, because without Twilio's REST API nobody can fetch the
/// caller out of it, and the caller should notice an end soon.
const HOLD_S: u16 = 10;
/// How long a caller waits while the database is away.
const RETRY_S: u16 = 3;

/// The TwiML for the customer's leg.
///
/// `dialable` are the members whose browsers can be rung about this call: the free and available ones while it rings,
/// its own agent while it is active, nobody when there is no audio. The caller then waits, and is never dropped.
#[must_use]
pub fn render(call: &Call, dialable: &[Member], urls: &Urls) -> Twiml {
    let clients: Vec<_> = match call.status {
        Status::Ended => return Twiml::new([Verb::Hangup]),
        Status::Parked => Vec::new(),
        Status::Active if call.on_hold => Vec::new(),
        Status::Active => {
            let agent = dialable
                .iter()
                .filter(|member| call.assigned_to == Some(member.id));
            agent.map(|member| client(call, member, urls)).collect()
        }
        Status::Ringing => {
            let first = dialable.iter().take(Dial::MAX_CLIENTS);
            first.map(|member| client(call, member, urls)).collect()
        }
    };
    if clients.is_empty() {
        return hold(urls.voice(call), HOLD_S);
    }
    Twiml::new([Verb::Dial(Dial {
        answer_on_bridge: true,
        timeout_s: RING_S,
        action: urls.dial(call),
        clients,
        ..Dial::default()
    })])
}

/// What a caller hears while the row cannot be read: the same request comes again a few seconds later.
#[must_use]
pub fn hold_and_retry(url: String) -> Twiml {
    hold(url, RETRY_S)
}

fn hold(url: String, seconds: u16) -> Twiml {
    Twiml::new([
        Verb::Say(Say {
            text: "Thank you for calling. Please stay on the line.".to_owned(),
            language: None,
        }),
        Verb::Pause(Pause { seconds }),
        Verb::Redirect(Redirect {
            url,
            method: Method::Post,
        }),
    ])
}

fn client(call: &Call, member: &Member, urls: &Urls) -> Client {
    Client {
        identity: member.identity.clone(),
        status_callback: urls.leg(call),
        events: Event::ALL.to_vec(),
        parameters: vec![
            ("call_id".to_owned(), call.id.to_string()),
            ("epoch".to_owned(), call.epoch.to_string()),
        ],
    }
}

#[cfg(test)]
mod tests;
