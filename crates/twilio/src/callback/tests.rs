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

#[test]
fn a_browser_that_calls_out_is_known_by_its_identity_and_its_words_are_kept() {
    let request = VoiceRequest::parse(&form(&[
        ("CallSid", "CA1"),
        ("From", "client:agent_doug"),
        ("Direction", "inbound"),
        ("CallStatus", "ringing"),
        ("number", "+14155550100"),
    ]))
    .unwrap();
    let identity = request.from.client().unwrap();
    assert_eq!(identity.as_str(), "agent_doug");
    assert_eq!(request.parameters.get("number"), Some("+14155550100"));
    assert_eq!(request.status, Some(CallStatus::Ringing));
    for other in ["+14155550100", "client:", "client:a b", "agent_doug", ""] {
        assert_eq!(Party::new(other).client(), None, "{other}");
    }
}

#[test]
fn what_cannot_be_read_and_is_not_needed_is_absent() {
    let fields = [
        ("CallSid", "CA1"),
        ("CallStatus", "completed"),
        ("DialCallStatus", "completed"),
        ("SequenceNumber", "-1"),
        ("CallDuration", "1.5"),
        ("DialCallDuration", ""),
        ("DialBridged", "perhaps"),
        ("ErrorCode", "x"),
    ];
    let status = StatusCallback::parse(&form(&fields)).unwrap();
    assert_eq!((status.sequence_number, status.duration_s), (None, None));
    let dial = DialResult::parse(&form(&fields)).unwrap();
    assert_eq!((dial.dial_duration_s, dial.is_bridged), (None, None));
    assert_eq!(dial.status, Some(CallStatus::Completed));
    assert_eq!(
        VoiceRequest::parse(&form(&fields)).unwrap().error_code,
        None
    );
}

#[test]
fn a_recording_is_read_when_it_is_ready_and_when_it_is_not() {
    let ready = RecordingCallback::parse(&form(&[
        ("CallSid", "CA1"),
        ("RecordingSid", "RE1"),
        ("RecordingStatus", "completed"),
        ("RecordingUrl", "https://x/RE1"),
        ("RecordingDuration", "12"),
    ]))
    .unwrap();
    assert_eq!(ready.recording_sid.as_str(), "RE1");
    assert_eq!(ready.status, RecordingStatus::Completed);
    assert_eq!(ready.duration_s, Some(12));
    let over = RecordResult::parse(&form(&[("CallSid", "CA1"), ("Digits", "hangup")])).unwrap();
    assert_eq!((over.recording_sid, over.url), (None, None));
    assert_eq!(over.digits.as_deref(), Some("hangup"));
    for (sid, status, refusal) in [
        ("", "completed", MalformedCallback::Missing("RecordingSid")),
        ("RE1/../x", "completed", MalformedCallback::RecordingSid),
        (
            "RE1",
            "melted",
            MalformedCallback::Status("RecordingStatus"),
        ),
    ] {
        let fields = [
            ("CallSid", "CA1"),
            ("RecordingSid", sid),
            ("RecordingStatus", status),
        ];
        assert_eq!(RecordingCallback::parse(&form(&fields)), Err(refusal));
    }
}

#[test]
fn every_status_has_one_word() {
    for word in [
        "queued",
        "initiated",
        "ringing",
        "in-progress",
        "completed",
        "busy",
        "no-answer",
        "canceled",
        "failed",
    ] {
        assert_eq!(CallStatus::parse(word).unwrap().as_str(), word);
    }
}
