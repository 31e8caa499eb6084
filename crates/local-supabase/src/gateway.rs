//! The one HTTP server in front of the three services, and what they share.

use std::{convert::Infallible, ops::RangeInclusive, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use deadpool_postgres::Pool;
use serde_json::json;
use tokio::sync::watch;
use tower::{Layer, Service};

use crate::{
    auth::{self, AuthOptions},
    jwt::Jwt,
    keys::Keys,
    realtime::{self, fault_route},
    rest,
};

/// What makes the stand-in's Realtime as slow and as forgetful as the real one; off unless asked for.
#[derive(Debug, Clone, Default)]
pub struct RealtimeOptions {
    /// How long a change waits before it is delivered by `postgres_changes`, drawn anew for each poll.
    /// The real server: up to 500 ms when idle. `None`: as soon as the database tells.
    pub poll_delay: Option<RangeInclusive<Duration>>,
    /// Messages a second (mean over 5 s, whole stack) above which messages vanish without a word.
    /// The real server's default: 100. `None`: no limit.
    pub rate_limit: Option<u32>,
    /// Whether some sockets get row changes in the format of the other protocol version while both versions are on one
    /// topic, as on the real server (seen: 3 of 12, drawn at the join).
    pub mixed_formats: bool,
    /// Delays and limits of the server. The default is the real server's.
    pub limits: realtime::Limits,
    /// Whether `POST /local/realtime-links/<fault>` breaks and mends the links of Realtime, for demonstrations. Never
    /// part of Supabase.
    pub fault_route: bool,
}

/// What every service of the stack is given. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    /// Connections as `authenticator`, the role that REST requests start from.
    pub rest_pool: Pool,
    /// Connections as `supabase_admin` (superuser), for Realtime.
    pub admin_pool: Pool,
    /// Connections as `supabase_auth_admin`, who owns what Auth keeps.
    pub auth_pool: Pool,
    /// How to open a connection of one's own as `supabase_admin`, for a replication slot or `LISTEN`.
    pub admin_database: tokio_postgres::Config,
    /// Signs and verifies with the stack's secret.
    pub jwt: Jwt,
    /// The stack's API keys.
    pub keys: Keys,
    /// `http://127.0.0.1:<port>` of this gateway, without a slash at its end.
    pub url: String,
    /// Who may sign up.
    pub auth: AuthOptions,
    /// How Realtime is to misbehave.
    pub realtime: RealtimeOptions,
    /// How long an access token that Auth gives is valid. The real default: 3600 s.
    pub jwt_expiry: Duration,
    /// Becomes `true` once, when the stack stops: sockets must close, tasks must end.
    pub shutdown: watch::Receiver<bool>,
    /// The links between Realtime and its clients, to be broken on purpose.
    pub realtime_links: realtime::Links,
    /// Every open socket subscribes until it is closed, so that a stop can wait for all of them.
    pub sockets: watch::Sender<()>,
}

impl Gateway {
    /// Resolves when the stack stops.
    pub async fn stopped(&self) {
        let mut shutdown = self.shutdown.clone();
        // An error means that the sender is gone, which is a stop as well.
        let _ = shutdown.wait_for(|stopping| *stopping).await;
    }

    /// Every route of the stack.
    ///
    /// REST answers preflights itself, as PostgREST does; the real gateway adds nothing there.
    pub fn router(&self) -> Router {
        let open = |service: Router| whole(middleware::from_fn(cors).layer(service));
        let keyed = middleware::from_fn_with_state(self.clone(), require_api_key);
        let rest = middleware::from_fn(speak_for_the_key).layer(rest::router(self.clone()));
        let faults = if self.realtime.fault_route {
            Router::new().nest(fault_route::PREFIX, fault_route::router(self.clone()))
        } else {
            Router::new()
        };
        faults
            .nest_service("/rest/v1", whole(keyed.clone().layer(rest)))
            .nest_service(
                "/auth/v1",
                open(whole(keyed.layer(auth::router(self.clone())))),
            )
            .nest_service("/realtime/v1", open(realtime::router(self.clone())))
    }
}

/// A router that hands every path to `service`.
///
/// A layer around a whole service has the last word; one on a router's routes has not: axum would add `Allow` to a
/// preflight that no route answers.
pub(crate) fn whole<S>(service: S) -> Router
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
{
    Router::new()
        .route_service("/", service.clone())
        .fallback_service(service)
}

/// Refuses requests without an API key of this stack, as the hosted gateway. Realtime asks for it itself.
async fn require_api_key(
    State(gateway): State<Gateway>,
    mut request: Request,
    next: Next,
) -> Response {
    if request.method() == Method::OPTIONS || request.uri().path() == "/.well-known/jwks.json" {
        return next.run(request).await;
    }
    let Some(key) = take_api_key(&mut request) else {
        return refuse(
            "No API key found in request",
            "No `apikey` request header or url param was found.",
        );
    };
    if !gateway.keys.is_api_key(&key) && gateway.jwt.decode(&key).is_err() {
        return refuse(
            "Invalid API key",
            "Double check your Supabase `anon` or `service_role` API key.",
        );
    }
    if let Ok(key) = HeaderValue::try_from(key) {
        request.headers_mut().insert("apikey", key);
    }
    next.run(request).await
}

/// Where no user speaks to REST, the API key does, as at the hosted gateway.
async fn speak_for_the_key(mut request: Request, next: Next) -> Response {
    let headers = request.headers_mut();
    if !headers.contains_key(header::AUTHORIZATION)
        && let Some(key) = headers.get("apikey").and_then(|key| key.to_str().ok())
        && let Ok(bearer) = HeaderValue::try_from(format!("Bearer {key}"))
    {
        headers.insert(header::AUTHORIZATION, bearer);
    }
    next.run(request).await
}

/// The API key of the header or of the query; in the query it is taken out, or REST would take it for a filter.
fn take_api_key(request: &mut Request) -> Option<String> {
    let in_header = request
        .headers()
        .get("apikey")
        .and_then(|key| key.to_str().ok())
        .map(str::to_owned);
    let Some(query) = request.uri().query() else {
        return in_header;
    };
    let path = request.uri().path();
    let (keys, rest): (Vec<&str>, Vec<&str>) = query
        .split('&')
        .partition(|pair| pair.starts_with("apikey="));
    let Some(key) = keys.first() else {
        return in_header;
    };
    let in_query = form_urlencoded::parse(key.as_bytes())
        .next()
        .map(|(_, key)| key.into_owned());
    let uri = if rest.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", rest.join("&"))
    };
    if let Ok(uri) = uri.parse() {
        *request.uri_mut() = uri;
    }
    in_header.or(in_query)
}

fn refuse(message: &str, hint: &str) -> Response {
    // A page must be able to read why.
    let open = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    (
        StatusCode::UNAUTHORIZED,
        open,
        axum::Json(json!({"message": message, "hint": hint})),
    )
        .into_response()
}

/// Lets pages of any origin call, as the hosted gateway does.
async fn cors(request: Request, next: Next) -> Response {
    let preflight = request.method() == Method::OPTIONS;
    let asked_headers = request
        .headers()
        .get(header::ACCESS_CONTROL_REQUEST_HEADERS)
        .cloned();
    let mut response = if preflight {
        StatusCode::OK.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    if preflight {
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS,TRACE,CONNECT"),
        );
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            asked_headers.unwrap_or(HeaderValue::from_static("*")),
        );
        headers.insert(
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from_static("3600"),
        );
    }
    response
}
