//! Plays a recording's client against a server, and compares what the server says with what the real one said.

use std::{collections::HashMap, time::Duration};

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::{Bytes, Message};
use uuid::Uuid;

use super::{
    matching::Bindings,
    recording::{Recording, change, frame, text},
    script,
    socket::{Got, Handshake, Socket, open},
    world::{Server, World, member, user},
};

/// The calls of one recording in this run.
pub(super) struct Calls {
    all: Vec<Uuid>,
    present: Vec<Uuid>,
}

impl Calls {
    /// A new call's id, and a call SID for one that no frame names.
    pub(super) fn add(&mut self) -> (Uuid, String) {
        let id = Uuid::new_v4();
        self.all.push(id);
        self.present.push(id);
        (id, format!("silent_{}", id.simple()))
    }

    pub(super) fn first(&self) -> Uuid {
        *self.present.first().expect("a call")
    }

    pub(super) fn last(&self) -> Uuid {
        *self.present.last().expect("a call")
    }

    /// Takes the last `count` of the calls that are there away.
    pub(super) fn take(&mut self, count: usize) -> Vec<Uuid> {
        let first = self.present.len() - count;
        self.present.split_off(first)
    }
}

/// What the recording of silence divides its waits by. The server's limit is divided by the same.
pub(super) const PACE: u32 = 20;

/// How long a mark may take before another one is made.
const MARK_AGAIN: Duration = Duration::from_secs(1);

/// One recording being played.
pub(super) struct Player<'a> {
    world: &'a World,
    recording: &'a Recording,
    server: Server,
    limits: switchboard_local_supabase::realtime::Limits,
    owner: tokio_postgres::Client,
    witness: Socket,
    handshakes: HashMap<String, Handshake>,
    sockets: HashMap<String, Socket>,
    bindings: Bindings,
    pub(super) calls: Calls,
    /// Ids of rows whose changes are this recording's.
    members: Vec<Uuid>,
    is_restarted: bool,
}

impl<'a> Player<'a> {
    pub(super) async fn new(
        world: &'a World,
        recording: &'a Recording,
        limits: switchboard_local_supabase::realtime::Limits,
    ) -> Self {
        let server = world.serve(limits.clone(), false).await;
        let mut bindings = Bindings::default();
        let numbers = recording.members();
        for number in &numbers {
            bindings.set(format!("uuid:member{number}"), member(*number).to_string());
            bindings.set(format!("uuid:user{number}"), user(*number).to_string());
        }
        let mut player = Self {
            owner: world.supabase.connect().await.expect("the owner"),
            witness: opened(&server, world, "1.0.0").await,
            world,
            recording,
            server,
            limits,
            handshakes: HashMap::new(),
            sockets: HashMap::new(),
            bindings,
            calls: Calls {
                all: Vec::new(),
                present: Vec::new(),
            },
            members: numbers.into_iter().map(member).collect(),
            is_restarted: false,
        };
        player.join_witness().await;
        player
    }

    /// Plays everything; the error says where the server first did something else.
    pub(super) async fn play(&mut self) -> Result<(), String> {
        let mut before = 0.0;
        for (at, event) in self.recording.events.iter().enumerate() {
            let t = event["t"].as_f64().unwrap_or(before);
            if self.recording.name.starts_with("04a") && event["dir"] == "c>s" {
                sleep(Duration::from_secs_f64((t - before).max(0.0) / 1000.0) / PACE).await;
            }
            before = t;
            let step = self.step(at, event).await;
            step.map_err(|fault| {
                format!("event {at} ({} {}): {fault}", event["dir"], event["conn"])
            })?;
        }
        Ok(())
    }

