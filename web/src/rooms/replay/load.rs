//! What a replay asks the database for.

use serde_json::Value;
use switchboard_model::request::{self, replay, wallboard};
use switchboard_model::{Event, Request, Snapshot, timestamp};
use time::{Duration, OffsetDateTime};

use super::reel::{AT_MOST, Piece, Stretch, reached_ms};
use crate::api::{Api, Unreachable};
use crate::format::millis;
use crate::rooms::office::moment;
use crate::texts;

/// Rows of one answer.
const PAGE: u16 = 1_000;
/// Calls of one day that are marked at most.
const MARKS: u16 = 1_000;
const MARK_PAGES: usize = 5;

/// Why something could not be loaded.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Trouble {
    /// The sentence.
    Failed(&'static str),
    /// The log of that time is gone; it is whole since then, if that is told.
    Forgotten(Option<i64>),
}

/// What is known of the office before a day is chosen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Office {
    /// Where its clock hangs.
    pub(super) zone: String,
    /// When the oldest known change was made; nothing before the first call.
    pub(super) begins_ms: Option<i64>,
}

/// A call of a day, to be marked: when it began and ended, and whether somebody answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) from_ms: i64,
    /// Nothing for one that is not over.
    pub(super) until_ms: Option<i64>,
    pub(super) is_answered: bool,
}

/// A day: its edges and its calls.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Day {
    pub(super) from_ms: i64,
    pub(super) until_ms: i64,
    pub(super) marks: Vec<Mark>,
}

impl Trouble {
    /// In a sentence, for somebody who looks elsewhere.
    pub(super) fn sentence(&self) -> &'static str {
        match self {
            Self::Failed(sentence) => sentence,
            Self::Forgotten(_) => texts::replay::forgotten(),
        }
    }
}

async fn body(api: &Api, request: Request) -> Result<String, Trouble> {
    match api.send(&request).await {
        Ok(reply) if reply.status == 200 => Ok(reply.body),
        Ok(reply) if reply.status == 410 => Err(Trouble::Forgotten(since(&reply.body))),
        Ok(_) => Err(Trouble::Failed(texts::server_trouble())),
        Err(Unreachable) => Err(Trouble::Failed(texts::replay::no_answer())),
    }
}

/// The moment that a refusal names, in its details.
fn since(body: &str) -> Option<i64> {
    let refusal: Value = serde_json::from_str(body).ok()?;
    let details: Value = serde_json::from_str(refusal["details"].as_str()?).ok()?;
    timestamp::parse(details["since"].as_str()?).map(reached_ms)
}

fn unread<E>(_: E) -> Trouble {
    Trouble::Failed(texts::server_trouble())
}

async fn rows(api: &Api, request: Request) -> Result<Vec<Value>, Trouble> {
    serde_json::from_str(&body(api, request).await?).map_err(unread)
}

fn at(row: &Value, name: &str) -> Option<OffsetDateTime> {
    timestamp::parse(row[name].as_str()?)
}

/// Where the office is, and how far back its log goes.
pub(super) async fn office(api: &Api) -> Result<Office, Trouble> {
    let settings = rows(api, request::settings()).await?;
    let first = rows(api, replay::first_event()).await?;
    let zone = settings.first().and_then(|row| row["time_zone"].as_str());
    Ok(Office {
        zone: zone.unwrap_or("UTC").to_owned(),
        begins_ms: first.first().and_then(|row| at(row, "at")).map(reached_ms),
    })
}

