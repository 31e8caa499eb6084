//! An agent: a session, a browser's Device, and the buttons of the board.

use std::collections::BTreeMap;

use futures::SinkExt as _;
use futures::StreamExt as _;
use serde_json::{Value, json};
use switchboard_local_supabase::keys::LOCAL_ANON_KEY;
use switchboard_model::{CallId, Intent, MemberId, request};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

use crate::office::{Office, PATIENCE};

pub(crate) struct Agent {
    pub(crate) identity: &'static str,
    pub(crate) id: MemberId,
    pub(crate) session: String,
    supabase: String,
    http: reqwest::Client,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Legs that ring here, and the call and the epoch that each is about.
    invitations: BTreeMap<String, (String, i64)>,
    /// The epoch of each call that this agent claimed: only an invitation of that one is accepted.
    claimed: BTreeMap<String, i64>,
}

/// A voice token, as the page asks for it.
pub(crate) async fn voice_token(office: &Office, session: &str) -> reqwest::Response {
    office
        .http
        .post(office.url("/api/voice-token"))
        .bearer_auth(session)
        .send()
        .await
        .unwrap()
}

impl Agent {
    pub(crate) async fn sign_in(office: &Office, (identity, user): (&'static str, u128)) -> Self {
        let session = office
            .stack
            .token_of(Uuid::from_u128(user), "authenticated");
        let answer = voice_token(office, &session).await;
        assert_eq!(answer.status(), 200);
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["identity"], identity);
        let token = answer["token"].as_str().unwrap();
        let url = format!("ws://{}/device?token={token}", office.sim_address);
        let id = format!("11111111-{}", &Uuid::from_u128(user).to_string()[9..]);
        let mut agent = Self {
            identity,
            id: id.parse().unwrap(),
            session,
            supabase: office.stack.url().to_owned(),
            http: office.http.clone(),
            socket: connect_async(url).await.unwrap().0,
            invitations: BTreeMap::new(),
            claimed: BTreeMap::new(),
        };
        agent.say(json!({ "type": "register" })).await;
        agent.hear("registered").await;
        agent
    }

    /// Presses a button of the board; the answer's status and the rows that changed.
    pub(crate) async fn press(&self, row: &Value, intent: Intent) -> (u16, Vec<Value>) {
        let id: CallId = row["id"].as_str().unwrap().parse().unwrap();
        let request = request::action(id, self.id, intent);
        let mut http = self
            .http
            .patch(format!("{}{}", self.supabase, request.path_and_query()))
            .header("apikey", LOCAL_ANON_KEY)
            .bearer_auth(&self.session)
            .body(request.body.as_ref().unwrap().to_string());
        for (name, value) in request.headers() {
            http = http.header(name, value);
        }
        let answer = http.send().await.unwrap();
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default(),
        )
    }

    /// Presses a button that works.
    pub(crate) async fn does(&mut self, row: &Value, intent: Intent) -> Value {
        let (status, mut rows) = self.press(row, intent).await;
        assert_eq!((status, rows.len()), (200, 1), "{intent:?}: {rows:?}");
        self.given(&rows[0]);
        rows.remove(0)
    }

    /// The row says that the call is this agent's, from this epoch on.
    pub(crate) fn given(&mut self, row: &Value) {
        let id = row["id"].as_str().unwrap().to_owned();
        self.claimed.insert(id, row["epoch"].as_i64().unwrap());
    }

    /// Accepts invitations about that call until one of them has audio; what is cancelled meanwhile is let go.
    pub(crate) async fn talk(&mut self, row: &Value) {
        let call = row["id"].as_str().unwrap().to_owned();
        loop {
            let about = (call.clone(), self.claimed[&call]);
            let wanted = self.invitations.iter().find(|(_, other)| **other == about);
            let Some(leg) = wanted.map(|(leg, _)| leg.clone()) else {
                self.next().await;
                continue;
            };
            self.say(json!({ "type": "accept", "call_sid": leg })).await;
            loop {
                let frame = self.next().await;
                if frame["call_sid"] != leg.as_str() {
                    continue;
                }
                match frame["type"].as_str().unwrap() {
                    "accepted" => return,
                    "cancel" | "disconnected" | "error" => break,
                    _ => {}
                }
            }
        }
    }

    /// Waits until a call rings here.
    pub(crate) async fn rung(&mut self, row: &Value) {
        let call = row["id"].as_str().unwrap();
        while !self.invitations.values().any(|(about, _)| about == call) {
            self.next().await;
        }
    }

    pub(crate) async fn say(&mut self, frame: Value) {
        self.socket
            .send(Message::text(frame.to_string()))
            .await
            .unwrap();
    }

    pub(crate) async fn hear(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    async fn next(&mut self) -> Value {
        let message = tokio::time::timeout(PATIENCE, self.socket.next())
            .await
            .unwrap_or_else(|_| panic!("{} hears nothing", self.identity));
        let frame: Value = match message {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        };
        let leg = frame["call_sid"].as_str().unwrap_or_default().to_owned();
        match frame["type"].as_str().unwrap() {
            "incoming" => {
                let parameter = |name: &str| frame["parameters"][name].as_str().unwrap().to_owned();
                let about = (parameter("call_id"), parameter("epoch").parse().unwrap());
                self.invitations.insert(leg, about);
            }
            "cancel" | "accepted" | "disconnected" => {
                self.invitations.remove(&leg);
            }
            _ => {}
        }
        frame
    }

    /// Closes the tab as a reload does.
    pub(crate) async fn leave(mut self) {
        self.socket.close(None).await.unwrap();
    }
}
