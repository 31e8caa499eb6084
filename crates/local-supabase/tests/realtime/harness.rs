//! A stack of its own for each test, and a client that speaks Phoenix frames by hand.

use std::{net::Ipv4Addr, path::PathBuf, time::Duration};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use switchboard_local_supabase::{
    Data, LocalSupabase, Options, RealtimeOptions, Schema,
    realtime::{self, Limits},
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, protocol::frame::coding::CloseCode},
};
use uuid::Uuid;

/// Longer than anything takes here, on a busy machine as well; only a failure waits for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running stack with members, and a connection that owns the schema.
pub(crate) struct Stack {
    pub(crate) supabase: LocalSupabase,
    pub(crate) owner: tokio_postgres::Client,
    /// `http://…` where Realtime answers.
    realtime: String,
}

/// A person with an account.
#[derive(Clone, Copy)]
pub(crate) struct Person {
    pub(crate) user: Uuid,
}

impl Person {
    pub(crate) const DOUG: Self = Self::numbered(1);
    pub(crate) const RHONDA: Self = Self::numbered(2);
    /// A supervisor.
    pub(crate) const SUE: Self = Self::numbered(3);
    /// Signed in, but no member.
    pub(crate) const MALLORY: Self = Self::numbered(9);

    const fn numbered(n: u128) -> Self {
        Self {
            user: Uuid::from_u128(0xaaaa_aaaa_0000_4000_8000_0000_0000_0000 + n),
        }
    }
}

impl Stack {
    pub(crate) async fn start() -> Self {
        Self::start_with(RealtimeOptions::default()).await
    }

    pub(crate) async fn start_with(realtime: RealtimeOptions) -> Self {
        let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests");
        let options = Options {
            data: Data::Temporary,
            schema: Schema::File(tests.join("golden/schema.sql")),
            realtime,
            ..Options::default()
        };
        let supabase = LocalSupabase::start(options).await.expect("a stack");
        let owner = supabase.connect().await.expect("owner");
        let more =
            std::fs::read_to_string(tests.join("realtime/private_channel.sql")).expect("policies");
        owner.batch_execute(&more).await.expect("policies");
        let admin = supabase.connect_admin().await.expect("admin");
        for (name, person, role) in [
            ("doug", Person::DOUG, Some("agent")),
            ("rhonda", Person::RHONDA, Some("agent")),
            ("sue", Person::SUE, Some("supervisor")),
            ("mallory", Person::MALLORY, None),
        ] {
            let email = format!("{name}@example.com");
            admin
                .execute(
                    "insert into auth.users (id, email) values ($1, $2)",
                    &[&person.user, &email],
                )
                .await
                .expect("a user");
            if let Some(role) = role {
                admin
                    .execute(
                        "insert into public.voip_users (id, user_id, display_name, identity, role) values ($1, $1, $2, $2, $3)",
                        &[&person.user, &name, &role],
                    )
                    .await
                    .expect("a member");
            }
        }
        let realtime = format!("{}/realtime/v1", supabase.url());
        Self {
            supabase,
            owner,
            realtime,
        }
    }

    /// The same stack with a Realtime server of other delays and limits in front of the same database.
    pub(crate) async fn with_limits(mut self, limits: Limits) -> Self {
        self.realtime = self.serve_with(limits).await;
        self
    }

    /// Starts a Realtime server of other delays and limits in front of the same database; gives its address.
    pub(crate) async fn serve_with(&self, limits: Limits) -> String {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let gateway = self.supabase.gateway().clone();
        let router = realtime::router_with(gateway.clone(), limits);
        tokio::spawn(async move {
            let serving = axum::serve(listener, router);
            serving
                .with_graceful_shutdown(async move { gateway.stopped().await })
                .await
        });
        address
    }

    pub(crate) async fn stop(self) {
        drop(self.owner);
        self.supabase.stop().await;
    }

    /// A token for `person` that ends `seconds` from now.
    pub(crate) fn token_for(&self, person: Person, seconds: i64) -> String {
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        self.supabase.gateway().jwt.sign(&json!({
            "role": "authenticated", "aud": "authenticated", "sub": person.user, "exp": now + seconds,
        }))
    }

    pub(crate) fn token(&self, person: Person) -> String {
        self.token_for(person, 3600)
    }

    pub(crate) async fn insert_call(&self, sid: &str) -> Uuid {
        let sql = "insert into calls (twilio_call_sid, from_number, to_number) values ($1, '+15550100', '+15550199') returning id";
        self.owner
            .query_one(sql, &[&sid])
            .await
            .expect("a call")
            .get(0)
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.owner.batch_execute(sql).await.expect(sql);
    }

    pub(crate) async fn client(&self, version: &str) -> Client {
        let key = self.supabase.keys().anon.clone();
        let socket = self
            .handshake(&format!("apikey={key}&vsn={version}"))
            .await
            .expect("a socket");
        Client {
            socket,
            is_v2: version == "2.0.0",
            reference: 0,
        }
    }

    /// Broadcasts over HTTP; gives the status.
    pub(crate) async fn post_broadcast(&self, token: &str, body: &Value) -> u16 {
        let request = reqwest::Client::new().post(format!("{}/api/broadcast", self.realtime));
        let request = request
            .bearer_auth(token)
            .header("content-type", "application/json");
        request
            .body(body.to_string())
            .send()
            .await
            .expect("an answer")
            .status()
            .as_u16()
    }

    pub(crate) async fn handshake(
        &self,
        query: &str,
    ) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, Error> {
        let address = self.realtime.replacen("http", "ws", 1);
        connect_async(format!("{address}/websocket?{query}"))
            .await
            .map(|(socket, _)| socket)
    }
}

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

/// The config of a public channel with one binding for everything that happens to calls.
pub(crate) fn calls() -> Value {
    json!({"private": false, "postgres_changes": [{"event": "*", "schema": "public", "table": "calls"}]})
}

/// The config of a private channel for broadcasts.
pub(crate) fn private_board() -> Value {
    json!({"private": true, "broadcast": {"ack": true, "self": true}, "postgres_changes": []})
}
