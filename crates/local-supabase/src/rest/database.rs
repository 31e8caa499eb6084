//! One transaction for a request, in one round trip once its statements are prepared.

use std::error::Error;

use bytes::BytesMut;
use deadpool_postgres::{Client, Pool, PoolError};
use futures::future::join;
use tokio_postgres::{
    Row,
    types::{Format, IsNull, ToSql, Type, to_sql_checked},
};

use super::{error::ApiError, sql::Statement};

/// Statements that a connection keeps prepared; more are made by callers who never repeat a query.
const MAX_PREPARED: usize = 500;

/// Deadlock and serialization victims are tried again this often, as PostgREST does.
const MAX_ATTEMPTS: usize = 5;

/// A value sent as text, whatever type PostgreSQL finds for it.
#[derive(Debug)]
struct Untyped<'a>(&'a str);

impl ToSql for Untyped<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        // No text of PostgreSQL holds a NUL; the real server's C strings end there too.
        let text = self.0.split('\0').next().unwrap_or_default();
        out.extend_from_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// Settings that hold until the end of the transaction, in this order.
pub(crate) type Settings = Vec<(String, String)>;

/// What must hold before a transaction is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Demands {
    /// Exactly one row.
    pub(crate) single: bool,
    /// At most that many rows.
    pub(crate) at_most: Option<i64>,
    /// Exactly one row, or the payload did not match the address (PUT).
    pub(crate) one_put: bool,
}

impl Demands {
    fn none(self) -> bool {
        self == Self::default()
    }

    fn check(self, rows: i64) -> Result<(), ApiError> {
        if self.one_put && rows != 1 {
            return Err(ApiError::bad_request(
                "PGRST115",
                "Payload values do not match URL in primary key column(s)",
            ));
        }
        if self.single && rows != 1 {
            return Err(ApiError::not_single(rows));
        }
        match self.at_most {
            Some(most) if rows > most => Err(ApiError::bad_request(
                "PGRST124",
                "Query result exceeds max-affected preference constraint",
            )
            .with_details(format!("The query affects {rows} rows"))),
            _ => Ok(()),
        }
    }
}

/// Everything that one transaction does.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub(crate) settings: Settings,
    pub(crate) read_only: bool,
    pub(crate) statement: Statement,
    /// The planner's guess of how many rows this finds is wanted too.
    pub(crate) estimate: Option<Statement>,
    pub(crate) demands: Demands,
    /// Refuse after analysis, as pg_safeupdate does: the message.
    pub(crate) refuse: Option<&'static str>,
    pub(crate) anonymous: bool,
}

/// What the database answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) total: Option<i64>,
    pub(crate) rows: i64,
    pub(crate) body: Option<String>,
    pub(crate) headers: Option<String>,
    pub(crate) status: Option<String>,
    /// Rows that an upsert overwrote.
    pub(crate) updated: i64,
    pub(crate) estimate: Option<i64>,
}

impl From<&Row> for Answer {
    fn from(row: &Row) -> Self {
        let updated: Option<&str> = row.get(5);
        Self {
            total: row.get(0),
            rows: row.get(1),
            body: row.get(2),
            headers: row.get(3),
            status: row.get(4),
            updated: updated.and_then(|count| count.parse().ok()).unwrap_or(0),
            estimate: None,
        }
    }
}

/// Carries out `work`. The transaction is committed if and only if the answer is `Ok`.
pub(crate) async fn perform(pool: &Pool, work: Work) -> Result<Answer, ApiError> {
    let pool = pool.clone();
    // In a task of its own, because a client that hangs up must not leave a transaction open on a pooled connection.
    let task = tokio::spawn(async move { attempt_often(&pool, &work).await });
    task.await
        .unwrap_or_else(|_| Err(ApiError::internal("the request could not be carried out")))
}

async fn attempt_often(pool: &Pool, work: &Work) -> Result<Answer, ApiError> {
    let client = pool.get().await.map_err(|error| match error {
        PoolError::Timeout(_) => ApiError::pool_timeout(),
        _ => ApiError::connection(),
    })?;
    if client.statement_cache.size() > MAX_PREPARED {
        client.statement_cache.clear();
    }
    let mut attempt = 1;
    loop {
        match attempt_once(&client, work).await {
            Err(error)
                if matches!(error.code.as_str(), "40P01" | "40001") && attempt < MAX_ATTEMPTS =>
            {
                attempt += 1;
            }
            done => return done,
        }
    }
}

