//! Who may listen and speak on a private channel: the database decides, by its policies on `realtime.messages`.
//!
//! As the real server, a message is written and read back as the user's role in a transaction that is rolled back:
//! a policy for `select` lets listen, one for `insert` lets speak. Policies learn the topic from `realtime.topic()`.

use postgres_protocol::escape::escape_literal;
use tokio_postgres::{SimpleQueryMessage, error::SqlState};
use uuid::Uuid;

use super::{DatabaseFault, Realtime, token::Identity};

/// What an identity may do on one topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rights {
    pub(super) read: bool,
    pub(super) write: bool,
}

impl Rights {
    pub(super) const NONE: Self = Self {
        read: false,
        write: false,
    };
    /// On a public channel everybody may do everything.
    pub(super) const ALL: Self = Self {
        read: true,
        write: true,
    };
}

/// Makes the rest of the transaction run with the rights and claims of `identity`.
pub(super) fn become_sql(identity: &Identity, topic: Option<&str>) -> String {
    let mut settings = vec![
        ("role", &*identity.role),
        ("request.jwt.claims", &*identity.claims),
        ("request.jwt.claim.sub", &*identity.subject),
        ("request.jwt.claim.role", &*identity.role),
    ];
    settings.extend(topic.map(|topic| ("realtime.topic", topic)));
    let calls: Vec<String> = settings
        .iter()
        .map(|(name, value)| format!("set_config('{name}', {}, true)", escape_literal(value)))
        .collect();
    format!("select {};", calls.join(", "))
}

/// Asks the policies of `realtime.messages` about `topic` (without `realtime:`).
///
/// A role that does not exist, or that may not touch the table at all, has no rights; only a lost database is an error.
pub(super) async fn rights(
    realtime: &Realtime,
    topic: &str,
    identity: &Identity,
) -> Result<Rights, DatabaseFault> {
    let client = realtime.gateway.admin_pool.get().await?;
    let id = Uuid::new_v4();
    let literal = escape_literal(topic);
    let read = client
        .simple_query(&format!(
            "begin;
             set local statement_timeout = '5s';
             insert into realtime.messages (id, topic, extension) values ('{id}', {literal}, 'broadcast');
             {}
             select 'readable' from realtime.messages where id = '{id}';",
            become_sql(identity, Some(topic))
        ))
        .await;
    // After a failure the transaction refuses everything until its end, so that this is no right either.
    let write = client
        .simple_query(&format!(
            "insert into realtime.messages (topic, extension) values ({literal}, 'broadcast')"
        ))
        .await;
    client.simple_query("rollback").await?;
    Ok(Rights {
        read: answered(read)?.is_some_and(|rows| rows > 0),
        write: answered(write)?.is_some(),
    })
}

/// How many rows said `readable`; `None` if the database refused; an error if it did not answer.
fn answered(
    result: Result<Vec<SimpleQueryMessage>, tokio_postgres::Error>,
) -> Result<Option<usize>, DatabaseFault> {
    match result {
        Ok(messages) => {
            let readable = |message: &&SimpleQueryMessage| matches!(message, SimpleQueryMessage::Row(row) if row.try_get(0).ok().flatten() == Some("readable"));
            Ok(Some(messages.iter().filter(readable).count()))
        }
        Err(error) => {
            let code = error.code().cloned();
            match code {
                Some(code) => {
                    if code != SqlState::INSUFFICIENT_PRIVILEGE
                        && code != SqlState::IN_FAILED_SQL_TRANSACTION
                    {
                        tracing::warn!(code = code.code(), "a policy on realtime.messages failed");
                    }
                    Ok(None)
                }
                None => Err(error.into()),
            }
        }
    }
}
