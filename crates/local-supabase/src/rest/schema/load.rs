//! Reads the catalog.

use std::{collections::HashMap, sync::Arc};

use deadpool_postgres::{Pool, PoolError};
use tokio_postgres::Row;

use super::{
    Column, Function, Name, Parameter, Returns, SchemaCache, Table, Writable,
    relationship::{ForeignKey, Relationship, relationships},
};

const COLUMNS: &str = "
select n.nspname::text, c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
       case when a.attidentity <> '' then
              format('nextval(%L)', pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname))
            when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end,
       pg_relation_is_updatable(c.oid, true)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where n.nspname = any($1) and c.relkind in ('r', 'v', 'm', 'f', 'p')
order by n.nspname, c.relname, a.attnum";

/// Constraints only: a partial unique index says nothing about rows outside of it.
const KEYS: &str = "
select n.nspname::text, c.relname::text, k.contype = 'p',
       (select array_agg(a.attname::text order by o.position)
        from unnest(k.conkey) with ordinality o (number, position)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = o.number)
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = any($1) and k.contype in ('p', 'u')";

const FOREIGN_KEYS: &str = "
select k.conname::text, n.nspname::text, c.relname::text, fn.nspname::text, fc.relname::text,
       (select array_agg(a.attname::text order by o.position)
        from unnest(k.conkey) with ordinality o (number, position)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = o.number),
       (select array_agg(a.attname::text order by o.position)
        from unnest(k.confkey) with ordinality o (number, position)
        join pg_attribute a on a.attrelid = fc.oid and a.attnum = o.number)
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class fc on fc.oid = k.confrelid
join pg_namespace fn on fn.oid = fc.relnamespace
where n.nspname = any($1) and fn.nspname = any($1) and k.contype = 'f' and k.conparentid = 0
order by n.nspname, c.relname, k.conname";

const FUNCTIONS: &str = "
select n.nspname::text, p.proname::text, p.provolatile = 'v', p.proretset, p.prorettype = 'void'::regtype,
       t.typtype = 'c' or p.prorettype = 'record'::regtype, rn.nspname::text, rc.relname::text,
       coalesce(p.proargnames, '{}')::text[], p.proargmodes::text[],
       (select coalesce(array_agg(format_type(u.type, null) order by u.position), '{}')
        from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality u (type, position)),
       p.pronargs::int4, p.pronargdefaults::int4
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
join pg_type t on t.oid = p.prorettype
left join pg_class rc on rc.oid = t.typrelid and rc.relkind in ('r', 'v', 'm', 'f', 'p')
left join pg_namespace rn on rn.oid = rc.relnamespace
where n.nspname = any($1) and p.prokind = 'f'
  and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
order by n.nspname, p.proname, p.oid";

const ROLE_SETTINGS: &str = "
select r.rolname::text, split_part(s, '=', 1), substr(s, strpos(s, '=') + 1)
from pg_roles r, unnest(r.rolconfig) s
join pg_settings g on g.name = split_part(s, '=', 1) and g.context = 'user'
where pg_has_role(current_user, r.oid, 'member') and r.rolname <> current_user
  and g.name not in ('search_path', 'role')";

