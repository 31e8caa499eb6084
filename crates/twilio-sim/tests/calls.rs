//! Calls against a webhook of paper: it checks every signature, writes everything down and answers what it is told.

#![allow(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

mod paper;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use paper::Webhook;
use switchboard_twilio_sim::auto::{self, Flow};
use switchboard_twilio_sim::call::{Call, Outcome, Setting};
use switchboard_twilio_sim::event::Event;
use switchboard_twilio_sim::line::LineError;
use switchboard_twilio_sim::plan::Plan;
use switchboard_twilio_sim::stop::Stop;

const HOLD: &str = "<Response><Say>Please wait</Say><Pause length='10'/><Redirect>/twilio/voice?c=1&amp;e=0</Redirect></Response>";
const END: &str = "<Response><Hangup/></Response>";

async fn live(
    setting: &Setting,
    patience: Option<u64>,
) -> (Result<Outcome, LineError>, Vec<Event>) {
    let events: Mutex<Vec<Event>> = Mutex::default();
    let call = Call::new("+15550100123", "+15550100999", Some("Ann & Bob"));
    let tell = |event| events.lock().unwrap().push(event);
    let outcome = call
        .live(setting, patience.map(Duration::from_secs), tell)
        .await;
    (outcome, events.into_inner().unwrap())
}

#[tokio::test]
async fn a_call_follows_the_loop_until_the_switchboard_hangs_up() {
    let webhook = Webhook::answering(&[HOLD, HOLD, END]).await;
    let (_switch, setting) = webhook.setting();
    let (outcome, events) = live(&setting, None).await;
    assert_eq!(outcome.unwrap(), Outcome::HungUp);
    assert!(events.contains(&Event::Heard("Please wait".to_owned())));

    let heard = webhook.heard();
    let paths: Vec<_> = heard.iter().map(|request| request.uri.as_str()).collect();
    assert_eq!(
        paths,
        [
            "/twilio/voice",
            "/twilio/voice?c=1&e=0",
            "/twilio/voice?c=1&e=0",
            "/twilio/status"
        ]
    );
    let statuses: Vec<_> = heard
        .iter()
        .map(|request| request.get("CallStatus"))
        .collect();
    assert_eq!(
        statuses,
        ["ringing", "in-progress", "in-progress", "completed"]
    );
    for request in &heard {
        assert_eq!(request.get("CallSid"), heard[0].get("CallSid"));
        assert_eq!(request.get("From"), "+15550100123");
        assert_eq!(request.get("CallerName"), "Ann & Bob");
    }
    assert_eq!(heard[3].get("SequenceNumber"), "0");
}

#[tokio::test]
async fn an_impatient_caller_hangs_up() {
    let webhook = Webhook::answering(&[HOLD]).await;
    let (_switch, setting) = webhook.setting();
    let (outcome, _) = live(&setting, Some(200)).await;
    assert_eq!(outcome.unwrap(), Outcome::CallerHungUp);
    assert_eq!(
        webhook.heard().last().unwrap().get("CallStatus"),
        "completed"
    );
}

#[tokio::test]
async fn a_caller_who_only_heard_it_ring_has_canceled() {
    let dial = "<Response><Dial timeout='15' action='/twilio/dial?c=1&amp;e=0'><Client><Identity>agent_doug</Identity></Client></Dial></Response>";
    let webhook = Webhook::answering(&[dial]).await;
    let (_switch, setting) = webhook.setting();
    let (_, events) = live(&setting, Some(200)).await;
    assert!(events.contains(&Event::Rings(
        vec!["agent_doug".to_owned()],
        Duration::from_secs(15)
    )));
    let heard = webhook.heard();
    assert_eq!(heard[1].uri, "/twilio/dial?c=1&e=0");
    assert_eq!(heard[1].get("DialCallStatus"), "no-answer");
    assert_eq!(heard.last().unwrap().get("CallStatus"), "canceled");
}

