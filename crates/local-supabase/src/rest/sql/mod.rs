//! Plans rendered as one SQL statement with bound values.
//!
//! Names are quoted, values are bound. Only three texts reach SQL as they are: operators and keywords of this module,
//! types and defaults that the catalog gave, and the type of a `::cast`, which the parser keeps to plain words.

mod call;
mod condition;
mod embed;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use call::call;
pub(crate) use call::{Arguments, Call};
pub(crate) use write::{Conflict, Insert, Returning, columns_of, delete, insert, update};

use super::{media::Shape, plan::ReadPlan, schema::Name};

/// A statement in the making.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Statement {
    text: String,
    values: Vec<String>,
}

impl Statement {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What `$1`, `$2`, … stand for, as texts: PostgreSQL finds their types.
    pub(crate) fn values(&self) -> &[String] {
        &self.values
    }

    fn push(&mut self, sql: &str) -> &mut Self {
        self.text.push_str(sql);
        self
    }

    fn name(&mut self, name: &str) -> &mut Self {
        self.text.push_str(&quoted(name));
        self
    }

    fn bind(&mut self, value: impl Into<String>) -> &mut Self {
        self.values.push(value.into());
        self.text.push_str(&format!("${}", self.values.len()));
        self
    }

    fn names(&mut self, names: &[String]) -> &mut Self {
        self.list(names, |statement, name| {
            statement.name(name);
        })
    }

    /// Items with commas between them.
    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) -> &mut Self {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            write(self, item);
        }
        self
    }
}

/// `"name"`. A name ends at a NUL, which no identifier can hold.
pub(crate) fn quoted(name: &str) -> String {
    let name = name.split('\0').next().unwrap_or_default();
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn qualified(name: &Name) -> String {
    format!("{}.{}", quoted(&name.schema), quoted(&name.name))
}

/// How many rows there are in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Total {
    Unknown,
    /// Counted in the same statement, whatever page is asked for.
    Counted,
    /// As `Counted`, but not beyond this number.
    CountedTo(i64),
}

/// A read of a table or view.
pub(crate) fn read(plan: &ReadPlan, shape: Shape, total: Total) -> Statement {
    let mut statement = Statement::default();
    statement.push("with pgrst_source as (");
    let root = read::Root {
        from: qualified(&plan.table.name),
        qualifier: qualified(&plan.table.name),
    };
    read::select(&mut statement, plan, &root);
    statement.push(")");
    count_all(&mut statement, plan, &root, total);
    result(&mut statement, shape, total);
    statement.push(" from (select * from pgrst_source) _postgrest_t");
    statement
}

/// `, pgrst_all as (…)`, if the rows of all pages are to be counted.
fn count_all(statement: &mut Statement, plan: &ReadPlan, root: &read::Root, total: Total) {
    if total == Total::Unknown {
        return;
    }
    statement.push(", pgrst_all as (");
    read::count(statement, plan, root);
    if let Total::CountedTo(most) = total {
        statement.push(&format!(" limit {most}"));
    }
    statement.push(")");
}

/// The rows that a read would find were it not for its page, to ask the planner about.
pub(crate) fn count(plan: &ReadPlan) -> Statement {
    let mut statement = Statement::default();
    let root = read::Root {
        from: qualified(&plan.table.name),
        qualifier: qualified(&plan.table.name),
    };
    read::count(&mut statement, plan, &root);
    statement
}

/// Names of the tables and functions of `schema` that the role has any right to.
pub(crate) fn visible(schema: &str) -> Statement {
    let mut statement = Statement::default();
    statement
        .push(
            "select null::bigint, 1::bigint, json_build_object(\
             'tables', (select coalesce(json_agg(c.relname order by c.relname), '[]') from pg_class c \
             where c.relnamespace = ",
        )
        .bind(schema)
        .push(
            "::regnamespace and c.relkind in ('r', 'v', 'm', 'f', 'p') \
             and has_any_column_privilege(c.oid, 'select, insert, update, references')), \
             'functions', (select coalesce(json_agg(distinct p.proname), '[]') from pg_proc p \
             where p.pronamespace = ",
        )
        .bind(schema)
        .push(
            "::regnamespace and p.prokind = 'f' and has_function_privilege(p.oid, 'execute') \
             and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)))::text, \
             null::text, null::text, null::text",
        );
    statement
}

/// The one row that every statement answers with: total, rows of the page, body, and what SQL set for the response.
fn result(statement: &mut Statement, shape: Shape, total: Total) {
    statement.push(match total {
        Total::Unknown => " select null::bigint",
        Total::Counted | Total::CountedTo(_) => " select (select count(*) from pgrst_all)",
    });
    statement
        .push(", count(_postgrest_t), (")
        .push(body(shape))
        .push(")::text");
    statement.push(
        ", nullif(current_setting('response.headers', true), ''), \
         nullif(current_setting('response.status', true), ''), \
         nullif(current_setting('pgrst.updated', true), '')",
    );
}

fn body(shape: Shape) -> &'static str {
    match shape {
        Shape::Nothing => "null",
        Shape::Rows => "coalesce(json_agg(_postgrest_t), '[]')",
        Shape::RowsWithoutNulls => {
            "coalesce(json_agg(json_strip_nulls(row_to_json(_postgrest_t))), '[]')"
        }
        Shape::Row => "coalesce(json_agg(_postgrest_t) -> 0, 'null')",
        Shape::RowWithoutNulls => {
            "coalesce(json_agg(json_strip_nulls(row_to_json(_postgrest_t))) -> 0, 'null')"
        }
        Shape::Scalar => "coalesce(json_agg(_postgrest_t.pgrst_scalar) -> 0, 'null')",
        Shape::Scalars => "coalesce(json_agg(_postgrest_t.pgrst_scalar), '[]')",
        Shape::Csv => {
            "(select coalesce(string_agg(header.key, ','), '') from (select json_object_keys(row_to_json(first)) \
             as key from (select * from pgrst_source limit 1) first) header) || E'\\n' || \
             coalesce(string_agg(substring(_postgrest_t::text, 2, length(_postgrest_t::text) - 2), E'\\n'), '')"
        }
    }
}
