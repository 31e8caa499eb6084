//! A recorded socket, opened again: everything it gets waits in a queue until the recording comes to it.

use std::collections::VecDeque;

use futures::{SinkExt, StreamExt};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{
        Bytes, Error, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use crate::harness::PATIENCE;

/// What came over a socket.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Got {
    Text(String),
    Binary(Bytes),
    Pong(Bytes),
    /// The end: the code of the close, 1005 for a close without one, 1006 for an end without a close.
    Closed(u16),
}

/// An open socket.
pub(super) struct Socket {
    sending: mpsc::UnboundedSender<Message>,
    coming: mpsc::UnboundedReceiver<Got>,
    /// Came already and was not asked for yet.
    pub(super) waiting: VecDeque<Got>,
    /// The client has said that it closes.
    pub(super) is_closing: bool,
    pub(super) is_v2: bool,
}

/// What came of a handshake: a socket, or the answer that refused it.
pub(super) type Handshake = JoinHandle<Result<Socket, (u16, Vec<(String, String)>, String)>>;

/// Begins a handshake.
pub(super) fn open(url: String) -> Handshake {
    tokio::spawn(async move {
        let is_v2 = url.contains("vsn=2");
        match connect_async(url).await {
            Ok((socket, _)) => Ok(Socket::start(socket, is_v2)),
            Err(Error::Http(response)) => {
                let headers = response.headers().iter();
                let headers = headers
                    .map(|(name, value)| {
                        (
                            name.to_string(),
                            value.to_str().unwrap_or_default().to_owned(),
                        )
                    })
                    .collect();
                let body = response.body().as_deref().unwrap_or_default();
                let body = String::from_utf8_lossy(body).into_owned();
                Err((response.status().as_u16(), headers, body))
            }
            Err(error) => panic!("no handshake: {error}"),
        }
    })
}

impl Socket {
    fn start<S>(socket: tokio_tungstenite::WebSocketStream<S>, is_v2: bool) -> Self
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        let (mut sink, mut stream) = socket.split();
        let (sending, mut to_send) = mpsc::unbounded_channel::<Message>();
        let (got, coming) = mpsc::unbounded_channel();
        let writing = tokio::spawn(async move {
            while let Some(message) = to_send.recv().await {
                // The server may have gone; the reader tells.
                if sink.send(message).await.is_err() {
                    return;
                }
            }
        });
        tokio::spawn(async move {
            let mut code = 1006;
            while let Some(Ok(message)) = stream.next().await {
                let one = match message {
                    Message::Text(text) => Got::Text(text.to_string()),
                    Message::Binary(bytes) => Got::Binary(bytes),
                    Message::Pong(bytes) => Got::Pong(bytes),
                    Message::Close(frame) => {
                        code = frame.map_or(1005, |frame| frame.code.into());
                        continue;
                    }
                    Message::Ping(_) | Message::Frame(_) => continue,
                };
                if got.send(one).is_err() {
                    break;
                }
            }
            let _ = got.send(Got::Closed(code));
            writing.abort();
        });
        Self {
            sending,
            coming,
            waiting: VecDeque::new(),
            is_closing: false,
            is_v2,
        }
    }

    pub(super) fn send(&mut self, message: Message) {
        // A socket that has ended takes nothing; what comes from it tells.
        let _ = self.sending.send(message);
    }

    pub(super) fn close(&mut self, code: Option<u16>) {
        self.is_closing = true;
        let frame = code.map(|code| CloseFrame {
            code: CloseCode::from(code),
            reason: "".into(),
        });
        self.send(Message::Close(frame));
    }

    /// The next that came; `None` if nothing comes for longer than anything takes.
    pub(super) async fn next(&mut self) -> Option<Got> {
        match self.waiting.pop_front() {
            Some(got) => Some(got),
            None => self.fresh().await,
        }
    }

    /// The next that comes from now on.
    pub(super) async fn fresh(&mut self) -> Option<Got> {
        timeout(PATIENCE, self.coming.recv()).await.ok().flatten()
    }

    /// Waits until everything that was on its way has come: a heartbeat of the player's own is answered after it.
    pub(super) async fn drain(&mut self) {
        let (probe, answer) = if self.is_v2 {
            (
                r#"[null,"probe","phoenix","heartbeat",{}]"#,
                r#"[null,"probe""#,
            )
        } else {
            (
                r#"{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"probe"}"#,
                r#"{"ref":"probe""#,
            )
        };
        self.send(Message::text(probe));
        loop {
            match self.fresh().await {
                Some(Got::Text(text)) if text.starts_with(answer) => return,
                Some(Got::Closed(code)) => {
                    self.waiting.push_back(Got::Closed(code));
                    return;
                }
                Some(got) => self.waiting.push_back(got),
                None => return,
            }
        }
    }
}