    async fn step(&mut self, at: usize, event: &Value) -> Result<(), String> {
        let label = text(event, "conn");
        match text(event, "dir") {
            "open" => {
                let url = self.filled(text(event, "url"));
                let address = self.server.url.replacen("http://", "", 1);
                let handshake = open(url.replace("<host>/realtime/v1", &address));
                self.handshakes.insert(label.to_owned(), handshake);
            }
            "opened" => self.finish_opening(label).await?,
            "http" if event.get("request").is_some() => self.post(event).await?,
            "http" => self.refused(event).await?,
            "c>s" => self.push(event).await?,
            "s>c" => self.expect(at, event).await?,
            "close" => {
                if !self.sockets.contains_key(label) {
                    self.open_and_join(label).await?;
                }
                self.assert_silent(label).await?;
                self.socket(label)?.close(Some(1000));
            }
            "closed" => self.closed(event).await?,
            "sql" => {
                let statements = script::statements(self.recording, at, &mut self.calls);
                // A row that is deleted at once is one that nobody may be asked about: its insertion is not told.
                let is_slow = text(event, "note").contains("of a calls row");
                for statement in statements {
                    self.run(&statement).await;
                    if is_slow {
                        self.settle().await;
                    }
                }
                self.settle().await;
            }
            // A note tells what the recorder did or saw beside the sockets.
            "note" => {}
            other => return Err(format!("what is {other}?")),
        }
        Ok(())
    }

    fn socket(&mut self, label: &str) -> Result<&mut Socket, String> {
        self.sockets
            .get_mut(label)
            .ok_or(format!("{label} is not open"))
    }

    async fn run(&self, sql: &str) {
        let admin;
        let owner = if sql.contains("pg_terminate_backend") {
            admin = self
                .world
                .supabase
                .connect_admin()
                .await
                .expect("the admin");
            &admin
        } else {
            &self.owner
        };
        owner
            .batch_execute(sql)
            .await
            .unwrap_or_else(|error| panic!("{}: {error:?}: {sql}", self.recording.name));
    }

