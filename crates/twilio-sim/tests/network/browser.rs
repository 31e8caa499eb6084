//! A browser's end of the Device socket.

use std::net::SocketAddr;

use futures::SinkExt as _;
use futures::StreamExt as _;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::paper::PATIENCE;

pub(crate) struct Browser(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Browser {
    pub(crate) async fn connect(address: SocketAddr, token: &str) -> Self {
        let url = format!("ws://{address}/device?token={token}");
        Self(connect_async(url).await.unwrap().0)
    }

    /// Connects and registers.
    pub(crate) async fn registered(address: SocketAddr, token: &str) -> Self {
        let mut browser = Self::connect(address, token).await;
        browser.say(json!({ "type": "register" })).await;
        browser.hear("registered").await;
        browser
    }

    pub(crate) async fn say(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }

    pub(crate) async fn say_raw(&mut self, frame: String) {
        // The other side may close before all of it is sent.
        let _ = self.0.send(Message::text(frame)).await;
    }

    /// The next frame, or `None` once the socket is closed.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        let frame = tokio::time::timeout(PATIENCE, self.0.next())
            .await
            .expect("nothing was said");
        match frame? {
            Ok(Message::Text(text)) => Some(serde_json::from_str(&text).unwrap()),
            Ok(_) | Err(_) => None,
        }
    }

    /// The next frame, which is of that type.
    pub(crate) async fn hear(&mut self, kind: &str) -> Value {
        let frame = self
            .next()
            .await
            .unwrap_or_else(|| panic!("closed instead of {kind}"));
        assert_eq!(frame["type"], kind, "{frame}");
        frame
    }

    /// Says good-bye as a page that is reloaded.
    pub(crate) async fn leave(mut self) {
        let frame = CloseFrame {
            code: CloseCode::Away,
            reason: "".into(),
        };
        self.0.send(Message::Close(Some(frame))).await.unwrap();
        while self.next().await.is_some() {}
    }
}
