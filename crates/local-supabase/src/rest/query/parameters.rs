//! The query string as pairs, and in the canonical form that `content-location` shows.

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

/// The pairs sorted by key, each percent-encoded.
pub(crate) fn canonical(raw: &str) -> String {
    let mut pairs = decode(raw);
    pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
    pairs
        .iter()
        .map(|(key, value)| {
            let value = value.as_deref().unwrap_or_default();
            format!("{}={}", encode(key), encode(value))
        })
        .collect::<Vec<_>>()
        .join("&")
}

/// Percent-encodes everything that is not unreserved.
fn encode(text: &str) -> impl std::fmt::Display + '_ {
    utf8_percent_encode(text, UNRESERVED)
}

fn text(raw: &str) -> String {
    percent_decode_str(&raw.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}
