//! The commands `call` and `auto`, as fast as life.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use switchboard_twilio::{AuthToken, PublicUrl};
use switchboard_twilio_sim::auto::{self, Trouble};
use switchboard_twilio_sim::call::{self, Elsewhere};
use switchboard_twilio_sim::clock::Mode;
use switchboard_twilio_sim::host::Host;
use switchboard_twilio_sim::plan::Plan;
use switchboard_twilio_sim::sim::{Caller, Config, Flow, LogLine};
use switchboard_twilio_sim::stop::Stop;

use crate::paper::{END, HOLD, Heard, Webhook};
use crate::simulator::{Simulator, config};

fn caller(patience_ms: Option<u64>) -> Caller {
    Caller {
        from: "+12025550123".to_owned(),
        to: "+12025550199".to_owned(),
        name: Some("Ann & Bob".to_owned()),
        patience: patience_ms.map(Duration::from_millis),
    }
}

fn words(lines: &Mutex<Vec<LogLine>>) -> Vec<String> {
    lines
        .lock()
        .unwrap()
        .iter()
        .map(|line| line.what.clone())
        .collect()
}

#[tokio::test]
async fn a_call_of_ones_own_is_told_to_its_end() {
    let webhook = Webhook::answering(&[("/twilio/voice", END)]).await;
    let host = Host::start(config(&webhook.base), Mode::Auto).unwrap();
    let (_switch, stop) = Stop::new();
    let lines: Mutex<Vec<LogLine>> = Mutex::default();
    let tell = |line: &LogLine| lines.lock().unwrap().push(line.clone());
    call::here(&host, caller(None), &stop, tell, |_| {})
        .await
        .unwrap();
    assert_eq!(words(&lines), ["placed", "asks", "hung_up"]);
    let statuses: Vec<_> = webhook
        .heard("/twilio/status")
        .iter()
        .map(|heard| heard.get("CallStatus"))
        .collect();
    assert_eq!(statuses, ["completed"]);
}

#[tokio::test]
async fn whoever_stops_a_call_of_ones_own_hangs_up() {
    let webhook = Webhook::answering(&[("/twilio/voice", HOLD)]).await;
    let host = Host::start(config(&webhook.base), Mode::Auto).unwrap();
    let (switch, stop) = Stop::new();
    let calling = {
        let host = host.clone();
        tokio::spawn(async move { call::here(&host, caller(None), &stop, |_| {}, |_| {}).await })
    };
    webhook
        .until("/twilio/voice", |heard| !heard.is_empty())
        .await;
    switch.stop();
    calling.await.unwrap().unwrap();
    assert_eq!(webhook.heard("/twilio/status").len(), 1);
}

#[tokio::test]
async fn a_call_is_placed_in_the_simulator_that_runs_when_it_calls_the_same_webhook() {
    let webhook = Webhook::answering(&[("/twilio/voice", HOLD)]).await;
    let simulator = Simulator::start(config(&webhook.base), Mode::Auto).await;
    let other = PublicUrl::parse("http://127.0.0.1:9").unwrap();
    assert!(Elsewhere::find(simulator.address, &other).await.is_none());
    let elsewhere = Elsewhere::find(simulator.address, &webhook.base)
        .await
        .unwrap();
    let (_switch, stop) = Stop::new();
    let lines: Mutex<Vec<LogLine>> = Mutex::default();
    let tell = |line: &LogLine| lines.lock().unwrap().push(line.clone());
    simulator.call().await;
    elsewhere
        .call(caller(Some(300)), &stop, tell)
        .await
        .unwrap();
    let words = words(&lines);
    assert_eq!(words.first().unwrap(), "placed");
    assert_eq!(words.last().unwrap(), "caller_hung_up");
    assert_eq!(
        simulator.host.look(|sim| sim.legs(false).len()),
        1,
        "the other call goes on"
    );
}

