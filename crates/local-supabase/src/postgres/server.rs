//! The running PostgreSQL: starting it, waiting for it, stopping it, and never leaving it behind.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use secrecy::ExposeSecret;
use tokio::sync::{oneshot, watch};
use tokio_postgres::{Client, Config, NoTls};

use super::{
    PostgresError, at,
    cluster::{ADMIN, Cluster},
};

/// Recovery after a crash can take a while on a slow disk.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long an orderly end may take when somebody can answer PostgreSQL meanwhile, and when nobody can.
const STOPPED_WITHIN: Duration = Duration::from_secs(60);
const DROPPED_WITHIN: Duration = Duration::from_secs(2);
/// How often a start or an end is asked about.
const ASK_EVERY: Duration = Duration::from_millis(10);

/// What holds for every cluster of the stand-in.
const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    // A path in a deep data directory may be longer than a socket's name may be, and nothing needs one.
    "unix_socket_directories=",
    "wal_level=logical",
    "max_replication_slots=20",
    "max_connections=200",
    // A slot that nobody reads any more must not fill the disk.
    "max_slot_wal_keep_size=1GB",
    "timezone=UTC",
    "log_timezone=UTC",
    "lc_messages=C",
    "jit=off",
    // Rows hold people's phone numbers: neither statements nor the details of an error belong in the log.
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_checkpoints=off",
];
/// For data that a test throws away: the disk is never waited for. A commit that was answered still survives the end
/// of PostgreSQL, if not that of the machine; data that are kept survive both.
const THROWN_AWAY: &[&str] = &["fsync=off", "full_page_writes=off", "max_wal_size=4GB"];

/// A running PostgreSQL. Dropping it ends it too, less politely than [`Server::stop`].
#[derive(Debug)]
pub struct Server {
    port: u16,
    pid: Pid,
    exited: watch::Receiver<Option<ExitStatus>>,
    /// Started the child and waits for it. Linux ends the child with the *thread* that started it, so that thread
    /// has to live as long as the child, which a worker of the runtime does not promise.
    keeper: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts PostgreSQL on `cluster` and waits until it takes connections. Port 0: a free one.
    pub async fn start(
        cluster: &Cluster,
        port: u16,
        throw_away: bool,
    ) -> Result<Self, PostgresError> {
        if port != 0 {
            TcpListener::bind((Ipv4Addr::LOCALHOST, port))
                .map_err(|_| PostgresError::PortTaken { port })?;
            return Self::start_at(cluster, port, throw_away).await;
        }
        let mut attempts_left = 5;
        loop {
            let port = free_port()?;
            match Self::start_at(cluster, port, throw_away).await {
                // Somebody else took the port between our finding and PostgreSQL's taking it.
                Err(PostgresError::Program { output, .. })
                    if output.contains("bind") && attempts_left > 0 =>
                {
                    attempts_left -= 1;
                }
                result => return result,
            }
        }
    }

    async fn start_at(
        cluster: &Cluster,
        port: u16,
        throw_away: bool,
    ) -> Result<Self, PostgresError> {
        let log = cluster.log();
        let output = File::create(&log).map_err(at("cannot write", &log))?;
        let errors = output.try_clone().map_err(at("cannot write", &log))?;
        let mut command = cluster.command("postgres");
        command
            .arg("-D")
            .arg(cluster.files())
            .arg("-p")
            .arg(port.to_string());
        for setting in SETTINGS
            .iter()
            .chain(if throw_away { THROWN_AWAY } else { &[] })
        {
            command.arg("-c").arg(setting);
        }
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        // Ctrl-C goes to the whole foreground group; the database must outlive the services that use it.
        command.process_group(0);
        end_with_parent(&mut command);

        let (started, start) = oneshot::channel();
        let (exit, exited) = watch::channel(None);
        let keeper =
            thread::Builder::new()
                .name("postgres".to_owned())
                .spawn(move || match command.spawn() {
                    Ok(child) => keep(child, started, &exit),
                    Err(error) => drop(started.send(Err(error))),
                });
        let keeper = keeper.map_err(at("cannot start a thread for", &log))?;
        let pid = match start.await {
            Ok(result) => result.map_err(at("cannot run postgres on", &log))?,
            Err(_) => {
                return Err(PostgresError::Program {
                    program: "postgres",
                    output: "its thread ended".to_owned(),
                });
            }
        };
        let server = Self {
            port,
            pid,
            exited,
            keeper: Some(keeper),
        };
        server.wait_until_ready(cluster, &log).await?;
        Ok(server)
    }

