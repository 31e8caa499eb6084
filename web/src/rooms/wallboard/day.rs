//! A day in figures, as the database answers them, and how it is asked for.

use std::rc::Rc;

use futures::future::join3;
use serde_json::Value;
use switchboard_model::request::{self, wallboard};
use switchboard_model::{Request, timestamp};

use crate::api::{Api, Unreachable};
use crate::format::millis;
use crate::rooms::office::{moment, shifted};
use crate::texts;

/// The team's figures. Times are in seconds, shares from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figures {
    pub(super) day: String,
    pub(super) zone: String,
    pub(super) service_level_s: i64,
    pub(super) waiting: u64,
    pub(super) longest_wait_s: Option<i64>,
    pub(super) talking: u64,
    pub(super) parked: u64,
    pub(super) offered: u64,
    pub(super) answered: u64,
    pub(super) abandoned: u64,
    pub(super) missed: u64,
    pub(super) voicemail: u64,
    pub(super) other: u64,
    pub(super) service_level: Option<f64>,
    pub(super) median_answer_s: Option<f64>,
    pub(super) p95_answer_s: Option<f64>,
}

/// An hour by the office's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hour {
    pub(super) starts_ms: i64,
    pub(super) hour: u8,
    pub(super) offered: u64,
    pub(super) answered: u64,
    pub(super) missed: u64,
}

/// What an agent did.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Agent {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) on_call_since_ms: Option<i64>,
    pub(super) answered: u64,
    pub(super) handled: u64,
    pub(super) talked_s: i64,
    pub(super) mean_talk_s: Option<f64>,
}

/// A whole day.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Day {
    pub(super) figures: Figures,
    pub(super) hours: Vec<Hour>,
    /// The same weekday of the week before; nothing where its calls are forgotten.
    pub(super) before: Rc<Vec<Hour>>,
    pub(super) agents: Vec<Agent>,
    /// Whether calls of this day have been forgotten, so that its figures are too small.
    pub(super) is_forgotten: bool,
}

fn moment_of(row: &Value, name: &str) -> Option<i64> {
    timestamp::parse(row[name].as_str()?).map(millis)
}

fn count(row: &Value, name: &str) -> Option<u64> {
    row[name].as_u64()
}

impl Figures {
    fn read(row: &Value) -> Option<Self> {
        Some(Self {
            day: row["day"].as_str()?.to_owned(),
            zone: row["time_zone"].as_str()?.to_owned(),
            service_level_s: row["service_level_s"].as_i64()?,
            waiting: count(row, "waiting")?,
            longest_wait_s: row["longest_wait_s"].as_i64(),
            talking: count(row, "talking")?,
            parked: count(row, "parked")?,
            offered: count(row, "offered")?,
            answered: count(row, "answered")?,
            abandoned: count(row, "abandoned")?,
            missed: count(row, "missed")?,
            voicemail: count(row, "voicemail")?,
            other: count(row, "other")?,
            service_level: row["service_level"].as_f64(),
            median_answer_s: row["median_answer_s"].as_f64(),
            p95_answer_s: row["p95_answer_s"].as_f64(),
        })
    }
}

impl Hour {
    fn read(row: &Value) -> Option<Self> {
        Some(Self {
            starts_ms: moment_of(row, "starts_at")?,
            hour: u8::try_from(count(row, "hour")?).ok()?,
            offered: count(row, "offered")?,
            answered: count(row, "answered")?,
            missed: count(row, "missed")?,
        })
    }
}

impl Agent {
    fn read(row: &Value) -> Option<Self> {
        Some(Self {
            id: row["member_id"].as_str()?.to_owned(),
            name: row["display_name"].as_str()?.to_owned(),
            on_call_since_ms: moment_of(row, "on_call_since"),
            answered: count(row, "answered")?,
            handled: count(row, "handled")?,
            talked_s: row["talked_s"].as_i64()?,
            mean_talk_s: row["mean_talk_s"].as_f64(),
        })
    }
}

async fn rows<T>(
    api: &Api,
    request: Request,
    read: fn(&Value) -> Option<T>,
) -> Result<Vec<T>, &'static str> {
    let reply = match api.send(&request).await {
        Ok(reply) if reply.status == 200 => reply,
        Ok(_) => return Err(texts::server_trouble()),
        Err(Unreachable) => return Err(texts::wallboard::no_answer()),
    };
    let rows: Vec<Value> =
        serde_json::from_str(&reply.body).map_err(|_| texts::server_trouble())?;
    let read: Option<Vec<T>> = rows.iter().map(read).collect();
    read.ok_or(texts::server_trouble())
}