#[tokio::test]
async fn whoever_stops_a_call_elsewhere_hangs_up() {
    let webhook = Webhook::answering(&[("/twilio/voice", HOLD)]).await;
    let simulator = Simulator::start(config(&webhook.base), Mode::Auto).await;
    let elsewhere = Elsewhere::find(simulator.address, &webhook.base)
        .await
        .unwrap();
    let (switch, stop) = Stop::new();
    let calling = tokio::spawn(async move { elsewhere.call(caller(None), &stop, |_| {}).await });
    webhook
        .until("/twilio/voice", |heard| !heard.is_empty())
        .await;
    switch.stop();
    calling.await.unwrap().unwrap();
    webhook
        .until("/twilio/status", |heard| !heard.is_empty())
        .await;
}

fn flowing(base: &PublicUrl) -> Config {
    let flow = Flow {
        plan: Plan::new(5, Duration::from_millis(20)),
        to: "+12025550199".to_owned(),
        callers: 3,
    };
    Config {
        flow: Some(flow),
        ..config(base)
    }
}

#[tokio::test]
async fn a_flow_hangs_up_at_the_end_and_tells_every_end() {
    let webhook = Webhook::answering(&[("/twilio/voice", HOLD)]).await;
    let host = Host::start(flowing(&webhook.base), Mode::Auto).unwrap();
    let (switch, stop) = Stop::new();
    let running = {
        let host = host.clone();
        tokio::spawn(async move { auto::run(&host, &stop, |_| {}).await })
    };
    let sids = |heard: &[Heard]| -> BTreeSet<_> {
        heard.iter().map(|heard| heard.get("CallSid")).collect()
    };
    webhook
        .until("/twilio/voice", |heard| sids(heard).len() == 3)
        .await;
    switch.stop();
    running.await.unwrap().unwrap();
    webhook
        .until("/twilio/status", |heard| sids(heard).len() == 3)
        .await;
    assert_eq!(
        sids(&webhook.heard("/twilio/voice")),
        sids(&webhook.heard("/twilio/status"))
    );
}

#[tokio::test]
async fn a_flow_that_is_not_believed_ends_with_an_error() {
    let webhook = Webhook::answering(&[("/twilio/voice", HOLD)]).await;
    let config = Config {
        token: AuthToken::new("another"),
        ..flowing(&webhook.base)
    };
    let host = Host::start(config, Mode::Auto).unwrap();
    let (_switch, stop) = Stop::new();
    let outcome = auto::run(&host, &stop, |_| {}).await;
    assert!(matches!(outcome, Err(Trouble::Disbelieved)));
    assert!(
        outcome
            .unwrap_err()
            .to_string()
            .contains("TWILIO_AUTH_TOKEN")
    );
}

#[tokio::test]
async fn stopping_before_the_webhook_is_there_ends_at_once() {
    let nobody = PublicUrl::parse("http://127.0.0.1:9").unwrap();
    let host = Host::start(flowing(&nobody), Mode::Auto).unwrap();
    let (switch, stop) = Stop::new();
    let running = {
        let host = host.clone();
        tokio::spawn(async move { auto::run(&host, &stop, |_| {}).await })
    };
    switch.stop();
    running.await.unwrap().unwrap();
    assert_eq!(host.look(|sim| sim.legs(true).len()), 0);
}

#[tokio::test]
async fn a_webhook_that_restarts_is_asked_again() {
    let webhook = Webhook::answering(&[("/twilio/voice", "503"), ("/twilio/fallback", END)]).await;
    webhook.answer_after("/twilio/voice", 2, HOLD);
    let host = Host::start(config(&webhook.base), Mode::Auto).unwrap();
    let sid = host.place(caller(None));
    let mut lines = host.lines();
    let heard = async {
        while host.look(|sim| sim.leg(&sid).unwrap().status != "in-progress") {
            lines.changed().await.unwrap();
        }
    };
    tokio::time::timeout(crate::paper::PATIENCE, heard)
        .await
        .expect("it is never answered");
    assert!(webhook.heard("/twilio/fallback").is_empty());
}