    /// A recorded text with its tokens.
    fn filled(&self, recorded: &str) -> String {
        let mut parts = recorded.split("<jwt:");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('>').unwrap_or((part, ""));
            filled.push_str(&self.world.token(name));
            filled.push_str(rest);
        }
        let Some((before, run)) = filled.split_once("<k*") else {
            return filled;
        };
        let (length, after) = run.split_once('>').expect("a run's length");
        format!(
            "{before}{}{after}",
            "k".repeat(length.parse().expect("a number"))
        )
    }

    async fn finish_opening(&mut self, label: &str) -> Result<(), String> {
        let handshake = self.handshakes.remove(label);
        // Where a recording begins with the open socket, its scenario or its label says which version.
        let is_v2 = label.contains("v2") || self.recording.name.ends_with("v2");
        let handshake = handshake.unwrap_or_else(|| {
            let version = if is_v2 { "2.0.0" } else { "1.0.0" };
            open(address(&self.server, self.world, version))
        });
        let opened = handshake.await.expect("a handshake");
        let socket = opened.map_err(|(status, _, body)| format!("refused with {status} {body}"))?;
        self.sockets.insert(label.to_owned(), socket);
        Ok(())
    }

    async fn refused(&mut self, event: &Value) -> Result<(), String> {
        let handshake = self
            .handshakes
            .remove(text(event, "conn"))
            .expect("a handshake");
        let Err((status, headers, body)) = handshake.await.expect("a handshake") else {
            return Err("let in".to_owned());
        };
        if json!(status) != event["status"] || body != text(event, "body") {
            return Err(format!("refused with {status} {body}"));
        }
        for (name, value) in event["headers"].as_object().into_iter().flatten() {
            // How a body's end is told, and the letters of a charset that JSON has no other of, are HTTP's affair.
            let value = value
                .as_str()
                .unwrap_or_default()
                .replace("; charset=utf-8", "");
            if !headers.contains(&(name.clone(), value)) {
                return Err(format!("no {name} as recorded in {headers:?}"));
            }
        }
        Ok(())
    }

    async fn push(&mut self, event: &Value) -> Result<(), String> {
        if self.recording.name == "04e-channels-per-client"
            && text(event, "raw").contains("realtime:c97")
        {
            self.join_unrecorded(text(event, "conn")).await?;
        }
        let raw = self.filled(text(event, "raw"));
        let bytes = || Bytes::from(from_hex(text(event, "hex")));
        let code = event["code"]
            .as_u64()
            .and_then(|code| u16::try_from(code).ok());
        let op = text(event, "op").to_owned();
        let socket = self.socket(text(event, "conn"))?;
        match op.as_str() {
            "text" => socket.send(Message::text(raw)),
            "binary" => socket.send(Message::Binary(bytes())),
            "ping" => socket.send(Message::Ping(bytes())),
            "pong" => socket.send(Message::Pong(bytes())),
            "close" => socket.close(code),
            other => return Err(format!("what is a {other}?")),
        }
        Ok(())
    }

    /// The frames of joins c2 to c96 are left out of that recording.
    async fn join_unrecorded(&mut self, label: &str) -> Result<(), String> {
        let token = self.world.token("member12");
        for n in 2..=96 {
            let join = json!({"topic": format!("realtime:c{n}"), "event": "phx_join", "ref": n.to_string(),
                "join_ref": n.to_string(), "payload": {"config": {"postgres_changes": []}, "access_token": token}});
            let socket = self.socket(label)?;
            socket.send(Message::text(join.to_string()));
            match socket.next().await {
                Some(Got::Text(text)) if text.contains(r#""status":"ok""#) => {}
                other => return Err(format!("join {n}: {other:?}")),
            }
        }
        Ok(())
    }

    /// Sockets that the recording shows only when they close: each had joined 95 channels at once.
    async fn open_and_join(&mut self, label: &str) -> Result<(), String> {
        self.finish_opening(label).await?;
        for n in 0..95 {
            let join = json!({"topic": format!("realtime:{label}{n}"), "event": "phx_join", "ref": n.to_string(),
                "payload": {"config": {"postgres_changes": []}, "access_token": self.world.token("fresh")}});
            self.socket(label)?.send(Message::text(join.to_string()));
        }
        for n in 0..95 {
            match self.socket(label)?.next().await {
                Some(Got::Text(text)) if text.contains(r#""status":"ok""#) => {}
                other => return Err(format!("join {n}: {other:?}")),
            }
        }
        Ok(())
    }

    async fn expect(&mut self, at: usize, event: &Value) -> Result<(), String> {
        let label = text(event, "conn").to_owned();
        let raw = text(event, "raw").to_owned();
        self.cause(at, &raw).await;
        let got = self.take(at, &label, &raw).await?;
        match (text(event, "op"), &got) {
            ("text", Got::Text(actual)) => match self.bindings.difference(&raw, actual) {
                Some(difference) => Err(difference),
                None => Ok(()),
            },
            ("binary", Got::Binary(actual)) => {
                // The recording's text has its uuids replaced; its bytes tell the lengths.
                let lengths = from_hex(text(event, "hex"));
                if lengths.len() != actual.len() || lengths[..5] != actual[..5] {
                    return Err(format!("another head or length: {actual:?}"));
                }
                let actual = String::from_utf8_lossy(actual);
                match self.bindings.difference(text(event, "as_latin1"), &actual) {
                    Some(difference) => Err(difference),
                    None => Ok(()),
                }
            }
            ("pong", Got::Pong(actual)) if from_hex(text(event, "hex")) == actual[..] => Ok(()),
            (_, got) => Err(format!("came {got:?}")),
        }
    }

    /// Does what the recording leaves out and the frame tells of: a row that the service inserted every 50 ms, or a word
    /// of a neighbour that was recorded at the same time.
    async fn cause(&mut self, at: usize, raw: &str) {
        if let Some(data) = change(raw)
            && data["type"] == "INSERT"
            && let Some(id) = data["record"]["id"].as_str()
        {
            let is_new = self.bindings.get(id.trim_matches(['<', '>'])).is_none();
            let has_cause = self
                .recording
                .events
                .iter()
                .any(|event| event["dir"] == "sql" && !text(event, "note").starts_with("pg_"));
            if is_new && !has_cause {
                let insert = script::insert(Some(&data), &mut self.calls);
                let row = self.calls.last().to_string();
                self.bindings
                    .set(id.trim_matches(['<', '>']).to_owned(), row);
                self.run(&insert).await;
            }
        }
        let stray = frame(raw).filter(|(_, event, payload)| {
            event == "broadcast" && payload["event"] == "x" && payload["payload"] == json!({})
        });
        let mut earlier = self.recording.events[..at].iter();
        if let Some((topic, _, _)) = stray
            && !earlier.any(|event| {
                event["dir"] == "c>s" && text(event, "raw").contains("\"broadcast\",\"payload\"")
            })
            && !self.recording.name.contains("unknown-event")
        {
            let mut neighbour = opened(&self.server, self.world, "1.0.0").await;
            let join = json!({"topic": topic, "event": "phx_join", "ref": "1", "payload": {"config": {"postgres_changes": []}}});
            neighbour.send(Message::text(join.to_string()));
            neighbour.drain().await;
            let word = json!({"topic": topic, "event": "broadcast", "ref": "2",
                "payload": {"type": "broadcast", "event": "x", "payload": {}}});
            neighbour.send(Message::text(word.to_string()));
            neighbour.drain().await;
            neighbour.close(None);
        }
    }

    /// The next frame that belongs to this recording.
    ///
    /// A `system` ok comes when the database has answered, on a channel's own time: it may come before a frame that was
    /// recorded before it, but not the other way round.
    async fn take(&mut self, at: usize, label: &str, raw: &str) -> Result<Got, String> {
        let is_system = |text: &str| {
            frame(text)
                .is_some_and(|(_, event, payload)| event == "system" && payload["status"] == "ok")
        };
        let later: Vec<String> = self.recording.events[at + 1..]
            .iter()
            .filter(|event| event["dir"] == "s>c" && event["conn"] == label)
            .map(|event| text(event, "raw").to_owned())
            .collect();
        let mut early = Vec::new();
        let expected = row_id(raw);
        let expected = expected.and_then(|id| {
            self.bindings
                .get(id.trim_matches(['<', '>']))
                .map(str::to_owned)
        });
        let got = loop {
            let Some(got) = self.socket(label)?.next().await else {
                return Err("nothing came".to_owned());
            };
            if let Got::Text(text) = &got {
                if self.is_foreign(text) || self.is_left_out(text, expected.as_deref()) {
                    continue;
                }
                if !is_system(raw) && is_system(text) && later.contains(text) {
                    early.push(got);
                    continue;
                }
            }
            break got;
        };
        let waiting = &mut self.socket(label)?.waiting;
        for system in early.into_iter().rev() {
            waiting.push_front(system);
        }
        Ok(got)
    }

    /// Whether a change is one of those that the recording was trimmed of: another row than the one that is told next.
    fn is_left_out(&self, text: &str, expected: Option<&str>) -> bool {
        let is_other = |id: String| Some(id.as_str()) != expected;
        self.recording.is_trimmed && row_id(text).is_some_and(is_other)
    }

    /// Whether a change is of a row that another recording, played at the same time, wrote.
    fn is_foreign(&self, text: &str) -> bool {
        let is_other = |id: String| match Uuid::parse_str(&id) {
            Ok(id) => !self.calls.all.contains(&id) && !self.members.contains(&id),
            Err(_) => true,
        };
        row_id(text).is_some_and(is_other)
    }

    /// That nothing has come that is not recorded.
    async fn assert_silent(&mut self, label: &str) -> Result<(), String> {
        let socket = self.sockets.get_mut(label).ok_or("not open")?;
        socket.drain().await;
        let waiting: Vec<Got> = socket.waiting.drain(..).collect();
        let extra = waiting.into_iter().find(|got| match got {
            Got::Text(text) => !self.is_foreign(text) && !self.is_left_out(text, None),
            _ => true,
        });
        extra.map_or(Ok(()), |got| Err(format!("came too much: {got:?}")))
    }

    async fn closed(&mut self, event: &Value) -> Result<(), String> {
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

    async fn restart(&mut self) {
        if self.is_restarted {
            return;
        }
        self.server.stop().await;
        self.server = self.world.serve(self.limits.clone(), false).await;
        self.witness = opened(&self.server, self.world, "1.0.0").await;
        self.join_witness().await;
        self.is_restarted = true;
    }

    async fn post(&mut self, event: &Value) -> Result<(), String> {
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

    async fn join_witness(&mut self) {
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
    async fn settle(&mut self) {
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

/// The id of the row that a change is about.
fn row_id(text: &str) -> Option<String> {
    let data = change(text)?;
    let row = data.get("record").or(data.get("old_record"))?;
    row["id"].as_str().map(str::to_owned)
}

fn address(server: &Server, world: &World, version: &str) -> String {
    let address = server.url.replacen("http", "ws", 1);
    format!(
        "{address}/websocket?apikey={}&vsn={version}",
        world.token("anon")
    )
}

async fn opened(server: &Server, world: &World, version: &str) -> Socket {
    let handshake = open(address(server, world, version))
        .await
        .expect("a handshake");
    handshake.unwrap_or_else(|refusal| panic!("{refusal:?}"))
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter_map(|digit| char::from(digit).to_digit(16))
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}
