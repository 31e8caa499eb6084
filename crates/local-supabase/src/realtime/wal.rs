//! A logical replication connection: what the database committed, the moment it did, without polling.
//!
//! `tokio-postgres` does not speak the replication sub-protocol, so this is a small client of it on `postgres-protocol`,
//! the message codec that `tokio-postgres` itself is built on. Against a `pg_recvlogical` child process it saves a hop,
//! leaves no process that could outlive the stand-in, and allows a temporary slot: the server drops it with the
//! connection, so that no crash leaves one behind that holds back WAL for ever.

use std::{
    io,
    time::{Duration, SystemTime},
};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use fallible_iterator::FallibleIterator;
use postgres_protocol::{
    authentication::{
        md5_hash,
        sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256},
    },
    message::{
        backend::{ErrorResponseBody, Message},
        frontend,
    },
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    time::timeout,
};
use tokio_postgres::{Config, config::Host};
use uuid::Uuid;

/// Why the stream of changes could not be opened, or ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum WalError {
    #[error("connection to the database lost: {0}")]
    Io(#[from] io::Error),
    #[error("database refused: {0}")]
    Refused(String),
    #[error("database asked for an unsupported authentication")]
    Authentication,
    #[error("unexpected answer of the database")]
    Unexpected,
}

/// How wal2json is to write: one object a line, no lines for the begin and end of transactions.
const PLUGIN_OPTIONS: &str = r#"("format-version" '2', "include-transaction" '0', "include-xids" '1', "include-timestamp" '1', "include-pk" '1', "include-types" '1', "include-typmod" '0')"#;

/// How often the database is told how far we are when it does not ask. Its own time-out is 60 s.
const STATUS_INTERVAL: Duration = Duration::from_secs(10);
/// Microseconds from 1970 to 2000, the epoch of the replication protocol's clock.
const EPOCH_2000: u128 = 946_684_800_000_000;
/// Tag of the message that starts the stream; the codec does not know it.
const COPY_BOTH_RESPONSE: u8 = b'W';

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// An open stream of wal2json lines.
pub(super) struct Wal {
    stream: Box<dyn Stream>,
    unread: BytesMut,
    /// Position up to which everything was received.
    received: u64,
}

impl Wal {
    /// Connects, makes a temporary slot and starts to stream: what is committed from now on will be told.
    ///
    /// Takes host, port, user, password and database of `config`; the user must be a superuser or have `REPLICATION`.
    pub(super) async fn open(config: &Config) -> Result<Self, WalError> {
        let mut wal = Self {
            stream: connect(config).await?,
            unread: BytesMut::with_capacity(64 * 1024),
            received: 0,
        };
        wal.log_in(config).await?;
        let slot = format!("realtime_{}", Uuid::new_v4().simple());
        wal.send(|out| {
            // The legacy spelling of `(SNAPSHOT 'nothing')`: every version from 10 to now accepts it.
            frontend::query(
                &format!(
                    "CREATE_REPLICATION_SLOT {slot} TEMPORARY LOGICAL wal2json NOEXPORT_SNAPSHOT"
                ),
                out,
            )
        })
        .await?;
        loop {
            match wal.message().await? {
                Message::ReadyForQuery(_) => break,
                Message::ErrorResponse(error) => return Err(refused(&error)),
                _ => {}
            }
        }
        wal.send(|out| {
            frontend::query(
                &format!("START_REPLICATION SLOT {slot} LOGICAL 0/0 {PLUGIN_OPTIONS}"),
                out,
            )
        })
        .await?;
        wal.expect_copy_both().await?;
        Ok(wal)
    }

    /// The next line. Loses nothing if it is dropped before it is done.
    pub(super) async fn line(&mut self) -> Result<Bytes, WalError> {
        loop {
            let Ok(message) = timeout(STATUS_INTERVAL, self.message()).await else {
                self.report().await?;
                continue;
            };
            let Message::CopyData(body) = message? else {
                return Err(WalError::Unexpected);
            };
            let mut body = body.into_bytes();
            match body.first() {
                // XLogData: start, end, clock, then the plugin's line.
                Some(b'w') if body.len() >= 25 => {
                    body.advance(1);
                    let start = body.get_u64();
                    self.received = self.received.max(start).max(body.get_u64());
                    body.advance(8);
                    return Ok(body);
                }
                // Keep-alive: end, clock, whether an answer is wanted.
                Some(b'k') if body.len() >= 18 => {
                    body.advance(1);
                    self.received = self.received.max(body.get_u64());
                    body.advance(8);
                    if body.get_u8() != 0 {
                        self.report().await?;
                    }
                }
                _ => return Err(WalError::Unexpected),
            }
        }
    }

