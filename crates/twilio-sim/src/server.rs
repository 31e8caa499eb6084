//! The listener: Device socket, REST API and admin API, as `PROTOCOL.md` describes them.

mod admin;
mod device;
mod rest;
mod tone;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};
use secrecy::SecretString;
use switchboard_twilio::ApiKey;
use tokio::net::TcpListener;

pub(crate) use self::admin::{Log, Place, Placed};
use crate::host::Host;

/// The largest request body that is read.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// With what browsers and the webhook identify themselves.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account's secret; with it webhooks are signed, and REST can be used.
    pub auth_token: SecretString,
    /// With it access tokens are signed.
    pub key: ApiKey,
    /// The same key's secret, for REST.
    pub key_secret: SecretString,
}

/// What every handler can reach.
#[derive(Clone)]
struct App {
    host: Host,
    credentials: Arc<Credentials>,
}

/// A listener that holds its port and is ready to serve.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Takes the port; port 0 is any free one. Only this machine can be listened on: the admin API asks nobody who
    /// they are.
    pub async fn bind(listen: SocketAddr) -> anyhow::Result<Self> {
        ensure!(
            listen.ip().is_loopback(),
            "TWILIO_SIM_LISTEN is {listen}, which other machines can reach: use an address of 127.0.0.1"
        );
        let listener = TcpListener::bind(listen).await.with_context(|| {
            format!("cannot listen on {listen}: stop what listens there, or set TWILIO_SIM_LISTEN to another address")
        })?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves for as long as it is polled.
    pub async fn run(self, host: Host, credentials: Credentials) -> anyhow::Result<()> {
        let app = App {
            host,
            credentials: Arc::new(credentials),
        };
        axum::serve(self.listener, router(app))
            .await
            .context("the listener failed")
    }
}

fn router(app: App) -> Router {
    let admin = Router::new()
        .route("/admin/health", get(admin::health))
        .route("/admin/calls", post(admin::place))
        .route("/admin/calls/{sid}/hangup", post(admin::hang_up))
        .route("/admin/calls/{sid}/answer", post(admin::pick_up))
        .route("/admin/calls/{sid}/busy", post(admin::busy))
        .route("/admin/calls/{sid}/no-answer", post(admin::no_answer))
        .route("/admin/calls/{sid}/press", post(admin::press))
        .route("/admin/callees/{number}", put(admin::callee))
        .route("/admin/legs", get(admin::legs))
        .route("/admin/devices", get(admin::devices))
        .route("/admin/devices/{identity}/warn", post(admin::warn))
        .route("/admin/devices/{identity}/drop", post(admin::break_off))
        .route("/admin/advance", post(admin::advance))
        .route("/admin/faults", get(admin::faults).put(admin::set_faults))
        .route("/admin/faults/once", post(admin::fault_once))
        .route("/admin/log", get(admin::log))
        .layer(from_fn(only_this_machine));
    Router::new()
        .merge(admin)
        .route("/device", get(device::connect))
        .route("/2010-04-01/{*rest}", get(rest::answer).post(rest::answer))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(app)
}

/// A page of another site, also one whose name was made to lead here, cannot use the admin API.
async fn only_this_machine(request: Request, next: Next) -> Response {
    if is_from_this_machine(request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "only this machine may ask that").into_response()
    }
}

fn is_from_this_machine(headers: &HeaderMap) -> bool {
    let is_local = |authority: &str| {
        let host = authority
            .rsplit_once(':')
            .map_or(authority, |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host
                .parse()
                .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
    };
    let text = |name| {
        headers
            .get(name)
            .map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or_default())
    };
    let origin_is_local = match text(ORIGIN) {
        None => true,
        Some(origin) => origin
            .split_once("://")
            .is_some_and(|(_, authority)| is_local(authority)),
    };
    text(HOST).is_some_and(is_local) && origin_is_local
}

type Shared = State<App>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_and_programs_of_this_machine_may_ask() {
        let headers = |host: &'static str, origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(ORIGIN, origin.parse().unwrap());
            }
            is_from_this_machine(&headers)
        };
        assert!(headers("127.0.0.1:8081", None));
        assert!(headers("[::1]:8081", Some("http://localhost:8080")));
        assert!(headers("localhost", Some("http://127.0.0.1:8080")));
        assert!(!headers("127.0.0.1:8081", Some("https://evil.example")));
        assert!(!headers("127.0.0.1:8081", Some("null")));
        assert!(!headers("evil.example:8081", None));
        assert!(!headers("127.0.0.1.evil.example", None));
        assert!(!is_from_this_machine(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn other_machines_cannot_be_listened_on() {
        assert!(Server::bind("0.0.0.0:0".parse().unwrap()).await.is_err());
    }
}
