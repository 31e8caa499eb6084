//! Which key does what, and which one it may be changed to.

use serde_json::{Map, Value};

/// What a key of one's own can do, in the order in which it is listed. The names are those of `hands.js`.
pub(super) const ACTIONS: [&str; 11] = [
    "answer", "park", "hold", "transfer", "end", "retrieve", "move", "mute", "dial", "filter",
    "help",
];

/// Why a key is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It does that already.
    Taken(&'static str),
    /// It writes nothing, so the browser or the reader may need it for something else.
    Unfit,
}

/// The key of each action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Keymap(Map<String, Value>);

impl Keymap {
    /// Reads what `hands.js` says.
    pub(super) fn read(json: &str) -> Self {
        Self(serde_json::from_str(json).unwrap_or_default())
    }

    /// The key, as it is written.
    pub(super) fn key(&self, action: &str) -> &str {
        self.0.get(action).and_then(Value::as_str).unwrap_or("")
    }

    /// The same with `key`, as the browser names it, for `action`.
    pub(super) fn with(&self, action: &'static str, key: &str) -> Result<Self, Refusal> {
        let key = key.to_lowercase();
        let mut signs = key.chars();
        let is_sign = signs.next().is_some_and(|sign| !sign.is_whitespace());
        if !is_sign || signs.next().is_some() {
            return Err(Refusal::Unfit);
        }
        let mut others = ACTIONS.iter().filter(|other| **other != action);
        if let Some(other) = others.find(|other| self.key(other) == key) {
            return Err(Refusal::Taken(other));
        }
        let mut keys = self.0.clone();
        keys.insert(action.to_owned(), key.into());
        Ok(Self(keys))
    }

    /// What differs from `first`, to be kept; nothing if nothing does.
    pub(super) fn own(&self, first: &Self) -> Option<String> {
        let mut own = self.0.clone();
        own.retain(|action, key| first.0.get(action) != Some(key));
        (!own.is_empty()).then(|| Value::Object(own).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first() -> Keymap {
        Keymap::read(r#"{"answer":"a","park":"p","end":"e"}"#)
    }

    #[test]
    fn a_key_is_changed_and_only_the_change_is_kept() {
        let changed = first().with("park", "X").expect("it is free");
        assert_eq!(changed.key("park"), "x");
        assert_eq!(changed.own(&first()), Some(r#"{"park":"x"}"#.to_owned()));
        let back = changed.with("park", "p").expect("it is free again");
        assert_eq!(back.own(&first()), None);
    }

    #[test]
    fn a_key_that_does_something_else_is_refused_and_its_own_is_not() {
        assert_eq!(first().with("park", "a"), Err(Refusal::Taken("answer")));
        assert_eq!(first().with("park", "A"), Err(Refusal::Taken("answer")));
        assert_eq!(first().with("park", "p"), Ok(first()));
    }

    #[test]
    fn only_what_writes_one_sign_is_a_key() {
        for key in ["Enter", "ArrowUp", " ", "", "F5", "Dead"] {
            assert_eq!(first().with("park", key), Err(Refusal::Unfit), "{key}");
        }
        for key in ["1", "ñ", "+"] {
            assert!(first().with("park", key).is_ok(), "{key}");
        }
    }

    #[test]
    fn what_cannot_be_read_has_no_keys() {
        assert_eq!(Keymap::read("{").key("park"), "");
    }

    #[test]
    fn the_sheet_lists_what_the_board_knows() {
        let script = include_str!("../../../hands.js");
        let known = script
            .split_once("FIRST_KEYS = {")
            .and_then(|(_, rest)| rest.split_once("};"))
            .map(|(keys, _)| keys.lines().filter_map(|line| line.trim().split_once(':')))
            .expect("its keys");
        let known: Vec<_> = known.map(|(action, _)| action).collect();
        assert_eq!(known, ACTIONS);
    }
}
