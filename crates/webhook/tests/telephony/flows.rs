//! What agents do, and what the caller hears.

use switchboard_model::Intent;
use switchboard_twilio_sim::sim::Command;
use switchboard_twilio_sim::wire::Hears;

use crate::office::{DOUG, Office, RHONDA};
use crate::opening::{rung, talking};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_answered_held_resumed_transferred_parked_and_retrieved() {
    let office = Office::open().await;
    let mut doug = office.on_duty(DOUG).await;
    let mut rhonda = office.on_duty(RHONDA).await;
    let (sid, row) = office.row_of_a_call().await;

    doug.rung(&row).await;
    rhonda.rung(&row).await;
    doug.does(&row, Intent::Answer).await;
    doug.talk(&row).await;
    office.until_talking(&sid, "agent_doug").await;
    let row = office
        .until(&sid, |row| !row["connected_at"].is_null())
        .await;
    assert_eq!(row["epoch"], 0, "the dial that rang has become the call");
    assert_eq!(office.redirects(&sid), 0);
    let answered = row["connected_at"].clone();

    doug.does(&row, Intent::Hold).await;
    office.until_music(&sid).await;
    doug.does(&row, Intent::Resume).await;
    doug.talk(&row).await;
    office.until_talking(&sid, "agent_doug").await;
    let row = office
        .until(&sid, |row| row["audio"]["lease_until"].is_null())
        .await;
    assert_eq!(
        (&row["status"], &row["connected_at"]),
        (&"active".into(), &answered)
    );

    rhonda.given(&doug.does(&row, Intent::Transfer { to: rhonda.id }).await);
    rhonda.talk(&row).await;
    office.until_talking(&sid, "agent_rhonda").await;
    let row = office
        .until(&sid, |row| !row["connected_at"].is_null())
        .await;

    rhonda.does(&row, Intent::Park { slot: Some(3) }).await;
    office.until_music(&sid).await;
    let row = office.until_status(&sid, "parked").await;
    doug.does(&row, Intent::Retrieve).await;
    doug.talk(&row).await;
    office.until_talking(&sid, "agent_doug").await;
    let row = office
        .until(&sid, |row| !row["connected_at"].is_null())
        .await;

    doug.does(&row, Intent::End).await;
    office
        .until_so("the caller is hung up", |office| {
            office.hears(&sid).is_none()
        })
        .await;
    let row = office.until_status(&sid, "ended").await;
    assert_eq!(row["end_reason"], "ended_by_agent");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_claims_without_being_rung_gets_the_call_at_once() {
    let office = Office::open().await;
    let (_doug, sid, row) = rung(&office, DOUG).await;
    // Rhonda's device comes too late for this round.
    let mut rhonda = office.on_duty(RHONDA).await;
    rhonda.does(&row, Intent::Answer).await;
    rhonda.talk(&row).await;
    office.until_talking(&sid, "agent_rhonda").await;
    let row = office
        .until(&sid, |row| !row["connected_at"].is_null())
        .await;
    assert_eq!(
        (&row["status"], &row["epoch"]),
        (&"active".into(), &0.into())
    );
    assert_eq!(office.redirects(&sid), 1);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_caller_rings_whoever_comes_on_duty() {
    let office = Office::open().await;
    let (sid, row) = office.row_of_a_call().await;
    office
        .until_so("please wait", |office| {
            matches!(
                office.hears(&sid),
                Some(Hears::Voice { .. } | Hears::Silence)
            )
        })
        .await;
    let mut doug = office.on_duty(DOUG).await;
    doug.rung(&row).await;
    doug.does(&row, Intent::Answer).await;
    doug.talk(&row).await;
    office.until_talking(&sid, "agent_doug").await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_does_not_lose_the_call() {
    let office = Office::open().await;
    let (doug, sid, _) = talking(&office, DOUG).await;

    doug.leave().await;
    let row = office.until_status(&sid, "parked").await;
    assert_eq!(row["park_reason"], "agent_dropped");
    office.until_music(&sid).await;
    let mut doug = office.on_duty(DOUG).await;
    doug.does(&row, Intent::Retrieve).await;
    doug.talk(&row).await;
    office.until_talking(&sid, "agent_doug").await;
    office
        .until(&sid, |row| !row["connected_at"].is_null())
        .await;

    // The second time he does not come back, and it rings for everybody.
    let mut rhonda = office.on_duty(RHONDA).await;
    doug.leave().await;
    let row = office.until_status(&sid, "parked").await;
    office.let_pass(&sid, 21).await;
    office.until_status(&sid, "ringing").await;
    rhonda.rung(&row).await;
    rhonda.does(&row, Intent::Answer).await;
    rhonda.talk(&row).await;
    office.until_talking(&sid, "agent_rhonda").await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_without_audio_goes_back_to_where_the_call_came_from() {
    let office = Office::open().await;
    let (mut doug, sid, row) = rung(&office, DOUG).await;
    // Out of the queue, and never accepted.
    doug.does(&row, Intent::Answer).await;
    office.let_pass(&sid, 9).await;
    let row = office.until(&sid, |row| row["epoch"] == 1).await;
    assert_eq!(row["status"], "ringing");

    // Out of the parking lot.
    let park = format!(
        "update calls set status = 'parked', park_reason = 'parked_by_agent' where twilio_call_sid = '{sid}'"
    );
    office.database.batch_execute(&park).await.unwrap();
    office.until_music(&sid).await;
    doug.does(&row, Intent::Retrieve).await;
    office
        .until(&sid, |row| !row["audio"]["lease_until"].is_null())
        .await;
    office.let_pass(&sid, 9).await;
    let row = office.until_status(&sid, "parked").await;
    assert_eq!(row["park_reason"], "unreachable");

    // From a colleague.
    doug.does(&row, Intent::Retrieve).await;
    doug.talk(&row).await;
    office
        .until(&sid, |row| !row["connected_at"].is_null())
        .await;
    let rhonda = office.on_duty(RHONDA).await;
    doug.does(&row, Intent::Transfer { to: rhonda.id }).await;
    office
        .until(&sid, |row| {
            row["epoch"] == row["audio"]["rendered_epoch"] && !row["audio"]["lease_until"].is_null()
        })
        .await;
    office.let_pass(&sid, 9).await;
    let row = office.until_status(&sid, "parked").await;
    assert_eq!(row["park_reason"], "transfer_failed");
    office.until_music(&sid).await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parked_for_too_long_it_rings_whoever_parked_it_and_then_everybody() {
    let office = Office::open().await;
    let (mut doug, sid, row) = talking(&office, DOUG).await;
    doug.does(&row, Intent::Park { slot: None }).await;
    office.until_music(&sid).await;
    let mut rhonda = office.on_duty(RHONDA).await;
    office.let_pass(&sid, 301).await;
    doug.rung(&row).await;
    let rung = office
        .until(&sid, |row| row["audio"]["legs"].get("agent_doug").is_some())
        .await;
    assert_eq!(
        rung["audio"]["legs"].as_object().unwrap().len(),
        1,
        "{rung}"
    );
    // Doug does not want it: the next round is everybody's.
    let leg = office.sim.look(|sim| {
        sim.legs(false)
            .into_iter()
            .find(|leg| leg.identity.is_some())
            .unwrap()
    });
    doug.say(serde_json::json!({ "type": "reject", "call_sid": leg.call_sid }))
        .await;
    rhonda.rung(&row).await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_hangs_up_ends_the_call_in_every_state() {
    let office = Office::open().await;
    let mut doug = office.on_duty(DOUG).await;
    let hang_up = |sid: &str| office.act(Command::HangUp(sid.to_owned()));
    for (until, reason) in [
        ("ringing", "abandoned"),
        ("active", "completed"),
        ("held", "completed"),
        ("parked", "completed"),
    ] {
        let (sid, row) = office.row_of_a_call().await;
        doug.rung(&row).await;
        if until != "ringing" {
            doug.does(&row, Intent::Answer).await;
            doug.talk(&row).await;
            office
                .until(&sid, |row| !row["connected_at"].is_null())
                .await;
        }
        if until == "held" {
            doug.does(&row, Intent::Hold).await;
            office.until_music(&sid).await;
        }
        if until == "parked" {
            doug.does(&row, Intent::Park { slot: None }).await;
            office.until_music(&sid).await;
        }
        hang_up(&sid);
        let row = office.until_status(&sid, "ended").await;
        assert_eq!(row["end_reason"], reason, "{until}");
        let parked = "select count(*) from call_events e join calls c on c.id = e.call_id \
                      where c.twilio_call_sid = $1 and e.detail ->> 'park_reason' = 'agent_dropped'";
        let parked: i64 = office
            .database
            .query_one(parked, &[&sid])
            .await
            .unwrap()
            .get(0);
        assert_eq!(
            parked, 0,
            "{until}: no board says that the agent lost the line"
        );
    }
    office.close().await;
}
