//! Measures commit → frame on both lanes, with a few sockets on one private channel:
//! `cargo run --release -p switchboard-local-supabase --example realtime_latency -- [sockets] [changes] [per-second]`
//!
//! The clock starts when `commit` is sent, and stops when a client has read the frame; client and server share the machine.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use switchboard_local_supabase::{Data, LocalSupabase, Options, Schema};
use tokio::{sync::Mutex, time::interval};
use tokio_tungstenite::{connect_async, tungstenite::Message};
use uuid::Uuid;

const SCHEMA: &str = "
    create table public.members (user_id uuid primary key);
    create table public.calls (id bigint primary key, note text, version bigint, created_at timestamptz default now());
    alter table public.calls enable row level security;
    grant select on public.calls, public.members to authenticated;
    create policy \"Members see calls\" on public.calls for select to authenticated
      using ((select auth.uid()) in (select user_id from public.members));
    create policy \"Members listen\" on realtime.messages for select to authenticated
      using ((select auth.uid()) in (select user_id from public.members));
    create function public.tell() returns trigger language plpgsql security definer set search_path = '' as $$
    begin
      perform realtime.send(jsonb_build_object('table', 'calls', 'record', to_jsonb(new)), 'change', 'board', true);
      return null;
    end $$;
    create trigger tell after insert or update on public.calls for each row execute function public.tell();
    alter publication supabase_realtime add table public.calls;";

/// When each change was committed, and how long each frame took, by lane.
#[derive(Default)]
struct Times {
    committed: Vec<Instant>,
    broadcast: Vec<Duration>,
    postgres_changes: Vec<Duration>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|argument| argument.parse::<usize>());
    let mut next = |default| arguments.next().unwrap_or(Ok(default));
    let (sockets, changes, rate) = (next(3)?, next(300)?, next(20)?);
    let options = Options {
        data: Data::Temporary,
        schema: Schema::Bare,
        ..Options::default()
    };
    let stack = LocalSupabase::start(options).await?;
    let mut database = stack.connect().await?;
    database.batch_execute(SCHEMA).await?;
    let times = Arc::new(Mutex::new(Times::default()));
    let mut readers = Vec::new();
    for _ in 0..sockets {
        let user = Uuid::new_v4();
        database
            .execute("insert into members values ($1)", &[&user])
            .await?;
        let mut socket = join(&stack, user).await?;
        let times = Arc::clone(&times);
        readers.push(tokio::spawn(async move {
            let mut missing = changes * 2;
            while missing > 0 {
                let Some(Ok(Message::Text(text))) = socket.next().await else {
                    break;
                };
                let read_at = Instant::now();
                let frame: Value = serde_json::from_str(&text).unwrap_or_default();
                let (is_broadcast, id) = match frame["event"].as_str() {
                    Some("broadcast") => {
                        (true, frame["payload"]["payload"]["record"]["id"].as_u64())
                    }
                    Some("postgres_changes") => {
                        (false, frame["payload"]["data"]["record"]["id"].as_u64())
                    }
                    _ => continue,
                };
                let Some(id) = id.and_then(|id| usize::try_from(id).ok()) else {
                    continue;
                };
                let mut times = times.lock().await;
                let took = read_at.duration_since(times.committed[id]);
                if is_broadcast {
                    times.broadcast.push(took);
                } else {
                    times.postgres_changes.push(took);
                }
                missing -= 1;
            }
        }));
    }
    let mut pace = interval(Duration::from_secs(1) / u32::try_from(rate)?);
    for id in 0..changes {
        pace.tick().await;
        let transaction = database.transaction().await?;
        let number = i64::try_from(id)?;
        transaction
            .execute(
                "insert into calls (id, note, version) values ($1, 'a note', $1)",
                &[&number],
            )
            .await?;
        times.lock().await.committed.push(Instant::now());
        transaction.commit().await?;
    }
    for reader in readers {
        reader.await?;
    }
    let mut times = times.lock().await;
    report("broadcast", sockets, &mut times.broadcast);
    report("postgres_changes", sockets, &mut times.postgres_changes);
    stack.stop().await;
    Ok(())
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// A socket that is live on both lanes.
async fn join(stack: &LocalSupabase, user: Uuid) -> anyhow::Result<Socket> {
    let address = stack.url().replacen("http", "ws", 1);
    let key = &stack.keys().anon;
    let (mut socket, _) = connect_async(format!(
        "{address}/realtime/v1/websocket?apikey={key}&vsn=1.0.0"
    ))
    .await?;
    let join = json!({"topic": "realtime:board", "event": "phx_join", "ref": "1", "join_ref": "1", "payload": {
        "config": {"private": true, "postgres_changes": [{"event": "*", "schema": "public", "table": "calls"}]},
        "access_token": stack.token_of(user, "authenticated"),
    }});
    socket.send(Message::text(join.to_string())).await?;
    while let Some(message) = socket.next().await {
        if message?.to_text()?.contains("Subscribed to PostgreSQL") {
            return Ok(socket);
        }
    }
    anyhow::bail!("the channel did not become live")
}

fn report(lane: &str, sockets: usize, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |part: f64| {
        times
            .get(((times.len() as f64 - 1.0) * part) as usize)
            .copied()
            .unwrap_or_default()
    };
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    println!(
        "{lane:<16} {sockets:>3} sockets, {:>6} frames: p50 {:>6.2} ms, p95 {:>6.2} ms, p99 {:>6.2} ms, max {:>6.2} ms",
        times.len(),
        milliseconds(at(0.5)),
        milliseconds(at(0.95)),
        milliseconds(at(0.99)),
        milliseconds(at(1.0)),
    );
}