async fn attempt_once(client: &Client, work: &Work) -> Result<Answer, ApiError> {
    let failed = |error: tokio_postgres::Error| ApiError::from_database(&error, work.anonymous);
    let settings = client
        .prepare_cached(&set_all(work.settings.len()))
        .await
        .map_err(failed)?;
    // A failure here (an unknown column, no right to a schema) is told in the right order by the slow way.
    let prepared = client.prepare_cached(work.statement.text()).await.ok();
    let simple = work.demands.none() && work.estimate.is_none() && work.refuse.is_none();
    if let Some(prepared) = prepared.as_ref().filter(|_| simple) {
        let values = untyped(work.statement.values());
        let parameters = parameters(&values);
        // Sent in the order in which they are first polled, without waiting for each other's answers.
        let (begun, (answer, ended)) = join(
            begin(client, work, &settings),
            join(
                client.query_one(prepared, &parameters),
                client.batch_execute("commit"),
            ),
        )
        .await;
        begun?;
        let answer = Answer::from(&answer.map_err(failed)?);
        ended.map_err(failed)?;
        return Ok(answer);
    }
    let answer = stepwise(client, work, &settings).await;
    let ended = client
        .batch_execute(if answer.is_ok() { "commit" } else { "rollback" })
        .await;
    let answer = answer?;
    ended.map_err(failed)?;
    Ok(answer)
}

/// One step after the other, so that each can be looked at before the next.
async fn stepwise(
    client: &Client,
    work: &Work,
    settings: &tokio_postgres::Statement,
) -> Result<Answer, ApiError> {
    let failed = |error: tokio_postgres::Error| ApiError::from_database(&error, work.anonymous);
    begin(client, work, settings).await?;
    let prepared = client
        .prepare_cached(work.statement.text())
        .await
        .map_err(failed)?;
    if let Some(message) = work.refuse {
        return Err(ApiError::bad_request("21000", message));
    }
    let values = untyped(work.statement.values());
    let row = client
        .query_one(&prepared, &parameters(&values))
        .await
        .map_err(failed)?;
    let mut answer = Answer::from(&row);
    work.demands.check(answer.rows)?;
    if let Some(estimate) = &work.estimate {
        let values = untyped(estimate.values());
        let sql = format!("explain (format json) {}", estimate.text());
        let row = client
            .query_one(&sql, &parameters(&values))
            .await
            .map_err(failed)?;
        let plan: serde_json::Value = row.get(0);
        answer.estimate = plan[0]["Plan"]["Plan Rows"].as_i64();
    }
    Ok(answer)
}

/// A select that sets `count` settings until the end of the transaction.
fn set_all(count: usize) -> String {
    let calls: Vec<String> = (0..count)
        .map(|index| format!("set_config(${}, ${}, true)", 2 * index + 1, 2 * index + 2))
        .collect();
    format!("select {}", calls.join(", "))
}

/// `begin`, and all settings in one select.
async fn begin(
    client: &Client,
    work: &Work,
    settings: &tokio_postgres::Statement,
) -> Result<(), ApiError> {
    let failed = |error: tokio_postgres::Error| ApiError::from_database(&error, work.anonymous);
    let begin = if work.read_only {
        "begin isolation level read committed read only"
    } else {
        "begin isolation level read committed"
    };
    let values: Vec<Untyped<'_>> = work
        .settings
        .iter()
        .flat_map(|(name, value)| [Untyped(name), Untyped(value)])
        .collect();
    let parameters = parameters(&values);
    let (begun, set) = join(
        client.batch_execute(begin),
        client.query_one(settings, &parameters),
    )
    .await;
    begun.map_err(failed)?;
    set.map_err(failed)?;
    Ok(())
}

fn untyped(values: &[String]) -> Vec<Untyped<'_>> {
    values.iter().map(|value| Untyped(value)).collect()
}

fn parameters<'a>(values: &'a [Untyped<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}
