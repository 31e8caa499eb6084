//! What an answer of the webhook asks for, as far as a call without agents' devices can follow it.

use std::time::Duration;

use roxmltree::{Document, Node};

/// About how long a voice takes for one character.
const SAY_PER_CHARACTER: Duration = Duration::from_millis(60);
/// How long a sound is taken to be: it is not fetched.
const SOUND: Duration = Duration::from_secs(10);
/// A sound that repeats for ever is listened to this often.
const MAX_REPEATS: u32 = 100;

/// One thing after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A voice says this, for so long.
    Hear {
        /// What is said.
        text: String,
        /// How long it takes.
        lasts: Duration,
    },
    /// Silence or music.
    Wait(Duration),
    /// Clients ring. Nobody is there to accept, so it ends unanswered.
    Ring {
        /// Who would ring.
        identities: Vec<String>,
        /// How long.
        lasts: Duration,
        /// What is asked then; without it the next step follows.
        action: Option<String>,
    },
    /// What is asked next. Nothing after it runs.
    Ask(String),
    /// The call is over.
    HangUp,
}

/// Why an answer cannot be followed. Twilio would drop the call.
#[derive(Debug, thiserror::Error)]
pub enum NotTwiml {
    /// Not XML.
    #[error("the answer is not XML: {0}")]
    Xml(#[from] roxmltree::Error),
    /// XML, but no TwiML.
    #[error("the answer is a <{0}>, not a <Response>")]
    Root(String),
    /// A verb that Twilio does not know, or this simulator does not.
    #[error("<{0}> is not a verb that can be simulated")]
    Verb(String),
    /// A number that is none.
    #[error("{0} is not a number")]
    Number(&'static str),
}

/// Reads an answer. URLs stay as they are written; without a `<Redirect>` the end of the verbs is the end of the call.
pub fn read(answer: &str) -> Result<Vec<Step>, NotTwiml> {
    let document = Document::parse(answer)?;
    let root = document.root_element();
    if root.tag_name().name() != "Response" {
        return Err(NotTwiml::Root(root.tag_name().name().to_owned()));
    }
    root.children().filter(Node::is_element).map(step).collect()
}

fn step(verb: Node<'_, '_>) -> Result<Step, NotTwiml> {
    let text = || verb.text().unwrap_or_default().trim().to_owned();
    Ok(match verb.tag_name().name() {
        "Say" => {
            let text = text();
            let lasts = SAY_PER_CHARACTER * u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
            Step::Hear { text, lasts }
        }
        "Pause" => Step::Wait(Duration::from_secs(number(verb, "length", 1)?.into())),
        "Play" => match number(verb, "loop", 1)? {
            0 => Step::Wait(SOUND * MAX_REPEATS),
            times => Step::Wait(SOUND * times.min(MAX_REPEATS)),
        },
        "Dial" => Step::Ring {
            identities: identities(verb),
            lasts: Duration::from_secs(number(verb, "timeout", 30)?.into()),
            action: verb.attribute("action").map(str::to_owned),
        },
        "Redirect" => Step::Ask(text()),
        "Hangup" | "Reject" => Step::HangUp,
        other => return Err(NotTwiml::Verb(other.to_owned())),
    })
}

/// The clients of a `<Dial>`: named by an `<Identity>`, or by the text alone.
fn identities(dial: Node<'_, '_>) -> Vec<String> {
    let clients = dial.children().filter(|noun| noun.has_tag_name("Client"));
    let named = clients.map(|client| {
        let identity = client.children().find(|noun| noun.has_tag_name("Identity"));
        identity
            .unwrap_or(client)
            .text()
            .unwrap_or_default()
            .trim()
            .to_owned()
    });
    named.collect()
}

fn number(verb: Node<'_, '_>, name: &'static str, default: u32) -> Result<u32, NotTwiml> {
    verb.attribute(name).map_or(Ok(default), |text| {
        text.parse().map_err(|_| NotTwiml::Number(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_twilio::twiml::{Event, Method, Pause, Redirect, Say};
    use switchboard_twilio::{Client, Dial, Twiml, Verb};

    #[test]
    fn a_hold_loop_is_followed() {
        let answer = Twiml::new([
            Verb::Say(Say {
                text: "Hello & welcome".to_owned(),
                language: None,
            }),
            Verb::Pause(Pause { seconds: 10 }),
            Verb::Redirect(Redirect {
                url: "https://x/voice?c=1&e=2".to_owned(),
                method: Method::Post,
            }),
        ]);
        let steps = read(&answer.to_string()).unwrap();
        let [Step::Hear { text, .. }, Step::Wait(wait), Step::Ask(url)] = &steps[..] else {
            panic!("{steps:?}")
        };
        assert_eq!((text.as_str(), wait.as_secs()), ("Hello & welcome", 10));
        assert_eq!(url, "https://x/voice?c=1&e=2");
    }

    #[test]
    fn a_dial_rings_its_clients() {
        let answer = Twiml::new([Verb::Dial(Dial {
            answer_on_bridge: true,
            timeout_s: 15,
            action: "https://x/dial".to_owned(),
            clients: vec![Client {
                identity: "agent_doug".to_owned(),
                status_callback: "https://x/leg".to_owned(),
                events: Event::ALL.to_vec(),
                parameters: Vec::new(),
            }],
            ..Dial::default()
        })]);
        let ring = Step::Ring {
            identities: vec!["agent_doug".to_owned()],
            lasts: Duration::from_secs(15),
            action: Some("https://x/dial".to_owned()),
        };
        assert_eq!(read(&answer.to_string()).unwrap(), [ring]);
    }

    #[test]
    fn the_end_is_understood() {
        assert_eq!(
            read("<Response><Hangup/></Response>").unwrap(),
            [Step::HangUp]
        );
        assert_eq!(read("<Response/>").unwrap(), []);
    }

    #[test]
    fn what_twilio_would_not_follow_is_refused() {
        for answer in [
            "",
            "Internal Server Error",
            "<html/>",
            "<Response><Shout/></Response>",
            "<Response><Pause length='x'/></Response>",
        ] {
            assert!(read(answer).is_err(), "{answer}");
        }
    }
}
