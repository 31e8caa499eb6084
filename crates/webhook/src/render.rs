//! What a caller hears, as a pure function of the call's row.

use switchboard_model::{Call, EndReason, Member, Status};
use switchboard_twilio::twiml::{Event, Method, Number, Pause, Play, Record, Redirect, Say};
use switchboard_twilio::{Client, Dial, Twiml, Verb};

use crate::timings::{Timings, seconds};
use crate::urls::Urls;

/// How long a telephone rings that an agent calls.
const OUTBOUND_RING_S: u16 = 60;
/// How long a caller waits while the database is away.
const RETRY_S: u16 = 3;
/// How often the service's own music, 10 s, is played before the row is asked again.
const OWN_MUSIC_TIMES: u16 = 12;
/// The longest message, and the silence that ends it.
const MESSAGE_S: u16 = 180;
const MESSAGE_SILENCE_S: u16 = 6;

/// Everything around a row that its TwiML names: where to go on, and what the office chose to be heard.
#[derive(Clone, Copy, Debug)]
pub struct Stage<'a> {
    /// Our addresses.
    pub urls: &'a Urls,
    /// How long callers wait, and how long agents are rung.
    pub timings: &'a Timings,
    /// The number of this render, which stands in them.
    pub render: i32,
    /// Hold music of the office's own.
    pub hold_music: Option<&'a str>,
    /// What is said before a message.
    pub greeting: &'a str,
    /// As whom we call out.
    pub caller_id: Option<&'a str>,
    /// Whether anybody carries audio. If not, callers wait in one loop, whatever the row says.
    pub has_audio: bool,
    /// Whether the agent was dialled just now in vain and will be dialled again.
    pub dials_again: bool,
}

/// The TwiML for the leg of a customer.
///
/// `dialable` are the members whose browsers are rung about this call: the free and available ones of this round while
/// it rings, its own agent while it is active. With nobody to dial the caller waits, and is never dropped.
#[must_use]
pub fn render(call: &Call, dialable: &[Member], stage: Stage<'_>) -> Twiml {
    match call.status {
        Status::Ended => farewell(call),
        _ if !stage.has_audio => wait(stage.urls.voice(call), seconds(stage.timings.wait)),
        Status::Parked => music(call, stage),
        Status::Active if call.on_hold => music(call, stage),
        Status::Active | Status::Ringing if stage.dials_again => {
            pause(stage.urls.voice(call), seconds(stage.timings.again))
        }
        Status::Active => {
            let agent = dialable.iter();
            let agent: Vec<_> = agent.filter(|m| call.assigned_to == Some(m.id)).collect();
            dial(call, &agent, stage)
        }
        Status::Ringing if call.voicemail_at.is_some() => message(call, stage),
        Status::Ringing => {
            let round: Vec<_> = dialable.iter().take(Dial::MAX_CLIENTS).collect();
            dial(call, &round, stage)
        }
    }
}

/// The TwiML for the leg of an agent who calls out: the customer's telephone rings.
#[must_use]
pub fn call_out(call: &Call, stage: Stage<'_>) -> Twiml {
    Twiml::new([Verb::Dial(Dial {
        answer_on_bridge: true,
        timeout_s: OUTBOUND_RING_S,
        action: stage.urls.dial(call, stage.render),
        caller_id: stage.caller_id.map(str::to_owned),
        numbers: vec![Number {
            number: call.to_number.as_stored(),
            status_callback: stage.urls.leg(call, stage.render),
            events: Event::ALL.to_vec(),
        }],
        ..Dial::default()
    })])
}

/// Tells an agent why there is no call, and ends the leg.
#[must_use]
pub fn refuse(sentence: &str) -> Twiml {
    Twiml::new([say(sentence), Verb::Hangup])
}

/// What a caller hears while the row cannot be read: the same request comes again a few seconds later.
#[must_use]
pub fn hold_and_retry(url: String) -> Twiml {
    wait(url, RETRY_S)
}

/// Goes on elsewhere at once.
#[must_use]
pub fn go_to(url: String) -> Twiml {
    Twiml::new([redirect(url)])
}

fn farewell(call: &Call) -> Twiml {
    match call.end_reason {
        // Nobody came, and there is no voicemail: silence would sound like a fault.
        Some(EndReason::Missed) if call.answered_at.is_none() => {
            refuse("Nobody can take your call right now. Please call again later. Goodbye.")
        }
        Some(EndReason::Voicemail) => refuse("Thank you for your message. Goodbye."),
        _ => Twiml::new([Verb::Hangup]),
    }
}

fn dial(call: &Call, members: &[&Member], stage: Stage<'_>) -> Twiml {
    if members.is_empty() {
        return wait(stage.urls.voice(call), seconds(stage.timings.wait));
    }
    let clients = members.iter().map(|member| client(call, member, stage));
    Twiml::new([Verb::Dial(Dial {
        answer_on_bridge: true,
        timeout_s: seconds(stage.timings.ring),
        action: stage.urls.dial(call, stage.render),
        clients: clients.collect(),
        ..Dial::default()
    })])
}

fn client(call: &Call, member: &Member, stage: Stage<'_>) -> Client {
    Client {
        identity: member.identity.clone(),
        status_callback: stage.urls.leg(call, stage.render),
        events: Event::ALL.to_vec(),
        parameters: vec![
            ("call_id".to_owned(), call.id.to_string()),
            ("epoch".to_owned(), call.epoch.to_string()),
        ],
    }
}

fn message(call: &Call, stage: Stage<'_>) -> Twiml {
    Twiml::new([
        say(stage.greeting),
        Verb::Record(Record {
            action: stage.urls.recorded(call, stage.render),
            recording_status_callback: stage.urls.recording(call, stage.render),
            max_length_s: MESSAGE_S,
            play_beep: true,
            silence_s: Some(MESSAGE_SILENCE_S),
            finish_on_key: Some("#".to_owned()),
        }),
        // Reached when nothing at all was recorded: then Twilio asks no action.
        redirect(stage.urls.recorded(call, stage.render)),
    ])
}

fn music(call: &Call, stage: Stage<'_>) -> Twiml {
    let play = match stage.hold_music {
        Some(url) => Play {
            url: url.to_owned(),
            times: None,
        },
        None => Play {
            url: stage.urls.hold_music(),
            times: Some(OWN_MUSIC_TIMES),
        },
    };
    Twiml::new([Verb::Play(play), redirect(stage.urls.voice(call))])
}

fn wait(url: String, seconds: u16) -> Twiml {
    Twiml::new([
        say("Thank you for calling. Please stay on the line."),
        Verb::Pause(Pause { seconds }),
        redirect(url),
    ])
}

fn pause(url: String, seconds: u16) -> Twiml {
    Twiml::new([Verb::Pause(Pause { seconds }), redirect(url)])
}

fn say(text: &str) -> Verb {
    Verb::Say(Say {
        text: text.to_owned(),
        language: None,
    })
}

fn redirect(url: String) -> Verb {
    Verb::Redirect(Redirect {
        url,
        method: Method::Post,
    })
}

#[cfg(test)]
mod table;
#[cfg(test)]
mod tests;
