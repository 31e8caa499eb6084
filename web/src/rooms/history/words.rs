//! What became of a call, in words.

use switchboard_model::{Address, Direction, EndReason, Status};

use super::listed::Listed;
use crate::texts;
use crate::texts::history;

/// How it ended, or what it is doing now.
pub(super) fn ending(call: &Listed) -> String {
    let names = call.agents.join(", ");
    let last = call.agents.last().map(String::as_str);
    match (call.status, call.direction) {
        (Status::Ringing, _) if call.leaves_message => history::leaves_now().to_owned(),
        (Status::Ringing, _) => history::rings_now().to_owned(),
        (Status::Active, _) if call.is_held => {
            history::held_now(last.unwrap_or_else(|| texts::a_colleague()))
        }
        (Status::Active, _) => history::talks_now(last.unwrap_or_else(|| texts::a_colleague())),
        (Status::Parked, _) => history::waits_now().to_owned(),
        (Status::Ended, Direction::Outbound) => match call.end_reason {
            _ if call.was_answered && call.talked_s.is_some_and(|talked| talked > 0) => {
                history::called_by(&names)
            }
            Some(EndReason::Failed) => history::called_failed(&names),
            _ => history::called_in_vain(&names),
        },
        (Status::Ended, Direction::Inbound) => match call.end_reason {
            Some(EndReason::Voicemail) => history::left_message().to_owned(),
            Some(EndReason::Missed) if call.is_missed => history::nobody_answered().to_owned(),
            Some(EndReason::Abandoned) if call.is_missed => history::gave_up().to_owned(),
            Some(EndReason::Failed) => history::line_failed().to_owned(),
            Some(EndReason::Reconciled) => history::line_was_gone().to_owned(),
            _ if !names.is_empty() => history::answered_by(&names),
            Some(EndReason::EndedByAgent) => history::turned_away().to_owned(),
            _ => history::ended().to_owned(),
        },
    }
}

/// Two lines for the customer: the name, or the number where there is none, and what stands below it.
pub(super) fn customer(call: &Listed) -> (String, String) {
    let number = match &call.number {
        Address::Number(number) => number.spaced(),
        Address::Withheld => texts::withheld().to_owned(),
        Address::Client(text) | Address::Other(text) => text.clone(),
    };
    match (&call.name, &call.company) {
        (Some(name), Some(company)) => (name.clone(), format!("{number} · {company}")),
        (Some(name), None) => (name.clone(), number),
        (None, _) => (number, String::new()),
    }
}

/// The number, where one can call it: who still rings, talks or waits is on the line already.
pub(super) fn dialled(call: &Listed) -> Option<&str> {
    match &call.number {
        Address::Number(number) if call.status == Status::Ended => Some(number.as_str()),
        Address::Number(_) | Address::Client(_) | Address::Withheld | Address::Other(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::listed::tests::listed;
    use super::*;

    #[test]
    fn a_missed_call_says_how() {
        let mut call = listed(1, 1);
        (call.agents, call.is_missed, call.was_answered) = (Vec::new(), true, false);
        for (reason, words) in [
            (EndReason::Abandoned, "Hung up before anybody answered"),
            (EndReason::Missed, "Nobody answered"),
            (EndReason::Voicemail, "Left a message"),
        ] {
            call.end_reason = Some(reason);
            assert_eq!(ending(&call), words);
        }
    }

    #[test]
    fn a_call_out_that_nobody_took_was_not_talked() {
        let mut call = listed(1, 1);
        call.direction = Direction::Outbound;
        call.agents = vec!["Doug".to_owned()];
        assert_eq!(ending(&call), "Doug called");
        (call.was_answered, call.talked_s) = (false, Some(0));
        call.end_reason = Some(EndReason::Missed);
        assert_eq!(ending(&call), "Doug called, nobody picked up");
    }

    #[test]
    fn only_who_is_no_longer_on_the_line_is_called() {
        let mut call = listed(1, 1);
        assert_eq!(dialled(&call), Some("+12025550150"));
        for status in [Status::Ringing, Status::Active, Status::Parked] {
            call.status = status;
            assert_eq!(dialled(&call), None, "{status:?}");
        }
        (call.status, call.number) = (Status::Ended, Address::Withheld);
        assert_eq!(dialled(&call), None);
    }

    #[test]
    fn a_customer_is_a_name_or_a_number() {
        let mut call = listed(1, 1);
        assert_eq!(
            customer(&call),
            ("Ada Moreno".to_owned(), "+1 (202) 555-0150".to_owned())
        );
        call.company = Some("Moreno Ltd".to_owned());
        assert_eq!(customer(&call).1, "+1 (202) 555-0150 · Moreno Ltd");
        (call.name, call.number) = (None, Address::Withheld);
        assert_eq!(
            customer(&call),
            ("Number withheld".to_owned(), String::new())
        );
        assert_eq!(dialled(&call), None);
    }
}
