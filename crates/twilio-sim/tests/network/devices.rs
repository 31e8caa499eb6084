//! The Device socket's protocol.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard_twilio_sim::clock::Mode;

use crate::browser::Browser;
use crate::paper::{DIAL, HOLD, Webhook};
use crate::simulator::{Simulator, config, token};

fn doug() -> String {
    token("agent_doug", Duration::ZERO)
}

#[tokio::test]
async fn a_call_rings_is_accepted_muted_and_hung_up() {
    let webhook = Webhook::answering(&[("/twilio/voice", DIAL), ("/twilio/dial", HOLD)]).await;
    let simulator = Simulator::explicit(&webhook).await;
    let mut first = Browser::registered(simulator.address, &doug()).await;
    let mut second = Browser::registered(simulator.address, &doug()).await;
    let caller = simulator.call().await;
    simulator.advance(1_000).await;

    let invitation = first.hear("incoming").await;
    assert_eq!(invitation["from"], "+12025550101");
    assert_eq!(invitation["parameters"], json!({ "call_id": "1" }));
    second.hear("incoming").await;
    let call_sid = invitation["call_sid"].as_str().unwrap();
    first
        .say(json!({ "type": "accept", "call_sid": call_sid }))
        .await;
    second.hear("cancel").await;
    simulator.advance(1_000).await;
    assert_eq!(first.hear("accepted").await["call_sid"], call_sid);
    let hears = json!({ "kind": "talk", "with": caller, "muted": false });
    assert_eq!(first.hear("audio").await["hears"], hears);
    assert_eq!(simulator.leg(&caller).await["talks_to"], call_sid);
    assert_eq!(
        webhook.heard("/twilio/leg")[0].get("CallStatus"),
        "in-progress"
    );

    first
        .say(json!({ "type": "mute", "call_sid": call_sid, "muted": true }))
        .await;
    first.hear("muted").await;
    assert_eq!(simulator.leg(&caller).await["hears"]["muted"], true);
    first
        .say(json!({ "type": "disconnect", "call_sid": call_sid }))
        .await;
    first.hear("disconnected").await;
    simulator.advance(1_000).await;
    assert_eq!(
        webhook.heard("/twilio/dial")[0].get("DialCallStatus"),
        "completed"
    );
    let caller = simulator.leg(&caller).await;
    assert_eq!(caller["talks_to"], json!(null));
    assert_eq!(caller["url"], webhook.base.join("/twilio/dial"));
}

#[tokio::test]
async fn a_token_that_is_not_good_is_refused_with_its_reason() {
    let webhook = Webhook::answering(&[]).await;
    let simulator = Simulator::explicit(&webhook).await;
    let old = token("agent_doug", Duration::from_secs(3_601));
    for (token, code) in [("nonsense", 20101), ("", 20101), (old.as_str(), 20104)] {
        let mut browser = Browser::connect(simulator.address, token).await;
        assert_eq!(browser.hear("error").await["code"], code);
        assert_eq!(browser.next().await, None, "the socket is closed");
    }
    assert_eq!(simulator.get("/admin/devices").await, json!([]));
}

#[tokio::test]
async fn a_fresh_token_is_taken_for_the_same_identity_alone() {
    let webhook = Webhook::answering(&[]).await;
    // Long, so that it does not matter how old the token is when it arrives.
    let mut config = config(&webhook.base);
    config.timing.token_warning = Duration::from_secs(120);
    let simulator = Simulator::start(config, Mode::Explicit).await;
    let mut browser = Browser::registered(simulator.address, &doug()).await;
    simulator.advance(3_500_000).await;
    assert_eq!(browser.hear("tokenWillExpire").await["in_ms"], 120_000);
    let sue = token("supervisor_sue", Duration::ZERO);
    browser.say(json!({ "type": "token", "token": sue })).await;
    assert_eq!(browser.hear("error").await["code"], 20101);
    browser
        .say(json!({ "type": "token", "token": doug() }))
        .await;
    browser.hear("tokenUpdated").await;
    simulator.advance(200_000).await;
    assert_eq!(simulator.get("/admin/devices").await[0]["registered"], true);
}

