//! What the past costs the board: its query over REST, with 500 live calls alone and with 100 000 ended ones behind
//! them, and what the policies add to it. Two databases take turns, so that both meet the same machine.
//!
//! ```text
//! cargo run --release -p switchboard-model --example board_query
//! ```

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use secrecy::ExposeSecret as _;
use switchboard_local_supabase::{LocalSupabase, Options};
use switchboard_model::request;

const LIVE: i32 = 500;
const ENDED: i32 = 100_000;
const QUERIES: usize = 200;
const WARM_UP: usize = 20;
/// More than this, and the board would slow down as the months go by.
const AIM: f64 = 3.0;
const DOUG: &str = "aaaaaaaa-0000-4000-8000-000000000001";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (young, old) = tokio::try_join!(Board::with(0), Board::with(ENDED))?;
    let mut times: [Vec<Duration>; 4] = Default::default();
    for round in 0..WARM_UP + QUERIES {
        let taken = [
            young.query(Asker::Agent).await?,
            old.query(Asker::Agent).await?,
            young.query(Asker::Service).await?,
            old.query(Asker::Service).await?,
        ];
        if round >= WARM_UP {
            times
                .iter_mut()
                .zip(taken)
                .for_each(|(all, one)| all.push(one));
        }
    }
    let plan = old.plan().await?;
    young.stack.stop().await;
    old.stack.stop().await;

    let [young, old, young_service, old_service] = times.map(median_ms);
    println!("the board's query over REST, median of {QUERIES}");
    println!("  an agent, {LIVE} live calls alone      {young:>8.2} ms");
    println!("  an agent, and {ENDED} ended calls   {old:>8.2} ms");
    println!(
        "  with / without the past = {:.2} (aim: at most {AIM})",
        old / young
    );
    println!("  the service, whom no policy concerns {young_service:>6.2} and {old_service:.2} ms");
    println!(
        "  agent / service = {:.2}: what the policies cost",
        old / old_service
    );
    println!("  read by: {plan}");
    Ok(())
}

struct Board {
    stack: LocalSupabase,
    http: reqwest::Client,
    token: String,
}

#[derive(Clone, Copy)]
enum Asker {
    Agent,
    Service,
}

impl Board {
    /// A database with live calls and so many ended ones, written past the triggers: they would take minutes.
    async fn with(ended: i32) -> anyhow::Result<Self> {
        let stack = LocalSupabase::start(Options::default()).await?;
        let database = stack.connect_admin().await?;
        database
            .batch_execute("set session_replication_role = replica")
            .await?;
        let live = "insert into public.calls (twilio_call_sid, from_number, to_number, caller_name, status, assigned_to, \
             last_agent, parking_slot, park_reason, parked_at, answered_at, version) \
             select 'live-' || n, '+12025550150', '+12025550199', 'Caller ' || n, \
               case when n <= 3 then 'active' when n % 2 = 0 then 'ringing' else 'parked' end, \
               agent, agent, case when n > 3 and n % 2 = 1 then n end, \
               case when n > 3 and n % 2 = 1 then 'parked_by_agent' end, case when n > 3 and n % 2 = 1 then now() end, \
               case when n <= 3 then now() end, n \
             from generate_series(1, $1::int) as n, \
             lateral (select case when n <= 3 then ('11111111-0000-4000-8000-00000000000' || n)::uuid end as agent) as mine";
        database.execute(live, &[&LIVE]).await?;
        let past = "insert into public.calls (twilio_call_sid, from_number, to_number, caller_name, status, assigned_to, \
             last_agent, created_at, answered_at, ended_at, end_reason, version, note) \
             select 'ended-' || n, '+12025550151', '+12025550199', 'Caller ' || n, 'ended', agent, agent, \
               now() - n * interval '5 min', now() - n * interval '5 min', now() - n * interval '4 min', \
               'completed', n, repeat('Asked for a quote. ', 4) \
             from generate_series(1, $1::int) as n, \
             lateral (select ('11111111-0000-4000-8000-00000000000' || 1 + n % 3)::uuid as agent) as a";
        database.execute(past, &[&ended]).await?;
        database
            .batch_execute("vacuum analyze public.calls")
            .await?;
        let token = stack.token_of(DOUG.parse()?, "authenticated");
        let http = reqwest::Client::new();
        Ok(Self { stack, http, token })
    }

    async fn query(&self, asker: Asker) -> anyhow::Result<Duration> {
        let keys = self.stack.keys();
        let token = match asker {
            Asker::Agent => &self.token,
            Asker::Service => keys.service_role.expose_secret(),
        };
        let url = format!("{}{}", self.stack.url(), request::board().path_and_query());
        let start = Instant::now();
        let response = self
            .http
            .get(url)
            .header("apikey", &keys.anon)
            .bearer_auth(token)
            .send()
            .await?;
        let status = response.status();
        let body = response.bytes().await?;
        let taken = start.elapsed();
        ensure!(status == 200, "the board was answered {status}");
        let rows: Vec<serde_json::Value> = serde_json::from_slice(&body)?;
        ensure!(
            rows.len() == usize::try_from(LIVE)?,
            "the board has {} calls",
            rows.len()
        );
        Ok(taken)
    }

    /// How PostgreSQL finds the live calls among all.
    async fn plan(&self) -> anyhow::Result<String> {
        let database = self.stack.connect().await?;
        let explain = "explain select * from public.calls where status in ('ringing', 'active', 'parked') order by created_at";
        let lines = database.query(explain, &[]).await?;
        let scan = lines
            .iter()
            .map(|line| line.get::<_, String>(0))
            .find(|line| line.contains("Scan"))
            .context("a plan reads something")?;
        let scan = scan.trim().trim_start_matches("->").trim();
        Ok(scan.split("  (").next().unwrap_or(scan).to_owned())
    }
}

fn median_ms(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}
