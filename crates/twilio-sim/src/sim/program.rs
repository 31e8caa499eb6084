//! What an answer of the webhook asks for: TwiML, read as Twilio reads it.

use std::collections::BTreeMap;
use std::time::Duration;

use roxmltree::{Document, Node};
use switchboard_twilio::twiml::{Event, Method};

/// A `<Dial>` that names more than this rings only the first ones.
pub(super) const MAX_NOUNS: usize = 10;
/// How long a `<Dial>` may ring.
const DIAL_TIMEOUT_S: std::ops::RangeInclusive<u32> = 5..=600;
/// `<Play loop="0">` is not for ever.
const MAX_PLAYS: u32 = 1000;

/// One thing after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Say(String),
    Play { url: String, times: u32 },
    Pause(Duration),
    Dial(DialStep),
    Record(RecordStep),
    Redirect(Target),
    Hangup,
    Reject,
}

/// Where to ask on. The URL is as it is written, perhaps relative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) url: String,
    pub(super) method: Method,
}

/// A `<Dial>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DialStep {
    pub(super) answer_on_bridge: bool,
    pub(super) timeout: Duration,
    pub(super) action: Option<Target>,
    pub(super) caller_id: Option<String>,
    pub(super) is_recorded: bool,
    pub(super) recording_callback: Option<String>,
    pub(super) nouns: Vec<Noun>,
    /// How many were named beyond [`MAX_NOUNS`].
    pub(super) too_many: usize,
}

/// Whom a `<Dial>` rings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Noun {
    pub(super) who: Who,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) callback: Option<CallbackTo>,
}

/// A browser or a telephone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    Client(String),
    Number(String),
}

/// Whom a leg tells of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CallbackTo {
    pub(super) url: String,
    pub(super) events: Vec<Event>,
}

/// A `<Record>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecordStep {
    pub(super) action: Option<Target>,
    pub(super) callback: Option<String>,
    pub(super) longest: Duration,
    pub(super) finish_on_key: String,
}

/// Why an answer cannot be followed. Twilio asks the fallback URL then.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
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
    /// A noun of `<Dial>` that Twilio does not know, or this simulator does not.
    #[error("<Dial><{0}> cannot be simulated")]
    Noun(String),
    /// A number that is none.
    #[error("{0} is not a number")]
    Number(&'static str),
}

/// Reads an answer. Without a `<Redirect>` the end of the verbs is the end of the call.
pub(super) fn read(answer: &str) -> Result<Vec<Step>, NotTwiml> {
    let document = Document::parse(answer)?;
    let root = document.root_element();
    if root.tag_name().name() != "Response" {
        return Err(NotTwiml::Root(root.tag_name().name().to_owned()));
    }
    root.children().filter(Node::is_element).map(step).collect()
}

fn step(verb: Node<'_, '_>) -> Result<Step, NotTwiml> {
    Ok(match verb.tag_name().name() {
        "Say" => Step::Say(text(verb)),
        "Pause" => Step::Pause(seconds(number(verb, "length", 1)?)),
        "Play" => Step::Play {
            url: text(verb),
            times: match number(verb, "loop", 1)? {
                0 => MAX_PLAYS,
                times => times.min(MAX_PLAYS),
            },
        },
        "Dial" => Step::Dial(dial(verb)?),
        "Record" => Step::Record(RecordStep {
            action: target(verb, "action", "method"),
            callback: verb.attribute("recordingStatusCallback").map(str::to_owned),
            longest: seconds(number(verb, "maxLength", 3600)?),
            finish_on_key: verb
                .attribute("finishOnKey")
                .unwrap_or("1234567890*#")
                .to_owned(),
        }),
        "Redirect" => Step::Redirect(Target {
            url: text(verb),
            method: method(verb, "method"),
        }),
        "Hangup" => Step::Hangup,
        "Reject" => Step::Reject,
        other => return Err(NotTwiml::Verb(other.to_owned())),
    })
}

fn dial(verb: Node<'_, '_>) -> Result<DialStep, NotTwiml> {
    let mut nouns = verb
        .children()
        .filter(Node::is_element)
        .map(noun)
        .collect::<Result<Vec<_>, _>>()?;
    if nouns.is_empty() && !text(verb).is_empty() {
        nouns.push(Noun {
            who: Who::Number(text(verb)),
            parameters: BTreeMap::new(),
            callback: None,
        });
    }
    let too_many = nouns.len().saturating_sub(MAX_NOUNS);
    nouns.truncate(MAX_NOUNS);
    let timeout =
        number(verb, "timeout", 30)?.clamp(*DIAL_TIMEOUT_S.start(), *DIAL_TIMEOUT_S.end());
    Ok(DialStep {
        answer_on_bridge: verb.attribute("answerOnBridge") == Some("true"),
        timeout: seconds(timeout),
        action: target(verb, "action", "method"),
        caller_id: verb.attribute("callerId").map(str::to_owned),
        is_recorded: verb
            .attribute("record")
            .is_some_and(|mode| mode.starts_with("record-from-")),
        recording_callback: verb.attribute("recordingStatusCallback").map(str::to_owned),
        nouns,
        too_many,
    })
}

/// A `<Client>`, named by an `<Identity>` or by the text alone, or a `<Number>`.
fn noun(noun: Node<'_, '_>) -> Result<Noun, NotTwiml> {
    let inside = |name: &'static str| {
        noun.children()
            .filter(move |child| child.has_tag_name(name))
    };
    let who = match noun.tag_name().name() {
        "Client" => Who::Client(text(inside("Identity").next().unwrap_or(noun))),
        "Number" => Who::Number(text(noun)),
        other => return Err(NotTwiml::Noun(other.to_owned())),
    };
    let parameters = inside("Parameter").filter_map(|parameter| {
        Some((
            parameter.attribute("name")?.to_owned(),
            parameter.attribute("value")?.to_owned(),
        ))
    });
    let wanted = noun.attribute("statusCallbackEvent").unwrap_or("completed");
    let events = Event::ALL
        .into_iter()
        .filter(|event| wanted.split_whitespace().any(|word| word == event.as_str()));
    Ok(Noun {
        who,
        parameters: parameters.collect(),
        callback: noun.attribute("statusCallback").map(|url| CallbackTo {
            url: url.to_owned(),
            events: events.collect(),
        }),
    })
}

fn text(node: Node<'_, '_>) -> String {
    node.text().unwrap_or_default().trim().to_owned()
}

fn target(verb: Node<'_, '_>, url: &str, method_name: &'static str) -> Option<Target> {
    verb.attribute(url).map(|url| Target {
        url: url.to_owned(),
        method: method(verb, method_name),
    })
}

fn method(verb: Node<'_, '_>, name: &str) -> Method {
    match verb.attribute(name) {
        Some(word) if word.eq_ignore_ascii_case("get") => Method::Get,
        _ => Method::Post,
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

fn number(verb: Node<'_, '_>, name: &'static str, default: u32) -> Result<u32, NotTwiml> {
    verb.attribute(name).map_or(Ok(default), |text| {
        text.parse().map_err(|_| NotTwiml::Number(name))
    })
}

#[cfg(test)]
mod tests;
