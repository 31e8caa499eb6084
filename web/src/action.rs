//! What became of an action: the meaning of PostgREST's answer to a compare-and-set.

use serde_json::{Map, Value};
use switchboard_model::json;

use crate::texts;

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: String,
}

/// What became of an action.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// It was done; the row as it is now.
    Done(Map<String, Value>),
    /// Somebody else was first: look at the call to say who.
    Lost,
    /// It was not done; the sentence says why.
    Refused(String),
}

impl Outcome {
    /// Reads the answer to a PATCH with `Prefer: return=representation`.
    pub(crate) fn read(reply: &Reply) -> Self {
        if (200..300).contains(&reply.status) {
            return match json::rows(&reply.body) {
                Some(mut rows) => rows.pop().map_or(Self::Lost, Self::Done),
                None => Self::Refused(texts::server_trouble().to_owned()),
            };
        }
        // PostgREST's error body; `code` is an SQLSTATE, or PostgREST's own.
        let problem = json::read(&reply.body).unwrap_or_default();
        let text = |key: &str| problem.get(key).and_then(Value::as_str).unwrap_or_default();
        match (text("code"), reply.status) {
            // The rules speak for themselves, in words for people; their hints are for programs.
            (code, _) if code.starts_with("PT") => match text("hint") {
                "already_answered" | "already_ended" => Self::Lost,
                hint => Self::Refused(texts::refusal(hint, text("message"))),
            },
            // A constraint: two actions crossed.
            (_, 409) => Self::Refused(texts::crossed().to_owned()),
            (_, 403) => Self::Refused(texts::not_allowed().to_owned()),
            _ => Self::Refused(texts::server_trouble().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Outcome {
        let body = body.to_owned();
        Outcome::read(&Reply { status, body })
    }

    #[test]
    fn a_row_is_done_and_no_row_is_lost() {
        assert!(
            matches!(read(200, r#"[{"id":"x","version":3}]"#), Outcome::Done(row) if row["version"] == 3)
        );
        assert_eq!(read(200, "[]"), Outcome::Lost);
    }

    #[test]
    fn a_rule_is_told_in_its_own_words() {
        let body = r#"{"code":"PT409","details":null,"hint":"lot_full",
            "message":"the parking lot is full: retrieve or end a parked call first"}"#;
        let told = "The parking lot is full: retrieve or end a parked call first.";
        assert_eq!(read(409, body), Outcome::Refused(told.to_owned()));
    }

    #[test]
    fn being_late_is_lost_however_it_is_said() {
        let body = r#"{"code":"PT409","hint":"already_answered","message":"a colleague has answered this call"}"#;
        assert_eq!(read(409, body), Outcome::Lost);
    }

    #[test]
    fn the_database_s_own_words_are_not_shown() {
        let crossed =
            r#"{"code":"23505","message":"duplicate key value violates unique constraint"}"#;
        assert_eq!(
            read(409, crossed),
            Outcome::Refused(texts::crossed().to_owned())
        );
        let denied = r#"{"code":"42501","message":"permission denied for table calls"}"#;
        assert_eq!(
            read(403, denied),
            Outcome::Refused(texts::not_allowed().to_owned())
        );
        assert_eq!(
            read(502, "<html>"),
            Outcome::Refused(texts::server_trouble().to_owned())
        );
        assert_eq!(
            read(200, "<html>"),
            Outcome::Refused(texts::server_trouble().to_owned())
        );
    }
}
