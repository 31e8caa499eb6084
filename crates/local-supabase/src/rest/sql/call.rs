//! Function calls.

use super::{Shape, Statement, Total, count_all, qualified, read, result};
use crate::rest::{
    payload::Payload,
    plan::ReadPlan,
    schema::{Function, Parameter, Returns},
};

/// What a function is called with.
#[derive(Debug, Clone)]
pub(crate) enum Arguments<'a> {
    /// Texts of the query string.
    Texts(Vec<(&'a Parameter, String)>),
    /// The keys of a JSON object.
    Object(Vec<&'a Parameter>, &'a Payload),
    /// The whole body is the one unnamed parameter.
    Whole(&'a Parameter, String),
}

/// A call to be rendered.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    pub(crate) function: &'a Function,
    pub(crate) arguments: Arguments<'a>,
}

/// Renders a call; `plan` filters, orders and pages what a function that gives rows returns.
pub(crate) fn call(call: &Call<'_>, plan: &ReadPlan, shape: Shape, total: Total) -> Statement {
    let gives_rows = matches!(call.function.returns, Returns::Row(_));
    let mut statement = Statement::default();
    statement.push("with pgrst_source as (select ");
    statement
        .push(if gives_rows {
            "pgrst_call.*"
        } else {
            "pgrst_call as pgrst_scalar"
        })
        .push(" from ");
    if let Arguments::Object(parameters, payload) = &call.arguments
        && !parameters.is_empty()
    {
        statement.push(if payload.is_object() {
            "(select * from json_to_record("
        } else {
            "(select * from json_to_recordset("
        });
        statement
            .bind(payload.json())
            .push("::json) as pgrst_row (");
        statement.list(parameters, |statement, parameter| {
            statement
                .name(&parameter.name)
                .push(" ")
                .push(&parameter.type_name);
        });
        // Of several objects the first counts.
        statement.push(") limit 1) pgrst_body, lateral ");
    }
    statement.push(&qualified(&call.function.name)).push("(");
    arguments(&mut statement, &call.arguments);
    statement.push(") pgrst_call)");
    count_all(&mut statement, plan, &read::source(plan), total);
    result(&mut statement, shape, total);
    statement.push(" from (");
    read::select_source(&mut statement, plan, true);
    statement.push(") _postgrest_t");
    statement
}

fn arguments(statement: &mut Statement, arguments: &Arguments<'_>) {
    match arguments {
        Arguments::Texts(texts) => {
            statement.list(texts, |statement, (parameter, text)| {
                statement.name(&parameter.name).push(" => ");
                statement
                    .bind(text.as_str())
                    .push("::")
                    .push(&parameter.type_name);
            });
        }
        Arguments::Object(parameters, _) => {
            statement.list(parameters, |statement, parameter| {
                statement
                    .name(&parameter.name)
                    .push(" => pgrst_body.")
                    .name(&parameter.name);
            });
        }
        Arguments::Whole(parameter, text) => {
            statement
                .bind(text.as_str())
                .push("::")
                .push(&parameter.type_name);
        }
    }
}
