//! Nobody answers: a message, which is found again.

use serde_json::Value;
use switchboard_model::Intent;
use switchboard_twilio_sim::sim::Command;
use switchboard_twilio_sim::wire::Hears;

use crate::agent::Agent;
use crate::office::{DOUG, Office};

async fn closed() -> Office {
    let office = Office::open().await;
    let hours =
        "update board_settings set business_hours = '{\"mon\": []}', voicemail_greeting = 'Speak.'";
    office.database.batch_execute(hours).await.unwrap();
    office
}

async fn is_recorded(office: &Office, sid: &str) {
    office
        .until_so("the message is recorded", |office| {
            office.hears(sid) == Some(Hears::Recording)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_attached_to_the_call_and_played_to_members_only() {
    let office = closed().await;
    let doug = Agent::sign_in(&office, DOUG).await;
    let sid = office.call();
    is_recorded(&office, &sid).await;
    let row = office
        .until(&sid, |row| !row["voicemail_at"].is_null())
        .await;
    assert_eq!(
        (&row["status"], &row["epoch"]),
        (&"ringing".into(), &1.into()),
        "the card stays"
    );
    // Long enough to be a message: the simulation's clock is asked, not ours.
    let began = office.now_ms();
    office
        .until_so("three seconds of message", |office| {
            office.now_ms() > began + 3_000
        })
        .await;
    office.act(Command::Press(sid.clone(), '#'));
    let row = office
        .until(&sid, |row| row["end_reason"] == "voicemail")
        .await;
    assert!(row["recording_s"].as_i64().unwrap() >= 2, "{row}");
    let path = format!("/api/recordings/{}", row["id"].as_str().unwrap());
    let get = |path: &str| office.http.get(office.url(path));
    assert_eq!(get(&path).send().await.unwrap().status(), 401);
    let anon = switchboard_local_supabase::keys::LOCAL_ANON_KEY;
    assert_eq!(
        get(&path).bearer_auth(anon).send().await.unwrap().status(),
        401
    );
    let sound = get(&path).bearer_auth(&doug.session).send().await.unwrap();
    assert_eq!(
        (sound.status().as_u16(), &sound.headers()["content-type"]),
        (200, &"audio/x-wav".parse().unwrap())
    );
    assert!(sound.bytes().await.unwrap().starts_with(b"RIFF"));
    let none = "/api/recordings/22222222-0000-4000-8000-000000000001";
    assert_eq!(
        get(none)
            .bearer_auth(&doug.session)
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_leaves_a_message_can_still_be_answered() {
    let office = closed().await;
    let mut doug = office.on_duty(DOUG).await;
    let sid = office.call();
    is_recorded(&office, &sid).await;
    let row = office
        .until(&sid, |row| !row["voicemail_at"].is_null())
        .await;
    let answered = doug.does(&row, Intent::Answer).await;
    assert_eq!(
        (&answered["voicemail_at"], &answered["epoch"]),
        (&Value::Null, &2.into())
    );
    doug.talk(&row).await;
    office.until_talking(&sid, "agent_doug").await;
    office.act(Command::HangUp(sid.clone()));
    let row = office.until_status(&sid, "ended").await;
    assert_eq!(row["end_reason"], "completed");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_says_nothing_was_missed() {
    let office = closed().await;
    let sid = office.call();
    is_recorded(&office, &sid).await;
    office.act(Command::HangUp(sid.clone()));
    let row = office
        .until(&sid, |row| row["end_reason"] != Value::Null)
        .await;
    assert_eq!(row["end_reason"], "missed");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_rings_for_too_long_may_leave_a_message() {
    let office = Office::open().await;
    let sid = office.call();
    office
        .until(&sid, |row| row["audio"]["rendered_epoch"] == 0)
        .await;
    office.let_pass(&sid, 61).await;
    is_recorded(&office, &sid).await;
    // Without voicemail the caller is told, and the call was missed.
    let none = "update board_settings set voicemail_enabled = false";
    office.database.batch_execute(none).await.unwrap();
    let sid = office.call();
    office
        .until(&sid, |row| row["audio"]["rendered_epoch"] == 0)
        .await;
    office.let_pass(&sid, 61).await;
    let row = office.until_status(&sid, "ended").await;
    assert_eq!(row["end_reason"], "missed");
    office.close().await;
}
