//! The whole stand-in as one value: started, asked for its addresses, stopped. Used by the program and by tests.

use std::{io, net::Ipv4Addr, path::PathBuf, time::Duration};

use axum::serve::ListenerExt;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use secrecy::ExposeSecret;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tokio_postgres::{Client, Config, NoTls};

use crate::{
    Data, Gateway, Jwt, Keys, Options, Schema,
    postgres::{
        PostgresError,
        cluster::{ADMIN, Cluster},
        migrations::{self, Applied},
        server::{Server, connect},
        temporary::TemporaryDirectory,
    },
    realtime::Links,
    request_line::Lenient,
};

/// Password of the roles `postgres`, `authenticator` and `supabase_auth_admin`, as published for `supabase start`.
const LOCAL_PASSWORD: &str = "postgres";
/// How long open requests, and the goodbyes to open sockets, may take once the stack is told to stop.
const DRAIN: Duration = Duration::from_secs(5);

/// Why a stack could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database's trouble.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// Somebody else listens where the gateway should.
    #[error(
        "port {port} is taken, so the gateway cannot listen there; stop what uses it (another local-supabase, \
         `supabase start`), or choose another with LOCAL_SUPABASE_PORT (or --port)"
    )]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The gateway cannot listen for another reason.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port.
        port: u16,
        /// The refusal.
        source: io::Error,
    },
}

/// A running stack. Stop it with [`LocalSupabase::stop`]; dropping it ends the database too, but cuts open requests.
pub struct LocalSupabase {
    gateway: Gateway,
    applied: Applied,
    stopping: watch::Sender<bool>,
    serving: JoinHandle<io::Result<()>>,
    // The order of these is the order in which they go: the process, then the lock on its files, then the files.
    postgres: Server,
    cluster: Cluster,
    temporary: Option<TemporaryDirectory>,
}

impl LocalSupabase {
    /// Starts everything and returns when it answers.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        // First what fails fast and leaves nothing behind.
        let listener = listen(options.port).await?;
        let temporary = match options.data {
            Data::Temporary => Some(blocking(TemporaryDirectory::new).await?),
            Data::Kept(_) => None,
        };
        let directory = match (&temporary, &options.data) {
            (Some(temporary), _) => temporary.path(),
            (None, Data::Kept(directory)) => directory.clone(),
            (None, Data::Temporary) => unreachable!("temporary data have a temporary directory"),
        };
        let reset = options.reset;
        let mut cluster = blocking(move || Cluster::open(&directory, reset)).await?;
        let postgres = Server::start(&cluster, options.db_port, temporary.is_some()).await?;

        let mut admin_database = postgres.config("postgres", ADMIN);
        admin_database.password(cluster.admin_password().expose_secret());
        let applied = fill(&mut cluster, &postgres, &admin_database, &options).await?;

