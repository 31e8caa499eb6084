//! Under which name a browser's Device is registered.

use std::fmt;

/// 1 to 121 letters, digits and underscores: what every one of Twilio's SDKs takes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity(String);

/// The text is not the identity of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an identity is 1 to 121 letters, digits and underscores")]
pub struct InvalidIdentity;

impl Identity {
    const MAX_CHARS: usize = 121;

    /// Checks the shape.
    pub fn parse(text: &str) -> Result<Self, InvalidIdentity> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if (1..=Self::MAX_CHARS).contains(&text.len()) && text.bytes().all(is_plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidIdentity)
        }
    }

    /// The name alone, without `client:`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_letters_digits_and_underscores() {
        let longest = "x".repeat(121);
        for good in ["agent_doug", "A1", longest.as_str()] {
            assert_eq!(Identity::parse(good).unwrap().as_str(), good);
        }
        let long = "x".repeat(122);
        for bad in [
            "",
            "agent-doug",
            "client:doug",
            "dög",
            "a b",
            "a\n",
            long.as_str(),
        ] {
            assert_eq!(Identity::parse(bad), Err(InvalidIdentity), "{bad:?}");
        }
    }
}
