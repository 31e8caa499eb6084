//! The adapter for servers and tests: one tokio task around the state machine, over
//! tokio-tungstenite.
//!
//! Addresses with `wss://` need the feature `tls`.

use crate::frame::MAX_FRAME_BYTES;
use crate::{Client, Config, Event, Input, Now, Output, Token, TokenReason};
use futures::future::BoxFuture;
use futures::{FutureExt, SinkExt, StreamExt};
use std::future::{Future, pending};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message, protocol::WebSocketConfig};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// A socket that does not take a frame within this time is as good as closed.
const SEND_LIMIT: Duration = Duration::from_secs(5);
/// The farewell is a courtesy; a dead peer must not hold it up.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Starts the client in a task of the current tokio runtime.
///
/// `token_source` is asked for a token with the reason; `None` means that there is none now, and it
/// will be asked again. `sink` gets every other event, in order, and should not block.
pub fn connect<S, F, E>(config: Config, token_source: S, sink: E) -> Handle
where
    S: Fn(TokenReason) -> F + Send + 'static,
    F: Future<Output = Option<Token>> + Send + 'static,
    E: FnMut(Event) + Send + 'static,
{
    let (inputs, queue) = mpsc::unbounded_channel();
    let clock = Clock(Instant::now());
    let task = Task {
        client: Client::new(config, clock.now()),
        clock,
        socket: Socket::None,
        token: None,
        ask: Box::new(move |reason| token_source(reason).boxed()),
        sink: Box::new(sink),
        wake_at: None,
    };
    Handle {
        inputs,
        task: tokio::spawn(task.run(queue)),
    }
}

/// A running client. Dropping it leaves the channel, closes the socket and ends the task.
pub struct Handle {
    inputs: mpsc::UnboundedSender<Input<'static>>,
    task: JoinHandle<()>,
}

impl Handle {
    /// A token that was not asked for, for instance after the session was refreshed.
    pub fn set_token(&self, token: Token) {
        self.give(Input::Token(token));
    }

    /// A snapshot was applied.
    pub fn snapshot_done(&self) {
        self.give(Input::SnapshotDone);
    }

    /// A snapshot could not be fetched: the link is probed and the snapshot asked for again.
    pub fn snapshot_failed(&self) {
        self.give(Input::SnapshotFailed);
    }

    /// Like dropping the handle, but waits until the socket is closed.
    pub async fn stop(self) {
        self.give(Input::Stop);
        // A panic of the sink has been reported by the runtime.
        let _ = self.task.await;
    }

    fn give(&self, input: Input<'static>) {
        // The task ends only after a stop, and then there is nobody to tell.
        let _ = self.inputs.send(input);
    }
}

struct Task {
    client: Client,
    clock: Clock,
    socket: Socket,
    token: Option<BoxFuture<'static, Option<Token>>>,
    ask: Box<dyn Fn(TokenReason) -> BoxFuture<'static, Option<Token>> + Send>,
    sink: Box<dyn FnMut(Event) + Send>,
    wake_at: Option<u64>,
}

enum Socket {
    None,
    Opening(BoxFuture<'static, Result<Stream, Error>>),
    Open(Box<Stream>),
}

/// What woke the task.
enum Wake {
    Command(Option<Input<'static>>),
    Token(Option<Token>),
    Socket(Heard),
    Timer,
}

/// What the socket said.
enum Heard {
    Opened(Box<Stream>),
    Refused(Option<u16>),
    Text(String),
    Binary(Vec<u8>),
    Closed(u16, String),
    /// Control frames, which tungstenite answers by itself.
    Nothing,
}

impl Task {
    async fn run(mut self, mut queue: mpsc::UnboundedReceiver<Input<'static>>) {
        self.take(Input::Start).await;
        loop {
            let wake = tokio::select! {
                command = queue.recv() => Wake::Command(command),
                token = next_token(&mut self.token) => Wake::Token(token),
                heard = self.socket.next() => Wake::Socket(heard),
                () = self.clock.sleep_until(self.wake_at) => Wake::Timer,
            };
            match wake {
                Wake::Command(None | Some(Input::Stop)) => break self.take(Input::Stop).await,
                Wake::Command(Some(input)) => self.take(input).await,
                Wake::Token(token) => {
                    self.token = None;
                    if let Some(token) = token {
                        self.take(Input::Token(token)).await;
                    }
                }
                Wake::Socket(heard) => self.hear(heard).await,
                Wake::Timer => {
                    self.wake_at = None;
                    self.take(Input::Timer).await;
                }
            }
        }
    }

