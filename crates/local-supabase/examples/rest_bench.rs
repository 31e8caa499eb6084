//! Measures the REST server on the project's own schema, through the whole gateway:
//! `cargo run --release -p switchboard-local-supabase --example rest_bench -- [seconds] [clients]`
//!
//! Prints requests a second and percentiles for the board query (30 live calls), a compare-and-set PATCH (one row that
//! changes each time, all triggers included) and the insert that the webhook makes. Client and server share the machine.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::json;
use switchboard_local_supabase::{LocalSupabase, Options};
use uuid::Uuid;

const BOARD: &str = "/rest/v1/calls?select=*,assigned_to_user:voip_users!assigned_to(*)\
                     &status=in.(ringing,active,parked)&order=created_at";

struct Bench {
    client: Client,
    url: String,
    key: String,
    agent: String,
    service: String,
    duration: Duration,
}

impl Bench {
    fn request(&self, method: Method, token: &str, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.url))
            .header("apikey", &self.key)
            .bearer_auth(token)
    }

    fn insert(&self, number: u64) -> RequestBuilder {
        let sid = format!("CA{number:032x}");
        self.request(Method::POST, &self.service, "/rest/v1/calls?on_conflict=twilio_call_sid")
            .header("prefer", "resolution=ignore-duplicates,return=representation")
            .json(&json!({"twilio_call_sid": sid, "from_number": "+15550001001", "to_number": "+15559990000"}))
    }

    /// As many requests as fit, from `clients` at once; each must succeed.
    async fn run(
        self: &Arc<Self>,
        name: &str,
        clients: usize,
        make: impl Fn(&Self, u64) -> RequestBuilder + Send + Sync + 'static,
    ) -> anyhow::Result<()> {
        let make = Arc::new(make);
        let next = Arc::new(AtomicU64::new(1_000));
        let started = Instant::now();
        let workers: Vec<_> = (0..clients)
            .map(|_| {
                let (bench, make, next) = (self.clone(), make.clone(), next.clone());
                tokio::spawn(async move {
                    let mut times = Vec::new();
                    while started.elapsed() < bench.duration {
                        let request = make(&bench, next.fetch_add(1, Ordering::Relaxed));
                        let sent = Instant::now();
                        let response = request.send().await?;
                        let status = response.status();
                        let body = response.text().await?;
                        anyhow::ensure!(status.is_success() && body.len() > 2, "{status}: {body}");
                        times.push(sent.elapsed());
                    }
                    Ok(times)
                })
            })
            .collect();
        let mut times = Vec::new();
        for worker in workers {
            times.extend(worker.await??);
        }
        let elapsed = started.elapsed().as_secs_f64();
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
        println!(
            "{name:<24} {clients:>2} clients  {:>6.0} requests/s  p50 {:.2} ms  p95 {:.2} ms  p99 {:.2} ms",
            times.len() as f64 / elapsed,
            at(50),
            at(95),
            at(99)
        );
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|argument| argument.parse::<u64>());
    let seconds = arguments.next().unwrap_or(Ok(5))?;
    let clients = usize::try_from(arguments.next().unwrap_or(Ok(8))?)?;
    let stack = LocalSupabase::start(Options::default()).await?;
    let database = stack.connect_admin().await?;
    let agent = "select id, user_id from public.voip_users where identity = 'agent_doug'";
    let agent = database.query_one(agent, &[]).await?;
    let (member, user): (Uuid, Uuid) = (agent.get(0), agent.get(1));
    let bench = Arc::new(Bench {
        client: Client::new(),
        url: stack.url().to_owned(),
        key: stack.keys().anon.clone(),
        agent: stack.token_of(user, "authenticated"),
        service: stack.token_of(Uuid::nil(), "service_role"),
        duration: Duration::from_secs(seconds),
    });

    for number in 0..30 {
        bench.insert(number).send().await?.error_for_status()?;
    }
    let call = "select id from public.calls where status = 'ringing' limit 1";
    let call: Uuid = database.query_one(call, &[]).await?.get(0);
    bench
        .request(
            Method::PATCH,
            &bench.agent,
            &format!("/rest/v1/calls?id=eq.{call}&status=eq.ringing"),
        )
        .json(&json!({"status": "active", "assigned_to": member}))
        .send()
        .await?
        .error_for_status()?;

    bench
        .run("board query", 1, |bench, _| {
            bench.request(Method::GET, &bench.agent, BOARD)
        })
        .await?;
    bench
        .run("board query", clients, |bench, _| {
            bench.request(Method::GET, &bench.agent, BOARD)
        })
        .await?;
    let path = format!("/rest/v1/calls?id=eq.{call}&status=eq.active");
    bench
        .run("compare-and-set PATCH", 1, move |bench, number| {
            bench
                .request(Method::PATCH, &bench.agent, &path)
                .header("prefer", "return=representation")
                .json(&json!({"on_hold": number.is_multiple_of(2)}))
        })
        .await?;
    bench.run("insert", 1, Bench::insert).await?;
    bench
        .run("insert (others)", clients, |bench, number| {
            bench.insert(number + 10_000_000)
        })
        .await?;
    stack.stop().await;
    Ok(())
}