    async fn wait_until_ready(&self, cluster: &Cluster, log: &Path) -> Result<(), PostgresError> {
        let deadline = Instant::now() + READY_WITHIN;
        let mut config = self.config("postgres", ADMIN);
        config.password(cluster.admin_password().expose_secret());
        while Instant::now() < deadline {
            if self.exited.borrow().is_some() {
                let said = fs::read_to_string(log).unwrap_or_default();
                return Err(PostgresError::Program {
                    program: "postgres",
                    output: last_lines(&said),
                });
            }
            if config.connect(NoTls).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
        Err(PostgresError::NotReady {
            seconds: READY_WITHIN.as_secs(),
            log: log.to_owned(),
        })
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How to connect, without a password.
    pub fn config(&self, database: &str, role: &str) -> Config {
        let mut config = Config::new();
        config
            .host("127.0.0.1")
            .port(self.port)
            .dbname(database)
            .user(role);
        config.connect_timeout(Duration::from_secs(5));
        config
    }

    /// Resolves when the process ends, whoever ended it.
    pub async fn exited(&self) -> Option<ExitStatus> {
        let mut exited = self.exited.clone();
        exited
            .wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|status| *status)
    }

    /// Ends every connection, writes everything out, waits for the process to end.
    pub async fn stop(mut self) {
        self.signal(Signal::SIGINT);
        if tokio::time::timeout(STOPPED_WITHIN, self.exited())
            .await
            .is_err()
        {
            tracing::warn!(
                "PostgreSQL does not end; it is cut off, and recovers at its next start"
            );
            self.signal(Signal::SIGQUIT);
            self.exited().await;
        }
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.join();
        }
    }

    fn signal(&self, signal: Signal) {
        if self.exited.borrow().is_none() {
            // Fails only if the process ended this instant, which is what was wanted.
            let _ = kill(self.pid, signal);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(keeper) = self.keeper.take() {
            self.signal(Signal::SIGINT);
            // An orderly end waits until whoever follows the changes has confirmed them all. That may be a task of the
            // very thread that stands here, and then the answer never comes.
            let deadline = Instant::now() + DROPPED_WITHIN;
            while self.exited.borrow().is_none() && Instant::now() < deadline {
                thread::sleep(ASK_EVERY);
            }
            self.signal(Signal::SIGQUIT);
            let _ = keeper.join();
        }
    }
}

fn keep(
    mut child: Child,
    started: oneshot::Sender<std::io::Result<Pid>>,
    exit: &watch::Sender<Option<ExitStatus>>,
) {
    let _ = started.send(Ok(Pid::from_raw(child.id().cast_signed())));
    let status = child.wait().ok();
    exit.send_replace(status);
}

/// Makes the kernel end the child orderly when we end, however we end.
#[cfg(target_os = "linux")]
fn end_with_parent(command: &mut Command) {
    let end = || nix::sys::prctl::set_pdeathsig(Signal::SIGINT).map_err(std::io::Error::from);
    #[expect(
        unsafe_code,
        reason = "the standard library has no safe way to run a call between fork and exec"
    )]
    // SAFETY: prctl(2) is one system call: it takes no lock and allocates nothing, as code after fork must not.
    unsafe {
        command.pre_exec(end);
    }
}

/// Elsewhere the next start on the same data finds the orphan and ends it.
#[cfg(not(target_os = "linux"))]
fn end_with_parent(_command: &mut Command) {}

/// Asks a process that is not our child to end, and waits until it has.
pub(super) fn interrupt_and_wait(
    pid: Pid,
    has_ended: impl Fn() -> bool,
) -> Result<(), PostgresError> {
    let _ = kill(pid, Signal::SIGINT);
    let deadline = Instant::now() + READY_WITHIN;
    while !has_ended() {
        if Instant::now() > deadline {
            let output = format!("process {pid} of an earlier run does not end; stop it yourself");
            return Err(PostgresError::Program {
                program: "postgres",
                output,
            });
        }
        thread::sleep(ASK_EVERY);
    }
    Ok(())
}

fn free_port() -> Result<u16, PostgresError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(at("cannot find a free port on", Path::new("127.0.0.1")))
}

/// A connection whose other half is driven in the background until the client is dropped.
pub async fn connect(config: &Config) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "database connection ended");
        }
    });
    Ok(client)
}

/// The end of a program's output, for an error message.
pub(super) fn last_lines(output: &str) -> String {
    let lines: Vec<&str> = output
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}