    async fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Opened(stream) => {
                self.socket = Socket::Open(stream);
                self.take(Input::SocketOpened).await;
            }
            Heard::Refused(status) => {
                self.socket = Socket::None;
                self.take(Input::SocketRefused { status }).await;
            }
            Heard::Closed(code, reason) => {
                self.socket = Socket::None;
                let reason = &reason;
                self.take(Input::SocketClosed { code, reason }).await;
            }
            Heard::Text(text) => self.take(Input::Text(&text)).await,
            Heard::Binary(bytes) => self.take(Input::Binary(&bytes)).await,
            Heard::Nothing => {}
        }
    }

    /// Gives an input to the client and does what it says. A socket that fails meanwhile is the
    /// next input.
    async fn take(&mut self, input: Input<'_>) {
        let mut outputs = self.client.handle(input, self.clock.now());
        while !outputs.is_empty() {
            let mut failed = false;
            for output in outputs {
                match output {
                    Output::Open { url } => self.socket = Socket::open(url),
                    Output::Send(text) => failed |= !self.socket.send(text).await,
                    Output::Close => self.socket.close().await,
                    Output::WakeAt(at) => self.wake_at = Some(at),
                    Output::Event(Event::TokenNeeded(reason)) => {
                        self.token = Some((self.ask)(reason));
                    }
                    Output::Event(event) => (self.sink)(event),
                }
            }
            if !failed {
                break;
            }
            self.socket = Socket::None;
            let lost = Input::SocketClosed {
                code: 1006,
                reason: "a frame could not be sent",
            };
            outputs = self.client.handle(lost, self.clock.now());
        }
    }
}

impl Socket {
    fn open(url: String) -> Self {
        let limits = WebSocketConfig::default()
            .max_message_size(Some(2 * MAX_FRAME_BYTES))
            .max_frame_size(Some(2 * MAX_FRAME_BYTES));
        Self::Opening(Box::pin(async move {
            let (stream, _response) = connect_async_with_config(url, Some(limits), true).await?;
            Ok(stream)
        }))
    }

    /// The next thing to hear; safe to drop and call again.
    async fn next(&mut self) -> Heard {
        match self {
            Self::None => pending().await,
            Self::Opening(handshake) => match handshake.await {
                Ok(stream) => Heard::Opened(Box::new(stream)),
                Err(Error::Http(response)) => Heard::Refused(Some(response.status().as_u16())),
                Err(_) => Heard::Refused(None),
            },
            Self::Open(stream) => match stream.next().await {
                Some(Ok(Message::Text(text))) => Heard::Text(text.to_string()),
                Some(Ok(Message::Binary(bytes))) => Heard::Binary(bytes.to_vec()),
                Some(Ok(Message::Close(Some(frame)))) => {
                    Heard::Closed(frame.code.into(), frame.reason.to_string())
                }
                Some(Ok(Message::Close(None))) => Heard::Closed(1005, String::new()),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Heard::Nothing,
                Some(Err(_)) | None => Heard::Closed(1006, String::new()),
            },
        }
    }

    /// False if an open socket did not take the frame.
    async fn send(&mut self, text: String) -> bool {
        let Self::Open(stream) = self else {
            return true;
        };
        matches!(
            timeout(SEND_LIMIT, stream.send(Message::text(text))).await,
            Ok(Ok(()))
        )
    }

    async fn close(&mut self) {
        if let Self::Open(mut stream) = std::mem::replace(self, Self::None) {
            // Whether the other side hears it makes no difference here.
            let _ = timeout(CLOSE_LIMIT, stream.close()).await;
        }
    }
}

/// Waits for the token that was last asked for.
async fn next_token(asked: &mut Option<BoxFuture<'static, Option<Token>>>) -> Option<Token> {
    match asked {
        Some(token) => token.await,
        None => pending().await,
    }
}

/// Both clocks of the client.
struct Clock(Instant);

impl Clock {
    fn now(&self) -> Now {
        let unix = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Now {
            monotonic_ms: millis(self.0.elapsed()),
            unix_ms: millis(unix),
        }
    }

    async fn sleep_until(&self, at: Option<u64>) {
        match at {
            Some(at) => tokio::time::sleep_until((self.0 + Duration::from_millis(at)).into()).await,
            None => pending().await,
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
