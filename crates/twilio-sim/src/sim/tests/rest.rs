//! The REST API's answers.

use super::*;

fn code(answer: Option<RestAnswer>) -> (u16, i64) {
    let answer = answer.unwrap();
    (
        answer.status,
        answer.body["code"].as_i64().unwrap_or_default(),
    )
}

fn update(sid: &str, pairs: &[(&str, &str)]) -> RestRequest {
    RestRequest::Update {
        sid: sid.to_owned(),
        form: pairs.iter().copied().collect(),
    }
}

#[test]
fn a_call_is_shown_as_it_is() {
    let mut world = World::new(&[("/twilio/voice", HOLD)]);
    let caller = world.call();
    world.pass(3_000);
    let fetch = RestRequest::Fetch {
        sid: caller.clone(),
    };
    let call = world.rest(fetch).unwrap().body;
    let typed =
        switchboard_twilio::rest::read_call(200, None, call.to_string().as_bytes()).unwrap();
    assert_eq!(typed.sid.as_str(), caller);
    assert_eq!(typed.status, switchboard_twilio::CallStatus::InProgress);
    assert_eq!((typed.parent_call_sid, typed.duration_s), (None, None));
    let answer = world
        .rest(update(&caller, &[("Status", "completed")]))
        .unwrap();
    assert_eq!(answer.body["status"], "completed");
    assert_eq!(answer.body["duration"], "3");
    assert_eq!(answer.body["start_time"], "Thu, 01 Jan 2026 00:00:00 +0000");
}

#[test]
fn refusals_have_twilios_codes() {
    let mut world = World::new(&[("/twilio/voice", HOLD)]);
    let caller = world.call();
    let unknown = RestRequest::Fetch {
        sid: "CA0".to_owned(),
    };
    assert_eq!(code(world.rest(unknown)), (404, 20404));
    assert_eq!(
        code(world.rest(update("CA0", &[("Status", "completed")]))),
        (404, 20404)
    );
    for bad in [
        &[][..],
        &[("Status", "ringing")],
        &[("Url", "https://x.example/v"), ("Twiml", "<Response/>")],
        &[("Url", "/twilio/voice")],
        &[("Twiml", "<Html/>")],
    ] {
        assert_eq!(
            code(world.rest(update(&caller, bad))),
            (400, 20001),
            "{bad:?}"
        );
    }
    assert_eq!(
        code(world.rest(update(&caller, &[("Status", "canceled")]))),
        (400, 21220)
    );
    world.input(Input::Do(Command::HangUp(caller.clone())));
    for late in [("Status", "completed"), ("Url", "https://x.example/v")] {
        assert_eq!(code(world.rest(update(&caller, &[late]))), (400, 21220));
    }
}

#[test]
fn an_unanswered_call_can_be_canceled() {
    let mut world = World::new(&[("/twilio/voice", &dial(&["agent_doug"]))]);
    world.device(1, "agent_doug");
    let caller = world.call();
    world.pass(1_000);
    let answer = world
        .rest(update(&caller, &[("Status", "canceled")]))
        .unwrap();
    assert_eq!(
        (answer.status, answer.body["status"].as_str()),
        (200, Some("canceled"))
    );
    assert_eq!(world.types(1).last().unwrap(), "cancel");
}

#[test]
fn calls_are_listed_page_by_page_newest_first() {
    let mut world = World::new(&[("/twilio/voice", HOLD)]);
    let callers: Vec<_> = (0..5).map(|_| world.call()).collect();
    world.input(Input::Do(Command::HangUp(callers[4].clone())));
    let mut listed = Vec::new();
    let mut query = "Status=in-progress&PageSize=3".to_owned();
    loop {
        let request = RestRequest::read(
            ACCOUNT_SID,
            Method::Get,
            &format!("/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json"),
            &query,
            b"",
        );
        let body = world.rest(request.unwrap()).unwrap().body;
        let page =
            switchboard_twilio::rest::read_calls(200, None, body.to_string().as_bytes()).unwrap();
        listed.extend(page.calls.into_iter().map(|call| call.sid.to_string()));
        match page.next_page_uri {
            Some(uri) => query = uri.split_once('?').unwrap().1.to_owned(),
            None => break,
        }
    }
    let expected: Vec<_> = callers[..4].iter().rev().cloned().collect();
    assert_eq!(listed, expected);
}

#[test]
fn paths_are_read_for_our_account_alone() {
    let read = |method, path: &str| RestRequest::read("AC1", method, path, "", b"Status=completed");
    assert!(matches!(
        read(Method::Post, "/2010-04-01/Accounts/AC1/Calls/CA1.json"),
        Some(RestRequest::Update { .. })
    ));
    for (method, path) in [
        (Method::Post, "/2010-04-01/Accounts/AC1/Calls.json"),
        (Method::Get, "/2010-04-01/Accounts/AC2/Calls.json"),
        (Method::Get, "/2010-04-01/Accounts/AC1/Calls/CA1"),
        (Method::Get, "/2010-04-01/Accounts/AC1/Messages.json"),
    ] {
        assert_eq!(read(method, path), None, "{path}");
    }
}
