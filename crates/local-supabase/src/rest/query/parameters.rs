//! The query string as pairs, and in the canonical form that `content-location` shows.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Keys and values in the order they stand. `&` and `;` both separate, `+` is a blank, a key alone has no value,
/// and what is no UTF-8 or no percent-encoding is taken as it is rather than refused.
pub(crate) fn decode(raw: &str) -> Vec<(String, Option<String>)> {
    raw.split(['&', ';'])
        .filter(|pair| !pair.is_empty())
        .map(|pair| match pair.split_once('=') {
            Some((key, value)) => (text(key), Some(text(value))),
            None => (text(pair), None),
        })
        .collect()
}

/// The pairs sorted by key, percent-encoded, the values of a repeated key joined by commas.
pub(crate) fn canonical(raw: &str) -> String {
    let mut by_key: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, value) in decode(raw) {
        let value = encode_bytewise(&value.unwrap_or_default());
        by_key.entry(key).or_default().push(value);
    }
    by_key
        .iter()
        .map(|(key, values)| format!("{}={}", encode_bytewise(key), values.join(",")))
        .collect::<Vec<_>>()
        .join("&")
}

/// Percent-encodes everything that is not unreserved. As PostgREST does, each byte is taken for a character of its own,
/// so that text beyond ASCII is encoded twice; nobody is known to read it back.
fn encode_bytewise(text: &str) -> String {
    let bytes: String = text.bytes().map(char::from).collect();
    encode(&bytes)
}

/// Percent-encodes everything that is not unreserved.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

fn text(raw: &str) -> String {
    percent_decode_str(&raw.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}
