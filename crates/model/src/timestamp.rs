//! Moments as Postgres, PostgREST and Realtime write them in JSON: RFC 3339 texts.
//!
//! `time` reads and writes these as well, with machinery for every format there is. A browser
//! downloads what the page is made of, and this file is about 4.5 KB smaller there; the tests hold
//! it to what `time` says.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

/// Reads a moment such as `2026-01-05T09:00:00.123456+00:00`. `None` for everything else.
#[inline(never)]
pub fn parse(text: &str) -> Option<OffsetDateTime> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| {
        bytes.get(from..to)?.iter().try_fold(0_u16, |sum, byte| {
            byte.is_ascii_digit()
                .then(|| sum * 10 + u16::from(byte - b'0'))
        })
    };
    let small = |from: usize| u8::try_from(number(from, from + 2)?).ok();
    let stands = |at: usize, byte: u8| (*bytes.get(at)? == byte).then_some(());
    stands(4, b'-')?;
    stands(7, b'-')?;
    stands(10, b'T')?;
    stands(13, b':')?;
    stands(16, b':')?;
    let month = Month::try_from(small(5)?).ok()?;
    let date = Date::from_calendar_date(i32::from(number(0, 4)?), month, small(8)?).ok()?;
    let mut at = 19;
    let mut nanoseconds = 0;
    if stands(at, b'.').is_some() {
        at += 1;
        let mut unit = 100_000_000;
        while let Some(digit) = bytes.get(at).filter(|byte| byte.is_ascii_digit()) {
            nanoseconds += unit * u32::from(digit - b'0');
            unit /= 10;
            at += 1;
        }
        if at == 20 {
            return None;
        }
    }
    let time = Time::from_hms_nano(small(11)?, small(14)?, small(17)?, nanoseconds).ok()?;
    let (seconds, end) = match *bytes.get(at)? {
        b'Z' => (0, at + 1),
        sign @ (b'+' | b'-') => {
            stands(at + 3, b':')?;
            let (hours, minutes) = (i32::from(small(at + 1)?), i32::from(small(at + 4)?));
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = (hours * 60 + minutes) * 60;
            (if sign == b'-' { -seconds } else { seconds }, at + 6)
        }
        _ => return None,
    };
    let offset = UtcOffset::from_whole_seconds(seconds).ok()?;
    (end == bytes.len()).then(|| date.with_time(time).assume_offset(offset))
}

/// Writes a moment in UTC, such as `2026-01-05T09:00:00.123456Z`.
#[inline(never)]
pub fn format(moment: OffsetDateTime) -> String {
    let moment = moment.to_offset(UtcOffset::UTC);
    let (month, day) = (u8::from(moment.month()), moment.day());
    let (hour, minute, second) = (moment.hour(), moment.minute(), moment.second());
    let mut text = format!(
        "{:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}",
        moment.year()
    );
    if moment.nanosecond() > 0 {
        let fraction = format!(".{:09}", moment.nanosecond());
        text.push_str(fraction.trim_end_matches('0'));
    }
    text.push('Z');
    text
}

/// For `#[serde(with = "timestamp")]`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<OffsetDateTime, D::Error> {
    let text = String::deserialize(from)?;
    parse(&text).ok_or_else(|| D::Error::custom("not an RFC 3339 moment"))
}

/// For `#[serde(with = "timestamp")]`.
pub(crate) fn serialize<S: Serializer>(moment: &OffsetDateTime, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&format(*moment))
}

/// For `#[serde(serialize_with = "timestamp::serialize_option")]`: none is `null`.
pub(crate) fn serialize_option<S: Serializer>(
    moment: &Option<OffsetDateTime>,
    to: S,
) -> Result<S::Ok, S::Error> {
    moment.map(format).serialize(to)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::format_description::well_known::Rfc3339;

    use super::*;

    /// From the year 1 to the year 9998, so that no offset leads out of what RFC 3339 can say.
    const SECONDS: std::ops::Range<i64> = -62_135_000_000..253_370_000_000;

    #[test]
    fn what_the_database_writes_is_read() {
        for text in [
            "2026-01-05T09:00:00Z",
            "2026-01-05T09:00:00+00:00",
            "2026-01-05T09:00:00.1+00:00",
            "2026-01-05T09:00:00.123456+05:30",
            "2026-01-05T09:00:00.123456789-11:00",
            "2024-02-29T23:59:59.999999Z",
        ] {
            let expected = OffsetDateTime::parse(text, &Rfc3339).unwrap();
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "infinity",
            "2026-01-05",
            "2026-01-05T09:00:00",
            "2026-01-05T09:00:00.Z",
            "2026-01-05T09:00:00Zulu",
            "2026-01-05 09:00:00+00:00",
            "2026-13-05T09:00:00Z",
            "2025-02-29T09:00:00Z",
            "2026-01-05T24:00:00Z",
            "2026-01-05T09:00:00+24:00",
            "2026-01-05T09:00:00+00:60",
            "2026-01-05T09:00:00+0000",
            "2026/01/05T09:00:00Z",
            "2026-01-05T09.00.00Z",
            "+026-01-05T09:00:00Z",
            "２０２６-01-05T09:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_moment_is_read_as_time_reads_it(
            seconds in SECONDS, nanoseconds in 0..1_000_000_000_u32, minutes in -1439..=1439_i32,
        ) {
            let offset = UtcOffset::from_whole_seconds(minutes * 60).unwrap();
            let moment = OffsetDateTime::from_unix_timestamp(seconds).unwrap()
                .replace_nanosecond(nanoseconds).unwrap().to_offset(offset);
            let text = moment.format(&Rfc3339).unwrap();
            let read = parse(&text).unwrap();
            prop_assert_eq!(read, moment);
            prop_assert_eq!(read.offset(), moment.offset());
        }

        #[test]
        fn every_moment_is_written_as_time_writes_it(
            seconds in SECONDS, nanoseconds in 0..1_000_000_000_u32,
        ) {
            let moment = OffsetDateTime::from_unix_timestamp(seconds).unwrap()
                .replace_nanosecond(nanoseconds).unwrap();
            prop_assert_eq!(format(moment), moment.format(&Rfc3339).unwrap());
        }

        #[test]
        fn no_text_is_read_that_time_refuses(text in "[-+0-9TZ:.]{0,30}") {
            if parse(&text).is_some() {
                prop_assert!(OffsetDateTime::parse(&text, &Rfc3339).is_ok());
            }
        }
    }
}
