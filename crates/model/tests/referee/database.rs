//! One arrangement of the database, which is asked many times and never keeps an answer.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use switchboard_model::{Board, Snapshot};
use tokio_postgres::{Client, SimpleQueryMessage, Statement, Transaction};

use crate::cases::CALL;

/// A transaction in which the case is arranged.
pub(crate) struct Database<'a> {
    transaction: Transaction<'a>,
    look: Statement,
    last_event: i64,
}

/// What there is to see after an attempt.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Seen {
    pub(crate) call: Map<String, Value>,
    /// Lines of the log since the case was arranged.
    pub(crate) events: Vec<Value>,
    /// By member: `current_call_id`.
    pub(crate) current_calls: BTreeMap<String, Option<String>>,
    /// By member: the call that is active and theirs.
    pub(crate) active_calls: BTreeMap<String, Option<String>>,
    /// The rest of the members' rows.
    pub(crate) members: String,
    /// Every other call.
    pub(crate) others: Option<String>,
    pub(crate) names: BTreeMap<String, String>,
    pub(crate) last_version: i64,
    pub(crate) now: String,
}

const LOOK: &str = "select jsonb_build_object(
  'call', (select to_jsonb(c) from calls c where id = $1::text::uuid),
  'events', (select coalesce(jsonb_agg(to_jsonb(e) - 'id' order by e.id), '[]') from call_events e where e.id > $2),
  'current_calls', (select jsonb_object_agg(id, current_call_id) from voip_users),
  'active_calls', (select jsonb_object_agg(u.id, c.id)
    from voip_users u left join calls c on c.assigned_to = u.id and c.status = 'active'),
  'members', (select md5(jsonb_agg(to_jsonb(u) - 'current_call_id' order by u.id)::text) from voip_users u),
  'others', (select md5(jsonb_agg(to_jsonb(c) order by c.id)::text) from calls c where id <> $1::text::uuid),
  'names', (select jsonb_object_agg(id, display_name) from voip_users),
  'last_version', (select last_value from board_version),
  'now', clock_timestamp())";

/// The database's answer to a PATCH.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// So many rows.
    Rows(u64),
    /// PT409.
    Refused(Refused),
}

/// What a person reads and a program is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refused {
    pub(crate) sentence: String,
    pub(crate) hint: String,
    details: Details,
}

/// Who was first, and when: the machine's half of a refusal.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Details {
    by: Option<String>,
    by_id: Option<String>,
    at: Option<String>,
}

impl Refused {
    /// What a person or a program would miss, if it is to be that refusal.
    pub(crate) fn fault(
        &self,
        hint: &str,
        names: &BTreeMap<String, String>,
        answered_by: Option<&str>,
    ) -> Option<String> {
        if self.hint != hint {
            return Some("for another reason".to_owned());
        }
        let Details { by, by_id, at } = &self.details;
        let begins_well = self.sentence.chars().next().is_some_and(char::is_uppercase);
        let is_sentence =
            begins_well && self.sentence.contains(' ') && !self.sentence.contains('{');
        let named = by.as_ref() == by_id.as_ref().and_then(|id| names.get(id));
        let timed = match self.hint.as_str() {
            "already_answered" => {
                let told = answered_by.is_some_and(|name| self.sentence.starts_with(name));
                by.as_deref() == answered_by && told && at.is_some()
            }
            "already_ended" | "slot_taken" => at.is_some(),
            "colleague_busy" => by.as_ref().is_some_and(|by| self.sentence.contains(by)),
            _ => true,
        };
        (!is_sentence || !named || !timed).then(|| format!("this says too little: {self:?}"))
    }
}

impl<'a> Database<'a> {
    pub(crate) async fn arrange(client: &'a mut Client, script: &str) -> Self {
        let look = client.prepare(LOOK).await.unwrap();
        let transaction = client.transaction().await.unwrap();
        transaction.batch_execute(script).await.unwrap();
        transaction
            .batch_execute("savepoint arranged")
            .await
            .unwrap();
        let last = "select coalesce(max(id), 0) from call_events";
        let last_event = transaction.query_one(last, &[]).await.unwrap().get(0);
        Self {
            transaction,
            look,
            last_event,
        }
    }

    pub(crate) async fn look(&self) -> Seen {
        let row = self
            .transaction
            .query_one(&self.look, &[&CALL, &self.last_event])
            .await
            .unwrap();
        serde_json::from_value(row.get(0)).unwrap()
    }

    /// Takes back the last attempt, and sends the PATCH as the statement that PostgREST makes of it.
    pub(crate) async fn attempt(
        &self,
        claims: &Value,
        body: &Map<String, Value>,
        statuses: &[String],
    ) -> Answer {
        let role = claims["role"].as_str().unwrap();
        let columns: Vec<&str> = body.keys().map(String::as_str).collect();
        let columns = columns.join(", ");
        let filter = match statuses {
            [] => String::new(),
            several => format!("and status in ('{}')", several.join("', '")),
        };
        let body = Value::Object(body.clone());
        let script = format!(
            "rollback to savepoint arranged; \
             select set_config('role', '{role}', true), set_config('request.jwt.claims', $json${claims}$json$, true); \
             update public.calls set ({columns}) = \
             (select {columns} from jsonb_populate_record(null::public.calls, $json${body}$json$)) \
             where id = '{CALL}' {filter}; \
             set local role none"
        );
        match self.transaction.simple_query(&script).await {
            Ok(messages) => {
                let complete = messages.iter().filter_map(|message| match message {
                    SimpleQueryMessage::CommandComplete(rows) => Some(*rows),
                    _ => None,
                });
                // After the rollback and the settings with their row.
                Answer::Rows(complete.collect::<Vec<_>>()[2])
            }
            Err(error) => {
                let refusal = error.as_db_error().expect("the database's own answer");
                assert_eq!(refusal.code().code(), "PT409", "{}", refusal.message());
                let details = refusal.detail().unwrap_or_default();
                Answer::Refused(Refused {
                    sentence: refusal.message().to_owned(),
                    hint: refusal.hint().unwrap_or_default().to_owned(),
                    details: serde_json::from_str(details).expect("details are JSON"),
                })
            }
        }
    }

    pub(crate) async fn board(&self) -> Board {
        let mut read = Vec::new();
        for of in [
            "(select * from calls where status <> 'ended')",
            "(select * from voip_users where retired_at is null)",
            "board_settings",
        ] {
            let rows = format!("select coalesce(jsonb_agg(t), '[]')::text from {of} t");
            let row = self.transaction.query_one(&rows, &[]).await.unwrap();
            read.push(row.get::<_, String>(0));
        }
        let mut board = Board::default();
        let asked = board.snapshot_asked();
        let snapshot = Snapshot::from_json(&read[0], &read[1], &read[2]).unwrap();
        board.apply_snapshot(asked, snapshot);
        board
    }

    pub(crate) async fn undo(self) {
        self.transaction.rollback().await.unwrap();
    }
}
