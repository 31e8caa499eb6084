//! Messages of the database are told once and then only kept for a while: without this the table would grow for ever.

use std::time::Duration;

use tokio::time::sleep;

use super::{DatabaseFault, Realtime};

/// Removes old messages now and then until the stack stops.
pub(super) async fn run(realtime: Realtime) {
    loop {
        match prune(&realtime, realtime.limits.messages_kept).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "old messages were removed"),
            // There is another try.
            Err(error) => tracing::warn!(%error, "old messages could not be removed"),
        }
        tokio::select! {
            () = realtime.gateway.stopped() => return,
            () = sleep(realtime.limits.prune_interval) => {}
        }
    }
}

/// Removes the messages that are older than `kept`; gives their number.
async fn prune(realtime: &Realtime, kept: Duration) -> Result<u64, DatabaseFault> {
    let client = realtime.gateway.admin_pool.get().await?;
    let sql = "delete from realtime.messages where inserted_at < localtimestamp - make_interval(secs => $1)";
    Ok(client.execute(sql, &[&kept.as_secs_f64()]).await?)
}