        let port = listener.local_addr().map_err(io_failure)?.port();
        let (stopping, shutdown) = watch::channel(false);
        let gateway = Gateway {
            rest_pool: pool(
                with_password(postgres.config("postgres", "authenticator")),
                20,
            )?,
            auth_pool: pool(
                with_password(postgres.config("postgres", "supabase_auth_admin")),
                20,
            )?,
            admin_pool: pool(admin_database.clone(), 20)?,
            admin_database,
            jwt: Jwt::new(options.keys.jwt_secret.clone()),
            keys: options.keys,
            url: format!("http://127.0.0.1:{port}"),
            auth: options.auth,
            realtime: options.realtime,
            jwt_expiry: options.jwt_expiry,
            shutdown,
            realtime_links: Links::default(),
            sockets: watch::Sender::new(()),
        };
        let serving = tokio::spawn(serve(listener, gateway.clone()));
        Ok(Self {
            gateway,
            applied,
            stopping,
            serving,
            postgres,
            cluster,
            temporary,
        })
    }

    /// `http://127.0.0.1:<port>`, what SUPABASE_URL is to be.
    pub fn url(&self) -> &str {
        &self.gateway.url
    }

    /// How `postgres`, the owner of the project's objects, connects.
    pub fn db_url(&self) -> String {
        format!(
            "postgresql://postgres:{LOCAL_PASSWORD}@127.0.0.1:{}/postgres",
            self.postgres.port()
        )
    }

    /// The stack's keys.
    pub fn keys(&self) -> &Keys {
        &self.gateway.keys
    }

    /// What the services share.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The links between Realtime and its clients, to be cut, slowed and half-opened.
    pub fn realtime_links(&self) -> &Links {
        &self.gateway.realtime_links
    }

    /// What this start did to the schema.
    pub fn applied(&self) -> &Applied {
        &self.applied
    }

    /// A connection as `postgres`.
    pub async fn connect(&self) -> Result<Client, tokio_postgres::Error> {
        connect(&with_password(self.postgres.config("postgres", "postgres"))).await
    }

    /// A connection as the superuser `supabase_admin`.
    pub async fn connect_admin(&self) -> Result<Client, tokio_postgres::Error> {
        connect(&self.gateway.admin_database).await
    }

    /// An access token as Auth would give it for `user`, valid for the stack's time, without signing in.
    pub fn token_of(&self, user: uuid::Uuid, role: &str) -> String {
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        let valid_for = i64::try_from(self.gateway.jwt_expiry.as_secs()).unwrap_or(i64::MAX);
        self.gateway.jwt.sign(&serde_json::json!({
            "aud": "authenticated", "role": role, "sub": user, "iat": now, "exp": now.saturating_add(valid_for),
        }))
    }

    /// Where PostgreSQL writes what it does.
    pub fn log(&self) -> PathBuf {
        self.cluster.log()
    }

    /// Resolves when the database or the gateway ends without having been asked to, with a sentence about it.
    pub async fn failed(&mut self) -> String {
        tokio::select! {
            status = self.postgres.exited() => {
                let status = status.map(|status| format!(" ({status})")).unwrap_or_default();
                format!("PostgreSQL ended{status}; its log is {}", self.cluster.log().display())
            }
            result = &mut self.serving => format!("the gateway ended: {result:?}"),
        }
    }

    /// Closes the sockets, answers what was asked, stops the database, removes temporary data.
    pub async fn stop(mut self) {
        self.stopping.send_replace(true);
        let serving = &mut self.serving;
        let sockets = &self.gateway.sockets;
        let drained = async {
            if !serving.is_finished() {
                let _ = serving.await;
            }
            // No socket can open any more, and each that is open says that it closes.
            sockets.closed().await;
        };
        if tokio::time::timeout(DRAIN, drained).await.is_err() {
            tracing::warn!("requests or sockets were still open, they are cut");
            self.serving.abort();
        }
        self.gateway.rest_pool.close();
        self.gateway.auth_pool.close();
        self.gateway.admin_pool.close();
        self.postgres.stop().await;
        drop(self.cluster);
        drop(self.temporary);
    }
}

async fn listen(port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => StartError::PortTaken { port },
            _ => StartError::Listen { port, source },
        })
}

/// Does what waits for files and processes where that holds up nobody.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PostgresError> + Send + 'static,
) -> Result<T, StartError> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|error| io_failure(io::Error::other(error)))??)
}

fn io_failure(source: io::Error) -> StartError {
    StartError::Listen { port: 0, source }
}

fn with_password(mut config: Config) -> Config {
    config.password(LOCAL_PASSWORD);
    config
}

/// Bootstraps a new cluster, then brings the project's schema up to date.
async fn fill(
    cluster: &mut Cluster,
    postgres: &Server,
    admin_database: &Config,
    options: &Options,
) -> Result<Applied, PostgresError> {
    let mut admin = connect(admin_database).await?;
    if cluster.is_new() {
        migrations::bootstrap(&mut admin).await?;
        cluster.mark_complete()?;
    }
    // Of a run that was killed: nobody reads it any more, and it would keep all changes from then on.
    admin
        .batch_execute(
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active",
        )
        .await?;
    let mut owner = connect(&with_password(postgres.config("postgres", "postgres"))).await?;
    match &options.schema {
        Schema::Project(directory) => {
            migrations::apply_project(&mut owner, directory, options.demo).await
        }
        Schema::File(file) => migrations::apply_file(&mut owner, file)
            .await
            .map(|()| Applied::default()),
        Schema::Bare => Ok(Applied::default()),
    }
}

fn pool(config: Config, size: usize) -> Result<Pool, PostgresError> {
    let manager = Manager::from_config(
        config,
        NoTls,
        ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        },
    );
    // Without time-outs nothing here can fail.
    Ok(Pool::builder(manager)
        .max_size(size)
        .build()
        .unwrap_or_else(|error| unreachable!("{error}")))
}

async fn serve(listener: TcpListener, gateway: Gateway) -> io::Result<()> {
    let router = gateway.router();
    // Small frames must not wait for one another.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
    });
    axum::serve(Lenient(listener), router)
        .with_graceful_shutdown(async move { gateway.stopped().await })
        .await
}
