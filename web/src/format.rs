//! Times, names and numbers as people read them.

use switchboard_model::{Address, Board, Call};
use time::OffsetDateTime;

use crate::texts;

/// Milliseconds since 1970.
pub(crate) fn millis(at: OffsetDateTime) -> i64 {
    at.unix_timestamp() * 1000 + i64::from(at.millisecond())
}

/// A running time: `0:07`, `12:34`, `1:02:03`. What has not begun yet is `0:00`.
pub(crate) fn elapsed(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// A short lead: `140 ms`, `3 s`, `2 min`.
pub(crate) fn earlier(ms: i64) -> String {
    match ms {
        ..1000 => format!("{} ms", ms.max(1)),
        1000..120_000 => format!("{} s", ms / 1000),
        _ => format!("{} min", ms / 60_000),
    }
}

/// The first letters of the first and the last word, in capitals.
pub(crate) fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.last().and_then(|word| word.chars().next());
    let letters: String = first.into_iter().chain(last).collect();
    capitals(&letters)
}

/// The text in capitals.
pub(crate) fn capitals(text: &str) -> String {
    // The browser knows the capitals of every script; Rust's own tables of them would be downloaded.
    #[cfg(target_arch = "wasm32")]
    return js_sys::JsString::from(text).to_upper_case().into();
    #[cfg(not(target_arch = "wasm32"))]
    text.to_uppercase()
}

/// Two lines for a caller: the name, or the number where there is none, and what stands below it.
pub(crate) fn caller(call: &Call, board: &Board) -> (String, String) {
    let customer = call.customer();
    let (number, known) = match customer {
        Address::Number(number) => (number.spaced(), true),
        Address::Client(identity) => {
            let member = board
                .members()
                .into_iter()
                .find(|one| one.identity == *identity);
            let name = member.map_or(identity.as_str(), |member| &member.display_name);
            (name.to_owned(), false)
        }
        Address::Withheld => (texts::withheld().to_owned(), false),
        Address::Other(text) => (text.clone(), true),
    };
    match call.caller_name.as_deref().map(str::trim) {
        Some(name) if !name.is_empty() => (name.to_owned(), number),
        _ if known => (number, texts::not_in_contacts().to_owned()),
        _ => (number, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_time_has_minutes_and_hours_only_where_needed() {
        assert_eq!(elapsed(-5), "0:00");
        assert_eq!(elapsed(7_999), "0:07");
        assert_eq!(elapsed(754_000), "12:34");
        assert_eq!(elapsed(3_723_000), "1:02:03");
    }

    #[test]
    fn a_lead_is_told_in_the_unit_that_a_person_would_use() {
        assert_eq!(earlier(0), "1 ms");
        assert_eq!(earlier(140), "140 ms");
        assert_eq!(earlier(3_900), "3 s");
        assert_eq!(earlier(240_000), "4 min");
    }

    #[test]
    fn initials_come_from_the_first_and_last_word() {
        assert_eq!(initials("Rhonda"), "R");
        assert_eq!(initials("sue van der Berg"), "SB");
        assert_eq!(initials("Ærø Ünal"), "ÆÜ");
        assert_eq!(initials("  "), "");
    }
}