/// The same weekday a week before by hour, and whether calls of the day itself have been forgotten.
async fn earlier(api: &Api, day: &str) -> Result<(Rc<Vec<Hour>>, bool), &'static str> {
    let before = shifted(day, -7).unwrap_or_default();
    let before = rows(api, wallboard::hours(Some(&before)), Hour::read).await?;
    let begins = |hour: Option<&Hour>| hour.map(|hour| hour.starts_ms);
    // The log is whole from some moment on: the days after it are.
    if !is_forgotten(api, begins(before.first())).await {
        // A day without a call, such as one before the first of all, is nothing to compare with.
        let has_calls = before.iter().any(|hour| hour.offered > 0);
        return Ok((Rc::new(if has_calls { before } else { Vec::new() }), false));
    }
    let day = rows(api, wallboard::hours(Some(day)), Hour::read).await?;
    Ok((Rc::default(), is_forgotten(api, begins(day.first())).await))
}

/// Whether calls that were on the board then have been forgotten.
async fn is_forgotten(api: &Api, at_ms: Option<i64>) -> bool {
    let Some(at) = at_ms.and_then(moment) else {
        return false;
    };
    let reply = api.send(&request::board_at(at)).await;
    reply.is_ok_and(|reply| reply.status == 410)
}

/// Asks for a day; nothing for today. What is past of the `known` day is not asked again.
pub(super) async fn load(
    api: &Api,
    day: &str,
    known: Option<Rc<Day>>,
) -> Result<Day, &'static str> {
    let asked = (!day.is_empty()).then_some(day);
    let mut figures = rows(api, wallboard::figures(asked), Figures::read).await?;
    let figures = figures.pop().ok_or(texts::not_allowed())?;
    let day = figures.day.as_str();
    let known =
        known.filter(|known| known.figures.day == day && known.figures.zone == figures.zone);
    let (hours, agents, earlier) = join3(
        rows(api, wallboard::hours(Some(day)), Hour::read),
        rows(api, wallboard::agents(Some(day)), Agent::read),
        async {
            match &known {
                Some(known) => Ok((known.before.clone(), known.is_forgotten)),
                None => earlier(api, day).await,
            }
        },
    )
    .await;
    let (before, is_forgotten) = earlier?;
    Ok(Day {
        hours: hours?,
        agents: agents?,
        before,
        is_forgotten,
        figures,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_day_without_calls_has_no_shares_and_no_times() {
        let row = json!({
            "day": "2026-01-05", "time_zone": "Europe/Berlin", "service_level_s": 20, "waiting": 0,
            "longest_wait_s": null, "talking": 0, "parked": 0, "offered": 0, "answered": 0, "abandoned": 0,
            "missed": 0, "voicemail": 0, "other": 0, "service_level": null, "mean_answer_s": null,
            "p90_answer_s": null, "median_answer_s": null, "p95_answer_s": null
        });
        let figures = Figures::read(&row).unwrap();
        assert_eq!(
            (figures.service_level, figures.median_answer_s),
            (None, None)
        );
        assert_eq!((figures.longest_wait_s, figures.waiting), (None, 0));
        assert_eq!(Figures::read(&json!({"day": "2026-01-05"})), None);
    }

    #[test]
    fn an_hour_and_an_agent_are_read_with_their_moments() {
        let hour = json!({"starts_at": "2026-01-05T08:00:00+00:00", "hour": 9, "offered": 3, "answered": 2, "missed": 1});
        let hour = Hour::read(&hour).unwrap();
        assert_eq!((hour.starts_ms, hour.hour), (1_767_600_000_000, 9));
        let agent = json!({
            "member_id": "x", "display_name": "Doug", "is_available": true, "answered": 1, "handled": 2,
            "on_call_since": "2026-01-05T08:00:00.25+00:00", "talked_s": 61, "mean_talk_s": 30.5
        });
        let agent = Agent::read(&agent).unwrap();
        assert_eq!(agent.on_call_since_ms, Some(1_767_600_000_250));
        assert_eq!(agent.mean_talk_s, Some(30.5));
    }
}
