//! TwiML as values: a list of [`Verb`]s that renders to one XML document.
//!
//! A verb becomes an [`Element`], and an element becomes text in one place only (`xml`), so no caller's name can
//! ever be read as markup.

mod verb;
mod xml;

#[cfg(test)]
mod tests;

use std::fmt;

pub use verb::{
    Client, Dial, DialRecording, Event, Method, Number, Pause, Play, Record, RecordMode, Redirect,
    Say, Verb,
};
pub use xml::Element;

/// The answer to one webhook: verbs that Twilio runs one after the other. At the end of the list it hangs up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Twiml(Vec<Verb>);

/// The content type of an answer.
pub const CONTENT_TYPE: &str = "text/xml; charset=utf-8";

impl Twiml {
    /// Verbs in the order in which they run.
    pub fn new(verbs: impl IntoIterator<Item = Verb>) -> Self {
        Self(verbs.into_iter().collect())
    }

    /// An empty answer: Twilio does nothing further. Right for status callbacks.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// The verbs in the order in which they run.
    #[must_use]
    pub fn verbs(&self) -> &[Verb] {
        &self.0
    }

    /// The `<Response>` with the verbs inside.
    #[must_use]
    pub fn to_element(&self) -> Element {
        self.0
            .iter()
            .fold(Element::new("Response"), |response, verb| {
                response.child(verb.to_element())
            })
    }
}

impl fmt::Display for Twiml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"<?xml version="1.0" encoding="UTF-8"?>{}"#,
            self.to_element()
        )
    }
}
