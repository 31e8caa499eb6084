//! What became of a change to the team or the settings, in words.

use serde_json::{Map, Value};

use crate::action::{Outcome, Reply};
use crate::api::Unreachable;
use crate::texts;

/// The row as it is now, nothing where none fitted, or a sentence why not.
pub(super) fn changed(
    reply: &Result<Reply, Unreachable>,
) -> Result<Option<Map<String, Value>>, String> {
    let reply = match reply {
        Ok(reply) => reply,
        Err(Unreachable) => return Err(texts::rooms::did_not_answer().to_owned()),
    };
    match rule(&reply.body).filter(|_| reply.status == 400) {
        Some(Broken::Rule(rule)) => Err(texts::rooms::broken_rule(&rule)),
        Some(Broken::Said(sentence)) => Err(texts::sentence(&sentence)),
        None => match Outcome::read(reply) {
            Outcome::Done(row) => Ok(Some(row)),
            Outcome::Lost => Ok(None),
            Outcome::Refused(sentence) => Err(sentence),
        },
    }
}

/// What a row would break.
enum Broken {
    /// A constraint: those that people meet are named as sentences.
    Rule(String),
    /// What a trigger checks, which says it itself.
    Said(String),
}

fn rule(body: &str) -> Option<Broken> {
    let problem: Value = serde_json::from_str(body).ok()?;
    if problem["code"].as_str() != Some("23514") {
        return None;
    }
    let message = problem["message"].as_str()?;
    let name = message
        .split_once("constraint \"")
        .and_then(|(_, name)| name.split_once('"'));
    Some(match name {
        Some((name, _)) => Broken::Rule(name.replace('_', " ")),
        None => Broken::Said(message.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Result<Option<Map<String, Value>>, String> {
        let body = body.to_owned();
        changed(&Ok(Reply { status, body }))
    }

    #[test]
    fn a_broken_rule_is_told_by_its_name() {
        let body = r#"{"code":"23514","message":"new row for relation \"board_settings\" violates check constraint \"the_parking_lot_has_1_to_99_slots\""}"#;
        let told = read(400, body).unwrap_err();
        assert!(told.contains("the parking lot has 1 to 99 slots"), "{told}");
    }

    #[test]
    fn what_a_trigger_says_is_told_as_it_says_it() {
        let body = r#"{"code":"23514","hint":"unknown_time_zone","message":"There is no time zone \"Mars\""}"#;
        assert_eq!(
            read(400, body),
            Err("There is no time zone \"Mars\".".to_owned())
        );
    }

    #[test]
    fn other_answers_are_what_they_are() {
        assert_eq!(
            read(200, r#"[{"version":3}]"#).unwrap().unwrap()["version"],
            3
        );
        assert_eq!(read(200, "[]"), Ok(None));
        let busy = r#"{"code":"PT409","hint":"colleague_busy","message":"Doug is on a call"}"#;
        assert_eq!(read(409, busy), Err("Doug is on a call.".to_owned()));
        assert_eq!(
            changed(&Err(Unreachable)),
            Err(texts::rooms::did_not_answer().to_owned())
        );
    }
}
