//! The native adapter against a scripted server on a real socket.

// A test that cannot go on should stop where it stands.
#![allow(clippy::unwrap_used)]

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::future::ready;
use std::time::Duration;
use switchboard_realtime::{Change, Config, Event, Reason, Status, Token, TokenReason, native};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, frame::coding::CloseCode};
use tokio_tungstenite::{WebSocketStream, accept_async};

/// Nothing here takes long; this only keeps a broken build from hanging.
const LIMIT: Duration = Duration::from_secs(60);

struct Server {
    listener: TcpListener,
}

struct Socket(WebSocketStream<TcpStream>);

impl Server {
    async fn start() -> (Self, Config) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut config = Config::private_channel(&url, "key", "board", "calls", 1);
        config.timing.backoff_first_ms = 10;
        config.timing.attempt_gap_ms = 10;
        (Self { listener }, config)
    }

    async fn socket(&self) -> Socket {
        let (stream, _) = self.listener.accept().await.unwrap();
        Socket(accept_async(stream).await.unwrap())
    }
}

impl Socket {
    async fn heard(&mut self) -> Option<Value> {
        while let Some(Ok(message)) = self.0.next().await {
            if let Message::Text(text) = message {
                return Some(serde_json::from_str(&text).unwrap());
            }
        }
        None
    }

    async fn say(&mut self, event: &str, reference: &Value, payload: Value) {
        let frame = json!({"ref": reference, "event": event, "topic": "realtime:board", "payload": payload});
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }

    /// Accepts the join that comes, and confirms the subscription. Gives the join's frame.
    async fn accept_join(&mut self) -> Value {
        let join = self.heard().await.unwrap();
        assert_eq!(join["event"], "phx_join");
        let ok = json!({"status": "ok", "response": {}});
        self.say("phx_reply", &join["ref"], ok).await;
        let ok = json!({"status": "ok", "extension": "postgres_changes", "message": ""});
        self.say("system", &Value::Null, ok).await;
        join
    }
}

struct App {
    events: mpsc::UnboundedReceiver<Event>,
    handle: native::Handle,
}

impl App {
    fn connect(config: Config) -> Self {
        let (sink, events) = mpsc::unbounded_channel();
        let source = |_: TokenReason| ready(Some(Token::new("jwt", u64::MAX)));
        let handle = native::connect(config, source, move |event| drop(sink.send(event)));
        Self { events, handle }
    }

    async fn until<T>(&mut self, mut wanted: impl FnMut(&Event) -> Option<T>) -> T {
        loop {
            let event = self.events.recv().await.expect("the client ended");
            if let Some(found) = wanted(&event) {
                return found;
            }
        }
    }

    async fn until_event(&mut self, wanted: Event) {
        self.until(|event| (*event == wanted).then_some(())).await;
    }

    async fn change(&mut self) -> Change {
        self.until(|event| match event {
            Event::Change(change) => Some(change.clone()),
            _ => None,
        })
        .await
    }
}

async fn within_limit(test: impl Future<Output = ()>) {
    tokio::time::timeout(LIMIT, test).await.unwrap();
}

#[tokio::test]
async fn it_joins_hears_both_lanes_and_returns_after_a_restart_of_the_server() {
    within_limit(async {
        let (server, config) = Server::start().await;
        let mut app = App::connect(config);
        let mut socket = server.socket().await;
        let join = socket.accept_join().await;
        assert_eq!(join["payload"]["access_token"], "jwt");
        app.until_event(Event::Status(Status::Live)).await;
        app.until_event(Event::SnapshotNeeded(Reason::Subscribed))
            .await;

        let data = json!({"table": "calls", "type": "INSERT", "record": {"id": 1}, "errors": null});
        socket
            .say("postgres_changes", &Value::Null, json!({"data": data}))
            .await;
        assert_eq!(app.change().await.record["id"], 1);

        let mut bytes = vec![4, 14, 6, 0, 1];
        bytes.extend_from_slice(b"realtime:boardchange");
        let payload = json!({"table": "calls", "type": "UPDATE", "record": {"id": 2}});
        bytes.extend_from_slice(payload.to_string().as_bytes());
        socket.0.send(Message::binary(bytes)).await.unwrap();
        assert_eq!(app.change().await.record["id"], 2);

        let restart = CloseFrame {
            code: CloseCode::Restart,
            reason: "".into(),
        };
        socket.0.close(Some(restart)).await.unwrap();
        app.until_event(Event::Status(Status::Offline)).await;
        let mut socket = server.socket().await;
        socket.accept_join().await;
        app.until_event(Event::Status(Status::Live)).await;
        app.until_event(Event::SnapshotNeeded(Reason::Subscribed))
            .await;
    })
    .await;
}

