//! Twilio fails, and the audio follows the row all the same.

use std::time::Duration;

use switchboard_model::Intent;
use switchboard_twilio_sim::sim::{Command, Fault, FaultRates};

use switchboard_webhook::Timings;

use crate::office::{DOUG, Office, QUICK};
use crate::opening::{known_to_ring, talking};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_twilio_does_with_a_redirect_the_caller_hears_the_row() {
    let office = Office::open_with(Timings {
        settle: Duration::from_secs(1),
        ..QUICK
    })
    .await;
    let (mut doug, sid, row) = talking(&office, DOUG).await;
    for fault in [
        Fault::Rest429,
        Fault::Rest500,
        Fault::RestUnanswered,
        Fault::RestAnswerLost,
        Fault::RestIgnored,
    ] {
        office.act(Command::Once(fault));
        doug.does(&row, Intent::Hold).await;
        office.until_music(&sid).await;
        doug.does(&row, Intent::Resume).await;
        doug.talk(&row).await;
        office
            .until(&sid, |row| {
                row["audio"]["lease_until"].is_null() && row["status"] == "active"
            })
            .await;
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_of_the_agents_leg_does_not_cost_the_call() {
    let office = Office::open().await;
    let (mut doug, sid, row) = known_to_ring(&office, DOUG).await;
    doug.does(&row, Intent::Answer).await;
    office.act(Command::Once(Fault::CallbackDrop));
    doug.talk(&row).await;
    office
        .until_so("the callback is lost", |office| {
            office
                .sim
                .look(|sim| sim.log_after(0).any(|line| line.text.contains("lost")))
        })
        .await;
    assert!(office.row(&sid).await.unwrap()["connected_at"].is_null());
    office.let_pass(&sid, 9).await;
    let row = office
        .until(&sid, |row| !row["connected_at"].is_null())
        .await;
    assert_eq!(
        (&row["status"], &row["epoch"]),
        (&"active".into(), &0.into())
    );
    assert!(office.talks(&sid, "agent_doug"));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_that_nobody_told_is_found_out() {
    let office = Office::open().await;
    let (_doug, sid, _) = known_to_ring(&office, DOUG).await;
    // Both the leg's and the caller's last words.
    office.act(Command::Faults(
        FaultRates::none().with(Fault::CallbackDrop, 1000),
    ));
    office.act(Command::HangUp(sid.clone()));
    office
        .until_so("the caller is gone", |office| office.leg(&sid).is_none())
        .await;
    office.let_pass(&sid, 61).await;
    let row = office.until_status(&sid, "ended").await;
    assert_eq!(row["end_reason"], "reconciled");
    office.close().await;
}
