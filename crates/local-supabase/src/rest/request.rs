//! An HTTP request, read and checked as far as that goes without the database.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::Response,
};
use bytes::Bytes;
use percent_encoding::percent_decode_str;

use super::{
    MAX_BODY, SCHEMAS,
    error::ApiError,
    preference::Preferences,
    query::{Query, canonical},
    rpc::{Given, find},
    schema::{Name, SchemaCache, Writable},
};

/// What a path stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Root,
    Table(Name),
    Function(Name),
}

/// A request whose path, method, preferences and query string are in order.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) target: Target,
    pub(super) headers: HeaderMap,
    pub(super) query: Query,
    raw_query: String,
    pub(super) preferences: Preferences,
    pub(super) body: Bytes,
}

impl Request {
    /// Reads head and body. The order of the checks is PostgREST's: the first fault is the one that is told.
    pub(super) async fn read(head: Parts, body: Body) -> Result<Self, ApiError> {
        let path = percent_decode_str(head.uri.path())
            .decode_utf8_lossy()
            .into_owned();
        let mut target = target(&path)?;
        let schema = schema(&head)?;
        if let Target::Table(name) | Target::Function(name) = &mut target {
            name.schema = schema;
        }
        check_method(&head.method, &target)?;
        let raw_query = head.uri.query().unwrap_or_default().to_owned();
        let calls = matches!(target, Target::Function(_))
            && matches!(head.method, Method::GET | Method::HEAD);
        let query = Query::parse(&raw_query, calls)?;
        let preferences = Preferences::parse(&head.headers);
        let body = axum::body::to_bytes(body, MAX_BODY).await.map_err(|_| {
            ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "PGRST102",
                format!("The request's body is larger than {MAX_BODY} bytes, or ended early"),
            )
        })?;
        Ok(Self {
            method: head.method,
            path,
            target,
            headers: head.headers,
            query,
            raw_query,
            preferences,
            body,
        })
    }

    pub(super) fn content_type(&self) -> Option<&str> {
        self.headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
    }

    /// Whether the body is to be left out of the answer.
    pub(super) fn is_head(&self) -> bool {
        self.method == Method::HEAD
    }

    /// `content-location`: the path, and the query in its canonical form.
    pub(super) fn location(&self) -> String {
        let query = canonical(&self.raw_query);
        if query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{query}", self.path)
        }
    }
}

fn target(path: &str) -> Result<Target, ApiError> {
    let name = |name: &str| Name {
        schema: String::new(),
        name: name.to_owned(),
    };
    let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    match segments[..] {
        [""] => Ok(Target::Root),
        ["rpc", function] => Ok(Target::Function(name(function))),
        [table] => Ok(Target::Table(name(table))),
        _ => Err(ApiError::not_found(
            "PGRST125",
            "Invalid path specified in request URL",
        )),
    }
}

/// The schema by `Accept-Profile` for reads and `Content-Profile` for writes.
fn schema(head: &Parts) -> Result<String, ApiError> {
    let profile = match head.method {
        Method::GET | Method::HEAD => "accept-profile",
        _ => "content-profile",
    };
    let Some(wanted) = head
        .headers
        .get(profile)
        .and_then(|value| value.to_str().ok())
    else {
        return Ok(SCHEMAS[0].to_owned());
    };
    if SCHEMAS.contains(&wanted) {
        return Ok(wanted.to_owned());
    }
    Err(ApiError::new(
        StatusCode::NOT_ACCEPTABLE,
        "PGRST106",
        format!("Invalid schema: {wanted}"),
    )
    .with_hint(format!(
        "Only the following schemas are exposed: {}",
        SCHEMAS.join(", ")
    )))
}

fn check_method(method: &Method, target: &Target) -> Result<(), ApiError> {
    let refused = |code, message| Err(ApiError::new(StatusCode::METHOD_NOT_ALLOWED, code, message));
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let changes = matches!(*method, Method::PATCH | Method::PUT | Method::DELETE);
    match target {
        _ if reads => Ok(()),
        Target::Function(_) if *method == Method::POST => Ok(()),
        Target::Function(_) if changes => {
            refused("PGRST101", format!("Cannot use the {method} method on RPC"))
        }
        Target::Table(_) if changes || *method == Method::POST => Ok(()),
        _ => refused("PGRST117", format!("Unsupported HTTP method: {method}")),
    }
}

/// A table that is not there.
pub(super) fn unknown_table(cache: &SchemaCache, name: &Name) -> ApiError {
    let error = ApiError::not_found(
        "PGRST205",
        format!(
            "Could not find the table '{}.{}' in the schema cache",
            name.schema, name.name
        ),
    );
    match cache.nearest_table(name) {
        Some(near) => error.with_hint(format!(
            "Perhaps you meant the table '{}.{}'",
            near.schema, near.name
        )),
        None => error,
    }
}

/// `OPTIONS` that is no preflight: what may be done here.
pub(super) fn options(request: &Request, cache: &SchemaCache) -> Result<Response, ApiError> {
    let allow = match &request.target {
        Target::Root => "OPTIONS,GET,HEAD".to_owned(),
        Target::Table(name) => {
            let table = cache
                .tables
                .get(name)
                .ok_or_else(|| unknown_table(cache, name))?;
            let Writable {
                insert,
                update,
                delete,
            } = table.writable;
            let put = insert && update && !table.primary_key.is_empty();
            let verbs = [
                (true, "OPTIONS,GET,HEAD"),
                (insert, "POST"),
                (put, "PUT"),
                (update, "PATCH"),
                (delete, "DELETE"),
            ];
            let offered = verbs.iter().filter(|(offered, _)| *offered);
            offered.map(|(_, verb)| *verb).collect::<Vec<_>>().join(",")
        }
        Target::Function(name) => {
            let function = find(cache, name, &Given::Query(&[]))?;
            let verbs = if function.volatile {
                "OPTIONS,POST"
            } else {
                "OPTIONS,GET,HEAD,POST"
            };
            verbs.to_owned()
        }
    };
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    if let Ok(allow) = HeaderValue::try_from(allow) {
        headers.insert(header::ALLOW, allow);
    }
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    Ok(response)
}
