//! Compares an answer with a recorded one in which what differs from run to run has placeholders.

use std::collections::HashMap;

use serde_json::Value;
use time::{Date, Duration, OffsetDateTime, macros::format_description};

use super::stand::with_people;

/// What `<uuid:7>` stands for in this run, by the first place where it was met.
#[derive(Debug, Default)]
pub(crate) struct Bindings(HashMap<String, String>);

impl Bindings {
    /// Fills placeholders of a request; an id that was not met yet is made up.
    pub(crate) fn fill(&mut self, text: &str) -> String {
        let mut filled = with_people(text);
        while let Some(start) = filled.find("<uuid:") {
            let end = start + filled[start..].find('>').expect("a closed placeholder") + 1;
            let placeholder = filled[start..end].to_owned();
            let made_up = format!("cccccccc-0000-4000-8000-{:012}", self.0.len());
            let id = self.0.entry(placeholder.clone()).or_insert(made_up).clone();
            filled = filled.replace(&placeholder, &id);
        }
        filled
    }

    /// Whether `actual` is what `expected` describes.
    pub(crate) fn text(&mut self, expected: &str, actual: &str) -> bool {
        let expected = with_people(expected);
        let (mut expected, mut actual) = (expected.as_str(), actual);
        while let Some(start) = expected.find('<') {
            let Some(rest) = actual.strip_prefix(&expected[..start]) else {
                return false;
            };
            let Some(length) = expected[start..].find('>') else {
                return expected == actual;
            };
            let placeholder = &expected[start..=start + length];
            let matched = match placeholder {
                "<timestamptz>" => timestamp(rest),
                _ if placeholder.starts_with("<uuid:") => self.uuid(placeholder, rest),
                _ => return expected == actual,
            };
            let Some(matched) = matched else { return false };
            actual = &rest[matched..];
            expected = &expected[start + length + 1..];
        }
        expected == actual
    }

    /// As [`Bindings::text`] for every text in a JSON value.
    pub(crate) fn json(&mut self, expected: &Value, actual: &Value) -> bool {
        match (expected, actual) {
            (Value::String(expected), Value::String(actual)) => self.text(expected, actual),
            (Value::Array(expected), Value::Array(actual)) => {
                expected.len() == actual.len()
                    && expected
                        .iter()
                        .zip(actual)
                        .all(|(expected, actual)| self.json(expected, actual))
            }
            (Value::Object(expected), Value::Object(actual)) => {
                expected.len() == actual.len()
                    && expected.iter().all(|(key, expected)| {
                        actual
                            .get(key)
                            .is_some_and(|actual| self.json(expected, actual))
                    })
            }
            _ => expected == actual,
        }
    }

    fn uuid(&mut self, placeholder: &str, actual: &str) -> Option<usize> {
        let id = actual.get(..36)?;
        uuid::Uuid::parse_str(id).ok()?;
        let known = self
            .0
            .entry(placeholder.to_owned())
            .or_insert_with(|| id.to_owned());
        (known == id).then_some(36)
    }
}

/// The length of a timestamp at the start of `text`, if it is one of these days.
fn timestamp(text: &str) -> Option<usize> {
    let day = Date::parse(text.get(..10)?, format_description!("[year]-[month]-[day]")).ok()?;
    let today = OffsetDateTime::now_utc().date();
    let is_recent = (today - day).abs() <= Duration::days(2);
    let length = text
        .find(|c: char| !c.is_ascii_digit() && !"-:.+T ".contains(c))
        .unwrap_or(text.len());
    is_recent.then_some(length)
}
