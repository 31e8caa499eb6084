//! `/rest/v1`: a subset of PostgREST, in which Postgres does the work.
//!
//! A request is parsed into a small typed tree (`query`), its names are resolved (`plan`, against `schema`), the plan
//! is rendered as one statement with bound values (`sql`), and one transaction under the caller's role carries it out
//! (`database`). The database makes the JSON, the error texts and the decisions of row-level security; the rest of
//! this module is what PostgREST adds as an HTTP server.

mod answer;
mod cache;
mod caller;
mod cors;
mod database;
mod error;
mod media;
mod openapi;
mod payload;
mod plan;
mod preference;
mod query;
mod range;
mod request;
mod rpc;
mod schema;
mod sql;
mod table;

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    extract::{Request as HttpRequest, State},
    http::{HeaderMap, Method},
    response::Response,
};

use crate::Gateway;
use cache::Cache;
use caller::Caller;
use error::ApiError;
use request::{Request, Target};

/// Schemas that the API shows.
const SCHEMAS: [&str; 1] = ["public"];

/// The longest list of rows, as `max_rows` of a Supabase project.
const MAX_ROWS: i64 = 1000;

/// The largest body, in bytes.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// What every request is answered with.
#[derive(Clone)]
struct Rest {
    gateway: Gateway,
    cache: Arc<Cache>,
}

/// Routes under `/rest/v1`. Must be called within a tokio runtime: it starts to listen for `NOTIFY pgrst`.
pub fn router(gateway: Gateway) -> Router {
    let cache = Arc::new(Cache::new(gateway.rest_pool.clone()));
    tokio::spawn(cache::listen(gateway.clone(), cache.clone()));
    Router::new()
        .fallback(serve)
        .with_state(Rest { gateway, cache })
}

async fn serve(State(rest): State<Rest>, request: HttpRequest) -> Response {
    let origin = request.headers().contains_key("origin");
    if let Some(preflight) = cors::preflight(request.method(), request.headers()) {
        return preflight;
    }
    let mut response = match rest.answer(request).await {
        Ok(response) => response,
        Err(error) => answer::refusal(&error),
    };
    if origin {
        cors::expose(&mut response);
    }
    response
}

impl Rest {
    async fn answer(&self, request: HttpRequest) -> Result<Response, ApiError> {
        let (head, body) = request.into_parts();
        let caller = Caller::of(&head.headers, &self.gateway.jwt, now())?;
        let mut request = Request::read(head, body).await?;
        let cache = self.cache.get().await?;
        self.check_timezone(&mut request).await?;
        if request.method == Method::OPTIONS {
            return request::options(&request, &cache);
        }
        match &request.target {
            Target::Root => openapi::describe(self, &cache, &caller, &request).await,
            Target::Table(name) => table::answer(self, &cache, &caller, &request, name).await,
            Target::Function(name) => rpc::answer(self, &cache, &caller, &request, name).await,
        }
    }
}

impl Rest {
    /// A time zone that the database does not know counts as a preference that was not understood.
    async fn check_timezone(&self, request: &mut Request) -> Result<(), ApiError> {
        let Some(zone) = request.preferences.timezone.take() else {
            return Ok(());
        };
        let client = self
            .gateway
            .rest_pool
            .get()
            .await
            .map_err(|_| ApiError::pool_timeout())?;
        let known = client
            .query_one(
                "select exists (select from pg_timezone_names where name = $1)",
                &[&zone],
            )
            .await
            .map_err(|error| ApiError::from_database(&error, false))?;
        if known.get(0) {
            request.preferences.timezone = Some(zone);
        } else {
            request.preferences.invalid.push(format!("timezone={zone}"));
        }
        Ok(())
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// The request's headers as `request.headers` shows them to SQL: lower-case names, one text each.
fn headers_json(headers: &HeaderMap) -> String {
    let pairs = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.into())));
    serde_json::Value::Object(pairs.collect()).to_string()
}
