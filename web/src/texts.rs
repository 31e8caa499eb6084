//! What the page says, in the reader's language.
//!
//! The sentences themselves are in `web/texts`, one file for a topic and a language; there is one function for
//! each, such as [`answer`]. Here is what chooses between them.

use std::sync::OnceLock;

use switchboard_model::{Call, Checksum, EndReason, Intent, ParkReason, Status};

use crate::format::{capitals, earlier};

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

pub(crate) use board::*;

static LINES: OnceLock<Vec<&'static str>> = OnceLock::new();

/// The texts of the page: one to a line, as the build numbered them. Whoever comes second changes nothing.
pub(crate) fn learn(lines: String) {
    let _ = LINES.set(lines.leak().split('\n').collect());
}

fn say(number: usize) -> &'static str {
    // Tests read English; a page without its texts was never drawn.
    #[cfg(not(target_arch = "wasm32"))]
    LINES.get_or_init(|| {
        include_str!(concat!(env!("OUT_DIR"), "/texts.txt"))
            .split('\n')
            .collect()
    });
    let line = LINES.get().and_then(|lines| lines.get(number));
    line.copied().unwrap_or_default()
}

fn fill(number: usize, places: &[(&str, &str)]) -> String {
    let mut text = String::new();
    let mut rest = say(number);
    while let Some((before, after)) = rest.split_once('{') {
        let (place, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        let known = places.iter().find(|(name, _)| *name == place);
        text.push_str(known.map_or("", |(_, word)| word));
        rest = after;
    }
    text.push_str(rest);
    text
}

/// `12 calls · code 7f3a`: the live calls, and a checksum of all that is shown.
pub(crate) fn board_and_sum(shown: Checksum) -> String {
    let calls = u64::try_from(shown.calls).unwrap_or_default();
    sum(calls, &format!("{:04x}", shown.checksum & 0xffff))
}

/// A refusal of the database in the reader's language: `hint` names the rule. In English the database's own `message`,
/// which also names people, is a sentence already.
pub(crate) fn refusal(hint: &str, message: &str) -> String {
    let own = refusals().split(" | ").find_map(|own| {
        let (rule, own) = own.split_once(": ")?;
        (rule == hint).then(|| own.to_owned())
    });
    own.unwrap_or_else(|| sentence(message))
}

/// Who put the call where it waits. `agent` is the member who had it last, `mover` the one who parked it, as far as the
/// row says that.
pub(crate) fn parked_why(
    reason: Option<ParkReason>,
    agent: Option<&str>,
    mover: Option<&str>,
) -> String {
    match (reason, agent) {
        (Some(ParkReason::AgentDropped), Some(name)) => dropped_by(name),
        (Some(ParkReason::AgentDropped), None) => dropped().to_owned(),
        (Some(ParkReason::Unreachable), Some(name)) => unreachable_agent(name),
        (Some(ParkReason::Unreachable), None) => unreachable_nobody().to_owned(),
        (Some(ParkReason::TransferFailed), Some(name)) => transfer_failed_to(name),
        (Some(ParkReason::TransferFailed), None) => transfer_failed().to_owned(),
        (Some(ParkReason::ParkedByAgent) | None, agent) => match mover.or(agent) {
            Some(name) => parked_by(name),
            None => parked().to_owned(),
        },
    }
}

/// Who has a call, as it is told to somebody who came too late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The reader.
    Me,
    /// A colleague of that name.
    Colleague(String),
}

/// Why `intent` came too late, from the call as it is now and who calls (`None`: it is gone).
///
/// `holder` is whoever has the call or had it last; `ahead_ms` is how much
/// sooner the winner's answer stood in the database than mine met it, on the server's clock.
pub(crate) fn lost(
    intent: Intent,
    call: Option<(&Call, &str)>,
    holder: Option<&Holder>,
    ahead_ms: Option<i64>,
) -> String {
    let Some((call, who)) = call else {
        return lost_gone().to_owned();
    };
    let name = match holder {
        Some(Holder::Colleague(name)) => name,
        Some(Holder::Me) | None => a_colleague(),
    };
    match (intent, call.status) {
        (_, Status::Ended) => ended(call.end_reason, holder),
        (_, Status::Ringing) => lost_rings().to_owned(),
        (_, Status::Active) if holder == Some(&Holder::Me) => lost_mine().to_owned(),
        (Intent::Answer, Status::Active) => match ahead_ms {
            Some(ms) => lost_answered(&earlier(ms), name, who),
            None => lost_answered_just(name, who),
        },
        (Intent::Retrieve | Intent::Move { .. }, Status::Active) => lost_taken(name),
        (_, Status::Active) => lost_has(name),
        (_, Status::Parked) => match call.parking_slot {
            Some(slot) => lost_parked_in(&slot.to_string()),
            None => lost_parked().to_owned(),
        },
    }
}

fn ended(reason: Option<EndReason>, holder: Option<&Holder>) -> String {
    match (reason, holder) {
        (Some(EndReason::Completed | EndReason::Abandoned | EndReason::Missed), _) => {
            lost_hung_up().to_owned()
        }
        (Some(EndReason::Voicemail), _) => lost_message().to_owned(),
        (Some(EndReason::EndedByAgent), Some(Holder::Colleague(name))) => lost_ended_by(name),
        (Some(EndReason::EndedByAgent | EndReason::Failed | EndReason::Reconciled) | None, _) => {
            lost_ended().to_owned()
        }
    }
}

/// A message of the database as a sentence: it begins with a capital and ends with a full stop.
pub(crate) fn sentence(message: &str) -> String {
    let message = message.trim().trim_end_matches('.');
    let mut characters = message.chars();
    match characters.next() {
        Some(first) => capitals(first.encode_utf8(&mut [0; 4])) + characters.as_str() + ".",
        None => server_trouble().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_english_the_database_speaks_for_itself() {
        let told = refusal("slot_taken", "slot 3 is taken by Anna Berg");
        assert_eq!(told, "Slot 3 is taken by Anna Berg.");
    }

    #[test]
    fn in_spanish_every_refusal_that_a_button_can_meet_has_a_sentence() {
        let texts: serde_json::Value =
            serde_json::from_str(include_str!("../texts/es/board.json")).expect("it is JSON");
        let refusals = texts["refusals"].as_str().expect("a line");
        let mut met = 0;
        for refusal in refusals.split(" | ") {
            let (_, sentence) = refusal.split_once(": ").expect("a rule and its sentence");
            assert!(sentence.ends_with('.'), "{refusal}");
            met += 1;
        }
        assert_eq!(met, 10);
    }
}
