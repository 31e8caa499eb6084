//! The rules in `transition` and the trigger in `supabase/migrations` say the same: every intent, by every member, in
//! every state of a call and of the board around it, comes out alike.

#![allow(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

use serde_json::Value;
use switchboard_local_supabase::{LocalSupabase, Options};
use switchboard_model::request::{self, Request};
use switchboard_model::transition::State;
use switchboard_model::{
    Actor, Board, Call, Intent, Member, MemberId, Refusal, Snapshot, Status, transition,
};
use tokio_postgres::{Client, Transaction};

const DOUG: &str = "11111111-0000-4000-8000-000000000001";
const RHONDA: &str = "11111111-0000-4000-8000-000000000002";
const SUE: &str = "11111111-0000-4000-8000-000000000003";
const NOBODY: &str = "99999999-0000-4000-8000-000000000009";
const CALL: &str = "22222222-0000-4000-8000-000000000001";

/// What has happened to the call, as the service would do it. Doug is its agent.
const CALLS: [(&str, &[&str]); 6] = [
    ("a ringing call", &[]),
    ("Doug's call", &[ANSWER]),
    ("Doug's call on hold", &[ANSWER, "on_hold = true"]),
    (
        "a call that Doug parked in slot 1",
        &[
            ANSWER,
            "status = 'parked', assigned_to = null, parking_slot = 1",
        ],
    ),
    (
        "a call that was parked beyond the lot",
        &[
            ANSWER,
            "status = 'parked', assigned_to = null, parking_slot = 101, park_reason = 'agent_dropped'",
        ],
    ),
    ("a call that ended", &[ANSWER, "status = 'ended'"]),
];
const ANSWER: &str = "status = 'active', assigned_to = '11111111-0000-4000-8000-000000000001'";

/// What is the case around it: other calls, by member or slot, and whether Rhonda has left.
struct Around {
    name: &'static str,
    busy: Option<&'static str>,
    taken: &'static [i16],
    rhonda_retired: bool,
}

const AROUND: [Around; 6] = [
    around("nothing else", None, &[], false),
    around("Doug on another call", Some(DOUG), &[], false),
    around("Rhonda on another call", Some(RHONDA), &[], false),
    around("Sue on another call", Some(SUE), &[], false),
    around("a full lot", None, &[1, 2, 3], false),
    around("slot 2 taken, Rhonda gone", None, &[2], true),
];

const fn around(
    name: &'static str,
    busy: Option<&'static str>,
    taken: &'static [i16],
    rhonda_retired: bool,
) -> Around {
    Around {
        name,
        busy,
        taken,
        rhonda_retired,
    }
}

fn intents() -> Vec<Intent> {
    let slots = [0, 1, 2, 3, 4, 101];
    let people = [DOUG, RHONDA, SUE, NOBODY].map(member_id);
    let mut intents = vec![
        Intent::Answer,
        Intent::Retrieve,
        Intent::Park { slot: None },
        Intent::Hold,
        Intent::Resume,
        Intent::End,
    ];
    intents.extend(slots.map(|slot| Intent::Park { slot: Some(slot) }));
    intents.extend(slots.map(|slot| Intent::Move { slot }));
    intents.extend(people.map(|to| Intent::Transfer { to }));
    intents
}