    /// Tells the database that everything received is done with, so that it can let go of the WAL.
    async fn report(&mut self) -> Result<(), WalError> {
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let clock = u64::try_from(since.as_micros().saturating_sub(EPOCH_2000)).unwrap_or(u64::MAX);
        let mut status = BytesMut::with_capacity(34);
        status.put_u8(b'r');
        for _written_flushed_applied in 0..3 {
            status.put_u64(self.received);
        }
        status.put_u64(clock);
        status.put_u8(0);
        self.send(|out| frontend::CopyData::new(status).map(|data| data.write(out)))
            .await
    }

    async fn log_in(&mut self, config: &Config) -> Result<(), WalError> {
        let user = config.get_user().unwrap_or("postgres");
        let password = config.get_password().unwrap_or_default();
        let parameters = [
            ("client_encoding", "UTF8"),
            ("user", user),
            ("database", config.get_dbname().unwrap_or(user)),
            ("replication", "database"),
            ("application_name", "realtime"),
        ];
        self.send(|out| frontend::startup_message(parameters, out))
            .await?;
        let mut scram = None;
        loop {
            match self.message().await? {
                Message::ReadyForQuery(_) => return Ok(()),
                Message::AuthenticationCleartextPassword => {
                    self.send(|out| frontend::password_message(password, out))
                        .await?;
                }
                Message::AuthenticationMd5Password(body) => {
                    let hash = md5_hash(user.as_bytes(), password, body.salt());
                    self.send(|out| frontend::password_message(hash.as_bytes(), out))
                        .await?;
                }
                Message::AuthenticationSasl(body) => {
                    if !body.mechanisms().any(|name| Ok(name == SCRAM_SHA_256))? {
                        return Err(WalError::Authentication);
                    }
                    let exchange = ScramSha256::new(password, ChannelBinding::unsupported());
                    self.send(|out| {
                        frontend::sasl_initial_response(SCRAM_SHA_256, exchange.message(), out)
                    })
                    .await?;
                    scram = Some(exchange);
                }
                Message::AuthenticationSaslContinue(body) => {
                    let exchange = scram.as_mut().ok_or(WalError::Unexpected)?;
                    exchange.update(body.data())?;
                    let answer = exchange.message().to_vec();
                    self.send(|out| frontend::sasl_response(&answer, out))
                        .await?;
                }
                Message::AuthenticationSaslFinal(body) => {
                    scram
                        .as_mut()
                        .ok_or(WalError::Unexpected)?
                        .finish(body.data())?;
                }
                Message::AuthenticationOk
                | Message::ParameterStatus(_)
                | Message::BackendKeyData(_)
                | Message::NoticeResponse(_) => {}
                Message::ErrorResponse(error) => return Err(refused(&error)),
                _ => return Err(WalError::Authentication),
            }
        }
    }

    async fn send(
        &mut self,
        write: impl FnOnce(&mut BytesMut) -> io::Result<()>,
    ) -> Result<(), WalError> {
        let mut out = BytesMut::new();
        write(&mut out)?;
        self.stream.write_all(&out).await?;
        Ok(self.stream.flush().await?)
    }

    async fn message(&mut self) -> Result<Message, WalError> {
        loop {
            if let Some(message) = Message::parse(&mut self.unread)? {
                return Ok(message);
            }
            self.read_more().await?;
        }
    }

    async fn expect_copy_both(&mut self) -> Result<(), WalError> {
        while self.unread.len() < 5 {
            self.read_more().await?;
        }
        if self.unread[0] != COPY_BOTH_RESPONSE {
            return match self.message().await? {
                Message::ErrorResponse(error) => Err(refused(&error)),
                _ => Err(WalError::Unexpected),
            };
        }
        let length =
            usize::try_from((&self.unread[1..5]).get_u32()).map_err(|_| WalError::Unexpected)?;
        while self.unread.len() < length + 1 {
            self.read_more().await?;
        }
        self.unread.advance(length + 1);
        Ok(())
    }

    async fn read_more(&mut self) -> Result<(), WalError> {
        match self.stream.read_buf(&mut self.unread).await? {
            0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            _ => Ok(()),
        }
    }
}

async fn connect(config: &Config) -> io::Result<Box<dyn Stream>> {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match config.get_hosts().first() {
        Some(Host::Tcp(host)) => {
            let stream = TcpStream::connect((host.as_str(), port)).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream))
        }
        Some(Host::Unix(folder)) => Ok(Box::new(
            UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).await?,
        )),
        None => Err(io::Error::other("no database host is configured")),
    }
}

/// The database's own words.
fn refused(error: &ErrorResponseBody) -> WalError {
    let mut fields = error.fields();
    let mut text = String::new();
    while let Ok(Some(field)) = fields.next() {
        if matches!(field.type_(), b'C' | b'M') {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&String::from_utf8_lossy(field.value_bytes()));
        }
    }
    WalError::Refused(text)
}
