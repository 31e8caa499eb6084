//! An office: its own database, a service, a simulated Twilio.

use std::net::SocketAddr;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use switchboard_local_supabase::{LocalSupabase, Options};
use switchboard_twilio::{ApiKey, AuthToken, PublicUrl};
use switchboard_twilio_sim::clock::Mode;
use switchboard_twilio_sim::host::Host;
use switchboard_twilio_sim::server::{Credentials, Server as SimServer};
use switchboard_twilio_sim::sim::{Caller, Command, Config as SimConfig, LegView};
use switchboard_twilio_sim::wire::Hears;
use switchboard_webhook::Timings;
use tokio::net::TcpSocket;

use crate::agent::Agent;
use crate::service::{Process, Service};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const KEY_SID: &str = "SK1";
pub(crate) const KEY_SECRET: &str = "the key's secret";
/// How long anything may take before a test says that it does not happen: far longer than it ever does.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// Nobody waits in a test for what takes seconds on a real line only because of the line. How long an agent or a called
/// telephone may take stays as it is: a test that means the end of it moves the database's memory instead.
pub(crate) const QUICK: Timings = Timings {
    untold: Duration::from_secs(1),
    poll: Duration::from_millis(200),
    unanswered: Duration::from_millis(200),
    back_off: Duration::from_millis(100),
    wait: Duration::from_secs(1),
    again: Duration::from_secs(1),
    ..Timings::LIVE
};

pub(crate) const DOUG: (&str, u128) = ("agent_doug", 0xaaaa_aaaa_0000_4000_8000_0000_0000_0001);
pub(crate) const RHONDA: (&str, u128) = ("agent_rhonda", 0xaaaa_aaaa_0000_4000_8000_0000_0000_0002);
pub(crate) const SUE: (&str, u128) = ("supervisor_sue", 0xaaaa_aaaa_0000_4000_8000_0000_0000_0003);

pub(crate) struct Office {
    pub(crate) stack: LocalSupabase,
    pub(crate) database: tokio_postgres::Client,
    pub(crate) sim: Host,
    pub(crate) sim_address: SocketAddr,
    timings: Timings,
    base: String,
    port: u16,
    _held_port: TcpSocket,
    pub(crate) http: reqwest::Client,
    service: Option<Service>,
    process: Option<Process>,
    began: std::time::Instant,
}

impl Office {
    /// Everything runs, and nobody is on duty.
    pub(crate) async fn open() -> Self {
        Self::open_with(QUICK).await
    }

    pub(crate) async fn open_with(timings: Timings) -> Self {
        let mut office = Self::without_service(timings).await;
        office.start_service().await;
        office
    }

    pub(crate) async fn without_service(timings: Timings) -> Self {
        let stack = LocalSupabase::start(Options::default()).await.unwrap();
        let database = stack.connect_admin().await.unwrap();
        database
            .batch_execute("set search_path = public; update voip_users set is_available = false where identity = 'agent_doug'; \
                update voip_users set is_available = false where identity = 'agent_rhonda'; \
                update voip_users set is_available = false where identity = 'supervisor_sue';")
            .await
            .unwrap();
        // Twilio must know where the service is before it runs, so its port is chosen here, and held: a socket that
        // does not listen keeps nobody from listening there who says where, and is in the way of who takes any.
        let held_port = TcpSocket::new_v4().unwrap();
        held_port.set_reuseaddr(true).unwrap();
        held_port.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let port = held_port.local_addr().unwrap().port();
        let base = format!("http://127.0.0.1:{port}");
        let server = SimServer::bind("127.0.0.1:0".parse().unwrap())
            .await
            .unwrap();
        let sim_address = server.address();
        let public = PublicUrl::parse(&base).unwrap();
        let mut config = SimConfig::new(7, public, AuthToken::new(TOKEN));
        // Nobody listens to what is said, and a tab that vanishes is missed soon.
        config.timing.device_lost = Duration::from_secs(1);
        config.timing.say_per_character = Duration::from_millis(5);
        config.api_url = format!("http://{sim_address}");
        let sim = Host::start(config, Mode::Auto).unwrap();
        let credentials = Credentials {
            auth_token: SecretString::from(TOKEN.to_owned()),
            key: ApiKey::new(KEY_SID, KEY_SECRET),
            key_secret: SecretString::from(KEY_SECRET.to_owned()),
        };
        tokio::spawn(server.run(sim.clone(), credentials));
        Self {
            stack,
            database,
            sim,
            sim_address,
            timings,
            base,
            port,
            _held_port: held_port,
            http: reqwest::Client::new(),
            service: None,
            process: None,
            began: std::time::Instant::now(),
        }
    }

