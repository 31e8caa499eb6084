//! The real database behind its real REST server, in the simulation's time: before each request everything in it is
//! made older by as much as virtual time has gone ahead of real time.

use std::sync::Arc;
use std::time::Instant;

use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use switchboard_local_supabase::LocalSupabase;
use switchboard_model::request;
use switchboard_model::{Call, CallId, Intent, Member, MemberId, NewCall};
use switchboard_webhook::rows::{
    Floor, Guard, LegWord, News, Picture, Place, Release, Rendered, Rendering, Rows as _, Step,
    Work,
};
use switchboard_webhook::store::{Store, StoreError};
use time::OffsetDateTime;
use tokio::runtime::Handle;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::plan::{Plan, member_id};
use crate::tables::{Lost, Tables};

/// Everything that has a time, made older.
const AGE: &str = "
set session_replication_role = replica;
update public.calls set created_at = created_at - $1::interval, answered_at = answered_at - $1::interval,
  connected_at = connected_at - $1::interval, parked_at = parked_at - $1::interval,
  held_at = held_at - $1::interval, ended_at = ended_at - $1::interval, voicemail_at = voicemail_at - $1::interval;
update public.call_events set at = at - $1::interval;
update public.presence set last_seen_at = last_seen_at - $1::interval;
update public.call_audio set lease_until = lease_until - $1::interval, claimed_until = claimed_until - $1::interval,
  checked_at = checked_at - $1::interval, legs = (
    select coalesce(jsonb_object_agg(key, value || jsonb_build_object('at', (value ->> 'at')::timestamptz - $1::interval)), '{}')
    from jsonb_each(legs)
  );
set session_replication_role = origin;
";

/// The members of the project's seed, under the names that the simulation gives them.
const TEAM: &str = "
set session_replication_role = replica;
update public.voip_users set identity = 'agent_' || (right(id::text, 1)::integer - 1), is_available = false;
set session_replication_role = origin;
";

/// The tables, with the runtime on which they are asked: the simulation's own stands still meanwhile.
pub(crate) struct Real {
    io: Handle,
    database: Arc<Client>,
    store: Store,
    http: reqwest::Client,
    url: String,
    key: String,
    tokens: Vec<String>,
    now: OffsetDateTime,
    last: Option<(OffsetDateTime, Instant)>,
    seen: i64,
}

impl Real {
    /// The tables of a stack that runs on `io`, with the seed's team of three.
    pub(crate) async fn of(stack: &LocalSupabase, plan: &Plan) -> Self {
        let database = stack.connect_admin().await.unwrap();
        let office = format!(
            "update public.board_settings set outbound_prefixes = '{{+1202555}}', caller_id = '+12025550199',
             ring_timeout_s = {}, park_timeout_s = {}, voicemail_enabled = {}, parking_slots = 4",
            plan.ring_timeout_s, plan.park_timeout_s, plan.has_voicemail
        );
        database.batch_execute(TEAM).await.unwrap();
        database.batch_execute(&office).await.unwrap();
        let url = Url::parse(stack.url()).unwrap();
        let key = stack.keys().service_role.expose_secret().to_owned();
        let user = |n: u128| Uuid::from_u128(0xaaaa_aaaa_0000_4000_8000_0000_0000_0001 + n);
        Self {
            io: Handle::current(),
            store: Store::new(&url, &SecretString::from(key.clone())).unwrap(),
            http: reqwest::Client::new(),
            tokens: (0..3)
                .map(|n| stack.token_of(user(n), "authenticated"))
                .collect(),
            url: stack.url().to_owned(),
            key,
            database: Arc::new(database),
            now: OffsetDateTime::UNIX_EPOCH,
            last: None,
            seen: 0,
        }
    }

    /// Asks, and lets this thread stand still until there is an answer.
    fn wait<T: Send + 'static>(&self, asked: impl Future<Output = T> + Send + 'static) -> T {
        let (sender, receiver) = std::sync::mpsc::channel();
        self.io
            .spawn(async move { sender.send(asked.await).unwrap_or_default() });
        receiver.recv().unwrap()
    }

    fn age(&mut self) {
        let real = Instant::now();
        if let Some((then, before)) = self.last {
            let ahead = (self.now - then) - time::Duration::try_from(real - before).unwrap();
            if ahead < time::Duration::milliseconds(20) {
                return;
            }
            let database = self.database.clone();
            let sql = AGE.replace("$1", &format!("'{} ms'", ahead.whole_milliseconds()));
            self.wait(async move { database.batch_execute(&sql).await })
                .unwrap();
        }
        self.last = Some((self.now, Instant::now()));
    }

    fn asked<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        &mut self,
        ask: impl FnOnce(Store) -> F,
    ) -> T {
        self.age();
        let asked = ask(self.store.clone());
        self.wait(asked)
    }

    fn read<T: serde::de::DeserializeOwned>(&mut self, sql: String) -> Vec<T> {
        self.age();
        let database = self.database.clone();
        let rows = self
            .wait(async move { database.query(&sql, &[]).await })
            .unwrap();
        let rows = rows.iter().map(|row| row.get::<_, Value>(0));
        rows.map(|row| serde_json::from_value(row).unwrap())
            .collect()
    }

    fn execute(&mut self, sql: String) {
        self.age();
        let database = self.database.clone();
        self.wait(async move { database.batch_execute(&sql).await })
            .unwrap();
    }

    fn number(me: MemberId) -> usize {
        (0..3).find(|n| member_id(*n) == me).unwrap()
    }
}