#[tokio::test]
async fn the_database_and_the_dashboard_have_the_same_rules() {
    let stack = LocalSupabase::start(Options::default()).await.unwrap();
    let mut database = stack.connect().await.unwrap();
    let mut compared = 0;
    let mut differences = Vec::new();
    for (call, steps) in CALLS {
        for around in &AROUND {
            // Nobody is on two calls.
            let is_dougs = call.starts_with("Doug's");
            if is_dougs && around.busy == Some(DOUG) {
                continue;
            }
            let (more, different) = compare(&mut database, steps, around).await;
            compared += more;
            differences.extend(
                different
                    .into_iter()
                    .map(|what| format!("{call}, {}: {what}", around.name)),
            );
        }
    }
    stack.stop().await;
    assert!(compared > 2_000, "only {compared} cases were compared");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Every intent by everybody. Nothing is committed.
async fn compare(database: &mut Client, steps: &[&str], around: &Around) -> (usize, Vec<String>) {
    let mut transaction = database.transaction().await.unwrap();
    arrange(&transaction, steps, around).await;
    let board = board(&transaction).await;
    let call = row(&transaction).await;
    let mut compared = 0;
    let mut differences = Vec::new();
    for member in board.members() {
        for intent in intents() {
            let rule = transition(&call, Actor::from(member), intent, &board.floor());
            let attempt = transaction.transaction().await.unwrap();
            let trigger = attempt_as(&attempt, member, intent, &call).await;
            attempt.rollback().await.unwrap();
            // The trigger sees what is asked for and not what was meant: asking for what already is changes
            // nothing, whoever asks.
            let harmless = rule == Err(Refusal::NotYours) && trigger == Outcome::Unchanged;
            if !harmless && !agree(intent, rule, &trigger, &call) {
                let who = &member.display_name;
                differences.push(format!("{who}, {intent:?}: {rule:?}, but {trigger:?}"));
            }
            compared += 1;
        }
    }
    transaction.rollback().await.unwrap();
    (compared, differences)
}

/// What came of an action.
#[derive(Debug, PartialEq)]
enum Outcome {
    Done(State),
    /// The row is as it was, down to its version.
    Unchanged,
    /// The filter matched no row.
    Lost,
    /// The trigger refused; its hint.
    Refused(String),
}

fn agree(intent: Intent, rule: Result<State, Refusal>, trigger: &Outcome, before: &Call) -> bool {
    let expected = match (rule, intent) {
        (Ok(after), _) if after == state(before) => Outcome::Unchanged,
        (Ok(after), _) => Outcome::Done(after),
        // The state that the action is for is gone, so its filter matches nothing.
        (Err(Refusal::AlreadyEnded | Refusal::WrongState), _)
        | (Err(Refusal::AlreadyAnswered), Intent::Answer | Intent::Retrieve) => Outcome::Lost,
        (Err(refusal), _) => Outcome::Refused(refusal.code().to_owned()),
    };
    expected == *trigger
}

async fn attempt_as(
    database: &Transaction<'_>,
    member: &Member,
    intent: Intent,
    before: &Call,
) -> Outcome {
    let claims = serde_json::json!({ "role": "authenticated", "sub": member.user_id });
    let become_member = "select set_config('role', 'authenticated', true), \
                         set_config('request.jwt.claims', $1, true)";
    database
        .execute(become_member, &[&claims.to_string()])
        .await
        .unwrap();
    let action = request::action(before.id, member.id, intent);
    let changed = send(database, &action).await;
    match changed {
        Ok(0) => Outcome::Lost,
        Ok(_) => {
            database.batch_execute("reset role").await.unwrap();
            let after = row(database).await;
            if after.version == before.version {
                Outcome::Unchanged
            } else {
                Outcome::Done(state(&after))
            }
        }
        Err(error) => {
            let error = error.as_db_error().expect("the database's own answer");
            assert_eq!(error.code().code(), "PT409", "{}", error.message());
            Outcome::Refused(error.hint().unwrap_or_default().to_owned())
        }
    }
}

/// The PATCH as the statement that PostgREST makes of it.
async fn send(database: &Transaction<'_>, request: &Request) -> Result<u64, tokio_postgres::Error> {
    let Some(Value::Object(body)) = &request.body else {
        panic!("an action has a body");
    };
    let filter = |name: &str| {
        let mut query = request.query.iter();
        query.find(|(key, _)| *key == name).unwrap().1.clone()
    };
    let columns = body
        .keys()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    let statuses: Vec<String> = filter("status")
        .trim_start_matches("eq.")
        .trim_start_matches("in.(")
        .trim_end_matches(')')
        .split(',')
        .map(str::to_owned)
        .collect();
    let statement = format!(
        "update public.calls set ({columns}) = \
         (select {columns} from jsonb_populate_record(null::public.calls, $1)) \
         where id = $2::text::uuid and status = any($3)"
    );
    let id = filter("id").trim_start_matches("eq.").to_owned();
    let body = Value::Object(body.clone());
    database.execute(&statement, &[&body, &id, &statuses]).await
}

fn state(call: &Call) -> State {
    match call.status {
        Status::Ringing => State::Ringing,
        Status::Active => State::Active {
            agent: call.assigned_to.unwrap(),
            on_hold: call.on_hold,
        },
        Status::Parked => State::Parked {
            slot: call.parking_slot.unwrap(),
        },
        Status::Ended => State::Ended,
    }
}

/// As the database's owner, whom the trigger takes for the service.
async fn arrange(database: &Transaction<'_>, steps: &[&str], around: &Around) {
    let ring = |id: &str| {
        format!(
            "insert into calls (id, twilio_call_sid, from_number, to_number) \
             values ('{id}', '{id}', '+12025550150', '+12025550199');"
        )
    };
    let mut script = "delete from calls; update board_settings set parking_slots = 3;".to_owned();
    script += &ring(CALL);
    for step in steps {
        script += &format!("update calls set {step} where id = '{CALL}';");
    }
    if let Some(member) = around.busy {
        let id = "22222222-0000-4000-8000-000000000002";
        script += &ring(id);
        script += &format!(
            "update calls set status = 'active', assigned_to = '{member}' where id = '{id}';"
        );
    }
    for slot in around.taken {
        let id = format!("22222222-0000-4000-8000-1000000000{slot:02}");
        script += &ring(&id);
        // Where the call itself is in that slot, the service gives another.
        script += &format!(
            "update calls set status = 'parked', parking_slot = {slot} where id = '{id}';"
        );
    }
    if around.rhonda_retired {
        script += &format!("update voip_users set retired_at = now() where id = '{RHONDA}';");
    }
    database.batch_execute(&script).await.unwrap();
}

async fn board(database: &Transaction<'_>) -> Board {
    let rows = |of: &str| format!("select coalesce(jsonb_agg(t), '[]')::text from {of} t");
    let mut read = Vec::new();
    for of in [
        "calls",
        "(select * from voip_users where retired_at is null)",
        "board_settings",
    ] {
        let row = database.query_one(&rows(of), &[]).await.unwrap();
        read.push(row.get::<_, String>(0));
    }
    let mut board = Board::default();
    let asked = board.snapshot_asked();
    let mut snapshot = Snapshot::from_json(&read[0], &read[1], &read[2]).unwrap();
    snapshot.calls.retain(|call| call.status.is_live());
    board.apply_snapshot(asked, snapshot);
    board
}

async fn row(database: &Transaction<'_>) -> Call {
    let row = format!("select to_jsonb(c) from calls c where id = '{CALL}'");
    let row = database.query_one(&row, &[]).await.unwrap();
    serde_json::from_value(row.get(0)).unwrap()
}

fn member_id(text: &str) -> MemberId {
    text.parse().unwrap()
}