#[tokio::test]
async fn frames_that_are_not_understood_are_answered_and_too_long_ones_end_the_socket() {
    let webhook = Webhook::answering(&[]).await;
    let simulator = Simulator::explicit(&webhook).await;
    let mut browser = Browser::registered(simulator.address, &doug()).await;
    for frame in [
        "",
        "{}",
        "[1]",
        r#"{"type":"dance"}"#,
        r#"{"type":"accept"}"#,
    ] {
        browser.say_raw(frame.to_owned()).await;
        assert_eq!(browser.hear("error").await["code"], 31000, "{frame}");
    }
    browser
        .say(json!({ "type": "accept", "call_sid": "CA0" }))
        .await;
    browser.hear("cancel").await;
    browser.say_raw("x".repeat(70_000)).await;
    assert_eq!(browser.next().await, None);
}

#[tokio::test]
async fn a_reloaded_tab_ends_its_call_and_is_rung_again_under_its_new_socket() {
    let webhook = Webhook::answering(&[("/twilio/voice", DIAL), ("/twilio/dial", DIAL)]).await;
    let simulator = Simulator::explicit(&webhook).await;
    let mut tab = Browser::registered(simulator.address, &doug()).await;
    let caller = simulator.call().await;
    simulator.advance(1_000).await;
    let call_sid = tab.hear("incoming").await["call_sid"].clone();
    tab.say(json!({ "type": "accept", "call_sid": call_sid }))
        .await;
    until_busy(&simulator).await;
    simulator.advance(1_000).await;
    tab.leave().await;
    until_devices(&simulator, |devices| devices == &json!([])).await;
    let mut again = Browser::registered(simulator.address, &doug()).await;
    simulator.advance(2_000).await;
    let second = again.hear("incoming").await["call_sid"].clone();
    assert_ne!(second, call_sid);
    again
        .say(json!({ "type": "accept", "call_sid": second }))
        .await;
    until_busy(&simulator).await;
    simulator.advance(1_000).await;
    assert_eq!(simulator.leg(&caller).await["talks_to"], second);
}

/// What a browser says is in the simulator once it shows there.
async fn until_busy(simulator: &Simulator) {
    until_devices(simulator, |devices| devices[0]["busy"] == true).await;
}

async fn until_devices(simulator: &Simulator, is_so: impl Fn(&Value) -> bool) {
    let so = async { while !is_so(&simulator.get("/admin/devices").await) {} };
    tokio::time::timeout(crate::paper::PATIENCE, so)
        .await
        .expect("the devices never come to that");
}

#[tokio::test]
async fn a_browser_whose_line_breaks_is_missed_after_a_while() {
    let webhook = Webhook::answering(&[("/twilio/voice", DIAL), ("/twilio/dial", HOLD)]).await;
    let simulator = Simulator::explicit(&webhook).await;
    let mut tab = Browser::registered(simulator.address, &doug()).await;
    let caller = simulator.call().await;
    simulator.advance(1_000).await;
    let call_sid = tab.hear("incoming").await["call_sid"].clone();
    tab.say(json!({ "type": "accept", "call_sid": call_sid }))
        .await;
    until_busy(&simulator).await;
    simulator.advance(1_000).await;
    tab.hear("accepted").await;
    tab.hear("audio").await;
    simulator
        .post("/admin/devices/agent_doug/drop", json!({}))
        .await;
    assert_eq!(tab.next().await, None, "the socket breaks");
    simulator.advance(4_000).await;
    assert_eq!(simulator.leg(&caller).await["talks_to"], call_sid);
    simulator.advance(2_000).await;
    assert_eq!(simulator.leg(&caller).await["talks_to"], json!(null));
}

#[tokio::test]
async fn a_browser_calls_out() {
    const OUT: &str = "<Response><Dial callerId='+12025550199' answerOnBridge='true'><Number>+12025550102</Number></Dial></Response>";
    let webhook = Webhook::answering(&[("/twilio/voice", OUT)]).await;
    let simulator = Simulator::explicit(&webhook).await;
    let mut tab = Browser::registered(simulator.address, &doug()).await;
    let params = json!({ "number": "+12025550102" });
    tab.say(json!({ "type": "connect", "request": "mine", "params": params }))
        .await;
    let connecting = tab.hear("connecting").await;
    assert_eq!(connecting["request"], "mine");
    simulator.advance(1_000).await;
    assert_eq!(
        webhook.heard("/twilio/voice")[0].get("number"),
        "+12025550102"
    );
    assert_eq!(tab.hear("audio").await["hears"]["kind"], "ringback");
    tab.hear("ringing").await;
    simulator.advance(5_000).await;
    tab.hear("accepted").await;
    assert_eq!(tab.hear("audio").await["hears"]["kind"], "talk");
}
