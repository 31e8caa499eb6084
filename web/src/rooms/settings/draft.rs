//! What somebody is writing and has not saved: kept in this browser for whoever wrote it, so that neither another room
//! nor a reload takes it.

use serde_json::{Value, json};
use switchboard_model::UserId;

use super::save::Row;
use crate::browser::{keep, kept};

/// The row that they began with, and what stands in the fields.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draft {
    pub(super) base: Row,
    pub(super) typed: Row,
}

fn key(user: UserId, section: &str) -> String {
    format!("switchboard.settings.{user}.{section}")
}

impl Draft {
    /// What that person left in that section.
    pub(super) fn kept(user: UserId, section: &str) -> Option<Self> {
        Self::read(&kept(&key(user, section))?)
    }

    /// Keeps the draft of that section; without one the last is forgotten.
    pub(super) fn keep(draft: Option<&Self>, user: UserId, section: &str) {
        keep(&key(user, section), draft.map(Self::text).as_deref());
    }

    fn text(&self) -> String {
        json!({ "base": self.base, "typed": self.typed }).to_string()
    }

    fn read(text: &str) -> Option<Self> {
        let mut kept: Value = serde_json::from_str(text).ok()?;
        let mut row = |name: &str| match kept[name].take() {
            Value::Object(row) => Some(row),
            _ => None,
        };
        Some(Self {
            base: row("base")?,
            typed: row("typed")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_reads_as_it_was_kept() {
        let row = |slots: i64| Row::from_iter([("parking_slots".to_owned(), slots.into())]);
        let draft = Draft {
            base: row(8),
            typed: row(9),
        };
        assert_eq!(Draft::read(&draft.text()), Some(draft));
        assert_eq!(Draft::read(r#"{"base":{}}"#), None);
        assert_eq!(Draft::read("?"), None);
    }
}
