//! Every query and action as a value: what to ask PostgREST, not how to send it.
//!
//! An action is a compare-and-set: its filter names the state in which it makes sense, and an empty
//! answer means that somebody else was first. Whoever sends a [`Request`] adds the base URL, the
//! `apikey` and `Authorization` headers, and [`Request::headers`].

pub mod history;
pub mod invitations;
pub mod office;
pub mod replay;
pub mod wallboard;

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::call::{NewCall, Status};
use crate::id::{CallId, MemberId, UserId};
use crate::timestamp;
use crate::transition::Intent;

/// The HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Insert.
    Post,
    /// Update.
    Patch,
}

impl Method {
    /// As it stands in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
        }
    }
}

/// A request to PostgREST.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The table, or `rpc/` and the function.
    pub table: &'static str,
    /// Query pairs, not yet percent-encoded.
    pub query: Vec<(&'static str, String)>,
    /// The `Prefer` header.
    pub prefer: Option<&'static str>,
    /// The JSON body.
    pub body: Option<Value>,
}

/// Answers with the rows as they are after the write; `[]` means that none matched.
const RETURN_ROWS: &str = "return=representation";
/// The document's own select: each call with the member it is assigned to. Several foreign keys
/// join the two tables, so the embed names its column.
const CALL_WITH_MEMBER: &str = "*,assigned_to_user:voip_users!assigned_to(*)";

impl Request {
    fn get(table: &'static str, query: Vec<(&'static str, String)>) -> Self {
        Self {
            method: Method::Get,
            table,
            query,
            prefer: None,
            body: None,
        }
    }

    fn patch(table: &'static str, query: Vec<(&'static str, String)>, body: Value) -> Self {
        let (prefer, body) = (Some(RETURN_ROWS), Some(body));
        Self {
            method: Method::Patch,
            table,
            query,
            prefer,
            body,
        }
    }

    /// The path below `SUPABASE_URL` with the query, percent-encoded.
    pub fn path_and_query(&self) -> String {
        let mut text = format!("/rest/v1/{}", self.table);
        for (index, (name, value)) in self.query.iter().enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            text.push_str(name);
            text.push('=');
            percent_encode(value, &mut text);
        }
        text
    }

    /// Headers besides `apikey` and `Authorization`.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let content = self
            .body
            .as_ref()
            .map(|_| ("content-type", "application/json"));
        content
            .into_iter()
            .chain(self.prefer.map(|prefer| ("prefer", prefer)))
    }
}

/// Encodes everything but RFC 3986's unreserved characters and those that PostgREST's own syntax
/// uses and a query may hold bare.
fn percent_encode(value: &str, out: &mut String) {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'-' | b'.' | b'_' | b'~' | b'*' | b'(' | b')' | b'!' | b',' | b':' => {
                out.push(char::from(byte));
            }
            _ => {
                out.push('%');
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
        }
    }
}

/// The live calls, oldest first.
pub fn board() -> Request {
    Request::get(
        "calls",
        vec![
            ("select", CALL_WITH_MEMBER.to_owned()),
            ("status", "in.(ringing,active,parked)".to_owned()),
            ("order", "created_at".to_owned()),
        ],
    )
}

/// One call, whatever its state, and as `claims` the line of its log that tells who took it last: to learn who was
/// first, also when that one has handed it on since.
pub fn call(id: CallId) -> Request {
    Request::get(
        "calls",
        vec![
            (
                "select",
                format!("{CALL_WITH_MEMBER},claims:call_events(assigned_to)"),
            ),
            ("claims.kind", "in.(answered,retrieved)".to_owned()),
            ("claims.order", "id.desc".to_owned()),
            ("claims.limit", "1".to_owned()),
            ("id", eq(id)),
        ],
    )
}

/// The team, without those who have left.
pub fn members() -> Request {
    Request::get(
        "voip_users",
        vec![
            ("select", "*".to_owned()),
            ("retired_at", "is.null".to_owned()),
            ("order", "display_name".to_owned()),
        ],
    )
}

/// The member that an account belongs to: one row, or none for an account that is not on the team.
pub fn member_of(user: UserId) -> Request {
    Request::get(
        "voip_users",
        vec![("select", "*".to_owned()), ("user_id", eq(user))],
    )
}

/// The board's settings: one row.
pub fn settings() -> Request {
    Request::get("board_settings", vec![("select", "*".to_owned())])
}

