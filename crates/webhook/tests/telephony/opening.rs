//! How most stories begin.

use serde_json::Value;
use switchboard_model::Intent;

use crate::agent::Agent;
use crate::office::Office;

/// Somebody on duty whose browser rings for a caller: the agent, the caller's leg, the row.
pub(crate) async fn rung(office: &Office, who: (&'static str, u128)) -> (Agent, String, Value) {
    let mut agent = office.on_duty(who).await;
    let (sid, row) = office.row_of_a_call().await;
    agent.rung(&row).await;
    (agent, sid, row)
}

/// The same, once Twilio has told that it rings there.
pub(crate) async fn known_to_ring(
    office: &Office,
    who: (&'static str, u128),
) -> (Agent, String, Value) {
    let (agent, sid, _) = rung(office, who).await;
    let row = office
        .until(&sid, |row| {
            row["audio"]["legs"][who.0]["state"] == "ringing"
        })
        .await;
    (agent, sid, row)
}

/// Somebody who took that call, and they talk.
pub(crate) async fn talking(office: &Office, who: (&'static str, u128)) -> (Agent, String, Value) {
    let (mut agent, sid, row) = rung(office, who).await;
    agent.does(&row, Intent::Answer).await;
    agent.talk(&row).await;
    let row = office
        .until(&sid, |row| !row["connected_at"].is_null())
        .await;
    (agent, sid, row)
}
