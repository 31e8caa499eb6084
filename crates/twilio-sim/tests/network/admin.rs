//! The admin API.

use reqwest::{Method, StatusCode};
use serde_json::json;
use switchboard_twilio_sim::clock::Mode;

use crate::paper::{DIAL, END, HOLD, Webhook};
use crate::simulator::{Simulator, config};

#[tokio::test]
async fn the_simulator_says_how_it_is() {
    let webhook = Webhook::answering(&[]).await;
    let simulator = Simulator::explicit(&webhook).await;
    simulator.advance(1_500).await;
    let health = simulator.get("/admin/health").await;
    let expected = json!({ "ok": true, "now_ms": 1_500, "mode": "explicit", "webhook": webhook.base.to_string() });
    assert_eq!(health, expected);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_log_over_the_network_too() {
    let webhook = Webhook::answering(&[("/twilio/voice", DIAL), ("/twilio/dial", HOLD)]).await;
    let mut logs = Vec::new();
    for _ in 0..2 {
        let simulator = Simulator::explicit(&webhook).await;
        let rates =
            json!({ "callback_drop": 300, "fetch_unreachable": 300, "callback_duplicate": 300 });
        let set = simulator
            .request(Method::PUT, "/admin/faults")
            .json(&rates)
            .send()
            .await
            .unwrap();
        assert_eq!(set.status(), StatusCode::NO_CONTENT);
        assert_eq!(simulator.get("/admin/faults").await, rates);
        for _ in 0..4 {
            simulator.call().await;
            simulator.advance(20_000).await;
        }
        logs.push(simulator.get("/admin/log").await);
    }
    assert!(logs[0]["lines"].as_array().unwrap().len() > 20);
    assert_eq!(logs[0], logs[1]);
    let tail = logs[0]["next"].as_u64().unwrap() - 1;
    let simulator = Simulator::explicit(&webhook).await;
    assert_eq!(
        simulator.get(&format!("/admin/log?after={tail}")).await["lines"],
        json!([])
    );
}

#[tokio::test]
async fn a_caller_is_hung_up_and_a_leg_that_is_over_is_not_found() {
    let webhook = Webhook::answering(&[("/twilio/voice", HOLD)]).await;
    let simulator = Simulator::explicit(&webhook).await;
    let caller = simulator.call().await;
    simulator.advance(100).await;
    let path = format!("/admin/calls/{caller}/hangup");
    simulator.post(&path, json!({})).await;
    assert_eq!(simulator.get("/admin/legs").await, json!([]));
    simulator.advance(100).await;
    assert_eq!(
        webhook.heard("/twilio/status")[0].get("CallStatus"),
        "completed"
    );
    let again = simulator.request(Method::POST, &path).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_key_ends_a_recording_and_a_telephone_does_as_told() {
    const RECORD: &str = "<Response><Record action='/twilio/recorded' finishOnKey='#'/></Response>";
    const OUT: &str =
        "<Response><Dial action='/twilio/dial'><Number>+12025550102</Number></Dial></Response>";
    let webhook = Webhook::answering(&[
        ("/twilio/voice", RECORD),
        ("/twilio/recorded", OUT),
        ("/twilio/dial", END),
    ])
    .await;
    let simulator = Simulator::explicit(&webhook).await;
    let waits = json!({ "does": "waits" });
    let path = "/admin/callees/+12025550102";
    let set = simulator
        .request(Method::PUT, path)
        .json(&waits)
        .send()
        .await
        .unwrap();
    assert_eq!(set.status(), StatusCode::NO_CONTENT);
    let caller = simulator.call().await;
    simulator.advance(2_000).await;
    simulator
        .post(
            &format!("/admin/calls/{caller}/press"),
            json!({ "digit": "#" }),
        )
        .await;
    simulator.advance(10_000).await;
    let legs = simulator.get("/admin/legs").await;
    let callee = legs[1]["call_sid"].as_str().unwrap();
    assert_eq!(
        (&legs[1]["status"], &legs[1]["parent_call_sid"]),
        (&json!("ringing"), &json!(caller))
    );
    simulator
        .post(&format!("/admin/calls/{callee}/answer"), json!({}))
        .await;
    assert_eq!(simulator.leg(&caller).await["talks_to"], callee);
}

#[tokio::test]
async fn time_that_goes_by_itself_is_not_stepped() {
    let webhook = Webhook::answering(&[]).await;
    let simulator = Simulator::start(config(&webhook.base), Mode::Auto).await;
    let step = simulator
        .request(Method::POST, "/admin/advance")
        .json(&json!({ "ms": 1 }));
    assert_eq!(step.send().await.unwrap().status(), StatusCode::CONFLICT);
}

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let webhook = Webhook::answering(&[]).await;
    let simulator = Simulator::explicit(&webhook).await;
    let from = |origin: &'static str| {
        simulator
            .request(Method::GET, "/admin/legs")
            .header("origin", origin)
            .send()
    };
    assert_eq!(
        from("https://evil.example").await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        from("http://127.0.0.1:8080").await.unwrap().status(),
        StatusCode::OK
    );
}
