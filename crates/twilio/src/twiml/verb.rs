//! The verbs that this project uses. Source: Twilio's TwiML reference.

use super::Element;

/// One instruction to Twilio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// Connects the caller to somebody.
    Dial(Dial),
    /// Reads text out.
    Say(Say),
    /// Plays a sound.
    Play(Play),
    /// Waits in silence.
    Pause(Pause),
    /// Fetches further verbs from another URL; those after this one never run.
    Redirect(Redirect),
    /// Records the caller.
    Record(Record),
    /// Ends the call.
    Hangup,
}

impl Verb {
    /// The verb as XML.
    #[must_use]
    pub fn to_element(&self) -> Element {
        match self {
            Self::Dial(dial) => dial.to_element(),
            Self::Say(say) => say.to_element(),
            Self::Play(play) => play.to_element(),
            Self::Pause(pause) => {
                Element::new("Pause").attribute("length", pause.seconds.to_string())
            }
            Self::Redirect(redirect) => Element::new("Redirect")
                .attribute("method", redirect.method.as_str())
                .text(&redirect.url),
            Self::Record(record) => record.to_element(),
            Self::Hangup => Element::new("Hangup"),
        }
    }
}

/// How Twilio fetches a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Parameters in the query.
    Get,
    /// Parameters as a form.
    Post,
}

impl Method {
    /// Twilio's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// Rings up to ten clients and numbers at once; the first to accept is connected and the others are cancelled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dial {
    /// Whether the caller hears ringing until somebody accepts. Twilio honours it only when this is the first verb.
    pub answer_on_bridge: bool,
    /// How long to ring, 5 to 600 s; Twilio adds up to 5 s.
    pub timeout_s: u16,
    /// Asked for further verbs when the dialled leg is over.
    pub action: String,
    /// Who the dialled party sees calling. A browser that calls out must set it to a number of the account.
    pub caller_id: Option<String>,
    /// Whether and how the conversation is recorded.
    pub record: Option<DialRecording>,
    /// Browsers to ring, at most [`Dial::MAX_CLIENTS`].
    pub clients: Vec<Client>,
    /// Telephones to ring.
    pub numbers: Vec<Number>,
}

impl Dial {
    /// Twilio rings at most ten clients in one `<Dial>`.
    pub const MAX_CLIENTS: usize = 10;

    fn to_element(&self) -> Element {
        let mut dial = Element::new("Dial")
            .attribute("answerOnBridge", self.answer_on_bridge.to_string())
            .attribute("timeout", self.timeout_s.to_string())
            .attribute("action", &self.action)
            .attribute("method", Method::Post.as_str())
            .maybe_attribute("callerId", self.caller_id.as_deref());
        if let Some(record) = &self.record {
            dial = dial
                .attribute("record", record.mode.as_str())
                .attribute("recordingStatusCallback", &record.status_callback)
                .attribute("recordingStatusCallbackMethod", Method::Post.as_str());
        }
        let clients = self.clients.iter().map(Client::to_element);
        let numbers = self.numbers.iter().map(Number::to_element);
        clients.chain(numbers).fold(dial, Element::child)
    }
}

/// How a conversation is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialRecording {
    /// From when on, and in how many channels.
    pub mode: RecordMode,
    /// Told when the recording can be fetched.
    pub status_callback: String,
}

/// From when on a conversation is recorded, and in how many channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordMode {
    /// From the moment somebody accepts, both in one channel.
    FromAnswer,
    /// From the moment somebody accepts, each in a channel of their own.
    FromAnswerDual,
    /// From the ringing on, both in one channel.
    FromRinging,
    /// From the ringing on, each in a channel of their own.
    FromRingingDual,
}

impl RecordMode {
    /// Twilio's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FromAnswer => "record-from-answer",
            Self::FromAnswerDual => "record-from-answer-dual",
            Self::FromRinging => "record-from-ringing",
            Self::FromRingingDual => "record-from-ringing-dual",
        }
    }
}

