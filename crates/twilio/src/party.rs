//! Who is on one end of a call, as Twilio writes it in `From` and `To`.

use std::fmt;

use crate::Identity;

/// The text of a `From` or `To`, untouched: an E.164 number, `client:` and an identity, a SIP address, a word such as
/// `anonymous`, nothing at all, or whatever the carrier passed on. What it means is for the reader of the row to say.
///
/// Its `Debug` shows nothing of it, because numbers must not reach logs.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Party(String);

impl Party {
    /// Takes the text as it came.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The identity of a browser, when it is one: `client:agent_doug`.
    #[must_use]
    pub fn client(&self) -> Option<Identity> {
        Identity::parse(self.0.strip_prefix("client:")?).ok()
    }
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Party({} characters)", self.0.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_number() {
        assert_eq!(
            format!("{:?}", Party::new("+15550100")),
            "Party(9 characters)"
        );
    }
}
