//! A small living flow of calls.

use std::time::Duration;

use tokio::task::{JoinError, JoinSet};

use crate::call::{Call, Outcome, Setting};
use crate::event::Event;
use crate::line::LineError;
use crate::plan::{Plan, PlannedCall};

/// How often the webhook is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(250);
/// How long a webhook may be away before this is worth a line.
const PATIENT_FOR: u32 = 8;
/// How long the calls may take to hang up at the end.
const GRACE: Duration = Duration::from_secs(5);

/// Who calls whom, how often and how many at once.
#[derive(Debug, Clone)]
pub struct Flow {
    /// The callers.
    pub plan: Plan,
    /// The number that they call.
    pub to: String,
    /// How many are on the line at most.
    pub callers: usize,
}

/// Places calls until it is stopped, then hangs up on all of them. Returns an error when the webhook does not believe
/// our signatures.
pub async fn run(flow: Flow, setting: Setting, tell: fn(&str)) -> Result<(), LineError> {
    let mut calls = JoinSet::new();
    let placed = tokio::select! {
        placed = place(flow, &setting, &mut calls, tell) => placed,
        () = setting.stop.wished() => Ok(()),
    };
    // Each call has heard the wish too and hangs up by itself.
    if tokio::time::timeout(GRACE, async { while calls.join_next().await.is_some() {} })
        .await
        .is_err()
    {
        tell("some calls could not be ended in time");
    }
    placed
}

async fn place(
    flow: Flow,
    setting: &Setting,
    calls: &mut JoinSet<Result<Outcome, LineError>>,
    tell: fn(&str),
) -> Result<(), LineError> {
    for PlannedCall {
        caller,
        after,
        patience,
    } in flow.plan
    {
        setting.tempo.wait(after).await;
        while let Some(ended) = calls.try_join_next() {
            outcome(ended)?;
        }
        while calls.len() >= flow.callers
            && let Some(ended) = calls.join_next().await
        {
            outcome(ended)?;
        }
        until_ready(setting, tell).await;
        let call = Call::by(&caller, &flow.to);
        let setting = setting.clone();
        calls.spawn(async move {
            let tell = |event: Event| {
                if event.is_milestone() {
                    tell(&format!("{} {event}", caller.nickname));
                }
            };
            call.live(&setting, Some(patience), tell).await
        });
    }
    Ok(())
}

/// What is to be learned from a call that is over: only that we are not believed. One that panicked has said so, and
/// the others go on.
fn outcome(ended: Result<Result<Outcome, LineError>, JoinError>) -> Result<(), LineError> {
    ended.map_or(Ok(()), |outcome| outcome.map(drop))
}

/// Waits until a call would become a row, and says what it waits for when that takes long.
pub async fn until_ready(setting: &Setting, tell: fn(&str)) {
    let mut asked = 0;
    while !setting.line.is_ready().await {
        asked += 1;
        if asked == PATIENT_FOR {
            tell(&format!(
                "waiting until the webhook at {} is ready",
                setting.line.url("")
            ));
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}