/// Why the catalog could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("no connection: {0}")]
    Pool(#[from] PoolError),
    #[error("{0}")]
    Database(#[from] tokio_postgres::Error),
}

/// Reads everything about `schemas`.
pub(crate) async fn load(pool: &Pool, schemas: &[String]) -> Result<SchemaCache, LoadError> {
    let client = pool.get().await?;
    // With an empty search_path every type and default is spelled with its schema.
    client
        .batch_execute("begin read only; set local search_path = ''")
        .await?;
    let read = async {
        let columns = client.query(COLUMNS, &[&schemas]).await?;
        let keys = client.query(KEYS, &[&schemas]).await?;
        let foreign_keys = client.query(FOREIGN_KEYS, &[&schemas]).await?;
        let functions = client.query(FUNCTIONS, &[&schemas]).await?;
        let settings = client.query(ROLE_SETTINGS, &[]).await?;
        Ok((columns, keys, foreign_keys, functions, settings))
    }
    .await;
    client.batch_execute("rollback").await?;
    let (columns, keys, foreign_keys, functions, settings) =
        read.map_err(|error: tokio_postgres::Error| LoadError::Database(error))?;

    let mut cache = SchemaCache::default();
    let mut tables: HashMap<Name, Table> = HashMap::new();
    for row in &columns {
        let name = name(row, 0);
        let table = tables.entry(name.clone()).or_insert_with(|| Table {
            name,
            columns: Vec::new(),
            primary_key: Vec::new(),
            writable: Writable::from_bits(row.get(5)),
        });
        table.columns.push(Column {
            name: row.get(2),
            type_name: row.get(3),
            default: row.get(4),
        });
    }
    let mut unique: HashMap<Name, Vec<Vec<String>>> = HashMap::new();
    for row in &keys {
        let columns: Vec<String> = row.get(3);
        if row.get(2)
            && let Some(table) = tables.get_mut(&name(row, 0))
        {
            table.primary_key.clone_from(&columns);
        }
        unique.entry(name(row, 0)).or_default().push(columns);
    }
    let foreign_keys: Vec<ForeignKey> = foreign_keys.iter().map(foreign_key).collect();
    for relationship in relationships(&foreign_keys, &unique, &tables) {
        let Relationship { table, .. } = &relationship;
        cache
            .relationships
            .entry(table.clone())
            .or_default()
            .push(relationship);
    }
    cache.tables = tables
        .into_iter()
        .map(|(name, table)| (name, Arc::new(table)))
        .collect();
    for row in &functions {
        let function = function(row);
        cache
            .functions
            .entry(function.name.clone())
            .or_default()
            .push(Arc::new(function));
    }
    for row in &settings {
        cache
            .role_settings
            .entry(row.get(0))
            .or_default()
            .push((row.get(1), row.get(2)));
    }
    Ok(cache)
}

fn name(row: &Row, at: usize) -> Name {
    Name {
        schema: row.get(at),
        name: row.get(at + 1),
    }
}

fn foreign_key(row: &Row) -> ForeignKey {
    let (columns, foreign): (Vec<String>, Vec<String>) = (row.get(5), row.get(6));
    ForeignKey {
        constraint: row.get(0),
        table: name(row, 1),
        foreign_table: name(row, 3),
        columns: columns.into_iter().zip(foreign).collect(),
    }
}

fn function(row: &Row) -> Function {
    let names: Vec<String> = row.get(8);
    let modes: Option<Vec<String>> = row.get(9);
    let types: Vec<String> = row.get(10);
    let (count, defaults): (i32, i32) = (row.get(11), row.get(12));
    let is_input = |index: usize| {
        modes
            .as_ref()
            .is_none_or(|modes| matches!(modes[index].as_str(), "i" | "b" | "v"))
    };
    let parameters = types
        .iter()
        .enumerate()
        .filter(|(index, _)| is_input(*index))
        .enumerate()
        .map(|(position, (index, type_name))| Parameter {
            name: names.get(index).cloned().unwrap_or_default(),
            type_name: type_name.clone(),
            required: (position as i32) < count - defaults,
        })
        .collect();
    let returns = if row.get(4) {
        Returns::Void
    } else if row.get(5) {
        let table: (Option<String>, Option<String>) = (row.get(6), row.get(7));
        Returns::Row(match table {
            (Some(schema), Some(name)) => Some(Name { schema, name }),
            _ => None,
        })
    } else {
        Returns::Scalar
    };
    Function {
        name: name(row, 0),
        parameters,
        returns,
        returns_set: row.get(3),
        volatile: row.get(2),
    }
}
