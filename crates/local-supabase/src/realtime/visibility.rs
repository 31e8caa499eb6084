//! Whether the policies of a table show a changed row to somebody, *as it is now*.

use std::time::{Duration, Instant};

use deadpool_postgres::Object;
use postgres_protocol::escape::{escape_identifier, escape_literal};
use tokio_postgres::SimpleQueryMessage;

use super::{authorize::become_sql, changes::Change, token::Identity};

/// How long a committed transaction may take to be seen by other sessions: microseconds, unless its process is not
/// given a processor.
const VISIBLE_WITHIN: Duration = Duration::from_secs(60);
/// How long to leave the processor to it after so many questions that came too early.
const EARLY: (u32, Duration) = (10, Duration::from_millis(1));

/// Which of `identities` the table's policies show the row to. One round trip for all of them.
pub(super) async fn visible_to(
    client: &Object,
    change: &Change,
    identities: &[Identity],
) -> Result<Vec<bool>, tokio_postgres::Error> {
    let Some(exists) = exists_sql(change) else {
        return Ok(vec![false; identities.len()]);
    };
    match ask_all(client, change, &exists, identities).await {
        Ok(answers) => Ok(answers),
        // A policy may fail for one user's claims; the others must not miss the change for that.
        Err(error) if error.as_db_error().is_some() => {
            let mut answers = Vec::with_capacity(identities.len());
            for identity in identities {
                let one = ask_all(client, change, &exists, std::slice::from_ref(identity)).await;
                if let Err(error) = &one {
                    if error.as_db_error().is_none() {
                        return one;
                    }
                    tracing::warn!(table = change.table, error = %error, "a policy failed; the change is not shown");
                }
                answers.push(one.is_ok_and(|answer| answer == [true]));
            }
            Ok(answers)
        }
        Err(error) => Err(error),
    }
}

async fn ask_all(
    client: &Object,
    change: &Change,
    exists: &str,
    identities: &[Identity],
) -> Result<Vec<bool>, tokio_postgres::Error> {
    let mut batch = format!(
        "begin; set local statement_timeout = '5s'; select pg_current_snapshot(); prepare visible as {exists};"
    );
    for identity in identities {
        batch.push_str(&become_sql(identity, None));
        batch.push_str("execute visible;");
    }
    batch.push_str("rollback; deallocate visible;");
    let first_asked = Instant::now();
    let mut asked = 0;
    loop {
        asked += 1;
        let result = client.simple_query(&batch).await;
        if result
            .as_ref()
            .is_err_and(|error| error.as_db_error().is_some())
        {
            client.simple_query("rollback").await?;
            client
                .simple_query("do $$ begin execute 'deallocate visible'; exception when others then null; end $$")
                .await?;
        }
        let mut rows = result?.into_iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.try_get(0).ok().map(|text| text.map(str::to_owned)),
            _ => None,
        });
        let snapshot = rows.next().flatten();
        // The stream tells of a commit when it is written, a moment before other sessions see it: asked too early, the
        // database knows nothing of the row.
        let early =
            snapshot.and_then(|snapshot| sees(&snapshot, change.transaction)) == Some(false);
        if early && first_asked.elapsed() < VISIBLE_WITHIN {
            if asked >= EARLY.0 {
                tokio::time::sleep(EARLY.1).await;
            }
            continue;
        }
        // Each identity gives two rows: the settings, then the answer.
        return Ok(rows
            .skip(1)
            .step_by(2)
            .map(|answer| answer.as_deref() == Some("t"))
            .collect());
    }
}

/// Whether a snapshot as Postgres prints it (`xmin:xmax:in,progress`, with epochs) sees what a transaction (without its
/// epoch) wrote. `None` if it cannot be read.
fn sees(snapshot: &str, transaction: u32) -> Option<bool> {
    let mut parts = snapshot.split(':');
    let (_, next, running) = (
        parts.next()?,
        parts.next()?.parse::<u64>().ok()?,
        parts.next()?,
    );
    // Transactions wrap around every 2^32; the one that is meant is the nearest to the snapshot's end.
    let behind = u32::try_from(next & u64::from(u32::MAX))
        .ok()?
        .wrapping_sub(transaction);
    let is_past = behind > 0 && behind < 1 << 31;
    let full = next.wrapping_sub(u64::from(behind)).to_string();
    Some(is_past && !running.split(',').any(|running| running == full))
}

fn exists_sql(change: &Change) -> Option<String> {
    let key: Option<Vec<String>> = change
        .key_columns()?
        .iter()
        .map(|column| {
            let value = escape_literal(column.value.as_deref()?);
            Some(format!(
                "{} = {value}::{}",
                escape_identifier(&column.name),
                column.of
            ))
        })
        .collect();
    Some(format!(
        "select exists(select 1 from {}.{} where {})",
        escape_identifier(&change.schema),
        escape_identifier(&change.table),
        key?.join(" and ")
    ))
}

#[cfg(test)]
mod tests {
    use super::sees;

    #[test]
    fn a_snapshot_sees_what_ended_before_it_and_nothing_else() {
        assert_eq!(sees("750:755:750,753", 749), Some(true));
        assert_eq!(sees("750:755:750,753", 750), Some(false));
        assert_eq!(sees("750:755:750,753", 752), Some(true));
        assert_eq!(sees("750:755:750,753", 753), Some(false));
        assert_eq!(sees("750:755:", 755), Some(false));
        assert_eq!(sees("750:755:", 756), Some(false));
        assert_eq!(sees("nonsense", 1), None);
    }

    #[test]
    fn a_snapshot_of_a_later_epoch_knows_a_transaction_by_its_low_half() {
        let epoch = 3_u64 << 32;
        let snapshot = format!("{}:{}:{}", epoch - 5, epoch + 2, epoch - 5);
        assert_eq!(sees(&snapshot, u32::MAX - 4), Some(false), "still running");
        assert_eq!(sees(&snapshot, u32::MAX), Some(true));
        assert_eq!(sees(&snapshot, 1), Some(true));
        assert_eq!(sees(&snapshot, 2), Some(false));
    }
}
