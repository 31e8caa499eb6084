//! What each setting may be. The database has the last word; this says it before anything is sent, and in the reader's
//! language.

use serde_json::{Map, Value, json};
use switchboard_model::PhoneNumber;

use crate::texts::settings as texts;

/// The days of the week, as the database calls them.
pub(super) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The value as the row keeps it, or a sentence why not. `typed` is what the form has: numbers as texts.
pub(super) fn check(column: &str, typed: &Value) -> Result<Value, String> {
    let text = || typed.as_str().unwrap_or_default().trim();
    match column {
        "parking_slots" => number(typed, 1, 99),
        "ring_timeout_s" => number(typed, 10, 600),
        "park_timeout_s" => number(typed, 30, 3600),
        "service_level_s" => number(typed, 1, 600),
        "hold_music_url" => music(text()),
        "time_zone" => match text() {
            "" => Err(texts::zone_missing().to_owned()),
            zone => Ok(json!(zone)),
        },
        "business_hours" => hours(typed),
        "voicemail_greeting" => match text().chars().count() {
            1..=1000 => Ok(json!(text())),
            _ => Err(texts::greeting_length().to_owned()),
        },
        "outbound_prefixes" => prefixes(typed),
        "caller_id" => caller_id(text()),
        _ => Ok(typed.clone()),
    }
}

fn number(typed: &Value, least: i64, most: i64) -> Result<Value, String> {
    let read = match typed {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    };
    match read {
        Some(number) if (least..=most).contains(&number) => Ok(json!(number)),
        _ => Err(texts::between(&least.to_string(), &most.to_string())),
    }
}

fn music(text: &str) -> Result<Value, String> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let is_odd = |it: char| it.is_whitespace() || it.is_control() || matches!(it, '<' | '>' | '"');
    match rest {
        Some(rest)
            if !rest.is_empty() && !rest.contains(is_odd) && text.chars().count() <= 2000 =>
        {
            Ok(json!(text))
        }
        _ => Err(texts::music_address().to_owned()),
    }
}

/// `{"mon": [["09:00", "17:30"]]}`; no day at all is always open, so a week without a day is refused.
fn hours(typed: &Value) -> Result<Value, String> {
    let Some(week) = typed.as_object() else {
        return Err(texts::hours_missing().to_owned());
    };
    if week.is_empty() {
        return Ok(json!({}));
    }
    let mut kept = Map::new();
    for day in DAYS {
        let Some(spans) = week.get(day).and_then(Value::as_array) else {
            continue;
        };
        let mut read = Vec::new();
        for span in spans {
            let at = |index: usize| {
                span[index]
                    .as_str()
                    .filter(|it| is_time(it))
                    .map(str::to_owned)
            };
            let (Some(from), Some(to)) = (at(0), at(1)) else {
                return Err(texts::hours_missing().to_owned());
            };
            // A day that is closed at midnight ends with it.
            let to = if to == "00:00" {
                "24:00".to_owned()
            } else {
                to
            };
            if from >= to {
                return Err(texts::hours_order().to_owned());
            }
            read.push((from, to));
        }
        read.sort();
        if read.windows(2).any(|pair| pair[0].1 > pair[1].0) {
            return Err(texts::hours_overlap().to_owned());
        }
        if !read.is_empty() {
            kept.insert(day.to_owned(), json!(read));
        }
    }
    if kept.is_empty() {
        return Err(texts::hours_never().to_owned());
    }
    Ok(Value::Object(kept))
}

fn is_time(text: &str) -> bool {
    let parts = text.split_once(':').filter(|_| text.len() == 5);
    let parts = parts.and_then(|(hours, minutes)| {
        Some((hours.parse::<u8>().ok()?, minutes.parse::<u8>().ok()?))
    });
    parts
        .is_some_and(|(hours, minutes)| (hours < 24 && minutes < 60) || (hours, minutes) == (24, 0))
}

fn prefixes(typed: &Value) -> Result<Value, String> {
    let written = typed.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut kept: Vec<&str> = Vec::new();
    for prefix in written.iter().filter_map(Value::as_str) {
        if !is_prefix(prefix) {
            return Err(texts::prefix_form().to_owned());
        }
        if !kept.contains(&prefix) {
            kept.push(prefix);
        }
    }
    if kept.len() > 50 {
        return Err(texts::prefix_many().to_owned());
    }
    Ok(json!(kept))
}

