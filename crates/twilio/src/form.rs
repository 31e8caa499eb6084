//! The parameters of a webhook: `application/x-www-form-urlencoded`, order and repetitions kept.

use std::fmt;

/// Decoded key/value pairs in the order in which they were sent. Values are never trimmed, empty ones are kept:
/// both are part of what Twilio signed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Decodes a form body. Any byte sequence is a form; bytes that are not UTF-8 become U+FFFD.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The first value sent under `key`, also when it is empty.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v.as_str())
    }

    /// The first value sent under `key`, with an empty one read as absent.
    #[must_use]
    pub fn get_filled(&self, key: &str) -> Option<&str> {
        self.get(key).filter(|value| !value.is_empty())
    }

    /// All pairs in the order in which they were sent.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// The body that [`Form::parse`] reads back to the same pairs.
    #[must_use]
    pub fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.pairs())
            .finish()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Form {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(k, v)| (k.into(), v.into()))
                .collect(),
        )
    }
}

/// Prints the keys alone: values hold phone numbers and names.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.0.iter().map(|(k, _)| k))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_keep_their_spaces_and_empty_values_stay() {
        let form = Form::parse(b"CallerName=+Ann++Lee+&Digits=&From=%2B15550100");
        assert_eq!(form.get("CallerName"), Some(" Ann  Lee "));
        assert_eq!(form.get("Digits"), Some(""));
        assert_eq!(form.get_filled("Digits"), None);
        assert_eq!(form.get("From"), Some("+15550100"));
        assert_eq!(form.get("To"), None);
    }

    #[test]
    fn debug_prints_no_values() {
        let form = Form::parse(b"From=%2B15550100&CallerName=Ann");
        assert_eq!(format!("{form:?}"), r#"{"From", "CallerName"}"#);
    }

    proptest! {
        #[test]
        fn a_form_survives_its_own_encoding(pairs in prop::collection::vec((".*", ".*"), 0..8)) {
            let form: Form = pairs.into_iter().collect();
            prop_assert_eq!(Form::parse(form.encode().as_bytes()), form);
        }
    }
}
