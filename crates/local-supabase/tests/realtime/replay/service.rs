//! What happened beside the sockets: restarts, broadcasts over HTTP, and the witness who tells that all has been told.

use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use super::{
    player::{MARK_AGAIN, Player, opened},
    recording::text,
    socket::Got,
};

impl Player<'_> {
    pub(super) async fn closed(&mut self, event: &Value) -> Result<(), String> {
        let label = text(event, "conn").to_owned();
        let code = event["code"].as_u64().unwrap_or_default();
        if code == 1012 {
            // The process closes its sockets some 40 ms after the signal; the first of them is where we give it.
            self.restart().await;
        } else if code == 1005 && !self.socket(&label)?.is_closing {
            self.assert_silent(&label).await?;
            self.socket(&label)?.close(None);
        }
        loop {
            match self.socket(&label)?.next().await {
                Some(Got::Closed(actual)) if u64::from(actual) == code => break,
                Some(Got::Text(text)) if self.is_foreign(&text) => {}
                // A client's own close without a code is answered without one.
                other => return Err(format!("not the end: {other:?}")),
            }
        }
        self.sockets.remove(&label);
        Ok(())
    }

    pub(super) async fn restart(&mut self) {
        if self.is_restarted {
            return;
        }
        self.server.stop().await;
        self.server = self.world.serve(self.limits.clone(), false).await;
        self.witness = opened(&self.server, self.world, "1.0.0").await;
        self.join_witness().await;
        self.is_restarted = true;
    }

    pub(super) async fn post(&mut self, event: &Value) -> Result<(), String> {
        let request = text(event, "request");
        let (body, token) = if request.starts_with("the same as anon") {
            (
                json!({"messages": [{"topic": "board", "event": "changed", "payload": {"n": 3}, "private": true}]}),
                "anon",
            )
        } else {
            let body = request
                .trim_start_matches("POST /realtime/v1/api/broadcast ")
                .trim_end_matches(" as service");
            (serde_json::from_str(body).expect("a body"), "service")
        };
        let request = reqwest::Client::new().post(format!("{}/api/broadcast", self.server.url));
        let request = request
            .bearer_auth(self.world.token(token))
            .header("content-type", "application/json");
        let answer = request
            .body(body.to_string())
            .send()
            .await
            .expect("an answer");
        let status = answer.status().as_u16();
        let body = answer.text().await.expect("a body");
        if json!(status) != event["status"] || body != text(event, "body") {
            return Err(format!("answered {status} {body}"));
        }
        Ok(())
    }

    pub(super) async fn join_witness(&mut self) {
        let join = json!({"topic": "realtime:witness", "event": "phx_join", "ref": "1", "payload": {
            "config": {"postgres_changes": [{"event": "INSERT", "schema": "public", "table": "marks"}]},
            "access_token": self.world.token("service")}});
        self.witness.send(Message::text(join.to_string()));
        loop {
            match self.witness.next().await {
                Some(Got::Text(text)) if text.contains("Subscribed to PostgreSQL") => return,
                Some(Got::Text(_)) => {}
                other => panic!("no witness: {other:?}"),
            }
        }
    }

    /// Waits until everything that was committed so far has been told to whom it is told.
    pub(super) async fn settle(&mut self) {
        let mut marks: Vec<String> = Vec::new();
        loop {
            let mark = Uuid::new_v4().to_string();
            self.run(&format!("insert into marks values ('{mark}')"))
                .await;
            marks.push(mark);
            // While the stream of changes is down, a mark is lost like everything else.
            while let Ok(got) = timeout(MARK_AGAIN, self.witness.next()).await {
                match got {
                    Some(Got::Text(text)) if marks.iter().any(|mark| text.contains(mark)) => return,
                    Some(Got::Text(_)) => {}
                    other => panic!("{}: the witness is gone: {other:?}", self.recording.name),
                }
            }
        }
    }

    pub(super) async fn finish(self) {
        self.server.stop().await;
    }
}
