//! Moments as the reader writes them: digits by the browser's locale and time zone, words in the page's language.

use js_sys::{Array, Date, Intl, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::browser::{time_of_day, window};

/// A minute in milliseconds.
pub(super) const MINUTE_MS: i64 = 60_000;

#[allow(clippy::cast_precision_loss)]
fn date(ms: i64) -> Date {
    Date::new(&JsValue::from_f64(ms as f64))
}

/// For machines.
pub(super) fn iso(ms: i64) -> String {
    date(ms).to_iso_string().into()
}

/// The whole moment.
pub(super) fn full(ms: i64) -> String {
    date(ms)
        .to_locale_string("default", &JsValue::UNDEFINED)
        .into()
}

/// The time of day, and before it the day if that is not today.
pub(super) fn moment(ms: i64, now_ms: i64) -> String {
    let (day, today) = (date(ms), date(now_ms));
    match day.to_date_string() == today.to_date_string() {
        true => time_of_day(ms),
        false => full(ms),
    }
}

/// How long ago, as one says it: `3 minutes ago`.
#[allow(clippy::cast_precision_loss)]
pub(super) fn ago(ms: i64, now_ms: i64) -> String {
    let past = (now_ms - ms).max(0);
    let (count, unit) = match past / MINUTE_MS {
        // Each second of a running call would be a restless page.
        0 => (0, "minute"),
        minutes @ 1..60 => (minutes, "minute"),
        minutes @ 60..1_440 => (minutes / 60, "hour"),
        minutes => (minutes / 1_440, "day"),
    };
    let language = window()
        .and_then(|window| window.document()?.document_element()?.get_attribute("lang"))
        .unwrap_or_else(|| "en".to_owned());
    let (unit, count) = if past < MINUTE_MS {
        ("second", 0)
    } else {
        (unit, count)
    };
    let options = Object::new();
    // A plain object takes every property.
    let _ = Reflect::set(&options, &"numeric".into(), &"auto".into());
    let words = Intl::RelativeTimeFormat::new(&Array::of1(&language.into()), &options);
    words.format(-(count as f64), unit).into()
}