/// What the board should show, in three numbers, read with [`crate::Checksum::from_json`].
pub fn board_checksum() -> Request {
    Request::get("rpc/board_checksum", Vec::new())
}

/// The board as it was at a moment: rows as [`board`] answers them, without the embedded member.
/// Refused with 410 and the hint `forgotten` for a moment before the log begins.
pub fn board_at(moment: OffsetDateTime) -> Request {
    Request::get("rpc/board_at", vec![("moment", timestamp::format(moment))])
}

/// An action by `me` on a call. The answer is the call's row, or `[]` when the state that the
/// filter names was gone.
pub fn action(id: CallId, me: MemberId, intent: Intent) -> Request {
    match intent {
        Intent::Answer => update_call(
            id,
            &[Status::Ringing],
            json!({ "status": "active", "assigned_to": me }),
        ),
        Intent::Park { slot: None } => update_call(
            id,
            &[Status::Active],
            json!({ "status": "parked", "assigned_to": null }),
        ),
        Intent::Park { slot: Some(slot) } => update_call(
            id,
            &[Status::Active],
            json!({ "status": "parked", "assigned_to": null, "parking_slot": slot }),
        ),
        Intent::Retrieve => update_call(
            id,
            &[Status::Parked],
            json!({ "status": "active", "assigned_to": me }),
        ),
        Intent::Move { slot } => {
            update_call(id, &[Status::Parked], json!({ "parking_slot": slot }))
        }
        Intent::Transfer { to } => update_call(id, &[Status::Active], json!({ "assigned_to": to })),
        Intent::Hold => update_call(id, &[Status::Active], json!({ "on_hold": true })),
        Intent::Resume => update_call(id, &[Status::Active], json!({ "on_hold": false })),
        Intent::End => update_call(
            id,
            &[Status::Ringing, Status::Active, Status::Parked],
            json!({ "status": "ended" }),
        ),
    }
}

/// The agents' words about a call; empty ones are left blank. Answers `[]` if the row is not of the version `known` any
/// more: then somebody else may have written, and the row is to be read before these words are sent again.
pub fn note(id: CallId, known: i64, note: &str, disposition: &str) -> Request {
    let blank = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
    let body = json!({ "note": blank(note), "disposition": blank(disposition) });
    Request::patch("calls", vec![("id", eq(id)), ("version", eq(known))], body)
}

/// Whether a member wants calls.
pub fn set_available(member: MemberId, available: bool) -> Request {
    Request::patch(
        "voip_users",
        vec![("id", eq(member))],
        json!({ "is_available": available }),
    )
}

/// Says that a member's dashboard is open. The server notes the time; asked each 30 s.
pub fn heartbeat(member: MemberId) -> Request {
    Request {
        method: Method::Post,
        table: "presence",
        query: vec![("on_conflict", "member_id".to_owned())],
        prefer: Some("resolution=merge-duplicates,return=minimal"),
        body: Some(json!({ "member_id": member })),
    }
}

/// A new call, once: a row with the same `twilio_call_sid` stays as it is and the answer is `[]`.
pub fn insert_call(call: &NewCall) -> Request {
    Request {
        method: Method::Post,
        table: "calls",
        query: vec![("on_conflict", "twilio_call_sid".to_owned())],
        prefer: Some("resolution=ignore-duplicates,return=representation"),
        body: Some(json!(call)),
    }
}

/// A call that `agent` places: active and the agent's from its first moment. Refused like an answer when the agent is
/// on another call, also by an earlier request of the same sid.
pub fn place_call(call: &NewCall, agent: MemberId) -> Request {
    let mut request = insert_call(call);
    if let Some(Value::Object(row)) = &mut request.body {
        row.insert("status".to_owned(), json!(Status::Active));
        row.insert("assigned_to".to_owned(), json!(agent));
    }
    request
}

fn update_call(id: CallId, from: &[Status], body: Value) -> Request {
    let status = match from {
        [one] => format!("eq.{}", one.as_str()),
        several => {
            let names: Vec<_> = several.iter().map(|status| status.as_str()).collect();
            format!("in.({})", names.join(","))
        }
    };
    Request::patch("calls", vec![("id", eq(id)), ("status", status)], body)
}

fn eq(id: impl std::fmt::Display) -> String {
    format!("eq.{id}")
}

#[cfg(test)]
mod tests;
