//! Days and moments by the office's clock on the wall, written the way the reader writes them.
//!
//! A day is a text such as `2026-01-31`, as the database takes and gives it. A moment is in milliseconds since 1970.

use gloo_timers::callback::Interval;
use js_sys::{Array, Date as JsDate, Function, Intl, Object, Reflect};
use time::{Date, Duration, Month, OffsetDateTime};
use wasm_bindgen::{JsCast, JsValue};
use yew::prelude::*;

use crate::browser::now_ms;
use crate::clock::ServerClock;

/// The day that a text names; `None` if there is no such day.
fn read(day: &str) -> Option<Date> {
    let mut parts = day.split('-');
    let (year, month, date) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || (year.len(), month.len(), date.len()) != (4, 2, 2) {
        return None;
    }
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, date.parse().ok()?).ok()
}

/// Whether the text is a day.
pub(crate) fn is_day(text: &str) -> bool {
    read(text).is_some()
}

/// The day so many days later, or earlier.
pub(crate) fn shifted(day: &str, by: i64) -> Option<String> {
    let day = read(day)?.checked_add(Duration::days(by))?;
    let (year, month, date) = day.to_calendar_date();
    Some(format!("{year:04}-{:02}-{date:02}", u8::from(month)))
}

/// A moment as the database's requests take it.
pub(crate) fn moment(ms: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).ok()
}

/// What is said of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `14:03:22`
    Time,
    /// `14:03:22.4`
    Tenths,
    /// `14`, or `2 PM`
    Hour,
    /// `14:03`
    Minute,
    /// `Tuesday 24 November`
    Day,
    /// `Tuesday 24 November, 14:03:22`
    DayAndTime,
}

/// A moment in the reader's own way of writing it, by the clock of that time zone.
pub(crate) fn written(ms: i64, zone: &str, style: Style) -> String {
    // As many digits of the hour as the reader's country writes.
    let time = [
        ("hour", "numeric"),
        ("minute", "2-digit"),
        ("second", "2-digit"),
    ];
    let day = [("weekday", "long"), ("day", "numeric"), ("month", "long")];
    match style {
        Style::Time => formatted(ms, None, zone, &time),
        Style::Tenths => {
            let tenths = [("fractionalSecondDigits", "1")];
            formatted(ms, None, zone, &[&time[..], &tenths].concat())
        }
        Style::Hour => formatted(ms, None, zone, &time[..1]),
        Style::Minute => formatted(ms, None, zone, &time[..2]),
        Style::Day => formatted(ms, None, zone, &day),
        Style::DayAndTime => formatted(ms, None, zone, &[&day[..], &time[..]].concat()),
    }
}

/// A day in the reader's own way of writing it.
pub(crate) fn written_day(day: &str) -> String {
    match crate::browser::parsed(&format!("{day}T12:00:00Z")) {
        Some(noon) => written(noon, "UTC", Style::Day),
        None => day.to_owned(),
    }
}

/// The day that it is at the office.
pub(crate) fn day_of(ms: i64, zone: &str) -> String {
    let parts = [
        ("year", "numeric"),
        ("month", "2-digit"),
        ("day", "2-digit"),
    ];
    // Canada writes a day as the database does.
    formatted(ms, Some("en-CA"), zone, &parts)
}

/// How often it is looked whether another day has begun.
const LOOK_MS: u32 = 5_000;

/// The day that it is in that time zone (the reader's own, if it is empty): draws anew when another one begins.
#[hook]
pub(crate) fn use_today(clock: ServerClock, zone: &str) -> UseStateHandle<String> {
    let day = use_state_eq(String::new);
    {
        let day = day.setter();
        use_effect_with((clock, zone.to_owned()), move |(clock, zone)| {
            let (clock, zone) = (*clock, zone.clone());
            let look = move || day.set(day_of(clock.at(now_ms()), &zone));
            look();
            let again = Interval::new(LOOK_MS, look);
            move || drop(again)
        });
    }
    day
}

/// Whether the reader's own clock says something else than the office's at that moment.
pub(crate) fn is_elsewhere(ms: i64, zone: &str) -> bool {
    written(ms, zone, Style::DayAndTime) != written(ms, "", Style::DayAndTime)
}

/// The moment as a link says it: `2026-01-31T14:03:22.500Z`.
pub(crate) fn linked(ms: i64) -> String {
    date(ms).to_iso_string().into()
}

/// A share of 1 in per cent, in the reader's own way of writing it.
pub(crate) fn percent(share: f64) -> String {
    let options = object(&[("style", "percent")]);
    let format = Intl::NumberFormat::new(&Array::new(), options.unchecked_ref()).format();
    let written = format.call1(&JsValue::UNDEFINED, &share.into());
    written
        .ok()
        .and_then(|written| written.as_string())
        .unwrap_or_default()
}

#[allow(clippy::cast_precision_loss)]
fn date(ms: i64) -> JsDate {
    JsDate::new(&JsValue::from_f64(ms as f64))
}

fn formatted(ms: i64, locale: Option<&str>, zone: &str, parts: &[(&str, &str)]) -> String {
    let date = date(ms);
    let locale = locale.map_or(JsValue::UNDEFINED, JsValue::from_str);
    let mut all = parts.to_vec();
    if !zone.is_empty() {
        all.push(("timeZone", zone));
    }
    // A zone that the database knows and the browser does not: the reader's own clock is better than none.
    called(&date, &locale, &object(&all))
        .or_else(|| called(&date, &locale, &object(parts)))
        .unwrap_or_default()
}

fn object(pairs: &[(&str, &str)]) -> JsValue {
    let object = Object::new();
    for (name, value) in pairs {
        // An ordinary object takes every key.
        let _ = Reflect::set(&object, &(*name).into(), &(*value).into());
    }
    object.into()
}

/// `toLocaleString`, which throws where it does not know what it is told.
fn called(date: &JsDate, locale: &JsValue, options: &JsValue) -> Option<String> {
    let write = Reflect::get(date, &"toLocaleString".into()).ok()?;
    let write: Function = write.dyn_into().ok()?;
    write.call2(date, locale, options).ok()?.as_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_are_days() {
        assert!(is_day("2026-02-28"));
        assert!(is_day("2024-02-29"));
        for text in [
            "",
            "2026-02-29",
            "2026-2-28",
            "2026-13-01",
            "2026-01-01-1",
            "today",
        ] {
            assert!(!is_day(text), "{text}");
        }
    }

    #[test]
    fn days_are_shifted_over_months_and_years() {
        assert_eq!(shifted("2026-01-01", -1).as_deref(), Some("2025-12-31"));
        assert_eq!(shifted("2024-02-28", 1).as_deref(), Some("2024-02-29"));
        assert_eq!(shifted("2026-03-03", -7).as_deref(), Some("2026-02-24"));
        assert_eq!(shifted("soon", 1), None);
        assert_eq!(shifted("9999-12-31", 1), None);
    }
}
