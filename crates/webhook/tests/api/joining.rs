//! Whoever was invited joins the team, once.

use reqwest::Client;
use serde_json::{Value, json};
use switchboard_local_supabase::{LocalSupabase, Options};

use crate::app::TestApp;

const SUE: &str = "sue@example.com";
const PASSWORD: &str = "switchboard";
const LINK_OF_NOBODY: &str = "00000000000000000000000000000000000000000000000000000000000000ff";

/// A stand-in of its own: how many accounts there are is counted.
struct Office {
    stack: LocalSupabase,
    app: TestApp,
    http: Client,
}

impl Office {
    async fn open() -> Self {
        let stack = LocalSupabase::start(Options::default()).await.unwrap();
        let app = TestApp::before(stack.url()).await;
        Self {
            stack,
            app,
            http: Client::new(),
        }
    }

    /// The session of that person, if the password is right.
    async fn session(&self, email: &str, password: &str) -> Option<String> {
        let url = format!("{}/auth/v1/token?grant_type=password", self.stack.url());
        let body = json!({ "email": email, "password": password });
        let request = self
            .http
            .post(url)
            .header("apikey", &self.stack.keys().anon);
        let answer: Value = request
            .json(&body)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        answer["access_token"].as_str().map(str::to_owned)
    }

    /// What Sue's link carries.
    async fn invite(&self, name: &str, role: &str) -> String {
        let sue = self.session(SUE, PASSWORD).await.unwrap();
        let url = format!("{}/rest/v1/rpc/invite_member", self.stack.url());
        let request = self
            .http
            .post(url)
            .header("apikey", &self.stack.keys().anon);
        let request = request
            .bearer_auth(sue)
            .json(&json!({ "name": name, "role": role }));
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["secret"].as_str().unwrap().to_owned()
    }

    async fn join(&self, secret: &str, email: &str, password: &str) -> u16 {
        let body = json!({ "secret": secret, "email": email, "password": password });
        let request = self.app.request("POST", "/api/join").json(&body);
        request.send().await.unwrap().status().as_u16()
    }

    /// The name and the role of each member and the address of each account, by the database.
    async fn people(&self) -> (Vec<String>, Vec<String>) {
        let (client, connection) =
            tokio_postgres::connect(&self.stack.db_url(), tokio_postgres::NoTls)
                .await
                .unwrap();
        tokio::spawn(connection);
        let list = async |sql: &str| {
            let rows = client.query(sql, &[]).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        };
        (
            list("select display_name || ', ' || role from voip_users order by 1").await,
            list("select email::text from auth.users order by 1").await,
        )
    }
}

#[tokio::test]
async fn a_link_lets_one_person_in_and_no_second_one() {
    let office = Office::open().await;
    let secret = office.invite("Eve", "agent").await;
    // What can be made good leaves the link as it is.
    assert_eq!(office.join(&secret, "eve@example.com", "short").await, 400);
    assert_eq!(office.join(&secret, "eve", "long enough").await, 400);
    assert_eq!(
        office.join(&secret, "eve@example", "long enough").await,
        400
    );
    assert_eq!(
        office
            .join(&secret, "eve@example.com", &"x".repeat(73))
            .await,
        400
    );
    assert_eq!(office.join(&secret, SUE, "long enough").await, 409);
    assert_eq!(
        office.join(&secret, "eve@example.com", "long enough").await,
        204
    );
    assert!(
        office
            .session("eve@example.com", "long enough")
            .await
            .is_some()
    );
    assert_eq!(
        office
            .join(&secret, "mallory@example.com", "long enough")
            .await,
        410
    );
    assert_eq!(
        office
            .join(LINK_OF_NOBODY, "mallory@example.com", "long enough")
            .await,
        410
    );
    assert_eq!(
        office.join("", "mallory@example.com", "long enough").await,
        410
    );
    let (members, accounts) = office.people().await;
    assert_eq!(
        members,
        [
            "Doug, agent",
            "Eve, agent",
            "Rhonda, agent",
            "Sue, supervisor"
        ]
    );
    let known = [
        "doug@example.com",
        "eve@example.com",
        "rhonda@example.com",
        SUE,
    ];
    assert_eq!(accounts, known);
    office.stack.stop().await;
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_as_the_manual_says() {
    let office = Office::open().await;
    let manual = include_str!("../../../../docs/going-live.md");
    let mut lines = manual.lines().map(str::trim);
    let statement = lines
        .find(|line| line.starts_with("update auth.users"))
        .unwrap();
    let (client, connection) =
        tokio_postgres::connect(&office.stack.db_url(), tokio_postgres::NoTls)
            .await
            .unwrap();
    tokio::spawn(connection);
    let statement = statement.replace("eve@your.company", SUE);
    client.batch_execute(&statement).await.unwrap();
    assert!(office.session(SUE, "a new one").await.is_some());
    assert!(office.session(SUE, PASSWORD).await.is_none());
    office.stack.stop().await;
}

#[tokio::test]
async fn of_several_who_join_at_once_with_one_link_one_is_in_and_no_account_remains_of_the_rest() {
    let office = Office::open().await;
    let secret = office.invite("Eve", "supervisor").await;
    let tries = (0..4).map(|n| {
        let (office, secret) = (&office, &secret);
        async move {
            office
                .join(secret, &format!("eve{n}@example.com"), "long enough")
                .await
        }
    });
    let mut answers = futures::future::join_all(tries).await;
    answers.sort_unstable();
    assert_eq!(answers, [204, 410, 410, 410]);
    let (members, accounts) = office.people().await;
    assert_eq!(
        members,
        [
            "Doug, agent",
            "Eve, supervisor",
            "Rhonda, agent",
            "Sue, supervisor"
        ]
    );
    assert_eq!(accounts.len(), 4, "{accounts:?}");
    office.stack.stop().await;
}

#[tokio::test]
async fn what_is_no_application_is_refused_before_anybody_is_asked() {
    let app = TestApp::alone().await;
    let post = async |body: String, content_type: &str| {
        let request = app.request("POST", "/api/join").body(body);
        let request = request.header("content-type", content_type);
        request.send().await.unwrap().status().as_u16()
    };
    let json = |secret: &str| {
        json!({ "secret": secret, "email": "a@example.com", "password": "long enough" }).to_string()
    };
    assert_eq!(post(json("not a secret"), "application/json").await, 410);
    // A form of another site can send no JSON without being asked whether it may.
    assert_eq!(post(json(LINK_OF_NOBODY), "text/plain").await, 415);
    assert_eq!(post("{".to_owned(), "application/json").await, 400);
    assert_eq!(
        post(json(&"0".repeat(1 << 20)), "application/json").await,
        413
    );
    assert_eq!(post(json(LINK_OF_NOBODY), "application/json").await, 503);
}
