//! Several services on one database, and services that die.

use std::time::Duration;

use switchboard_model::Intent;
use switchboard_twilio_sim::sim::{Command, Fault, FaultRates};

use switchboard_webhook::Timings;

use crate::office::{DOUG, Office, QUICK};
use crate::opening::talking;

const JUST_ASKED: &str = "update call_audio set checked_at = now()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_services_on_one_database_do_everything_once() {
    let office = Office::open().await;
    let second = office.another_service().await;
    let third = office.another_service().await;
    let (mut doug, sid, row) = talking(&office, DOUG).await;
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
    let mut office = Office::without_service(QUICK).await;
    office.start_process().await;
    let (mut doug, sid, row) = talking(&office, DOUG).await;

    // Dead between the row and Twilio.
    office.kill_process().await;
    doug.does(&row, Intent::Park { slot: None }).await;
    assert!(office.talks(&sid, "agent_doug"));
    office.start_process().await;
    office.until_music(&sid).await;

    // Dead with the work taken: the note of it runs out.
    office.kill_process().await;
    let taken =
        "update call_audio set claimed_by = 'the dead', claimed_until = now() + interval '3 s'";
    office.database.batch_execute(taken).await.unwrap();
    doug.does(&row, Intent::Retrieve).await;
    office.start_process().await;
    doug.talk(&row).await;
    office.until_talking(&sid, "agent_doug").await;
    office
        .until(&sid, |row| !row["connected_at"].is_null())
        .await;

    // Dead when the caller hangs up, and what Twilio tells is lost: who starts asks after every call.
    office.kill_process().await;
    let lost = FaultRates::none().with(Fault::CallbackDrop, 1000);
    office.act(Command::Faults(lost));
    office.act(Command::HangUp(sid.clone()));
    office
        .until_so("the caller is gone", |office| office.leg(&sid).is_none())
        .await;
    // Somebody has just asked after it, again and again: the look of each minute never comes to this call.
    office.database.batch_execute(JUST_ASKED).await.unwrap();
    office.start_process().await;
    let asked_again = async {
        loop {
            tokio::time::sleep(Duration::from_secs(45)).await;
            office.database.batch_execute(JUST_ASKED).await.unwrap();
        }
    };
    let row = tokio::select! {
        row = office.until_status(&sid, "ended") => row,
        () = asked_again => unreachable!("it has no end"),
    };
    assert_eq!(row["end_reason"], "reconciled");
    office.close().await;
}

/// What the service and the database each say about it must fit: nobody else begins what is still being worked on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_taken_for_longer_than_the_work_on_it_may_last() {
    let office = Office::without_service(Timings::LIVE).await;
    let taken_for = "insert into calls (twilio_call_sid, from_number, to_number) values ('CA1', '+12025550150', '+12025550199'); \
                     create temp table before as select clock_timestamp() as taking; \
                     select claim_audio_work('somebody', 10, 60);";
    office.database.batch_execute(taken_for).await.unwrap();
    let seconds =
        "select extract(epoch from a.claimed_until - b.taking)::float8 from call_audio a, before b";
    let seconds: f64 = office
        .database
        .query_one(seconds, &[])
        .await
        .unwrap()
        .get(0);
    let limits = Timings::LIVE;
    assert!(seconds > limits.piece.as_secs_f64() + 1.0, "{seconds} s");
    assert!(limits.piece > limits.request, "one request fits at least");
    office.close().await;
}