#[tokio::test]
async fn a_webhook_that_restarts_is_asked_again() {
    let webhook = Webhook::answering(&["503", "503", HOLD, "503", END]).await;
    let (_switch, setting) = webhook.setting();
    let (outcome, events) = live(&setting, None).await;
    assert_eq!(outcome.unwrap(), Outcome::HungUp);
    assert_eq!(
        events
            .iter()
            .filter(|event| **event == Event::Unreachable)
            .count(),
        2
    );
}

#[tokio::test]
async fn a_webhook_that_talks_nonsense_drops_the_call() {
    for nonsense in ["<html>", "404"] {
        let webhook = Webhook::answering(&[nonsense]).await;
        let (_switch, setting) = webhook.setting();
        assert_eq!(live(&setting, None).await.0.unwrap(), Outcome::Dropped);
        assert_eq!(webhook.heard().last().unwrap().get("CallStatus"), "failed");
    }
}

#[tokio::test]
async fn a_webhook_that_does_not_believe_us_is_an_error() {
    let webhook = Webhook::answering(&["403"]).await;
    let (_switch, setting) = webhook.setting();
    let refusal = live(&setting, None).await.0.unwrap_err().to_string();
    assert!(refusal.contains("TWILIO_AUTH_TOKEN"), "{refusal}");
}

fn flow(seed: u64) -> Flow {
    Flow {
        plan: Plan::new(seed, Duration::from_secs(1)),
        to: "+15550100999".to_owned(),
        callers: 3,
    }
}

/// Runs a flow until `enough` callers were heard, then stops it; returns the callers in their order.
async fn day(seed: u64, enough: usize) -> Vec<String> {
    let webhook = Webhook::answering(&[HOLD]).await;
    let (switch, setting) = webhook.setting();
    let running = tokio::spawn(auto::run(flow(seed), setting, |_| {}));
    webhook
        .until(|heard| paper::firsts(heard).len() >= enough)
        .await;
    switch.stop();
    running.await.unwrap().unwrap();

    let heard = webhook.heard();
    let begun: BTreeSet<_> = paper::firsts(&heard)
        .iter()
        .map(|request| request.get("CallSid"))
        .collect();
    let ended: BTreeSet<_> = heard
        .iter()
        .filter(|request| request.uri == "/twilio/status")
        .map(|request| request.get("CallSid"))
        .collect();
    assert_eq!(begun, ended, "every call that was begun is ended");
    paper::firsts(&heard)
        .iter()
        .take(enough)
        .map(|request| request.get("From"))
        .collect()
}

#[tokio::test]
async fn a_flow_is_the_same_for_the_same_seed_and_hangs_up_at_the_end() {
    let planned: Vec<_> = Plan::new(5, Duration::from_secs(1))
        .take(6)
        .map(|call| call.caller.number.to_owned())
        .collect();
    assert_eq!(day(5, 6).await, planned);
}

#[tokio::test]
async fn never_more_callers_than_asked_are_on_the_line() {
    let webhook = Webhook::answering(&[HOLD]).await;
    let (switch, setting) = webhook.setting();
    let running = tokio::spawn(auto::run(flow(2), setting, |_| {}));
    webhook
        .until(|heard| paper::firsts(heard).len() >= 12)
        .await;
    switch.stop();
    running.await.unwrap().unwrap();
    let mut live = BTreeSet::new();
    for request in webhook.heard() {
        let sid = request.get("CallSid");
        if request.uri == "/twilio/status" {
            live.remove(&sid)
        } else {
            live.insert(sid)
        };
        assert!(live.len() <= 3, "{live:?}");
    }
}

#[tokio::test]
async fn a_flow_that_is_not_believed_ends_with_an_error() {
    let webhook = Webhook::answering(&["403"]).await;
    let (_switch, setting) = webhook.setting();
    assert!(matches!(
        auto::run(flow(1), setting, |_| {}).await,
        Err(LineError::Disbelieved)
    ));
}

#[tokio::test]
async fn stopping_before_the_webhook_is_there_ends_at_once() {
    let (switch, stop) = Stop::new();
    let setting = Setting {
        stop,
        ..Webhook::nowhere()
    };
    let running = tokio::spawn(auto::run(flow(1), setting, |_| {}));
    switch.stop();
    running.await.unwrap().unwrap();
}
