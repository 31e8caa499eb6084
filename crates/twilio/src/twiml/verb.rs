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

/// Rings up to ten clients at once; the first to accept is connected and the others are cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dial {
    /// Whether the caller hears ringing until somebody accepts. Twilio honours it only when this is the first verb.
    pub answer_on_bridge: bool,
    /// How long to ring, 5 to 600 s; Twilio adds up to 5 s.
    pub timeout_s: u16,
    /// Asked for further verbs when the dialled leg is over.
    pub action: String,
    /// Who is rung, at most [`Dial::MAX_CLIENTS`].
    pub clients: Vec<Client>,
}

impl Dial {
    /// Twilio rings at most ten clients in one `<Dial>`.
    pub const MAX_CLIENTS: usize = 10;

    fn to_element(&self) -> Element {
        let dial = Element::new("Dial")
            .attribute("answerOnBridge", self.answer_on_bridge.to_string())
            .attribute("timeout", self.timeout_s.to_string())
            .attribute("action", &self.action)
            .attribute("method", Method::Post.as_str());
        self.clients
            .iter()
            .fold(dial, |dial, client| dial.child(client.to_element()))
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
        let events: Vec<_> = self.events.iter().map(|event| event.as_str()).collect();
        let client = Element::new("Client")
            .attribute("statusCallback", &self.status_callback)
            .attribute("statusCallbackMethod", Method::Post.as_str())
            .attribute("statusCallbackEvent", events.join(" "))
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
}

impl Record {
    fn to_element(&self) -> Element {
        Element::new("Record")
            .attribute("action", &self.action)
            .attribute("method", Method::Post.as_str())
            .attribute("maxLength", self.max_length_s.to_string())
            .attribute("playBeep", self.play_beep.to_string())
            .attribute("recordingStatusCallback", &self.recording_status_callback)
            .attribute("recordingStatusCallbackMethod", Method::Post.as_str())
    }
}
