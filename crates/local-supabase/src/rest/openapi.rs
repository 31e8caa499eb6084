//! `/`: a short description of what the caller may reach.

use axum::{http::StatusCode, response::Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Rest, SCHEMAS,
    answer::Reply,
    caller::Caller,
    database,
    error::ApiError,
    media,
    request::Request,
    schema::{Name, SchemaCache},
    sql, table,
};

/// What the caller's role has a right to.
#[derive(Debug, Deserialize)]
struct Visible {
    tables: Vec<String>,
    functions: Vec<String>,
}

/// The paths are complete; parameters and types are left to the database's own tools.
pub(super) async fn describe(
    rest: &Rest,
    cache: &SchemaCache,
    caller: &Caller,
    request: &Request,
) -> Result<Response, ApiError> {
    request.preferences.check()?;
    let media = media::negotiate(&request.headers, true)?;
    let mut work = table::work(cache, caller, request, sql::visible(SCHEMAS[0]));
    work.read_only = true;
    let answer = database::perform(&rest.gateway.rest_pool, work).await?;
    let visible: Visible = serde_json::from_str(answer.body.as_deref().unwrap_or_default())
        .map_err(|error| ApiError::internal(error.to_string()))?;
    let body = document(cache, &visible).to_string();
    let body = (!request.is_head()).then_some(body);
    Reply::new(StatusCode::OK)
        .body(media.content_type(), body)
        .finish(&answer)
}

fn document(cache: &SchemaCache, visible: &Visible) -> Value {
    let described = json!({"get": {"responses": {"200": {"description": "OK"}}}});
    let mut paths = Map::new();
    paths.insert("/".to_owned(), described.clone());
    let mut definitions = Map::new();
    for table in &visible.tables {
        paths.insert(format!("/{table}"), described.clone());
        let name = Name {
            schema: SCHEMAS[0].to_owned(),
            name: table.clone(),
        };
        let columns = cache
            .tables
            .get(&name)
            .map(|table| table.columns.as_slice())
            .unwrap_or_default();
        let properties: Map<String, Value> = columns
            .iter()
            .map(|column| (column.name.clone(), json!({"format": column.type_name})))
            .collect();
        definitions.insert(
            table.clone(),
            json!({"type": "object", "properties": properties}),
        );
    }
    for function in &visible.functions {
        paths.insert(format!("/rpc/{function}"), described.clone());
    }
    let kinds = [
        "application/json",
        "application/vnd.pgrst.object+json",
        "text/csv",
    ];
    let mut document = json!({
        "swagger": "2.0",
        "info": {"title": "Local stand-in of a Supabase project", "version": env!("CARGO_PKG_VERSION")},
        "host": "127.0.0.1",
        "basePath": "/",
        "schemes": ["http"],
        "consumes": kinds,
        "produces": kinds,
        "paths": paths,
        "parameters": {},
        "externalDocs": {"description": "PostgREST Documentation", "url": "https://docs.postgrest.org"},
    });
    if !definitions.is_empty() {
        document["definitions"] = Value::Object(definitions);
    }
    document
}
