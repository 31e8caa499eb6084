//! What people set down for the whole office: contacts and settings.

use serde_json::{Map, Value, json};

use super::{Method, RETURN_ROWS, Request, eq};
use crate::id::MemberId;

/// The contact of a number: one row, or none.
pub fn contact(number: &str) -> Request {
    Request::get(
        "contacts",
        vec![("select", "*".to_owned()), ("number", eq(number))],
    )
}

/// Writes a contact down, or with `corrects`, the `updated_at` of the row that was read, corrects that row. Empty texts
/// are left blank. The answer is the row, its number in E.164; `[]` or 409 when somebody else has written it meanwhile,
/// 400 and `23514` where the number names no country or a text is too long.
pub fn save_contact(
    number: &str,
    corrects: Option<&str>,
    (name, company, notes): (&str, &str, &str),
) -> Request {
    let blank = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let number = number.trim();
    let (method, query) = match corrects {
        Some(read) => (
            Method::Patch,
            vec![("number", eq(number)), ("updated_at", eq(read))],
        ),
        None => (Method::Post, Vec::new()),
    };
    Request {
        method,
        table: "contacts",
        query,
        prefer: Some(RETURN_ROWS),
        body: Some(json!({
            "number": number, "name": name.trim(), "company": blank(company), "notes": blank(notes),
        })),
    }
}

/// Changes settings, by column of `board_settings`; the rest stays. The answer is the row, `[]` for somebody who is no
/// supervisor; refused with 400 and the name of the rule that is broken, which is a sentence.
pub fn change_settings(changes: Map<String, Value>) -> Request {
    Request {
        method: Method::Patch,
        table: "board_settings",
        query: vec![("id", "eq.true".to_owned())],
        prefer: Some(RETURN_ROWS),
        body: Some(Value::Object(changes)),
    }
}

/// The same, only if the row is still of that version: `[]` also when somebody has changed it since.
pub fn change_settings_at(version: i64, changes: Map<String, Value>) -> Request {
    let mut request = change_settings(changes);
    request.query.push(("version", eq(version)));
    request
}

/// Changes a member of the team, by column of `voip_users`: `display_name`, `role`, `is_available`, or `retired_at`,
/// where any moment means now. The answer is the row, `[]` for somebody who may not.
pub fn change_member(member: MemberId, changes: Map<String, Value>) -> Request {
    Request::patch(
        "voip_users",
        vec![("id", eq(member))],
        Value::Object(changes),
    )
}

/// Members who can really be rung now, those who were idle longest first.
pub fn ringable_members() -> Request {
    Request::get("rpc/ringable_members", Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_written_anew_or_corrected_as_it_was_read() {
        let read = "2026-01-05T09:00:00.5+00:00";
        let request = save_contact("+12025550177", Some(read), ("Nora", "", ""));
        assert_eq!(
            request.path_and_query(),
            "/rest/v1/contacts?number=eq.%2B12025550177&updated_at=eq.2026-01-05T09:00:00.5%2B00:00"
        );
        assert_eq!(request.method, Method::Patch);
        let request = save_contact(" +12025550177", None, ("Nora ", "", " "));
        assert_eq!(request.path_and_query(), "/rest/v1/contacts");
        assert_eq!(request.method, Method::Post);
        assert_eq!(
            request.body.unwrap(),
            json!({"number": "+12025550177", "name": "Nora", "company": null, "notes": null})
        );
        assert_eq!(
            contact("+12025550177").path_and_query(),
            "/rest/v1/contacts?select=*&number=eq.%2B12025550177"
        );
    }

    #[test]
    fn settings_are_changed_by_column() {
        let changes = Map::from_iter([("parking_slots".to_owned(), json!(8))]);
        let request = change_settings(changes);
        assert_eq!(
            request.path_and_query(),
            "/rest/v1/board_settings?id=eq.true"
        );
        assert_eq!(request.body.unwrap(), json!({"parking_slots": 8}));
    }

    #[test]
    fn settings_are_changed_as_they_were_read() {
        let changes = Map::from_iter([("caller_id".to_owned(), Value::Null)]);
        let request = change_settings_at(42, changes);
        assert_eq!(
            request.path_and_query(),
            "/rest/v1/board_settings?id=eq.true&version=eq.42"
        );
        assert_eq!(request.body.unwrap(), json!({"caller_id": null}));
    }

    #[test]
    fn one_member_is_changed_by_id() {
        let changes = Map::from_iter([("role".to_owned(), json!("agent"))]);
        let id = "11111111-0000-4000-8000-000000000001";
        let request = change_member(id.parse().unwrap(), changes);
        assert_eq!(
            request.path_and_query(),
            format!("/rest/v1/voip_users?id=eq.{id}")
        );
        assert_eq!(request.prefer, Some(RETURN_ROWS));
        assert_eq!(request.body.unwrap(), json!({"role": "agent"}));
        assert_eq!(
            ringable_members().path_and_query(),
            "/rest/v1/rpc/ringable_members"
        );
    }
}
