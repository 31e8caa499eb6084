//! Comparing frames with recorded ones letter by letter, but for what differs from run to run.

use serde_json::Value;

/// The server's text frames of a recording, in order.
pub(crate) fn recorded(name: &str) -> Vec<String> {
    let path = format!(
        "{}/tests/golden/realtime/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let recording: Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("recording")).expect("json");
    let events = recording["events"].as_array().expect("events").iter();
    events
        .filter(|event| event["dir"] == "s>c")
        .filter_map(|event| event["raw"].as_str())
        .map(str::to_owned)
        .collect()
}

/// A frame whose numbers, uuids and timestamps are replaced by what they look like. Order of keys, spacing, nulls and
/// every other text stay.
pub(crate) fn shape(text: &str) -> String {
    let mut shape = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = match next {
            '"' => text_length(rest),
            '0'..='9' => rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len()),
            other => other.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        match next {
            '"' => shape.push_str(&text_shape(token)),
            '0'..='9' => shape.push('N'),
            _ => shape.push_str(token),
        }
        rest = after;
    }
    shape
}

/// Bytes of the JSON text that `rest` starts with, quotes included.
fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

fn text_shape(quoted: &str) -> String {
    let text = quoted.trim_matches('"');
    if text.starts_with("<uuid") || uuid::Uuid::parse_str(text).is_ok() {
        return "UUID".to_owned();
    }
    let recorded = text
        .strip_prefix("<ts:")
        .and_then(|named| named.split_once(':'));
    let time = recorded.map_or(text, |(_, pattern)| pattern.trim_end_matches('>'));
    if time.len() < 20 || time.as_bytes()[10] != b'T' {
        // A ref is a number that each client counts for itself.
        let is_ref = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        return if is_ref {
            quoted.replace(text, "N")
        } else {
            quoted.to_owned()
        };
    }
    let zone = if time.ends_with('Z') { "Z" } else { "+00:00" };
    // Trailing zeros of a fraction are left out, so that its length is chance; that of a commit time is fixed.
    let fraction = match (time.find('.'), zone) {
        (None, _) => String::new(),
        (Some(_), "+00:00") => ".f".to_owned(),
        (Some(dot), _) => format!(".{}", time.len() - dot - 2),
    };
    format!("TIME{fraction}{zone}")
}

#[test]
fn a_shape_keeps_all_but_numbers_uuids_and_times() {
    assert_eq!(
        shape(r#"{"a": 12,"b":"<uuid:1>","c":"<ts:1:YYYY-MM-DDTHH:MM:SS.fffZ>","d":"x \" 5"}"#),
        r#"{"a": N,"b":UUID,"c":TIME.3Z,"d":"x \" 5"}"#
    );
    assert_eq!(
        shape(
            r#"["1","11111111-0000-4000-8000-000000000001","2026-01-02T03:04:05.1234+00:00","2026-01-02T03:04:05.123Z"]"#
        ),
        r#"["N",UUID,TIME.f+00:00,TIME.3Z]"#
    );
}
