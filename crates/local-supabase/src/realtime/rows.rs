//! A changed row as each role may see it, and the filters that it passes.
//!
//! What the real server does in `realtime.apply_rls` is done here by two statements, so that numbers, timestamps and
//! key order are the database's own: one renders the change for each role, the other one ([`super::visibility`]) asks
//! for each user whether the row's policies show it.

use std::{collections::HashMap, fmt::Write as _, sync::Arc};

use deadpool_postgres::Object;
use postgres_protocol::escape::escape_literal;
use tokio_postgres::SimpleQueryMessage;

use super::{
    changes::{Change, Column, Kind, as_json},
    filter::Filter,
};

/// The error of a change that is too big to be told whole.
const TOO_LARGE: &str = r#"["Error 413: Payload Too Large"]"#;

/// A change as the members of each role see it.
pub(super) struct Rendered {
    /// Whether each user must be asked about, too.
    pub(super) has_policies: bool,
    /// The `data` object of the frame by role. A role that may not select the key is missing: it is told nothing.
    pub(super) data: HashMap<Arc<str>, String>,
}

/// Renders `change` for each of `roles`; `oversize` leaves out what is null or long.
/// `None`: the table is gone, or it has no primary key to be asked about.
pub(super) async fn render(
    client: &Object,
    change: &Change,
    roles: &[Arc<str>],
    oversize: bool,
) -> Result<Option<Rendered>, tokio_postgres::Error> {
    let Some(key) = change.key_columns() else {
        return Ok(None);
    };
    let current = if change.kind == Kind::Delete {
        Vec::new()
    } else {
        change.current()
    };
    let old: Vec<&Column> = change.identity.iter().collect();
    let statement = client.prepare_cached(&render_sql(&current, &old)).await?;
    let key: Vec<&str> = key.iter().map(|column| column.name.as_str()).collect();
    let (record, old_record) = (as_json(current), as_json(old));
    let names: Vec<&str> = roles.iter().map(|role| &**role).collect();
    let deleted = change.kind == Kind::Delete;
    let rows = client
        .query(
            &statement,
            &[
                &record,
                &old_record,
                &change.schema,
                &change.table,
                &names,
                &oversize,
                &change.timestamp,
                &key,
                &deleted,
            ],
        )
        .await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let has_policies = first.try_get(0)?;
    let mut data = HashMap::new();
    for (row, role) in rows.iter().zip(roles) {
        if row.try_get(5)? {
            data.insert(Arc::clone(role), data_object(change, oversize, row)?);
        }
    }
    Ok(Some(Rendered { has_policies, data }))
}

fn data_object(
    change: &Change,
    oversize: bool,
    row: &tokio_postgres::Row,
) -> Result<String, tokio_postgres::Error> {
    let part = |index| -> Result<String, tokio_postgres::Error> {
        Ok(row
            .try_get::<_, Option<String>>(index)?
            .unwrap_or_else(|| "{}".to_owned()))
    };
    let quoted = super::frame::quoted;
    let mut text = format!(
        r#"{{"table":{},"type":"{}""#,
        quoted(&change.table),
        change.kind.name()
    );
    if change.kind != Kind::Delete {
        let _ = write!(text, r#","record":{}"#, part(2)?);
    }
    let errors = if oversize { TOO_LARGE } else { "null" };
    let timestamp: String = row.try_get(4)?;
    let columns: Option<String> = row.try_get(1)?;
    let _ = write!(
        text,
        r#","columns":{},"errors":{errors},"schema":{},"commit_timestamp":{}"#,
        columns.as_deref().unwrap_or("[]"),
        quoted(&change.schema),
        quoted(&timestamp),
    );
    if change.kind != Kind::Insert {
        let _ = write!(text, r#","old_record":{}"#, part(3)?);
    }
    text.push('}');
    Ok(text)
}

/// One row for each role: has policies, columns, record, old record, commit time, may select the key.
///
/// Types stand in the text, as the database printed them, because a cast cannot take its type as a parameter. The text is
/// the same for every change with the same columns, so that it is prepared once.
fn render_sql(current: &[&Column], old: &[&Column]) -> String {
    format!(
        "with rel as (
           select c.oid, c.relrowsecurity from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = $3 and c.relname = $4
         ),
         current(name, value) as ({}),
         old(name, value) as ({})
         select rel.relrowsecurity,
           (select jsonb_agg(jsonb_build_object('name', a.attname, 'type', t.typname) order by a.attnum)
              from pg_attribute a join pg_type t on t.oid = a.atttypid
             where a.attrelid = rel.oid and a.attnum > 0 and not a.attisdropped
               and has_column_privilege(r.role, rel.oid, a.attnum, 'SELECT'))::text,
           (select jsonb_object_agg(v.name, v.value) from current v
             where has_column_privilege(r.role, rel.oid, v.name, 'SELECT')
               and (not $6::boolean or octet_length(v.value::text) <= 64))::text,
           (select jsonb_object_agg(v.name, v.value) from old v
             where has_column_privilege(r.role, rel.oid, v.name, 'SELECT')
               and (not $6::boolean or octet_length(v.value::text) <= 64)
               and (not $9::boolean or not rel.relrowsecurity or v.name = any($8::text[])))::text,
           to_char($7::text::timestamptz at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
           (select bool_and(has_column_privilege(r.role, rel.oid, k.name, 'SELECT')) from unnest($8::text[]) k(name))
         from rel, unnest($5::text[]) with ordinality r(role, place)
         order by r.place",
        values_sql("$1", current),
        values_sql("$2", old)
    )
}

/// The columns of JSON parameter `from` as rows of name and JSON value.
fn values_sql(from: &str, columns: &[&Column]) -> String {
    if columns.is_empty() {
        return format!(
            "select null::text, null::jsonb from (select {from}::text::jsonb) none where false"
        );
    }
    let rows: Vec<String> = columns
        .iter()
        .map(|column| {
            let name = escape_literal(&column.name);
            // Bytes are told as the stream spells them, in hexadecimal digits alone.
            let of = if column.of == "bytea" {
                "text"
            } else {
                &column.of
            };
            format!("({name}, to_jsonb(({from}::text::jsonb ->> {name})::{of}))")
        })
        .collect();
    format!("values {}", rows.join(", "))
}

/// Which of `filters` the changed row passes. One round trip for all of them.
///
/// A filter on a column that the change does not tell is not passed, nor is one on a null that does not ask for it.
pub(super) async fn passed(
    client: &Object,
    change: &Change,
    filters: &[&Filter],
) -> Result<Vec<bool>, tokio_postgres::Error> {
    let terms: Vec<String> = filters
        .iter()
        .map(|filter| {
            let Some(Column { of, value, .. }) = change.column(&filter.column) else {
                return "false".to_owned();
            };
            let value = value
                .as_deref()
                .map_or_else(|| "null".to_owned(), escape_literal);
            filter.sql(&value, &escape_literal(&filter.value), of)
        })
        .collect();
    let columns: Vec<String> = terms
        .iter()
        .map(|term| format!("coalesce({term}, false)"))
        .collect();
    let messages = client
        .simple_query(&format!("select {}", columns.join(", ")))
        .await?;
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    Ok((0..filters.len())
        .map(|index| row.is_some_and(|row| row.try_get(index).ok().flatten() == Some("t")))
        .collect())
}
