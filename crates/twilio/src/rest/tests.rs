//! Answers as Twilio writes them.

use std::time::Duration;

use super::*;
use crate::{CallSid, CallStatus, Direction, Twiml, Verb};

const CALL: &str = r#"{"sid":"CA1","parent_call_sid":null,"account_sid":"AC1","status":"in-progress",
    "direction":"outbound-dial","from":"+14155550100","to":"client:agent_doug","duration":null,
    "price":null,"subresource_uris":{}}"#;

#[test]
fn a_call_is_read_and_what_is_new_is_ignored() {
    let call = read_call(200, None, CALL.as_bytes()).unwrap();
    assert_eq!(call.sid, CallSid::parse("CA1").unwrap());
    assert_eq!(call.status, CallStatus::InProgress);
    assert_eq!(call.direction, Direction::Outbound);
    assert_eq!(call.to.client().unwrap().as_str(), "agent_doug");
    assert_eq!((call.parent_call_sid, call.duration_s), (None, None));
}

#[test]
fn every_refusal_says_what_to_do() {
    let advice = |status, retry_after, body: &str| {
        read_call(status, retry_after, body.as_bytes())
            .unwrap_err()
            .advice()
    };
    let seconds = |seconds| Advice::Retry(Some(Duration::from_secs(seconds)));
    for (status, retry_after, body, expected) in [
        (404, None, r#"{"code":20404}"#, Advice::Gone),
        (404, None, "", Advice::Gone),
        (
            400,
            None,
            r#"{"code":21220,"message":"x"}"#,
            Advice::NotInProgress,
        ),
        (429, Some("7"), r#"{"code":20429}"#, seconds(7)),
        (429, None, "<html>", Advice::Retry(None)),
        (503, None, "", Advice::Retry(None)),
        (500, None, r#"{"code":20500}"#, Advice::Retry(None)),
        (401, None, r#"{"code":20003}"#, Advice::GiveUp),
        (400, None, r#"{"code":21205}"#, Advice::GiveUp),
        (302, None, "", Advice::GiveUp),
        (200, None, "<html>", Advice::Retry(None)),
        (
            200,
            None,
            r#"{"sid":"x","status":"ringing"}"#,
            Advice::Retry(None),
        ),
    ] {
        assert_eq!(
            advice(status, retry_after, body),
            expected,
            "{status} {body}"
        );
    }
    assert_eq!(RestError::TimedOut.advice(), Advice::Retry(None));
    assert_eq!(RestError::Unreachable.advice(), Advice::Retry(None));
}

#[test]
fn a_page_leaves_out_what_it_cannot_read() {
    let body = format!(
        r#"{{"calls":[{CALL},{{"sid":"CA2","status":"dancing"}}],"next_page_uri":"/n?Page=1"}}"#
    );
    let page = read_calls(200, None, body.as_bytes()).unwrap();
    assert_eq!(page.calls.len(), 1);
    assert_eq!(page.next_page_uri.as_deref(), Some("/n?Page=1"));
    let elsewhere = r#"{"calls":[],"next_page_uri":"https://evil.example/"}"#;
    let page = read_calls(200, None, elsewhere.as_bytes()).unwrap();
    assert_eq!(page.next_page_uri, None);
}

#[test]
fn an_update_is_one_of_four() {
    for (update, encoded) in [
        (
            CallUpdate::Url("https://x/v?c=1&e=2".to_owned()),
            "Url=https%3A%2F%2Fx%2Fv%3Fc%3D1%26e%3D2&Method=POST",
        ),
        (CallUpdate::Complete, "Status=completed"),
        (CallUpdate::Cancel, "Status=canceled"),
    ] {
        assert_eq!(update.form().encode(), encoded);
    }
    let twiml = CallUpdate::Twiml(Twiml::new([Verb::Hangup])).form();
    assert!(twiml.get("Twiml").unwrap().contains("<Hangup/>"));
}

#[test]
fn a_query_has_its_keys_in_order() {
    let query = CallsQuery {
        status: Some(CallStatus::InProgress),
        parent_call_sid: Some(CallSid::parse("CA1").unwrap()),
        page_size: Some(5000),
    };
    assert_eq!(
        query.form().encode(),
        "PageSize=1000&ParentCallSid=CA1&Status=in-progress"
    );
    assert_eq!(CallsQuery::default().form().encode(), "");
}