impl Tables for Real {
    fn at(&mut self, now: OffsetDateTime) {
        self.now = now;
    }

    fn changed(&mut self) -> Vec<Call> {
        let seen = self.seen;
        let calls: Vec<Call> = self.read(format!(
            "select to_jsonb(c) from public.calls c where version > {seen} order by version"
        ));
        self.seen = calls.iter().map(|call| call.version).max().unwrap_or(seen);
        calls
    }

    fn all(&mut self) -> Vec<Call> {
        self.read("select to_jsonb(c) from public.calls c order by created_at, id".to_owned())
    }

    fn team(&mut self) -> Vec<Member> {
        self.read("select to_jsonb(m) from public.voip_users m order by id".to_owned())
    }

    fn act(&mut self, me: MemberId, call: CallId, intent: Intent) -> Result<Call, Lost> {
        self.age();
        let action = request::action(call, me, intent);
        let asked = self
            .http
            .patch(format!("{}{}", self.url, action.path_and_query()))
            .header("apikey", &self.key)
            .header("prefer", action.prefer.unwrap())
            .bearer_auth(&self.tokens[Self::number(me)])
            .json(&action.body);
        let answer = self.wait(async move { asked.send().await.unwrap().json::<Value>().await });
        // A refusal is an object, a lost race an empty list.
        let rows: Vec<Call> = serde_json::from_value(answer.unwrap()).unwrap_or_default();
        rows.into_iter().next().ok_or(Lost)
    }

    fn heartbeat(&mut self, me: MemberId) {
        self.execute(format!(
            "insert into public.presence (member_id, last_seen_at) values ('{me}', now())
             on conflict (member_id) do update set last_seen_at = now()"
        ));
    }

    fn tell_device(&mut self, me: MemberId, state: &'static str) {
        self.execute(format!(
            "update public.voip_users set device_state = '{state}' where id = '{me}'"
        ));
    }

    fn tell_available(&mut self, me: MemberId, available: bool) {
        self.execute(format!(
            "update public.voip_users set is_available = {available} where id = '{me}'"
        ));
    }

    fn insert_or_read(&mut self, new: &NewCall) -> Result<Call, StoreError> {
        let new = new.clone();
        self.asked(|store| async move { store.insert_or_read(&new).await })
    }

    fn place(&mut self, new: &NewCall, agent: MemberId) -> Result<Call, StoreError> {
        let new = new.clone();
        self.asked(|store| async move { store.place(&new, agent).await })
    }

    fn call(&mut self, id: CallId) -> Result<Option<Call>, StoreError> {
        self.asked(|store| async move { store.call(id).await })
    }

    fn call_by_sid(&mut self, sid: &str) -> Result<Option<Call>, StoreError> {
        let sid = sid.to_owned();
        self.asked(|store| async move { store.call_by_sid(&sid).await })
    }

    fn member_by_identity(&mut self, identity: &str) -> Result<Option<Member>, StoreError> {
        let identity = identity.to_owned();
        self.asked(|store| async move { store.member_by_identity(&identity).await })
    }

    fn change(&mut self, guard: &Guard, step: &Step) -> Result<Option<Call>, StoreError> {
        let (guard, step) = (guard.clone(), step.clone());
        self.asked(|store| async move { store.change(&guard, &step).await })
    }

    fn picture(&mut self, id: CallId) -> Result<Option<Picture>, StoreError> {
        self.asked(|store| async move { store.picture(id).await })
    }

    fn floor(&mut self) -> Result<Floor, StoreError> {
        self.asked(|store| async move { store.floor().await })
    }

    fn note_render(&mut self, rendering: &Rendering) -> Result<Rendered, StoreError> {
        let rendering = rendering.clone();
        self.asked(|store| async move { store.note_render(&rendering).await })
    }

    fn note_leg(&mut self, word: &LegWord) -> Result<News, StoreError> {
        let word = word.clone();
        self.asked(|store| async move { store.note_leg(&word).await })
    }

    fn note_connected(&mut self, id: CallId, place: Place) -> Result<(), StoreError> {
        self.asked(|store| async move { store.note_connected(id, place).await })
    }

    fn note_customer(&mut self, id: CallId, sid: &str) -> Result<(), StoreError> {
        let sid = sid.to_owned();
        self.asked(|store| async move { store.note_customer(id, &sid).await })
    }

    fn note_over(&mut self, id: CallId) -> Result<(), StoreError> {
        self.asked(|store| async move { store.note_over(id).await })
    }

    fn claim_work(&mut self, worker: &str, at_most: i32, quiet_s: i32) -> Result<Work, StoreError> {
        let worker = worker.to_owned();
        self.asked(|store| async move { store.claim_work(&worker, at_most, quiet_s).await })
    }

    fn release_work(
        &mut self,
        id: CallId,
        worker: &str,
        release: Release,
    ) -> Result<(), StoreError> {
        let worker = worker.to_owned();
        self.asked(|store| async move { store.release_work(id, &worker, release).await })
    }
}
