//! The settings that all programs share: the process environment, then `.env` at the root.

use std::collections::BTreeMap;
use std::fs;

use crate::root;

/// Where the servers listen, as far as this program must know to wait for them.
const DEFAULTS: [(&str, &str); 3] = [
    ("SUPABASE_URL", "http://127.0.0.1:54321"),
    ("WEBHOOK_LISTEN", "127.0.0.1:8080"),
    ("PUBLIC_BASE_URL", "http://127.0.0.1:8080"),
];

/// Names and values of `.env`; empty when there is no such file.
pub(crate) fn of_env_file() -> BTreeMap<String, String> {
    fs::read_to_string(root::root().join(".env"))
        .map(|text| parse(&text))
        .unwrap_or_default()
}

/// One setting: from the process environment, else from `.env`, else the project's default.
pub(crate) fn value(env_file: &BTreeMap<String, String>, name: &str) -> String {
    std::env::var(name)
        .ok()
        .or_else(|| env_file.get(name).cloned())
        .or_else(|| {
            DEFAULTS
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
        .unwrap_or_default()
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
    fn comments_and_quotes_are_not_part_of_a_value() {
        let settings = parse("# A=1\n\nB=2\nexport C=\"3 4\"\nD='5'\nE=x=y\n");
        let expected = [("B", "2"), ("C", "3 4"), ("D", "5"), ("E", "x=y")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(settings, BTreeMap::from(expected));
    }
}
