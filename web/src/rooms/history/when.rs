//! Moments and days as the reader writes them. A moment is in milliseconds since 1970.

use js_sys::{Date, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

#[allow(clippy::cast_precision_loss)]
fn date(ms: i64) -> Date {
    Date::new(&JsValue::from_f64(ms as f64))
}

/// `toLocaleString`, which throws where it does not know a time zone.
fn written(ms: i64, locale: Option<&str>, parts: &[(&str, &str)]) -> Option<String> {
    let (date, options) = (date(ms), Object::new());
    for (name, value) in parts {
        // An ordinary object takes every key.
        let _ = Reflect::set(&options, &(*name).into(), &(*value).into());
    }
    let write = Reflect::get(&date, &"toLocaleString".into()).ok()?;
    let write: Function = write.dyn_into().ok()?;
    let locale = locale.map_or(JsValue::UNDEFINED, JsValue::from_str);
    write.call2(&date, &locale, &options).ok()?.as_string()
}

/// `14:03`
pub(super) fn time(ms: i64) -> String {
    written(ms, None, &[("timeStyle", "short")]).unwrap_or_default()
}

/// `5 Jan 2026, 14:03`
pub(super) fn day_and_time(ms: i64) -> String {
    written(ms, None, &[("dateStyle", "medium"), ("timeStyle", "short")]).unwrap_or_default()
}

/// `Monday, 5 January 2026`
pub(super) fn day(ms: i64) -> String {
    written(ms, None, &[("dateStyle", "full")]).unwrap_or_default()
}

/// `2026-01-05 14:03:22`, as spreadsheets of every language read it.
pub(super) fn sheet(ms: i64) -> String {
    let parts = [
        ("year", "numeric"),
        ("month", "2-digit"),
        ("day", "2-digit"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("second", "2-digit"),
        ("hourCycle", "h23"),
    ];
    // Sweden writes moments so.
    written(ms, Some("sv-SE"), &parts).unwrap_or_default()
}

/// The day in that time zone, as `2026-01-05`; the reader's own where the browser does not know the zone.
pub(super) fn day_in(ms: i64, zone: &str) -> String {
    let parts = [
        ("year", "numeric"),
        ("month", "2-digit"),
        ("day", "2-digit"),
    ];
    let mut there = parts.to_vec();
    if !zone.is_empty() {
        there.push(("timeZone", zone));
    }
    written(ms, Some("sv-SE"), &there)
        .or_else(|| written(ms, Some("sv-SE"), &parts))
        .unwrap_or_default()
}

/// The reader's time zone, such as `Europe/Berlin`.
pub(super) fn own_zone() -> String {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &Object::new());
    let zone = Reflect::get(&format.resolved_options(), &"timeZone".into());
    zone.ok()
        .and_then(|zone| zone.as_string())
        .unwrap_or_default()
}

/// For machines: `2026-01-05T14:03:22.000Z`.
pub(super) fn iso(ms: i64) -> String {
    date(ms).to_iso_string().into()
}

/// A number with the reader's own marks between its digits.
pub(super) fn number(number: u32) -> String {
    js_sys::Number::from(number)
        .to_locale_string("default")
        .into()
}
