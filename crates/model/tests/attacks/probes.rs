//! What is tried in each cell: a row to read and change, a row to insert, and a value for each column.
//!
//! A new column needs nothing here unless its constraints refuse the value that its type gets; a new table needs an
//! arm in [`Target::of`].

use serde_json::{Map, Value, json};

use crate::people::{DOUG, RHONDA};

pub(crate) const CALL: &str = "22222222-0000-4000-8000-000000000001";

/// The state that every probe begins with: Doug on a call, seen a moment ago, one contact.
pub(crate) const STATE: &str = "
    begin;
    update voip_users set retired_at = null, current_call_id = null;
    delete from calls;
    delete from presence;
    delete from contacts;
    delete from voip_users where id::text not like '11111111-0000-4000-8000-%';
    insert into auth.users (id, email) values ('aaaaaaaa-0000-4000-8000-000000000009', 'new@example.com')
      on conflict do nothing;
    update voip_users set user_id = 'aaaaaaaa-0000-4000-8000-000000000001', display_name = 'Doug',
      identity = 'agent_doug', role = 'agent', is_available = true, device_state = 'off'
      where id = '11111111-0000-4000-8000-000000000001';
    insert into calls (id, twilio_call_sid, from_number, to_number)
      values ('22222222-0000-4000-8000-000000000001', 'CAmatrix', '+12025550150', '+12025550199');
    update calls set status = 'active', assigned_to = '11111111-0000-4000-8000-000000000001';
    insert into call_audio (call_id) values ('22222222-0000-4000-8000-000000000001');
    insert into presence (member_id) values ('11111111-0000-4000-8000-000000000001');
    insert into contacts (number, name) values ('+12025550177', 'Nora');
    update board_settings set parking_slots = 12, ring_timeout_s = 60, park_timeout_s = 300, hold_music_url = null,
      time_zone = 'UTC', business_hours = '{}', voicemail_enabled = true, voicemail_greeting = 'Hello.',
      outbound_prefixes = '{}', caller_id = null;
    commit;";

/// Where the probes of a table aim.
pub(crate) struct Target {
    /// The filter for the row that exists.
    pub(crate) key: String,
    /// The columns that a new row needs.
    pub(crate) new_row: Value,
    /// What has to go before a new row can come.
    pub(crate) before_insert: &'static str,
}

impl Target {
    /// The target of a table or view; `None` for one that is not known here.
    pub(crate) fn of(table: &str) -> Option<Self> {
        let target = |key: String, new_row: Value, before_insert: &'static str| {
            Some(Self {
                key,
                new_row,
                before_insert,
            })
        };
        match table {
            "calls" => target(
                format!("id=eq.{CALL}"),
                json!({"twilio_call_sid": "CAnew", "from_number": "+12025550160", "to_number": "+12025550199"}),
                "",
            ),
            "call_audio" => target(
                format!("call_id=eq.{CALL}"),
                json!({ "call_id": CALL }),
                "delete from call_audio",
            ),
            "call_events" => target(
                format!("call_id=eq.{CALL}&kind=eq.created"),
                json!({"call_id": CALL, "version": 1, "kind": "noted", "to_status": "ended", "detail": {}}),
                "",
            ),
            "voip_users" => target(
                format!("id=eq.{DOUG}"),
                json!({"user_id": "aaaaaaaa-0000-4000-8000-000000000009", "display_name": "New", "identity": "new"}),
                "",
            ),
            "presence" => target(
                format!("member_id=eq.{DOUG}"),
                json!({ "member_id": DOUG }),
                "delete from presence",
            ),
            "contacts" => target(
                "number=eq.%2B12025550177".to_owned(),
                json!({"number": "+12025550178", "name": "Olga"}),
                "",
            ),
            "board_settings" => target("id=eq.true".to_owned(), json!({}), ""),
            _ => None,
        }
    }

    /// The body of an insert that gives `column` a value.
    pub(crate) fn insert(&self, table: &str, column: &str, data_type: &str) -> Map<String, Value> {
        let Value::Object(mut row) = self.new_row.clone() else {
            panic!("a row is an object");
        };
        let known = row.get(column).cloned();
        let value = known.unwrap_or_else(|| probe(table, column, data_type, true));
        row.insert(column.to_owned(), value);
        row
    }
}

/// A value for a column that differs from what is there.
pub(crate) fn probe(table: &str, column: &str, data_type: &str, insert: bool) -> Value {
    match (table, column) {
        ("calls", "direction") => json!("outbound"),
        ("calls", "status") if insert => json!("active"),
        ("calls", "status") => json!("ended"),
        ("calls", "assigned_to") => json!(RHONDA),
        ("calls", "park_reason") => json!("unreachable"),
        ("calls", "end_reason") => json!("failed"),
        ("voip_users", "role") => json!("supervisor"),
        ("voip_users", "device_state") => json!("ready"),
        ("voip_users", "user_id") => json!("aaaaaaaa-0000-4000-8000-000000000009"),
        ("voip_users", "current_call_id") if insert => json!(CALL),
        ("voip_users", "current_call_id") => Value::Null,
        ("voip_users", "is_available") if insert => json!(true),
        ("presence", "member_id") => json!(RHONDA),
        ("contacts", "number") => json!("+12025550179"),
        ("board_settings", "ring_timeout_s" | "park_timeout_s") => json!(77),
        ("board_settings", "hold_music_url") => json!("https://example.com/music.mp3"),
        ("board_settings", "outbound_prefixes") => json!(["+1"]),
        ("board_settings", "caller_id") => json!("+12025550198"),
        ("calls", "recording_sid") => json!("RE1"),
        ("board_settings", "time_zone") => json!("Europe/Berlin"),
        ("board_settings", "business_hours") => json!({"mon": [["09:00", "17:30"]]}),
        ("call_events", "kind") => json!("noted"),
        ("call_events", "from_status" | "to_status") => json!("ended"),
        ("call_events", "assigned_to" | "actor") => json!(DOUG),
        ("call_events", "call_id") => json!(CALL),
        _ => match data_type {
            "bool" => json!(table == "calls"),
            "int2" | "int4" | "int8" => json!(7),
            "timestamptz" => json!("2001-01-01T00:00:00+00:00"),
            "uuid" => json!("33333333-0000-4000-8000-000000000009"),
            "jsonb" => json!({"probe": 1}),
            _ => json!("probe"),
        },
    }
}
