//! The tables of publication `supabase_realtime`, and whether a channel's bindings fit them.

use std::{
    collections::HashSet,
    sync::{PoisonError, RwLock},
};

use postgres_protocol::escape::escape_literal;
use tokio_postgres::{Client, Row};

use super::{
    DatabaseFault, Realtime,
    binding::Watch,
    filter::{Filter, Operator},
    token::Identity,
};

/// Most values of an `in` filter.
const MOST_IN_VALUES: i32 = 100;

/// The published tables and kinds of change as last read: at every subscription, and now and then.
#[derive(Default)]
pub(super) struct Publication {
    tables: RwLock<HashSet<(String, String)>>,
    kinds: RwLock<Vec<&'static str>>,
}

impl Publication {
    pub(super) async fn refresh(&self, client: &Client) -> Result<(), tokio_postgres::Error> {
        let rows = client
            .query("select schemaname, tablename from pg_publication_tables where pubname = 'supabase_realtime'", &[])
            .await?;
        let published = client
            .query_opt("select pubinsert, pubupdate, pubdelete from pg_publication where pubname = 'supabase_realtime'", &[])
            .await?;
        let mut kinds = Vec::new();
        if let Some(published) = published {
            for (column, kind) in ["INSERT", "UPDATE", "DELETE"].into_iter().enumerate() {
                if published.try_get(column)? {
                    kinds.push(kind);
                }
            }
        }
        *self.kinds.write().unwrap_or_else(PoisonError::into_inner) = kinds;
        let tables = rows
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect::<Result<_, tokio_postgres::Error>>()?;
        *self.tables.write().unwrap_or_else(PoisonError::into_inner) = tables;
        Ok(())
    }

    /// Whether such a change of that table is published.
    pub(super) fn has(&self, kind: &str, schema: &str, table: &str) -> bool {
        let kinds = self.kinds.read().unwrap_or_else(PoisonError::into_inner);
        if !kinds.contains(&kind) {
            return false;
        }
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.contains(&(schema.to_owned(), table.to_owned()))
    }

    fn covered_by(&self, watch: &Watch) -> Vec<(String, String)> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables
            .iter()
            .filter(|(schema, table)| watch.covers(watch.event, schema, table))
            .cloned()
            .collect()
    }
}

/// Checks every binding of a channel; the error is the message of the `system` frame that says so.
pub(super) async fn check(
    realtime: &Realtime,
    watches: &[Watch],
    identity: &Identity,
) -> Result<(), String> {
    let lost = |fault: DatabaseFault| format!("Unable to subscribe to changes: {fault}");
    let client = realtime
        .gateway
        .admin_pool
        .get()
        .await
        .map_err(|fault| lost(fault.into()))?;
    realtime
        .publication
        .refresh(&client)
        .await
        .map_err(|fault| lost(fault.into()))?;
    for watch in watches {
        let tables = realtime.publication.covered_by(watch);
        if tables.is_empty() {
            return Err(format!(
                "Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect parameters: {}",
                watch.describe()
            ));
        }
        for (schema, table) in tables {
            check_table(&client, watch, identity, &schema, &table).await.map_err(|exception| {
                format!(
                    "Unable to subscribe to changes with given parameters. An exception happened so please check your connect parameters: {}. Exception: {exception}",
                    watch.describe()
                )
            })?;
        }
    }
    Ok(())
}

async fn check_table(
    client: &Client,
    watch: &Watch,
    identity: &Identity,
    schema: &str,
    table: &str,
) -> Result<(), String> {
    let rows = client
        .query(
            "select a.attname::text, format_type(a.atttypid, null), has_column_privilege($1::text, a.attrelid, a.attnum, 'SELECT')
               from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
              where n.nspname = $2 and c.relname = $3 and a.attnum > 0 and not a.attisdropped",
            &[&&*identity.role, &schema, &table],
        )
        .await
        .map_err(|error| exception(&error))?;
    for filter in &watch.filters {
        check_filter(client, &rows, filter).await?;
    }
    Ok(())
}

async fn check_filter(client: &Client, columns: &[Row], filter: &Filter) -> Result<(), String> {
    let column = columns
        .iter()
        .find(|row| row.get::<_, &str>(0) == filter.column && row.get::<_, bool>(2));
    let Some(column) = column else {
        return Err(format!(
            "ERROR P0001 (raise_exception) invalid column for filter {}",
            filter.column
        ));
    };
    let of: &str = column.get(1);
    let literal = escape_literal(&filter.value);
    if filter.operator.takes_text() {
        return Ok(());
    }
    let cast = match filter.operator {
        Operator::In => format!("select coalesce(cardinality({literal}::{of}[]), 0)"),
        _ => format!("select case when {literal}::{of} is null then 0 else 0 end"),
    };
    let values: i32 = client
        .query_one(&cast, &[])
        .await
        .map_err(|error| exception(&error))?
        .get(0);
    if values > MOST_IN_VALUES {
        return Err(
            "ERROR P0001 (raise_exception) too many values for `in` filter. Maximum 100".to_owned(),
        );
    }
    Ok(())
}

/// A database error in the words of the real server's driver.
fn exception(error: &tokio_postgres::Error) -> String {
    let Some(fault) = error.as_db_error() else {
        return error.to_string();
    };
    let name = match fault.code().code() {
        "42704" => "undefined_object",
        "42501" => "insufficient_privilege",
        "22P02" => "invalid_text_representation",
        "22007" => "invalid_datetime_format",
        "22003" => "numeric_value_out_of_range",
        _ => "error",
    };
    format!(
        "{} {} ({name}) {}",
        fault.severity(),
        fault.code().code(),
        fault.message()
    )
}
