//! Plays a recording's client against a server, and compares what the server says with what the real one said.

use std::{collections::HashMap, time::Duration};

use serde_json::Value;
use tokio::time::sleep;
use uuid::Uuid;

use super::{
    matching::Bindings,
    recording::{Recording, text},
    script,
    socket::{Handshake, Socket, open},
    world::{Server, World, member, user},
};

/// The calls of one recording in this run.
pub(super) struct Calls {
    pub(super) all: Vec<Uuid>,
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
pub(super) const MARK_AGAIN: Duration = Duration::from_secs(1);

/// One recording being played.
pub(super) struct Player<'a> {
    pub(super) world: &'a World,
    pub(super) recording: &'a Recording,
    pub(super) server: Server,
    pub(super) limits: switchboard_local_supabase::realtime::Limits,
    pub(super) owner: tokio_postgres::Client,
    pub(super) witness: Socket,
    pub(super) handshakes: HashMap<String, Handshake>,
    pub(super) sockets: HashMap<String, Socket>,
    pub(super) bindings: Bindings,
    pub(super) calls: Calls,
    /// Ids of rows whose changes are this recording's.
    pub(super) members: Vec<Uuid>,
    pub(super) is_restarted: bool,
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

    pub(super) async fn step(&mut self, at: usize, event: &Value) -> Result<(), String> {
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

    pub(super) fn socket(&mut self, label: &str) -> Result<&mut Socket, String> {
        self.sockets
            .get_mut(label)
            .ok_or(format!("{label} is not open"))
    }

    pub(super) async fn run(&self, sql: &str) {
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
    pub(super) fn filled(&self, recorded: &str) -> String {
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
}

pub(super) fn address(server: &Server, world: &World, version: &str) -> String {
    let address = server.url.replacen("http", "ws", 1);
    format!(
        "{address}/websocket?apikey={}&vsn={version}",
        world.token("anon")
    )
}

pub(super) async fn opened(server: &Server, world: &World, version: &str) -> Socket {
    let handshake = open(address(server, world, version))
        .await
        .expect("a handshake");
    handshake.unwrap_or_else(|refusal| panic!("{refusal:?}"))
}
