//! The running service: its state, its listener, its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use reqwest::Url;
use secrecy::SecretString;
use switchboard_twilio::rest::RestClient;
use switchboard_twilio::{AuthToken, PublicUrl};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tracing::info;
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::config::{Config, Voice};
use crate::config_json::PublicConfig;
use crate::connections;
use crate::dashboard::Dashboard;
use crate::headers::SecurityHeaders;
use crate::hints;
use crate::hold_music::HoldMusic;
use crate::joining::Joining;
use crate::metrics_readers::Readers;
use crate::people::People;
use crate::reconciler::Reconciler;
use crate::recordings::Recordings;
use crate::router::router;
use crate::service::Service;
use crate::store::Store;
use crate::urls::Urls;
use crate::voice_token::VoiceTokens;

/// How long the last requests and writes may take once the service was asked to stop.
const GRACE: Duration = Duration::from_secs(5);

/// What every handler can reach.
#[derive(Clone)]
pub struct App {
    /// Signatures are made with it.
    pub token: AuthToken,
    /// Signatures are made over it.
    pub base: PublicUrl,
    /// The rows.
    pub store: Store,
    /// What Twilio's requests mean.
    pub service: Service<Store, RestClient>,
    /// Who is asking.
    pub people: People,
    /// Who was invited joins here.
    pub joining: Joining,
    /// Tokens for browsers.
    pub tokens: VoiceTokens,
    /// Messages that callers left.
    pub recordings: Recordings,
    /// What waiting customers hear.
    pub hold_music: HoldMusic,
    /// What browsers may know.
    pub public: Arc<PublicConfig>,
    /// The built page.
    pub dashboard: Arc<Dashboard>,
    /// Who may read the metrics.
    pub readers: Readers,
    /// What every response carries.
    pub security: SecurityHeaders,
}

impl App {
    /// Everything that a configuration says. Asks nobody yet.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        config.check()?;
        let store = Store::new(&config.supabase_url, &config.supabase_service_role_key)
            .context("cannot use SUPABASE_SERVICE_ROLE_KEY")?;
        let accounts = Accounts::new(&config.supabase_url, &config.supabase_service_role_key)?;
        let api_url = config.api_url()?;
        let account = &config.twilio_account_sid;
        let key = config.api_key();
        let twilio = RestClient::with_api_key(api_url.as_str(), account, &key)
            .context("cannot use TWILIO_API_URL and TWILIO_ACCOUNT_SID")?;
        let urls = Urls::new(config.public_base_url.clone());
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut service = Service::new(store.clone(), twilio, urls, config.voice);
        service.timings = config.timings;
        service.caller_id = filled(&config.twilio_caller_id);
        Ok(Self {
            token: config.auth_token(),
            base: config.public_base_url.clone(),
            people: People::new(
                &config.supabase_url,
                &config.supabase_jwt_secret,
                store.clone(),
            )?,
            joining: Joining::new(accounts, store.clone()),
            tokens: VoiceTokens::new(account.clone(), key, filled(&config.twilio_twiml_app_sid)),
            recordings: Recordings::new(
                &api_url,
                account,
                &config.twilio_api_key_sid,
                config.twilio_api_key_secret.clone(),
                config.timings.chunk,
            )?,
            hold_music: HoldMusic::default(),
            service,
            store,
            public: Arc::new(PublicConfig::new(config)?),
            dashboard: Arc::new(Dashboard::new(&config.dashboard_dir)),
            readers: Readers::new(config.metrics_token.clone()),
            security: SecurityHeaders::new(&config.supabase_url, config.voice, &api_url)?,
        })
    }
}

/// A service that holds its port and is ready to run.
pub struct Server {
    app: App,
    /// Where hints come from, and with which key.
    realtime: (Url, SecretString),
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
            realtime: (config.supabase_url, config.supabase_service_role_key),
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
        let service = self.app.service.clone();
        let (endings, notes) = (service.endings.clone(), service.notes.clone());
        let (supabase_url, key) = self.realtime;
        let audio = async move {
            if service.voice == Voice::Off {
                return std::future::pending().await;
            }
            let worker = Uuid::new_v4();
            let (seed, _) = worker.as_u64_pair();
            let _hints = hints::listen(&supabase_url, &key, seed, service.hint.clone());
            Reconciler::new(service, worker.to_string()).run().await;
        };
        let (stopped, mut stopping) = tokio::sync::watch::channel(false);
        let stop = async move {
            stop.await;
            info!("stopping");
            stopped.send_replace(true);
        };
        let served = async {
            tokio::select! {
                () = connections::serve(self.listener, router(self.app), stop) => {}
                // A client may take its time over a request; a stop does not wait for that.
                () = async {
                    let _ = stopping.wait_for(|stopping| *stopping).await;
                    tokio::time::sleep(GRACE).await;
                } => {}
            }
        };
        tokio::select! {
            () = served => {}
            () = endings.run() => {}
            () = notes.run() => {}
            () = audio => {}
        }
        let deadline = Instant::now() + GRACE;
        tokio::join!(endings.drain(deadline), notes.drain(deadline));
        Ok(())
    }
}
