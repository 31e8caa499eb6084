//! The running service: its state, its listener, its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use switchboard_twilio::{AuthToken, PublicUrl};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tracing::info;

use crate::config::{Config, Voice};
use crate::config_json::PublicConfig;
use crate::dashboard::Dashboard;
use crate::endings::Endings;
use crate::headers::SecurityHeaders;
use crate::rendered::Rendered;
use crate::router::router;
use crate::store::Store;
use crate::urls::Urls;

/// How long the last requests and writes may take once the service was asked to stop.
const GRACE: Duration = Duration::from_secs(5);

/// What every handler can reach.
#[derive(Clone)]
pub struct App {
    /// Signatures are made with it.
    pub token: AuthToken,
    /// Signatures are made over it.
    pub base: PublicUrl,
    /// The URLs that Twilio is given.
    pub urls: Urls,
    /// Who carries the agents' audio.
    pub voice: Voice,
    /// The rows.
    pub store: Store,
    /// The ends of calls.
    pub endings: Endings,
    /// What callers hear.
    pub rendered: Rendered,
    /// What browsers may know.
    pub public: Arc<PublicConfig>,
    /// The built page.
    pub dashboard: Arc<Dashboard>,
    /// What every response carries.
    pub security: SecurityHeaders,
}

impl App {
    /// Everything that a configuration says. Asks nobody yet.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        config.check()?;
        let store = Store::new(&config.supabase_url, &config.supabase_service_role_key)
            .context("cannot use SUPABASE_SERVICE_ROLE_KEY")?;
        Ok(Self {
            token: config.auth_token(),
            base: config.public_base_url.clone(),
            urls: Urls::new(config.public_base_url.clone()),
            voice: config.voice,
            endings: Endings::new(store.clone()),
            rendered: Rendered::new(store.clone()),
            store,
            public: Arc::new(PublicConfig::from(config)),
            dashboard: Arc::new(Dashboard::new(&config.dashboard_dir)),
            security: SecurityHeaders::new(&config.supabase_url)?,
        })
    }
}

/// A service that holds its port and is ready to run.
pub struct Server {
    app: App,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Checks the configuration and takes the port; port 0 is any free one. The database may be away.
    pub async fn bind(config: Config) -> anyhow::Result<Self> {
        let app = App::new(&config)?;
        let listener = TcpListener::bind(config.listen).await.with_context(|| {
            format!("cannot listen on {}: stop what listens there, or set WEBHOOK_LISTEN to another address", config.listen)
        })?;
        let address = listener.local_addr()?;
        Ok(Self {
            app,
            listener,
            address,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop`, then finishes the requests that run and writes what still waits.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
        let App {
            endings, rendered, ..
        } = self.app.clone();
        let (stopped, mut stopping) = tokio::sync::watch::channel(false);
        let stop = async move {
            stop.await;
            info!("stopping");
            stopped.send_replace(true);
        };
        let serving = axum::serve(self.listener, router(self.app)).with_graceful_shutdown(stop);
        // A browser may keep its connection for as long as it likes; a stop does not wait for that.
        let served = async {
            tokio::select! {
                served = serving => served,
                () = async {
                    let _ = stopping.wait_for(|stopping| *stopping).await;
                    tokio::time::sleep(GRACE).await;
                } => Ok(()),
            }
        };
        tokio::select! {
            served = served => served.context("the listener failed")?,
            () = endings.run() => {}
            () = rendered.run() => {}
        }
        let deadline = Instant::now() + GRACE;
        tokio::join!(endings.drain(deadline), rendered.drain(deadline));
        Ok(())
    }
}