    /// Starts the service that Twilio knows.
    pub(crate) async fn start_service(&mut self) {
        self.service = Some(self.service_on(self.port).await);
    }

    /// One more service on the same database, which Twilio does not know.
    pub(crate) async fn another_service(&self) -> Service {
        self.service_on(0).await
    }

    async fn service_on(&self, port: u16) -> Service {
        Service::start(&self.arguments(port), self.timings).await
    }

    /// As [`Self::start_service`], as a process of its own, which can be killed.
    pub(crate) async fn start_process(&mut self) {
        self.process = Some(Process::start(self.arguments(self.port)).await);
    }

    /// The process dies in the middle of whatever it does: nothing of it runs on, not even to say good-bye.
    pub(crate) async fn kill_process(&mut self) {
        self.process.take().unwrap().kill().await;
    }

    fn arguments(&self, port: u16) -> Vec<String> {
        let listen = format!("127.0.0.1:{port}");
        let api = format!("http://{}", self.sim_address);
        let pairs = [
            ("--listen", listen.as_str()),
            ("--public-base-url", &self.base),
            ("--twilio-auth-token", TOKEN),
            ("--supabase-url", self.stack.url()),
            ("--voice", "sim"),
            ("--twilio-api-url", &api),
            ("--twilio-api-key-sid", KEY_SID),
            ("--twilio-api-key-secret", KEY_SECRET),
            ("--twilio-twiml-app-sid", "AP1"),
            ("--twilio-caller-id", "+12025550199"),
        ];
        let pairs = pairs.iter().flat_map(|(name, value)| [*name, *value]);
        pairs.map(str::to_owned).collect()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(crate) async fn close(mut self) {
        if let Some(service) = self.service.take() {
            service.stop().await;
        }
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
        self.stack.stop().await;
    }

    /// Somebody on the team goes on duty: signed in, a registered device, seen a moment ago.
    pub(crate) async fn on_duty(&self, who: (&'static str, u128)) -> Agent {
        let agent = Agent::sign_in(self, who).await;
        self.make_ready(who.0).await;
        agent
    }

    pub(crate) async fn make_ready(&self, identity: &str) {
        let script = format!(
            "insert into presence (member_id) select id from voip_users where identity = '{identity}' \
             on conflict (member_id) do update set member_id = excluded.member_id; \
             update voip_users set is_available = true, device_state = 'ready' where identity = '{identity}';"
        );
        self.database.batch_execute(&script).await.unwrap();
    }

    /// A caller; returns the name of the leg.
    pub(crate) fn call(&self) -> String {
        self.sim.place(Caller {
            from: "+12025550150".to_owned(),
            to: "+12025550199".to_owned(),
            name: None,
            patience: None,
        })
    }

    /// A caller, once the row is there.
    pub(crate) async fn row_of_a_call(&self) -> (String, Value) {
        let sid = self.call();
        let row = self.until(&sid, |_| true).await;
        (sid, row)
    }

    pub(crate) fn act(&self, command: Command) {
        self.sim.act(command);
    }

    pub(crate) fn leg(&self, sid: &str) -> Option<LegView> {
        self.sim
            .look(|sim| sim.legs(false).into_iter().find(|leg| leg.call_sid == sid))
    }

    /// What that leg hears; nothing once it is over.
    pub(crate) fn hears(&self, sid: &str) -> Option<Hears> {
        self.leg(sid).map(|leg| leg.hears)
    }

    /// Whether that leg talks to the browser of that identity.
    pub(crate) fn talks(&self, sid: &str, identity: &str) -> bool {
        let other = self.leg(sid).and_then(|leg| leg.talks_to);
        let other = other.and_then(|other| self.leg(&other));
        other.is_some_and(|other| other.identity.as_deref() == Some(identity))
    }

    /// What happened at Twilio.
    pub(crate) fn log(&self) -> Vec<String> {
        self.sim.look(|sim| {
            let lines = sim.log_after(0);
            lines
                .map(|line| format!("{} {} {}", line.at_ms, line.call_sid, line.text))
                .collect()
        })
    }

    /// How often Twilio was asked to send that leg elsewhere.
    pub(crate) fn redirects(&self, sid: &str) -> usize {
        self.sim.look(|sim| {
            let redirects = sim
                .log_after(0)
                .filter(|line| line.call_sid == sid && line.what == "redirected");
            redirects.count()
        })
    }

    /// How long the simulation runs.
    pub(crate) fn now_ms(&self) -> u128 {
        self.began.elapsed().as_millis()
    }

    pub(crate) async fn row(&self, sid: &str) -> Option<Value> {
        let row = "select to_jsonb(c) || jsonb_build_object('audio', (select to_jsonb(a) from call_audio a where a.call_id = c.id)) \
                   from calls c where twilio_call_sid = $1";
        let row = self.database.query_opt(row, &[&sid]).await.unwrap()?;
        Some(row.get(0))
    }

    /// Waits until there is a row for that leg which is as wanted.
    pub(crate) async fn until(&self, sid: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut last = None;
        let looking = async {
            loop {
                last = self.row(sid).await;
                if let Some(row) = last.as_ref().filter(|row| wanted(row)) {
                    return row.clone();
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        match tokio::time::timeout(PATIENCE, looking).await {
            Ok(row) => row,
            Err(_) => panic!("it never happened: {last:#?} {:#?}", self.log()),
        }
    }

    pub(crate) async fn until_status(&self, sid: &str, status: &str) -> Value {
        self.until(sid, |row| row["status"] == status).await
    }

    /// Waits until it is so at Twilio.
    pub(crate) async fn until_so(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let looking = async {
            while !is_so(self) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, looking).await.is_err() {
            panic!(
                "never: {what}; {:#?} {:#?}",
                self.sim.look(|sim| sim.legs(false)),
                self.log()
            );
        }
    }

    pub(crate) async fn until_talking(&self, sid: &str, identity: &str) {
        self.until_so(&format!("talking to {identity}"), |office| {
            office.talks(sid, identity)
        })
        .await;
    }

    pub(crate) async fn until_music(&self, sid: &str) {
        self.until_so("hold music", |office| {
            matches!(office.hears(sid), Some(Hears::Music { .. }))
        })
        .await;
    }

    /// Lets the database remember everything about that call as having happened `seconds` earlier.
    pub(crate) async fn let_pass(&self, sid: &str, seconds: u32) {
        let script = format!(
            "begin; set local session_replication_role = replica; \
             update calls set parked_at = parked_at - interval '{seconds} s', created_at = created_at - interval '{seconds} s' \
               where twilio_call_sid = '{sid}'; \
             update call_events e set at = at - interval '{seconds} s' from calls c where c.id = e.call_id and c.twilio_call_sid = '{sid}'; \
             update call_audio a set lease_until = lease_until - interval '{seconds} s', checked_at = checked_at - interval '{seconds} s' \
               from calls c where c.id = a.call_id and c.twilio_call_sid = '{sid}'; \
             commit;"
        );
        self.database.batch_execute(&script).await.unwrap();
    }
}
