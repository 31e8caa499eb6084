//! Several services on one database, and services that die.

use switchboard_model::Intent;
use switchboard_twilio_sim::sim::Command;

use crate::office::{DOUG, Office};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_services_on_one_database_do_everything_once() {
    let office = Office::open().await;
    let second = office.another_service().await;
    let third = office.another_service().await;
    let mut doug = office.on_duty(DOUG).await;
    let (sid, row) = office.row_of_a_call().await;
    doug.rung(&row).await;
    doug.does(&row, Intent::Answer).await;
    doug.talk(&row).await;
    office
        .until(&sid, |row| !row["connected_at"].is_null())
        .await;
    for turn in 1..=4 {
        doug.does(&row, Intent::Hold).await;
        office.until_music(&sid).await;
        assert_eq!(
            office.redirects(&sid),
            2 * turn - 1,
            "one redirect for one change"
        );
        doug.does(&row, Intent::Resume).await;
        doug.talk(&row).await;
        office
            .until(&sid, |row| row["audio"]["lease_until"].is_null())
            .await;
        assert_eq!(
            office.redirects(&sid),
            2 * turn,
            "one redirect for one change"
        );
    }
    second.stop().await;
    third.stop().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_service_was_about_to_do_is_done_by_the_next() {
    let mut office = Office::open().await;
    let mut doug = office.on_duty(DOUG).await;
    let (sid, row) = office.row_of_a_call().await;
    doug.rung(&row).await;
    doug.does(&row, Intent::Answer).await;
    doug.talk(&row).await;
    office
        .until(&sid, |row| !row["connected_at"].is_null())
        .await;

    // Dead between the row and Twilio.
    office.kill_service().await;
    doug.does(&row, Intent::Park { slot: None }).await;
    assert!(office.talks(&sid, "agent_doug"));
    office.start_service().await;
    office.until_music(&sid).await;

    // Dead with the work taken: the note of it runs out.
    office.kill_service().await;
    let taken =
        "update call_audio set claimed_by = 'the dead', claimed_until = now() + interval '3 s'";
    office.database.batch_execute(taken).await.unwrap();
    doug.does(&row, Intent::Retrieve).await;
    office.start_service().await;
    doug.talk(&row).await;
    office.until_talking(&sid, "agent_doug").await;
    office
        .until(&sid, |row| !row["connected_at"].is_null())
        .await;

    // Dead when the caller hangs up: who starts asks after every call.
    office.kill_service().await;
    office.act(Command::HangUp(sid.clone()));
    office
        .until_so("the caller is gone", |office| office.leg(&sid).is_none())
        .await;
    office.start_service().await;
    let row = office.until_status(&sid, "ended").await;
    assert!(
        ["reconciled", "completed"].contains(&row["end_reason"].as_str().unwrap()),
        "{row}"
    );
    office.close().await;
}
