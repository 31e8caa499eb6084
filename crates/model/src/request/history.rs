//! The past: the history's pages, one call's story, what the same customer wanted before.

use time::OffsetDateTime;

use super::Request;
use crate::call::{Direction, EndReason, Status};
use crate::id::{CallId, MemberId};
use crate::timestamp;

/// What to sort the history by, the most first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// When it began.
    #[default]
    Newest,
    /// How long the customer waited; ended calls only.
    Waited,
    /// How long somebody talked to the customer; ended calls only.
    Talked,
}

impl Sort {
    /// As the database calls it, and the page's address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Waited => "waited",
            Self::Talked => "talked",
        }
    }
}

/// Which calls of the past are wanted: all that fit every part that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Digits of a number in any form, or words of names, colleagues and notes; empty for all.
    pub words: String,
    /// The first day by the office's clock, as `2026-01-31`; empty for any. A text, because the page only hands on
    /// what its date field says.
    pub first_day: String,
    /// The last day, included; empty for any.
    pub last_day: String,
    /// The state it is in.
    pub state: Option<Status>,
    /// How it ended.
    pub reason: Option<EndReason>,
    /// Who started it.
    pub direction: Option<Direction>,
    /// Whose it was at some time.
    pub agent: Option<MemberId>,
    /// Only what nobody answered.
    pub only_missed: bool,
}

/// Where the next page begins: the last row of this one, its `sort_value` and `id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Its `sort_value`.
    pub value: i64,
    /// Its `id`.
    pub id: CallId,
}

impl Search {
    fn arguments(&self) -> Vec<(&'static str, String)> {
        let texts = [
            ("words", self.words.trim()),
            ("first_day", &self.first_day),
            ("last_day", &self.last_day),
            ("state", self.state.map_or("", Status::as_str)),
            ("reason", self.reason.map_or("", EndReason::as_str)),
            ("direction", self.direction.map_or("", Direction::as_str)),
            ("only_missed", if self.only_missed { "true" } else { "" }),
        ];
        let given = texts.into_iter().filter(|(_, text)| !text.is_empty());
        let mut arguments: Vec<_> = given.map(|(name, text)| (name, text.to_owned())).collect();
        if let Some(agent) = self.agent {
            arguments.push(("agent", agent.to_string()));
        }
        arguments
    }
}

/// A page of the history: up to `page_size` (at most 500) rows of the database's type `listed_call`, after `after`.
pub fn search(search: &Search, sort: Sort, after: Option<Cursor>, page_size: u16) -> Request {
    let mut query = search.arguments();
    query.push(("sort", sort.as_str().to_owned()));
    query.push(("page_size", page_size.to_string()));
    if let Some(after) = after {
        query.push(("after_value", after.value.to_string()));
        query.push(("after_id", after.id.to_string()));
    }
    Request::get("rpc/search_calls", query)
}

/// How many calls fit: a number, of which 10001 means more than 10000.
pub fn count(search: &Search) -> Request {
    Request::get("rpc/count_calls", search.arguments())
}

/// What happened to a call, oldest first: rows of `timeline_entry`.
pub fn timeline(call: CallId) -> Request {
    Request::get("rpc/call_timeline", vec![("call", call.to_string())])
}

/// Calls with a customer's number that began before a moment, the newest first: rows of
/// `listed_call`.
pub fn earlier_calls(number: &str, before: OffsetDateTime, page_size: u16) -> Request {
    Request::get(
        "rpc/earlier_calls",
        vec![
            ("number", number.to_owned()),
            ("before", timestamp::format(before)),
            ("page_size", page_size.to_string()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str = "22222222-0000-4000-8000-000000000001";

    #[test]
    fn only_what_is_asked_for_is_said() {
        let all = search(&Search::default(), Sort::Newest, None, 50);
        assert_eq!(
            all.path_and_query(),
            "/rest/v1/rpc/search_calls?sort=newest&page_size=50"
        );
        assert_eq!(
            count(&Search::default()).path_and_query(),
            "/rest/v1/rpc/count_calls"
        );
    }

    #[test]
    fn what_was_typed_is_encoded_and_a_page_begins_after_a_row() {
        let wanted = Search {
            words: " +1 (202) 555&x=% ".to_owned(),
            first_day: "2026-01-01".to_owned(),
            last_day: "2026-01-31".to_owned(),
            state: Some(Status::Ended),
            reason: Some(EndReason::EndedByAgent),
            direction: Some(Direction::Inbound),
            agent: Some(CALL.parse().unwrap()),
            only_missed: true,
        };
        let after = Cursor {
            value: -7,
            id: CALL.parse().unwrap(),
        };
        assert_eq!(
            search(&wanted, Sort::Waited, Some(after), 20).path_and_query(),
            format!(
                "/rest/v1/rpc/search_calls?words=%2B1%20(202)%20555%26x%3D%25&first_day=2026-01-01\
                 &last_day=2026-01-31&state=ended&reason=ended_by_agent&direction=inbound&only_missed=true\
                 &agent={CALL}&sort=waited&page_size=20&after_value=-7&after_id={CALL}"
            )
        );
    }

    #[test]
    fn texts_are_those_of_the_rows() {
        for reason in EndReason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
        for direction in [Direction::Inbound, Direction::Outbound] {
            assert_eq!(serde_json::to_value(direction).unwrap(), direction.as_str());
        }
    }

    #[test]
    fn a_number_and_a_moment_keep_their_plus() {
        let request = earlier_calls("+12025550150", OffsetDateTime::UNIX_EPOCH, 5);
        assert!(request.path_and_query().starts_with(
            "/rest/v1/rpc/earlier_calls?number=%2B12025550150&before=1970-01-01T00:00:00"
        ));
        assert!(!request.path_and_query().contains('+'));
        assert_eq!(
            timeline(CALL.parse().unwrap()).path_and_query(),
            format!("/rest/v1/rpc/call_timeline?call={CALL}")
        );
    }
}
