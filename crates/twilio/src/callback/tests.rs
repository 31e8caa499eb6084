//! Forms as Twilio posts them, complete and broken.

use super::*;

fn form(pairs: &[(&str, &str)]) -> Form {
    pairs.iter().copied().collect()
}

#[test]
fn a_call_is_read_and_unknown_parameters_are_ignored() {
    let request = VoiceRequest::parse(&form(&[
        ("CallSid", "CA1"),
        ("From", "+15550100"),
        ("To", "+15550199"),
        ("Direction", "inbound"),
        ("CallerName", " Ann Lee "),
        ("StirVerstat", "TN-Validation-Passed-A"),
        ("SomethingNew", "x"),
    ]))
    .unwrap();
    assert_eq!(request.call_sid.as_str(), "CA1");
    assert_eq!(request.from, Party::new("+15550100"));
    assert_eq!(request.direction, Direction::Inbound);
    assert_eq!(request.caller_name.as_deref(), Some("Ann Lee"));
}

#[test]
fn a_caller_who_is_not_shown_is_still_a_caller() {
    let request = VoiceRequest::parse(&form(&[
        ("CallSid", "CA1"),
        ("From", "anonymous"),
        ("CallerName", "  "),
    ]))
    .unwrap();
    assert_eq!(request.from.as_str(), "anonymous");
    assert_eq!(request.to.as_str(), "");
    assert_eq!(request.caller_name, None);
}

#[test]
fn a_request_without_a_good_sid_is_malformed() {
    assert_eq!(
        VoiceRequest::parse(&form(&[])),
        Err(MalformedCallback::Missing("CallSid"))
    );
    assert_eq!(
        VoiceRequest::parse(&form(&[("CallSid", "x")])),
        Err(MalformedCallback::Sid(InvalidCallSid))
    );
}

#[test]
fn a_status_is_read_with_its_sequence_number() {
    let status = StatusCallback::parse(&form(&[
        ("CallSid", "CA1"),
        ("CallStatus", "no-answer"),
        ("SequenceNumber", "3"),
        ("ParentCallSid", "CA2"),
    ]))
    .unwrap();
    assert_eq!(status.status, CallStatus::NoAnswer);
    assert_eq!(status.sequence_number, Some(3));
    assert_eq!(status.parent_call_sid.unwrap().as_str(), "CA2");
}

#[test]
fn a_status_of_no_known_word_is_malformed() {
    let unknown = StatusCallback::parse(&form(&[("CallSid", "CA1"), ("CallStatus", "vanished")]));
    assert_eq!(unknown, Err(MalformedCallback::Status("CallStatus")));
    assert_eq!(
        StatusCallback::parse(&form(&[("CallSid", "CA1")])),
        Err(MalformedCallback::Missing("CallStatus"))
    );
}

#[test]
fn a_finished_dial_is_read_also_when_no_leg_was_made() {
    let dial = DialResult::parse(&form(&[
        ("CallSid", "CA1"),
        ("DialCallStatus", "failed"),
        ("DialCallSid", ""),
    ]))
    .unwrap();
    assert_eq!(
        (dial.dial_status, dial.dial_call_sid),
        (CallStatus::Failed, None)
    );
}

#[test]
fn only_the_last_word_of_a_leg_is_final() {
    let last = ["completed", "busy", "no-answer", "canceled", "failed"];
    for word in ["queued", "initiated", "ringing", "in-progress", "answered"]
        .iter()
        .chain(&last)
    {
        assert_eq!(
            CallStatus::parse(word).unwrap().is_final(),
            last.contains(word),
            "{word}"
        );
    }
}
