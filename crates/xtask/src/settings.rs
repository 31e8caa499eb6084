//! The settings that all programs share: the process environment, then `.env` at the root.

use std::collections::BTreeMap;
use std::fs;

use anyhow::Context as _;

use crate::root;

/// Names every setting with its default; a tidy rule compares it with what the programs read.
const EXAMPLE: &str = include_str!("../../../.env.example");

/// Names and values of `.env`; empty when there is no such file.
pub(crate) fn of_env_file() -> BTreeMap<String, String> {
    fs::read_to_string(root::root().join(".env"))
        .map(|text| parse(&text))
        .unwrap_or_default()
}

/// One setting: from the process environment, else from `.env`, else the project's default. A name
/// that `.env.example` does not list is an error.
pub(crate) fn value(env_file: &BTreeMap<String, String>, name: &str) -> anyhow::Result<String> {
    std::env::var(name)
        .ok()
        .or_else(|| env_file.get(name).cloned())
        .or_else(|| parse(EXAMPLE).remove(name))
        .with_context(|| format!("{name} has no default in .env.example"))
}

/// `NAME=value` lines; `#` starts a comment line; quotes around a value are taken off.
pub(crate) fn parse(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.strip_prefix("export ").unwrap_or(line).split_once('='))
        .map(|(name, value)| {
            let value = value.trim();
            let bare = ['"', '\'']
                .iter()
                .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
                .unwrap_or(value);
            (name.trim().to_owned(), bare.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_without_a_default_is_an_error_and_never_an_empty_text() {
        let file = BTreeMap::from([("SWITCHBOARD_TEST".to_owned(), "1".to_owned())]);
        assert_eq!(value(&file, "SWITCHBOARD_TEST").unwrap(), "1");
        assert!(value(&BTreeMap::new(), "SWITCHBOARD_TEST").is_err());
    }

    #[test]
    fn comments_and_quotes_are_not_part_of_a_value() {
        let settings = parse("# A=1\n\nB=2\nexport C=\"3 4\"\nD='5'\nE=x=y\n");
        let expected = [("B", "2"), ("C", "3 4"), ("D", "5"), ("E", "x=y")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(settings, BTreeMap::from(expected));
    }
}
