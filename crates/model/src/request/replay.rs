//! The log of calls by the piece, for playing a day again: see [`crate::history`].

use time::OffsetDateTime;

use super::Request;
use crate::timestamp;

/// The part of the log after `since` until `until`, that moment included: up to `page_size` rows of `call_events`, oldest
/// first. The next page is asked for with `since` a microsecond before the last row's moment; rows of that very moment come
/// again then, and are told by their ids.
pub fn events(since: OffsetDateTime, until: OffsetDateTime, page_size: u16) -> Request {
    Request::get(
        "call_events",
        vec![
            ("select", "*".to_owned()),
            ("at", format!("gt.{}", timestamp::format(since))),
            ("at", format!("lte.{}", timestamp::format(until))),
            ("order", "at,id".to_owned()),
            ("limit", page_size.to_string()),
        ],
    )
}

/// When the next change after a moment was made: a row with `at`, or none.
pub fn next_event(after: OffsetDateTime) -> Request {
    one_moment(format!("gt.{}", timestamp::format(after)), "at,id")
}

/// When the last change before a moment was made: a row with `at`, or none.
pub fn last_event(before: OffsetDateTime) -> Request {
    one_moment(
        format!("lt.{}", timestamp::format(before)),
        "at.desc,id.desc",
    )
}

/// When the oldest change was made that is still known: a row with `at`, or none.
pub fn first_event() -> Request {
    one_moment("not.is.null".to_owned(), "at,id")
}

fn one_moment(at: String, order: &str) -> Request {
    Request::get(
        "call_events",
        vec![
            ("select", "at".to_owned()),
            ("at", at),
            ("order", order.to_owned()),
            ("limit", "1".to_owned()),
        ],
    )
}

/// When calls began and ended that began after `since` and before `until`: up to `page_size` rows of `calls` with
/// `created_at`, `answered_at`, `ended_at`, oldest first.
pub fn lifetimes(since: OffsetDateTime, until: OffsetDateTime, page_size: u16) -> Request {
    Request::get(
        "calls",
        vec![
            ("select", "created_at,answered_at,ended_at".to_owned()),
            ("created_at", format!("gt.{}", timestamp::format(since))),
            ("created_at", format!("lt.{}", timestamp::format(until))),
            ("order", "created_at".to_owned()),
            ("limit", page_size.to_string()),
        ],
    )
}

/// The team of all times: with those who have left.
pub fn everybody() -> Request {
    Request::get(
        "voip_users",
        vec![
            ("select", "*".to_owned()),
            ("order", "display_name".to_owned()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: OffsetDateTime = time::macros::datetime!(2026-01-02 03:04:05.5 UTC);

    #[test]
    fn a_part_of_the_log_begins_after_one_moment_and_ends_with_another() {
        assert_eq!(
            events(MOMENT, MOMENT + time::Duration::HOUR, 500).path_and_query(),
            "/rest/v1/call_events?select=*&at=gt.2026-01-02T03:04:05.5Z&at=lte.2026-01-02T04:04:05.5Z\
             &order=at,id&limit=500"
        );
    }

    #[test]
    fn the_neighbours_of_a_moment_are_one_row_each() {
        assert_eq!(
            next_event(MOMENT).path_and_query(),
            "/rest/v1/call_events?select=at&at=gt.2026-01-02T03:04:05.5Z&order=at,id&limit=1"
        );
        assert_eq!(
            last_event(MOMENT).path_and_query(),
            "/rest/v1/call_events?select=at&at=lt.2026-01-02T03:04:05.5Z&order=at.desc,id.desc&limit=1"
        );
    }
}
