//! A client that speaks Phoenix frames by hand.

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, protocol::frame::coding::CloseCode},
};

use crate::harness::{PATIENCE, calls};

/// One socket.
pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    is_v2: bool,
    reference: u32,
}

/// A text frame of either version.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    pub(crate) text: String,
    pub(crate) join_ref: Value,
    pub(crate) reference: Value,
    pub(crate) topic: Value,
    pub(crate) event: Value,
    pub(crate) payload: Value,
}

impl Frame {
    fn parse(text: &str) -> Self {
        let (join_ref, reference, topic, event, payload) =
            match serde_json::from_str(text).expect("json") {
                Value::Array(parts) => {
                    let [join_ref, reference, topic, event, payload] =
                        <[Value; 5]>::try_from(parts).expect("five parts");
                    (join_ref, reference, topic, event, payload)
                }
                mut object => {
                    let mut take = |name: &str| object[name].take();
                    (
                        take("join_ref"),
                        take("ref"),
                        take("topic"),
                        take("event"),
                        take("payload"),
                    )
                }
            };
        Self {
            text: text.to_owned(),
            join_ref,
            reference,
            topic,
            event,
            payload,
        }
    }
}

impl Client {
    pub(crate) fn new(socket: WebSocketStream<MaybeTlsStream<TcpStream>>, version: &str) -> Self {
        Self {
            socket,
            is_v2: version == "2.0.0",
            reference: 0,
        }
    }

    pub(crate) async fn send(&mut self, text: impl Into<String>) {
        self.socket
            .send(Message::text(text.into()))
            .await
            .expect("sent");
    }

    /// Sends a push and gives its ref. Pushes of a join carry the join's ref.
    pub(crate) async fn push(
        &mut self,
        join: Option<&str>,
        topic: &str,
        event: &str,
        payload: &Value,
    ) -> String {
        self.reference += 1;
        let reference = self.reference.to_string();
        let join_ref = if event == "phx_join" {
            Some(reference.as_str())
        } else {
            join
        };
        let frame = if self.is_v2 {
            json!([join_ref, reference, topic, event, payload])
        } else {
            json!({"topic": topic, "event": event, "payload": payload, "ref": reference, "join_ref": join_ref})
        };
        self.send(frame.to_string()).await;
        reference
    }

    /// Joins with `config`, without waiting for the answer; gives the ref.
    pub(crate) async fn join(&mut self, topic: &str, token: &str, config: &Value) -> String {
        self.push(
            None,
            topic,
            "phx_join",
            &json!({"config": config, "access_token": token}),
        )
        .await
    }

    /// Joins `realtime:board` for changes of calls, and waits until it is live; gives the ref.
    pub(crate) async fn join_calls(&mut self, token: &str) -> String {
        let reference = self.join("realtime:board", token, &calls()).await;
        assert_eq!(self.event("phx_reply").await.payload["status"], "ok");
        assert_eq!(self.event("system").await.payload["status"], "ok");
        reference
    }

    pub(crate) async fn message(&mut self) -> Message {
        match timeout(PATIENCE, self.socket.next())
            .await
            .expect("a message in time")
        {
            Some(message) => message.expect("a message"),
            None => panic!("the socket ended"),
        }
    }

    /// The next text frame.
    pub(crate) async fn frame(&mut self) -> Frame {
        let message = self.message().await;
        let Message::Text(text) = message else {
            panic!("not a text: {message:?}")
        };
        Frame::parse(&text)
    }

    /// The next text frame, which must be of this event.
    pub(crate) async fn event(&mut self, event: &str) -> Frame {
        let frame = self.frame().await;
        assert_eq!(frame.event, event, "{}", frame.text);
        frame
    }

    /// The close code with which the server ends the socket.
    pub(crate) async fn closed(&mut self) -> CloseCode {
        match self.message().await {
            Message::Close(Some(frame)) => frame.code,
            other => panic!("not a close: {other:?}"),
        }
    }

    /// Everything that arrives until a heartbeat sent now is answered: nothing that was on its way can come after it.
    pub(crate) async fn until_heartbeat(&mut self) -> Vec<Frame> {
        let reference = self.push(None, "phoenix", "heartbeat", &json!({})).await;
        let mut before = Vec::new();
        loop {
            let frame = self.frame().await;
            if frame.topic == "phoenix" && frame.reference == reference.as_str() {
                return before;
            }
            before.push(frame);
        }
    }
}