/// A browser to ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Under which name the browser's Device is registered.
    pub identity: String,
    /// Told about this leg's progress.
    pub status_callback: String,
    /// Of which events it is told.
    pub events: Vec<Event>,
    /// Handed to the browser with the invitation (`call.customParameters`).
    pub parameters: Vec<(String, String)>,
}

impl Client {
    fn to_element(&self) -> Element {
        let client = told_of(Element::new("Client"), &self.status_callback, &self.events)
            .child(Element::new("Identity").text(&self.identity));
        self.parameters
            .iter()
            .fold(client, |client, (name, value)| {
                client.child(
                    Element::new("Parameter")
                        .attribute("name", name)
                        .attribute("value", value),
                )
            })
    }
}

/// A telephone to ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// In E.164.
    pub number: String,
    /// Told about this leg's progress.
    pub status_callback: String,
    /// Of which events it is told.
    pub events: Vec<Event>,
}

impl Number {
    fn to_element(&self) -> Element {
        told_of(Element::new("Number"), &self.status_callback, &self.events).text(&self.number)
    }
}

/// Whom a leg tells of which events.
fn told_of(noun: Element, status_callback: &str, events: &[Event]) -> Element {
    let events: Vec<_> = events.iter().map(|event| event.as_str()).collect();
    noun.attribute("statusCallback", status_callback)
        .attribute("statusCallbackMethod", Method::Post.as_str())
        .attribute("statusCallbackEvent", events.join(" "))
}

/// What a leg tells about its progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It is being placed.
    Initiated,
    /// The other side rings.
    Ringing,
    /// The other side accepted.
    Answered,
    /// It is over, however it went.
    Completed,
}

impl Event {
    /// Every event, in the order in which they happen.
    pub const ALL: [Self; 4] = [
        Self::Initiated,
        Self::Ringing,
        Self::Answered,
        Self::Completed,
    ];

    /// Twilio's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initiated => "initiated",
            Self::Ringing => "ringing",
            Self::Answered => "answered",
            Self::Completed => "completed",
        }
    }
}

/// Text that a voice reads out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Say {
    /// What is read.
    pub text: String,
    /// A language tag such as `en-GB`; Twilio's default is `en-US`.
    pub language: Option<String>,
}

impl Say {
    fn to_element(&self) -> Element {
        Element::new("Say")
            .maybe_attribute("language", self.language.as_deref())
            .text(&self.text)
    }
}

/// A sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Play {
    /// Where Twilio fetches it.
    pub url: String,
    /// How many times; `None` is once. 0 is "for ever", which Twilio ends after 1000.
    pub times: Option<u16>,
}

impl Play {
    fn to_element(&self) -> Element {
        Element::new("Play")
            .maybe_attribute("loop", self.times.map(|times| times.to_string()))
            .text(&self.url)
    }
}

/// Silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// At least 1 s.
    pub seconds: u16,
}

/// Where the further verbs are. A failed fetch ends the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// An absolute URL.
    pub url: String,
    /// How to fetch it.
    pub method: Method,
}

/// A recording of the caller. `action` is not optional here: Twilio's default asks the current URL, which records again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Asked for further verbs when the recording is over.
    pub action: String,
    /// Told when the recording can be fetched, which may be after `action`.
    pub recording_status_callback: String,
    /// The longest recording, in seconds.
    pub max_length_s: u16,
    /// Whether a beep starts it.
    pub play_beep: bool,
    /// So many seconds of silence end it; Twilio's default is 5, and 0 is never.
    pub silence_s: Option<u16>,
    /// These keys end it; Twilio's default is every key, and an empty text is none.
    pub finish_on_key: Option<String>,
}

impl Record {
    fn to_element(&self) -> Element {
        Element::new("Record")
            .attribute("action", &self.action)
            .attribute("method", Method::Post.as_str())
            .attribute("maxLength", self.max_length_s.to_string())
            .attribute("playBeep", self.play_beep.to_string())
            .maybe_attribute("timeout", self.silence_s.map(|seconds| seconds.to_string()))
            .maybe_attribute("finishOnKey", self.finish_on_key.as_deref())
            .attribute("recordingStatusCallback", &self.recording_status_callback)
            .attribute("recordingStatusCallbackMethod", Method::Post.as_str())
    }
}