/// A day by the office's clock, with its calls.
pub(super) async fn day(api: &Api, day: &str) -> Result<Day, Trouble> {
    let hours = rows(api, wallboard::hours(Some(day))).await?;
    let starts = |row: Option<&Value>| row.and_then(|row| at(row, "starts_at"));
    let (Some(from), Some(last)) = (starts(hours.first()), starts(hours.last())) else {
        return Err(unread(()));
    };
    let until = last + Duration::HOUR;
    let mut marks = Vec::new();
    let mut since = from - Duration::microseconds(1);
    for _ in 0..MARK_PAGES {
        let calls = rows(api, replay::lifetimes(since, until, MARKS)).await?;
        marks.extend(calls.iter().filter_map(mark));
        match calls.last().and_then(|row| at(row, "created_at")) {
            Some(last) if calls.len() == usize::from(MARKS) => since = last,
            _ => break,
        }
    }
    Ok(Day {
        from_ms: millis(from),
        until_ms: millis(until),
        marks,
    })
}

fn mark(row: &Value) -> Option<Mark> {
    Some(Mark {
        from_ms: millis(at(row, "created_at")?),
        until_ms: at(row, "ended_at").map(millis),
        is_answered: row["answered_at"].is_string(),
    })
}

/// A piece of the log, shorter than asked if it is very busy.
pub(super) async fn piece(api: &Api, asked: Stretch) -> Result<Piece, Trouble> {
    let (Some(from), Some(mut until)) = (moment(asked.from_ms), moment(asked.until_ms)) else {
        return Err(unread(()));
    };
    let team = body(api, replay::everybody()).await?;
    let settings = body(api, request::settings()).await?;
    let calls = body(api, request::board_at(from)).await?;
    let mut start = Snapshot::from_json(&calls, &team, &settings).map_err(unread)?;
    start
        .members
        .retain(|member| member.retired_at.is_none_or(|retired| retired > from));
    for member in &mut start.members {
        // Who left later was there then.
        member.retired_at = None;
    }
    let mut events: Vec<Event> = Vec::new();
    let mut since = from;
    loop {
        let page = body(api, replay::events(since, until, PAGE)).await?;
        let page = Event::from_json(&page).map_err(unread)?;
        let is_last = page.len() < usize::from(PAGE);
        // Rows of the last row's very moment come again.
        let known = events
            .iter()
            .rev()
            .take(usize::from(PAGE))
            .map(|event| event.id);
        let known: Vec<i64> = known.collect();
        events.extend(page.into_iter().filter(|event| !known.contains(&event.id)));
        let Some(last) = events.last().map(|event| event.at).filter(|_| !is_last) else {
            break;
        };
        if events.len() >= AT_MOST {
            // The board at that moment has whatever else happened at it.
            until = moment(millis(last)).unwrap_or(last);
            events.retain(|event| event.at <= until);
            break;
        }
        since = last - Duration::microseconds(1);
    }
    let stretch = Stretch {
        until_ms: millis(until),
        ..asked
    };
    Ok(Piece::new(stretch, start, events))
}

/// When the next change after a moment was made, or the last one before it.
pub(super) async fn neighbour(
    api: &Api,
    from_ms: i64,
    is_later: bool,
) -> Result<Option<i64>, Trouble> {
    let from = moment(from_ms).ok_or_else(|| unread(()))?;
    let asked = match is_later {
        true => replay::next_event(from),
        // What was made within the millisecond before had not happened until this one.
        false => replay::last_event(from - Duration::microseconds(999)),
    };
    let rows = rows(api, asked).await?;
    Ok(rows.first().and_then(|row| at(row, "at")).map(reached_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_since_when_the_log_is_whole() {
        let body = r#"{"code":"PT410","details":"{\"since\": \"2026-01-05T08:00:00+00:00\"}","hint":"forgotten"}"#;
        assert_eq!(since(body), Some(1_767_600_000_000));
        assert_eq!(since("{}"), None);
    }

    #[test]
    fn a_call_is_marked_from_its_beginning_to_its_end_if_it_has_one() {
        let row = serde_json::json!({
            "created_at": "2026-01-05T08:00:00+00:00", "answered_at": null, "ended_at": "2026-01-05T08:00:09+00:00",
        });
        let mark = mark(&row).unwrap();
        assert_eq!(mark.until_ms, Some(mark.from_ms + 9_000));
        assert!(!mark.is_answered);
    }
}
