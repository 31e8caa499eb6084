//! A random walk: people and the service do what may and what may not be done, several at a time.

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use switchboard_local_supabase::LocalSupabase;
use tokio_postgres::Client;

/// The team of the seed.
const TEAM: [u8; 3] = [1, 2, 3];
/// Sue, the supervisor.
const SUE: u8 = 3;
/// How many act at once at most.
const HANDS: usize = 4;
/// So many calls are live at most, or nearly: with fewer than the team can answer, there would be no refusals.
const LIVE: usize = 6;

pub(crate) struct Walk {
    random: ChaCha8Rng,
    hands: Vec<Client>,
    calls: Vec<String>,
    /// Statements that found their row and were allowed, and those that were refused.
    pub(crate) done: usize,
    pub(crate) refused: usize,
}

impl Walk {
    pub(crate) async fn connect(stack: &LocalSupabase, seed: u64) -> Self {
        let mut hands = Vec::new();
        for _ in 0..HANDS {
            hands.push(stack.connect().await.unwrap());
        }
        Self {
            random: ChaCha8Rng::seed_from_u64(seed),
            hands,
            calls: Vec::new(),
            done: 0,
            refused: 0,
        }
    }

    /// One to four random statements at once, about the calls that are live or, now and then, any other. Returns when
    /// all of them have been answered.
    pub(crate) async fn step(&mut self, live: &[Value]) {
        let count = self.random.random_range(1..=HANDS);
        let mut statements = Vec::new();
        for _ in 0..count {
            statements.push(self.statement(live));
        }
        let acting = self.hands.iter().zip(&statements).map(act);
        for allowed in futures::future::join_all(acting).await {
            match allowed {
                true => self.done += 1,
                false => self.refused += 1,
            }
        }
    }

    /// A new call comes in.
    pub(crate) async fn ring(&mut self) {
        let statement = self.ringing();
        self.must(&statement).await;
    }

    /// One call through every kind of change, so that none is left to chance: each statement is one step.
    pub(crate) fn every_kind(&mut self) -> Vec<String> {
        let ringing = self.ringing();
        let call = self.calls[self.calls.len() - 1].clone();
        let update = |change: &str| format!("update calls set {change} where id = '{call}'");
        let take = |number| format!("status = 'active', assigned_to = '{}'", member(number));
        vec![
            ringing,
            as_member(1, &update(&take(1))),
            as_service(&update("connected_at = now()")),
            as_member(1, &update("on_hold = true")),
            as_member(1, &update("on_hold = false")),
            as_member(1, &update(&format!("assigned_to = '{}'", member(2)))),
            as_member(2, &update("status = 'parked', parking_slot = 2")),
            as_member(3, &update("parking_slot = 3")),
            as_member(3, &update(&take(3))),
            as_member(3, &update("note = 'n', disposition = 'd'")),
            as_service(&update("caller_name = 'Nora'")),
            as_service(&update("status = 'ringing'")),
            as_member(3, &update("status = 'ended'")),
        ]
    }

    /// One statement that must be allowed.
    pub(crate) async fn must(&self, statement: &String) {
        assert!(act((&self.hands[0], statement)).await, "{statement}");
    }

    fn ringing(&mut self) -> String {
        let number = self.calls.len() + 1;
        let id = format!(
            "22222222-0000-4000-8000-{:012x}",
            self.random.random::<u32>()
        );
        let insert = format!(
            "insert into calls (id, twilio_call_sid, from_number, to_number) \
             values ('{id}', 'CA{number}', '+1202555{:04}', '+12025550199')",
            number % 10_000,
        );
        self.calls.push(id);
        as_service(&insert)
    }

