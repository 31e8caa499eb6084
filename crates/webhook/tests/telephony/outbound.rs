//! Agents call out.

use serde_json::{Value, json};
use switchboard_model::Intent;
use switchboard_twilio_sim::sim::{Callee, Command, Fault};

use crate::agent::Agent;
use crate::office::{DOUG, Office, RHONDA};

const NUMBER: &str = "+12025550101";

async fn office() -> Office {
    let office = Office::open().await;
    let allowed = "update board_settings set outbound_prefixes = '{+1}'";
    office.database.batch_execute(allowed).await.unwrap();
    office
}

async fn dial(agent: &mut Agent, number: &str) -> String {
    agent
        .say(json!({ "type": "connect", "request": "1", "params": { "number": number } }))
        .await;
    let connecting = agent.hear("connecting").await;
    connecting["call_sid"].as_str().unwrap().to_owned()
}

/// The customer's leg of that row.
async fn customer(office: &Office, sid: &str) -> String {
    let row = office
        .until(sid, |row| row["audio"]["customer_sid"].is_string())
        .await;
    row["audio"]["customer_sid"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_out_is_a_call_like_any_other() {
    let office = office().await;
    let mut doug = office.on_duty(DOUG).await;
    let mut rhonda = office.on_duty(RHONDA).await;
    office.act(Command::Callee(NUMBER.to_owned(), Callee::Waits));
    let sid = dial(&mut doug, NUMBER).await;
    let row = office.until_status(&sid, "active").await;
    assert_eq!(
        (
            &row["direction"],
            &row["to_number"],
            &row["from_number"],
            &row["connected_at"],
            &row["answered_at"]
        ),
        (
            &"outbound".into(),
            &NUMBER.into(),
            &"+12025550199".into(),
            &Value::Null,
            &Value::Null
        )
    );
    let customer = customer(&office, &sid).await;
    office
        .until_so("the telephone rings", |office| {
            office
                .leg(&customer)
                .is_some_and(|leg| leg.status == "ringing")
        })
        .await;
    office.act(Command::PickUp(customer.clone()));
    let row = office
        .until(&sid, |row| !row["connected_at"].is_null())
        .await;
    assert!(!row["answered_at"].is_null());

    doug.does(&row, Intent::Park { slot: None }).await;
    office.until_music(&customer).await;
    rhonda.does(&row, Intent::Retrieve).await;
    rhonda.talk(&row).await;
    office.until_talking(&customer, "agent_rhonda").await;
    // The leg with which Doug called is over by now, and that is not the end of the call.
    office
        .until_so("Doug's leg is over", |office| office.leg(&sid).is_none())
        .await;
    assert_eq!(office.row(&sid).await.unwrap()["status"], "active");

    office.act(Command::HangUp(customer));
    let row = office.until_status(&sid, "ended").await;
    assert_eq!(row["end_reason"], "completed");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_out_that_is_not_answered_says_how_it_ended() {
    let office = office().await;
    let mut doug = office.on_duty(DOUG).await;
    for (does, reason) in [(Callee::Busy, "missed"), (Callee::Fails, "failed")] {
        office.act(Command::Callee(NUMBER.to_owned(), does));
        let sid = dial(&mut doug, NUMBER).await;
        let row = office.until_status(&sid, "ended").await;
        assert_eq!(row["end_reason"], reason);
        doug.hear("disconnected").await;
    }
    // The agent hangs up first.
    office.act(Command::Callee(NUMBER.to_owned(), Callee::Waits));
    let sid = dial(&mut doug, NUMBER).await;
    customer(&office, &sid).await;
    doug.say(json!({ "type": "disconnect", "call_sid": sid }))
        .await;
    let row = office.until_status(&sid, "ended").await;
    assert_eq!(row["end_reason"], "abandoned");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_allowed_numbers_are_called_and_never_a_second_one() {
    let office = office().await;
    let mut doug = office.on_duty(DOUG).await;
    for number in ["+442079460123", "12025550101", "+1<script>", "", "+1900"] {
        if number == "+1900" {
            let none = "update board_settings set outbound_prefixes = '{}'";
            office.database.batch_execute(none).await.unwrap();
        }
        let sid = dial(&mut doug, number).await;
        doug.hear("disconnected").await;
        assert_eq!(office.row(&sid).await, None, "{number}");
    }
    let again = "update board_settings set outbound_prefixes = '{+1}'";
    office.database.batch_execute(again).await.unwrap();
    let (waiting, row) = office.row_of_a_call().await;
    doug.does(&row, Intent::Answer).await;
    let sid = dial(&mut doug, NUMBER).await;
    doug.hear("disconnected").await;
    assert_eq!(office.row(&sid).await, None, "he is on another call");
    assert_eq!(office.row(&waiting).await.unwrap()["direction"], "inbound");
    office.close().await;
}

/// The telephone that is rung for the agent's leg `sid`, as soon as Twilio knows of it.
async fn telephone(office: &Office, sid: &str) -> String {
    let child = |office: &Office| {
        let legs = office.sim.look(|sim| sim.legs(false));
        let child = legs
            .into_iter()
            .find(|leg| leg.parent_call_sid.as_deref() == Some(sid));
        child.map(|child| child.call_sid)
    };
    office
        .until_so("a telephone is rung", |office| child(office).is_some())
        .await;
    child(office).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_picks_up_at_once_is_connected_all_the_same() {
    let office = office().await;
    let mut doug = office.on_duty(DOUG).await;
    office.act(Command::Callee(NUMBER.to_owned(), Callee::Waits));
    let sid = dial(&mut doug, NUMBER).await;
    // Before anybody was told that it rings.
    office.act(Command::PickUp(telephone(&office, &sid).await));
    let row = office
        .until(&sid, |row| !row["connected_at"].is_null())
        .await;
    assert_eq!(row["status"], "active");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_nobody_told_is_found_out_while_they_talk() {
    let office = office().await;
    let mut doug = office.on_duty(DOUG).await;
    office.act(Command::Callee(NUMBER.to_owned(), Callee::Waits));
    let sid = dial(&mut doug, NUMBER).await;
    let customer = customer(&office, &sid).await;
    office
        .until(&sid, |row| row["audio"]["legs"]["+"]["state"] == "ringing")
        .await;
    office.act(Command::Once(Fault::CallbackDrop));
    office.act(Command::PickUp(customer.clone()));
    // The lease of a call out is as long as a telephone may ring: it has hardly begun. The row is told first, and the
    // note of the lease follows.
    let row = office
        .until(&sid, |row| {
            !row["connected_at"].is_null() && row["audio"]["lease_until"].is_null()
        })
        .await;
    assert_eq!(row["audio"]["lease_until"], Value::Null);
    assert_eq!(row["audio"]["legs"]["+"]["state"], "answered");
    office.close().await;
}
