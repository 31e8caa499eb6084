//! The row that a caller becomes.

use switchboard_model::{Address, Direction, NewCall};
use switchboard_twilio::{CallSid, Party, StatusCallback, VoiceRequest, callback};

/// The longest name that is kept. Networks send at most 15 characters; longer ones come from elsewhere.
const MAX_NAME_CHARS: usize = 120;
/// The longest address that is kept: SIP addresses are the longest that Twilio sends.
const MAX_ADDRESS_CHARS: usize = 255;

/// The row for a call that asks what to do.
#[must_use]
pub fn from_request(request: &VoiceRequest) -> NewCall {
    new_call(
        &request.call_sid,
        request.direction,
        [&request.from, &request.to],
        request.caller_name.as_deref(),
    )
}

/// The row for a call of which only the end was heard.
#[must_use]
pub fn from_status(status: &StatusCallback) -> NewCall {
    new_call(
        &status.call_sid,
        status.direction,
        [&status.from, &status.to],
        status.caller_name.as_deref(),
    )
}

fn new_call(
    sid: &CallSid,
    direction: callback::Direction,
    [from, to]: [&Party; 2],
    caller_name: Option<&str>,
) -> NewCall {
    let address = |party: &Party| Address::parse(&storable(party.as_str(), MAX_ADDRESS_CHARS));
    NewCall {
        twilio_call_sid: sid.to_string(),
        direction: match direction {
            callback::Direction::Inbound => Direction::Inbound,
            callback::Direction::Outbound => Direction::Outbound,
        },
        from_number: address(from),
        to_number: address(to),
        caller_name: caller_name
            .map(|name| storable(name, MAX_NAME_CHARS))
            .filter(|name| !name.is_empty()),
    }
}

/// Text that the database takes. It refuses NUL and whatever is too long, and a refused insert would cost a call.
fn storable(text: &str, max_chars: usize) -> String {
    let printable = text.chars().filter(|c| !c.is_control());
    printable
        .take(max_chars)
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_twilio::{Callback as _, Form};

    fn row(pairs: &[(&str, &str)]) -> NewCall {
        let form: Form = [("CallSid", "CA1")].iter().chain(pairs).copied().collect();
        from_request(&VoiceRequest::parse(&form).unwrap())
    }

    #[test]
    fn a_withheld_number_is_a_row_like_any_other() {
        let call = row(&[("From", "Anonymous"), ("To", "+15550199")]);
        assert_eq!(call.from_number.as_stored(), "anonymous");
        assert_eq!(call.caller_name, None);
    }

    #[test]
    fn nothing_that_the_database_would_refuse_is_kept() {
        let name = format!("A\0n\u{1b}n {}", "x".repeat(5000));
        let call = row(&[("From", &"9".repeat(5000)), ("CallerName", &name)]);
        let kept = call.caller_name.unwrap();
        assert!(
            kept.starts_with("Ann x") && kept.chars().count() <= 120,
            "{kept}"
        );
        assert!(call.from_number.as_stored().chars().count() <= 255);
    }

    #[test]
    fn a_name_of_nothing_is_no_name() {
        assert_eq!(row(&[("CallerName", "\u{0}\t")]).caller_name, None);
    }
}
