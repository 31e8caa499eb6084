//! The Realtime server of the stand-in: `/realtime/v1/websocket` and `POST /realtime/v1/api/broadcast`.
//!
//! It answers as supabase/realtime v2.123 was recorded to answer (`tests/golden/realtime`), refusals and delays included.
//!
//! The way of a committed row to a client:
//! `wal` (replication stream) → `changes` (a line becomes a change or a message) → broadcasts go to the `hub` at
//! once; row changes go through the `poller`, which lets the database render them (`rows`) and asks its policies
//! (`visibility`) → `hub` → each `socket`'s `queue` → `frame`.

mod answer;
mod authorize;
mod binding;
mod broadcast;
mod budget;
mod changes;
mod channel;
pub(crate) mod fault_route;
mod filter;
mod frame;
mod hub;
mod join;
mod limits;
mod links;
mod phash2;
mod poller;
mod presence;
mod publication;
mod push;
mod queue;
mod retention;
mod rows;
mod socket;
mod subscription;
mod token;
mod visibility;
mod wal;
mod wire;

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Query, State, WebSocketUpgrade},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    sync::{mpsc, watch},
    time::{sleep, timeout},
};

use crate::Gateway;
use broadcast::Broadcast;
use changes::Change;
use frame::Version;
use hub::Hub;
pub use limits::Limits;
pub use links::Links;
use publication::Publication;
use socket::Socket;
use wal::{Wal, WalError};
use wire::Wire;

/// Row changes that may wait for the poller; beyond it they are lost, as they are on the real server.
const WAITING_CHANGES: usize = 65_536;
/// Shortest and longest pause before a lost stream of changes is opened again.
const REOPEN: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));
/// How long a handshake waits for the stream of changes of a stack that has just started. Only a machine that stands
/// still takes seconds.
const FIRST_STREAM: Duration = Duration::from_secs(30);

/// What every part of the server is given. Cheap to clone.
#[derive(Clone)]
struct Realtime {
    gateway: Gateway,
    limits: Arc<Limits>,
    hub: Arc<Hub>,
    publication: Arc<Publication>,
    stream: watch::Receiver<Stream>,
}

/// Whether committed changes arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    /// Not yet: the server has just started.
    Opening,
    /// Yes.
    Open,
    /// Not any more, or the first attempt failed; it is tried again and again.
    Lost,
}

/// The database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
enum DatabaseFault {
    #[error("no database connection: {0}")]
    Pool(#[from] deadpool_postgres::PoolError),
    #[error("database: {0}")]
    Query(#[from] tokio_postgres::Error),
}

/// Routes under `/realtime/v1`, with the delays and limits of the stack's options. Starts the tasks that follow the database;
/// they end when the stack stops. Must be called within a Tokio runtime.
pub fn router(gateway: Gateway) -> Router {
    let limits = gateway.realtime.limits.clone();
    router_with(gateway, limits)
}

/// [`router`] with other delays and limits, for tests.
pub fn router_with(gateway: Gateway, limits: Limits) -> Router {
    let (state, stream) = watch::channel(Stream::Opening);
    let realtime = Realtime {
        hub: Arc::new(Hub::new(gateway.realtime.rate_limit)),
        limits: Arc::new(limits),
        publication: Arc::default(),
        stream,
        gateway,
    };
    let (sender, receiver) = mpsc::channel(WAITING_CHANGES);
    tokio::spawn(poller::run(realtime.clone(), receiver));
    tokio::spawn(retention::run(realtime.clone()));
    tokio::spawn(follow(realtime.clone(), sender, state));
    Router::new()
        .route("/websocket", get(websocket))
        .route("/api/broadcast", post(broadcast::post))
        .layer(DefaultBodyLimit::max(realtime.limits.frame_bytes))
        .with_state(realtime)
}

/// Keeps a stream of changes open until the stack stops.
async fn follow(realtime: Realtime, changes: mpsc::Sender<Change>, state: watch::Sender<Stream>) {
    let mut pause = REOPEN.0;
    loop {
        let stopped = realtime.gateway.clone();
        let lost = tokio::select! {
            () = stopped.stopped() => return,
            lost = stream(&realtime, &changes, &state) => lost,
        };
        if state.send_replace(Stream::Lost) == Stream::Open {
            pause = REOPEN.0;
        }
        tracing::warn!(error = %lost, "the stream of changes is closed; what is committed meanwhile is not told");
        tokio::select! {
            () = stopped.stopped() => return,
            () = sleep(pause) => pause = (pause * 2).min(REOPEN.1),
        }
    }
}

/// Hands on what the database commits until the connection is lost.
async fn stream(
    realtime: &Realtime,
    changes: &mpsc::Sender<Change>,
    state: &watch::Sender<Stream>,
) -> WalError {
    let mut wal = match Wal::open(&realtime.gateway.admin_database).await {
        Ok(wal) => wal,
        Err(error) => return error,
    };
    state.send_replace(Stream::Open);
    loop {
        let line = match wal.line().await {
            Ok(line) => line,
            Err(error) => return error,
        };
        let Some(change) = changes::parse(&line) else {
            continue;
        };
        if change.is_message() {
            if let Some(message) = change.into_message() {
                realtime.hub.broadcast(&Broadcast::from(message), None);
            }
        } else if realtime
            .hub
            .has_subscriber(change.kind.name(), &change.schema, &change.table)
            && let Err(error) = changes.try_send(change)
        {
            tracing::warn!(%error, "too many changes wait; one is lost");
        }
    }
}

#[derive(Deserialize)]
struct Handshake {
    apikey: Option<String>,
    vsn: Option<String>,
}

/// `GET /websocket?apikey=&vsn=`, where a header `x-api-key` comes before the parameter: 403 for an unknown version; 401 after a while for a bad key.
async fn websocket(
    State(mut realtime): State<Realtime>,
    Query(Handshake { apikey, vsn }): Query<Handshake>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let Some(version) = Version::asked(vsn.as_deref()) else {
        return uncached(StatusCode::FORBIDDEN.into_response());
    };
    let named = headers.get("x-api-key").and_then(|key| key.to_str().ok());
    let apikey = named.map(str::to_owned).or(apikey);
    let verified = match &apikey {
        Some(key) => {
            token::verify(&realtime.gateway.jwt, key).map_err(|fault| fault.at_handshake())
        }
        None => Err("API key is missing".to_owned()),
    };
    let identity = match verified {
        Ok(identity) => identity,
        Err(error) => {
            sleep(realtime.limits.refused_handshake).await;
            return uncached(
                (StatusCode::UNAUTHORIZED, Json(json!({"error": error}))).into_response(),
            );
        }
    };
    // What is committed once the socket is open must be told. But a socket opens even if no change can arrive now:
    // broadcasts between clients still work.
    let settled = realtime
        .stream
        .wait_for(|stream| *stream != Stream::Opening);
    let _ = timeout(FIRST_STREAM, settled).await;
    let Some(link) = realtime.gateway.realtime_links.establish() else {
        return uncached(StatusCode::SERVICE_UNAVAILABLE.into_response());
    };
    let api_key = (apikey.unwrap_or_default(), identity);
    let open = realtime.gateway.sockets.subscribe();
    upgrade
        .max_frame_size(realtime.limits.frame_bytes)
        .max_message_size(realtime.limits.frame_bytes)
        .on_upgrade(async move |websocket| {
            let wire = Wire::new(websocket, link, &realtime.limits);
            Socket::new(realtime, version, api_key, wire).serve().await;
            drop(open);
        })
}

fn uncached(mut response: Response) -> Response {
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("max-age=0, private, must-revalidate"),
    );
    response
}
