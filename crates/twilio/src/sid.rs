//! Call identifiers.

use std::fmt;

/// Twilio's name for one leg: `CA` and 32 hexadecimal digits. Any letters and digits up to 64 characters are taken,
/// because Twilio's own documentation and test tools use shorter ones.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallSid(String);

/// The text is not a call identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a call sid is CA followed by at most 62 letters and digits")]
pub struct InvalidCallSid;

impl CallSid {
    const MAX_CHARS: usize = 64;

    /// Checks the shape, so that a sid can stand in a URL, a filter or a log as it is.
    pub fn parse(text: &str) -> Result<Self, InvalidCallSid> {
        let rest = text.strip_prefix("CA").ok_or(InvalidCallSid)?;
        let fits = !rest.is_empty() && text.len() <= Self::MAX_CHARS;
        if fits && rest.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidCallSid)
        }
    }

    /// The identifier as Twilio wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CallSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CallSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_is_ca_and_letters_and_digits() {
        for good in ["CA1234567890ABCDE", "CA0123456789abcdef0123456789abcdef"] {
            assert_eq!(CallSid::parse(good).unwrap().as_str(), good);
        }
        let long = format!("CA{}", "1".repeat(63));
        for bad in [
            "",
            "CA",
            "AC123",
            "ca123",
            "CA12 3",
            "CA1&status=eq.x",
            "CA1\n",
            long.as_str(),
        ] {
            assert_eq!(CallSid::parse(bad), Err(InvalidCallSid), "{bad:?}");
        }
    }
}
