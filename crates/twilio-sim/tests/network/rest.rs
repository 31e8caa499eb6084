//! The webhook's REST client against the simulator.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;
use switchboard_twilio::rest::{Advice, CallUpdate, CallsQuery, RestClient, RestError};
use switchboard_twilio::{ApiKey, AuthToken, CallSid, CallStatus, Twiml, Verb};
use switchboard_twilio_sim::sim::ACCOUNT_SID;

use crate::paper::{HOLD, TOKEN, Webhook};
use crate::simulator::{KEY_SECRET, KEY_SID, Simulator, key};

const RECORD: &str = "<Response><Record action='/twilio/recorded' maxLength='5'/></Response>";

#[tokio::test]
async fn a_call_is_fetched_changed_listed_and_ended() {
    let webhook = Webhook::answering(&[("/twilio/voice", HOLD)]).await;
    let simulator = Simulator::explicit(&webhook).await;
    let rest = simulator.rest();
    let sid = CallSid::parse(&simulator.call().await).unwrap();
    simulator.advance(1_000).await;
    let call = rest.fetch(&sid).await.unwrap();
    assert_eq!(
        (call.sid.clone(), call.status),
        (sid.clone(), CallStatus::InProgress)
    );

    let url = webhook.base.join("/twilio/voice?c=1&e=5");
    rest.update(&sid, &CallUpdate::Url(url)).await.unwrap();
    simulator.advance(1_000).await;
    let asked = webhook.heard("/twilio/voice?c=1&e=5");
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].get("CallSid"), sid.as_str());

    let other = CallSid::parse(&simulator.call().await).unwrap();
    simulator.advance(100).await;
    let hang_up = CallUpdate::Twiml(Twiml::new([Verb::Hangup]));
    rest.update(&other, &hang_up).await.unwrap();
    simulator.advance(1_000).await;
    let query = CallsQuery {
        status: Some(CallStatus::InProgress),
        ..CallsQuery::default()
    };
    let listed = rest.list(&query).await.unwrap();
    assert_eq!(
        listed
            .calls
            .iter()
            .map(|call| &call.sid)
            .collect::<Vec<_>>(),
        [&sid]
    );
    let one = CallsQuery {
        page_size: Some(1),
        ..CallsQuery::default()
    };
    let newest = rest.list(&one).await.unwrap();
    assert_eq!(newest.calls[0].sid, other);
    let next = rest.next_page(&newest).await.unwrap().unwrap();
    assert_eq!(next.calls[0].sid, sid);
    assert_eq!(rest.next_page(&next).await.unwrap(), None);

    let ended = rest.update(&sid, &CallUpdate::Complete).await.unwrap();
    assert_eq!(
        (ended.status, ended.duration_s),
        (CallStatus::Completed, Some(3))
    );
    assert_eq!(
        rest.update(&sid, &CallUpdate::Complete).await,
        Err(RestError::NotInProgress)
    );
    let unknown = CallSid::parse("CA0").unwrap();
    assert_eq!(rest.fetch(&unknown).await, Err(RestError::Gone));
}

#[tokio::test]
async fn accidents_are_understood() {
    let webhook = Webhook::answering(&[("/twilio/voice", HOLD)]).await;
    let simulator = Simulator::explicit(&webhook).await;
    let rest = simulator.rest();
    let sid = CallSid::parse(&simulator.call().await).unwrap();
    for (kind, expected) in [
        (
            "rest_429",
            RestError::Throttled {
                retry_after: Some(Duration::from_secs(1)),
            },
        ),
        ("rest_500", RestError::Server { status: 500 }),
        ("rest_unanswered", RestError::Unreachable),
        ("rest_answer_lost", RestError::Unreachable),
    ] {
        simulator
            .post("/admin/faults/once", json!({ "kind": kind }))
            .await;
        let error = rest.fetch(&sid).await.unwrap_err();
        assert_eq!(error, expected, "{kind}");
        assert!(matches!(error.advice(), Advice::Retry(_)));
    }
    rest.fetch(&sid).await.unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let nowhere = RestClient::with_auth_token(&base, ACCOUNT_SID, &AuthToken::new(TOKEN)).unwrap();
    assert_eq!(nowhere.fetch(&sid).await, Err(RestError::Unreachable));
}

#[tokio::test]
async fn the_account_and_its_key_may_ask_and_nobody_else() {
    let webhook = Webhook::answering(&[("/twilio/voice", HOLD)]).await;
    let simulator = Simulator::explicit(&webhook).await;
    let sid = CallSid::parse(&simulator.call().await).unwrap();
    let base = format!("http://{}", simulator.address);
    let as_key = |key: &ApiKey| RestClient::with_api_key(&base, ACCOUNT_SID, key).unwrap();
    as_key(&key()).fetch(&sid).await.unwrap();
    let refused = RestError::Refused {
        status: 401,
        code: Some(20003),
    };
    for wrong in [
        ApiKey::new(KEY_SID, "wrong"),
        ApiKey::new("SK2", KEY_SECRET),
    ] {
        assert_eq!(as_key(&wrong).fetch(&sid).await, Err(refused.clone()));
    }
    let elsewhere = RestClient::with_auth_token(&base, "AC2", &AuthToken::new(TOKEN)).unwrap();
    assert_eq!(elsewhere.fetch(&sid).await, Err(refused));
    assert_eq!(
        format!("{:?}", as_key(&key())),
        format!("RestClient({ACCOUNT_SID} at {base}/)")
    );
}

#[tokio::test]
async fn a_recording_can_be_heard() {
    let webhook = Webhook::answering(&[("/twilio/voice", RECORD)]).await;
    let simulator = Simulator::explicit(&webhook).await;
    simulator.call().await;
    simulator.advance(6_000).await;
    let recorded = &webhook.heard("/twilio/recorded")[0];
    assert_eq!(recorded.get("RecordingDuration"), "5");
    let url = recorded.get("RecordingUrl");
    let path = url
        .strip_prefix(&format!("http://{}", simulator.address))
        .unwrap();
    let wav = simulator.request(Method::GET, &format!("{path}.wav"));
    assert_eq!(
        wav.try_clone().unwrap().send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    let wav = wav
        .basic_auth(ACCOUNT_SID, Some(TOKEN))
        .send()
        .await
        .unwrap();
    assert_eq!(wav.headers()["content-type"], "audio/x-wav");
    assert_eq!(wav.bytes().await.unwrap().len(), 44 + 5 * 8_000);
}