#[tokio::test]
async fn a_dropped_handle_leaves_closes_and_ends() {
    within_limit(async {
        let (server, config) = Server::start().await;
        let mut app = App::connect(config);
        let mut socket = server.socket().await;
        let join = socket.accept_join().await;
        app.until_event(Event::Status(Status::Live)).await;
        drop(app.handle);
        let leave = socket.heard().await.unwrap();
        assert_eq!(leave["event"], "phx_leave");
        assert_eq!(leave["join_ref"], join["ref"]);
        assert_eq!(socket.heard().await, None, "closed");
        // The sink goes with the task.
        while app.events.recv().await.is_some() {}
    })
    .await;
}

#[tokio::test]
async fn stop_waits_for_the_end() {
    within_limit(async {
        let (server, config) = Server::start().await;
        let mut app = App::connect(config);
        let mut socket = server.socket().await;
        socket.accept_join().await;
        app.until_event(Event::Status(Status::Live)).await;
        app.handle.stop().await;
        while app.events.try_recv().is_ok() {}
        assert_eq!(
            app.events.try_recv(),
            Err(mpsc::error::TryRecvError::Disconnected)
        );
    })
    .await;
}

#[tokio::test]
async fn a_token_of_the_application_is_pushed_to_the_live_channel() {
    within_limit(async {
        let (server, config) = Server::start().await;
        let mut app = App::connect(config);
        let mut socket = server.socket().await;
        socket.accept_join().await;
        app.until_event(Event::Status(Status::Live)).await;
        app.handle.set_token(Token::new("newer", u64::MAX));
        let push = socket.heard().await.unwrap();
        assert_eq!(push["event"], "access_token");
        assert_eq!(push["payload"]["access_token"], "newer");
    })
    .await;
}

#[tokio::test]
async fn a_handshake_refused_for_the_key_is_told_with_its_status() {
    within_limit(async {
        let (server, config) = Server::start().await;
        let mut app = App::connect(config);
        let (mut stream, _) = server.listener.accept().await.unwrap();
        let mut request = [0; 4_096];
        let length = stream.read(&mut request).await.unwrap();
        let request = String::from_utf8_lossy(&request[..length]);
        assert!(request.starts_with("GET /realtime/v1/websocket?apikey=key&vsn=1.0.0 "));
        let refusal = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(refusal).await.unwrap();
        let reason = app
            .until(|event| match event {
                Event::Refused(reason) => Some(reason.clone()),
                _ => None,
            })
            .await;
        assert!(reason.contains("401"), "{reason}");
    })
    .await;
}

#[tokio::test]
async fn an_encrypted_socket_that_fails_is_tried_again() {
    within_limit(async {
        let (server, mut config) = Server::start().await;
        config.url = config.url.replace("http://", "https://");
        let _app = App::connect(config);
        for _ in 0..2 {
            let (mut stream, _) = server.listener.accept().await.unwrap();
            // A TLS handshake record that begins a ClientHello.
            let mut start = [0; 6];
            stream.read_exact(&mut start).await.unwrap();
            assert_eq!((start[0], start[5]), (22, 1));
        }
    })
    .await;
}
