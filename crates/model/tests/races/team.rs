//! Twenty members to race, with accounts and tokens as everybody has them.

use reqwest::Method;
use serde_json::{Value, json};
use switchboard_model::MemberId;
use tokio::task::JoinSet;

use crate::project::{Caller, Project};

pub(crate) const RACERS: usize = 20;

/// A member with a token.
#[derive(Clone)]
pub(crate) struct Racer {
    pub(crate) id: MemberId,
    pub(crate) name: String,
    pub(crate) caller: Caller,
}

/// Signs all of them in, at once.
pub(crate) async fn racers(project: &Project) -> Vec<Racer> {
    let known = project
        .service()
        .rows("/rest/v1/voip_users?identity=like.racer_*&select=identity,user_id,id")
        .await;
    let mut coming = JoinSet::new();
    for number in 1..=RACERS {
        let identity = format!("racer_{number:02}");
        let known = known
            .iter()
            .find(|row| row["identity"] == *identity)
            .cloned();
        let (service, anonymous) = (project.service(), project.person(""));
        coming.spawn(async move {
            let (id, token) = join_the_team(&service, &anonymous, number, known).await;
            (number, id, token)
        });
    }
    let mut joined = coming.join_all().await;
    joined.sort();
    joined
        .into_iter()
        .map(|(number, id, token)| Racer {
            id,
            name: format!("Racer {number:02}"),
            caller: project.person(&token),
        })
        .collect()
}

/// Makes the account and the member, or takes those of an earlier run back into service.
async fn join_the_team(
    service: &Caller,
    anonymous: &Caller,
    number: usize,
    known: Option<Value>,
) -> (MemberId, String) {
    let email = format!("racer-{number:02}@races.example.com");
    // Nobody signs in with it later: the next run sets another.
    let password = format!("{:x}-{number}", rand::random::<u128>());
    let account = json!({ "email": email, "password": password, "email_confirm": true });
    let (method, path) = match &known {
        Some(member) => {
            let user = member["user_id"].as_str().unwrap();
            (Method::PUT, format!("/auth/v1/admin/users/{user}"))
        }
        None => (Method::POST, "/auth/v1/admin/users".to_owned()),
    };
    let user = service.send(method, &path, Some(&account)).await;
    assert!(user.status.is_success(), "{}: {}", email, user.body);

    let row = json!({
        "user_id": user.body["id"], "display_name": format!("Racer {number:02}"),
        "identity": format!("racer_{number:02}"), "role": "agent",
    });
    let member = match known {
        Some(member) => {
            let path = format!(
                "/rest/v1/voip_users?id=eq.{}",
                member["id"].as_str().unwrap()
            );
            service
                .send(Method::PATCH, &path, Some(&json!({ "retired_at": null })))
                .await
        }
        None => {
            service
                .send(Method::POST, "/rest/v1/voip_users", Some(&row))
                .await
        }
    };
    assert!(member.status.is_success(), "{}", member.body);

    let grant = "/auth/v1/token?grant_type=password";
    let credentials = json!({ "email": email, "password": password });
    let session = anonymous
        .send(Method::POST, grant, Some(&credentials))
        .await;
    assert!(session.status.is_success(), "{}", session.body);
    let id = member.body[0]["id"].as_str().unwrap().parse().unwrap();
    (
        id,
        session.body["access_token"].as_str().unwrap().to_owned(),
    )
}

/// Takes them off the team's list. Members are never removed.
pub(crate) async fn retire(project: &Project, racers: &[Racer]) {
    for racer in racers {
        let path = format!("/rest/v1/voip_users?id=eq.{}", racer.id);
        let gone = json!({ "retired_at": "2026-01-01T00:00:00Z" });
        let answer = project
            .service()
            .send(Method::PATCH, &path, Some(&gone))
            .await;
        assert!(answer.is_done(), "{}", answer.body);
    }
}
