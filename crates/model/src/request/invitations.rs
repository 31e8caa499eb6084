//! Who is invited to the team. A supervisor's business: nobody else sees an invitation.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Method, Request};

/// An invitation that may still be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Invitation {
    /// By which it is withdrawn.
    pub id: String,
    /// The name that the newcomer will have on the board.
    pub name: String,
    /// `agent` or `supervisor`.
    pub role: String,
    /// The supervisor's name.
    pub invited_by: String,
    /// Until when, as the database writes a moment.
    pub expires_at: String,
}

/// What the supervisor is told once.
#[derive(Clone, Deserialize)]
pub struct Invited {
    /// What the link carries. It lets somebody in, so it is kept nowhere.
    pub secret: String,
    /// Until when, as the database writes a moment.
    pub expires_at: String,
}

fn ask(function: &'static str, arguments: Value) -> Request {
    Request {
        method: Method::Post,
        table: function,
        query: Vec::new(),
        prefer: None,
        body: Some(arguments),
    }
}

/// Invites somebody under that name, as `agent` or `supervisor`. The answer is an [`Invited`]; 403 for somebody who is no
/// supervisor, 409 when 50 are open.
pub fn invite_member(name: &str, role: &str) -> Request {
    ask("rpc/invite_member", json!({ "name": name, "role": role }))
}

/// The [`Invitation`]s that are open, the oldest first.
pub fn open_invitations() -> Request {
    Request::get("rpc/open_invitations", Vec::new())
}

/// Takes one back. The answer is whether it was still there.
pub fn withdraw_invitation(id: &str) -> Request {
    ask("rpc/withdraw_invitation", json!({ "invitation": id }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_a_function_of_the_database() {
        let request = invite_member("Eve", "agent");
        assert_eq!(request.path_and_query(), "/rest/v1/rpc/invite_member");
        assert_eq!(request.method, Method::Post);
        assert_eq!(
            request.body.unwrap(),
            json!({"name": "Eve", "role": "agent"})
        );
        assert_eq!(open_invitations().method, Method::Get);
        let request = withdraw_invitation("x");
        assert_eq!(request.path_and_query(), "/rest/v1/rpc/withdraw_invitation");
        assert_eq!(request.body.unwrap(), json!({"invitation": "x"}));
    }

    #[test]
    fn what_the_database_answers_is_read() {
        let body = r#"[{"id":"x","name":"Eve","role":"agent","invited_by":"Sue","expires_at":"2026-01-12T09:00:00.5+00:00"}]"#;
        let rows: Vec<Invitation> = serde_json::from_str(body).unwrap();
        assert_eq!((&*rows[0].name, &*rows[0].invited_by), ("Eve", "Sue"));
        let body = r#"{"secret":"5ec","expires_at":"2026-01-12T09:00:00+00:00"}"#;
        assert_eq!(serde_json::from_str::<Invited>(body).unwrap().secret, "5ec");
    }
}