    fn statement(&mut self, live: &[Value]) -> String {
        if self.random.random_ratio(1, 24) {
            return self.about_a_member();
        }
        if self.random.random_ratio(1, 48) {
            let slots = self.random.random_range(2..5);
            return as_member(
                SUE,
                &format!("update board_settings set parking_slots = {slots} where id"),
            );
        }
        let Some(chosen) = live.choose(&mut self.random) else {
            return self.ringing();
        };
        if live.len() < LIVE && self.random.random_ratio(1, 6) {
            return self.ringing();
        }
        let mut call = chosen["id"].as_str().unwrap().to_owned();
        if self.random.random_ratio(1, 12) {
            call.clone_from(self.calls.choose(&mut self.random).unwrap());
        }
        let update = |change: &str| format!("update calls set {change} where id = '{call}'");
        if self.random.random_ratio(1, 6) {
            let change = [
                "connected_at = now()",
                "connected_at = now()",
                "status = 'ringing'",
                "caller_name = 'Nora'",
                "caller_name = 'Nora Ünal'",
                "status = 'parked', park_reason = 'agent_dropped'",
                "status = 'ended', end_reason = 'failed'",
                "end_reason = 'voicemail'",
            ];
            return as_service(&update(change.choose(&mut self.random).unwrap()));
        }
        let anybody = *TEAM.choose(&mut self.random).unwrap();
        let agent = TEAM
            .into_iter()
            .find(|one| chosen["assigned_to"] == member(*one));
        let me = match agent {
            Some(agent) if self.random.random_ratio(2, 3) => agent,
            _ => anybody,
        };
        let status = chosen["status"].as_str().unwrap();
        as_member(me, &update(&self.change(me, status)))
    }

    /// What a member asks of a call: mostly something that may be done in its state.
    fn change(&mut self, me: u8, status: &str) -> String {
        let other = *TEAM.choose(&mut self.random).unwrap();
        let slot = self.random.random_range(0..5);
        let word = self.random.random_range(0..3);
        let take = format!("status = 'active', assigned_to = '{}'", member(me));
        let end = "status = 'ended'".to_owned();
        let of_an_active_call = [
            format!("assigned_to = '{}'", member(other)),
            "on_hold = not on_hold".to_owned(),
            "on_hold = not on_hold".to_owned(),
            "status = 'parked', assigned_to = null".to_owned(),
            format!("status = 'parked', assigned_to = null, parking_slot = {slot}"),
            format!("note = 'word {word}', disposition = null"),
            end.clone(),
        ];
        let of_a_parked_call = [
            take.clone(),
            format!("parking_slot = {slot}"),
            format!("disposition = 'word {word}'"),
        ];
        let of_any = [take.clone(), end];
        let changes: &[String] = match (self.random.random_range(0..5), status) {
            (0, _) => &of_any,
            (1, _) | (_, "active") => &of_an_active_call,
            (2, _) | (_, "parked") => &of_a_parked_call,
            _ => &[take],
        };
        changes.choose(&mut self.random).unwrap().clone()
    }

    fn about_a_member(&mut self) -> String {
        let change = [
            (1, 1, "is_available = not is_available"),
            (
                2,
                2,
                "device_state = case device_state when 'ready' then 'off' else 'ready' end",
            ),
            // Rhonda leaves, and comes back.
            (SUE, 2, "retired_at = now()"),
            (SUE, 2, "retired_at = null"),
        ];
        let (me, whose, change) = change.choose(&mut self.random).unwrap();
        let whose = member(*whose);
        as_member(
            *me,
            &format!("update voip_users set {change} where id = '{whose}'"),
        )
    }
}

fn member(number: u8) -> String {
    format!("11111111-0000-4000-8000-00000000000{number}")
}

fn as_member(number: u8, statement: &str) -> String {
    let claims = format!(
        r#"{{"role":"authenticated","sub":"aaaaaaaa-0000-4000-8000-00000000000{number}"}}"#
    );
    in_a_role("authenticated", &claims, statement)
}

fn as_service(statement: &str) -> String {
    in_a_role("service_role", r#"{"role":"service_role"}"#, statement)
}

/// Statements that are sent together are one transaction.
fn in_a_role(role: &str, claims: &str, statement: &str) -> String {
    format!(
        "select set_config('role', '{role}', true), set_config('request.jwt.claims', '{claims}', true); {statement}"
    )
}

/// Whether it was allowed. Only the referee and the rights may refuse: a deadlock, say, is a failure.
async fn act((hand, statement): (&Client, &String)) -> bool {
    let Err(error) = hand.batch_execute(statement).await else {
        return true;
    };
    let error = error.as_db_error().expect("the database's own answer");
    let code = error.code().code();
    assert!(
        ["PT409", "PT400", "42501"].contains(&code),
        "{code} {}: {statement}",
        error.message()
    );
    false
}