/// Whether numbers in E.164 can begin so.
pub(super) fn is_prefix(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (1..=14).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|it| it.is_ascii_digit())
}

fn caller_id(text: &str) -> Result<Value, String> {
    let number: String = text
        .chars()
        .filter(|it| !matches!(it, ' ' | '(' | ')' | '-' | '.' | '/'))
        .collect();
    if number.is_empty() {
        return Ok(Value::Null);
    }
    match PhoneNumber::parse(&number) {
        Ok(number) => Ok(json!(number.as_str())),
        Err(_) => Err(texts::caller_id_form().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_bounds_of_the_database() {
        for (column, least, most) in [
            ("parking_slots", 1, 99),
            ("ring_timeout_s", 10, 600),
            ("park_timeout_s", 30, 3600),
            ("service_level_s", 1, 600),
        ] {
            assert_eq!(
                check(column, &json!(format!(" {least} "))),
                Ok(json!(least))
            );
            assert_eq!(check(column, &json!(most)), Ok(json!(most)));
            for odd in [
                json!(least - 1),
                json!((most + 1).to_string()),
                json!(""),
                json!("1.5"),
                Value::Null,
            ] {
                assert!(check(column, &odd).is_err(), "{column} {odd}");
            }
        }
    }

    #[test]
    fn music_is_one_address_or_none() {
        assert_eq!(check("hold_music_url", &json!("  ")), Ok(Value::Null));
        assert_eq!(
            check("hold_music_url", &json!(" https://a.example/b.mp3 ")),
            Ok(json!("https://a.example/b.mp3"))
        );
        for odd in [
            "ftp://a",
            "https://",
            "https://a b",
            "https://a\nb",
            "https://<a>",
        ] {
            assert!(check("hold_music_url", &json!(odd)).is_err(), "{odd}");
        }
    }

    #[test]
    fn hours_are_in_order_and_a_week_has_an_open_day() {
        assert_eq!(
            check("business_hours", &json!({})),
            Ok(json!({})),
            "always open"
        );
        let week = json!({"mon": [["13:00", "00:00"], ["09:00", "12:00"]], "tue": []});
        assert_eq!(
            check("business_hours", &week),
            Ok(json!({"mon": [["09:00", "12:00"], ["13:00", "24:00"]]}))
        );
        let touching = json!({"mon": [["09:00", "12:00"], ["12:00", "13:00"]]});
        assert_eq!(
            check("business_hours", &touching),
            Ok(touching.clone()),
            "one ends as the other begins"
        );
        for (odd, why) in [
            (json!({"mon": []}), texts::hours_never()),
            (json!({"mon": [["17:00", "09:00"]]}), texts::hours_order()),
            (json!({"mon": [["09:00", "09:00"]]}), texts::hours_order()),
            (
                json!({"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}),
                texts::hours_overlap(),
            ),
            (json!({"mon": [["", "12:00"]]}), texts::hours_missing()),
            (json!({"mon": [["25:00", "26:00"]]}), texts::hours_missing()),
        ] {
            assert_eq!(check("business_hours", &odd), Err(why.to_owned()), "{odd}");
        }
    }

    #[test]
    fn prefixes_and_the_caller_id_are_e164() {
        assert_eq!(
            check("outbound_prefixes", &json!(["+1", "+4420", "+1"])),
            Ok(json!(["+1", "+4420"]))
        );
        for odd in ["1", "+", "+0", "+44 20", "+123456789012345"] {
            assert!(check("outbound_prefixes", &json!([odd])).is_err(), "{odd}");
        }
        let many: Vec<String> = (100..151).map(|it| format!("+{it}")).collect();
        assert_eq!(
            check("outbound_prefixes", &json!(many)),
            Err(texts::prefix_many().to_owned())
        );
        assert_eq!(
            check("caller_id", &json!("+1 (202) 555-0199")),
            Ok(json!("+12025550199"))
        );
        assert_eq!(check("caller_id", &json!("")), Ok(Value::Null));
        assert!(check("caller_id", &json!("202 555 0199")).is_err());
        assert!(check("voicemail_greeting", &json!(" ")).is_err());
        assert!(check("voicemail_greeting", &json!("x".repeat(1001))).is_err());
    }
}
