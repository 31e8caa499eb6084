//! The parties of the attacks, and how they send requests.

use reqwest::Method;
use serde_json::{Value, json};
use switchboard_local_supabase::keys::{LOCAL_ANON_KEY, LOCAL_SERVICE_ROLE_KEY};
use switchboard_local_supabase::{LocalSupabase, Options};
use tokio_postgres::Client;

/// The seeded member whose rows are attacked.
pub(crate) const DOUG: &str = "11111111-0000-4000-8000-000000000001";
/// The other agent.
pub(crate) const RHONDA: &str = "11111111-0000-4000-8000-000000000002";
/// The supervisor.
pub(crate) const SUE: &str = "11111111-0000-4000-8000-000000000003";
/// Doug's account.
pub(crate) const DOUGS_ACCOUNT: &str = "aaaaaaaa-0000-4000-8000-000000000001";

/// Who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Nobody in particular, with the public key.
    Anon,
    /// Signed in, but not on the team.
    Stranger,
    /// Doug: the rows are his.
    Agent,
    /// Rhonda: the rows are not hers.
    Colleague,
    /// Sue.
    Supervisor,
    /// The webhook.
    Service,
}

impl Who {
    /// In the order of the matrix's columns.
    pub(crate) const ALL: [Self; 6] = [
        Self::Anon,
        Self::Stranger,
        Self::Agent,
        Self::Colleague,
        Self::Supervisor,
        Self::Service,
    ];

    /// The head of the matrix's column.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Anon => "anon",
            Self::Stranger => "stranger",
            Self::Agent => "agent",
            Self::Colleague => "colleague",
            Self::Supervisor => "supervisor",
            Self::Service => "service",
        }
    }

    fn place(self) -> usize {
        Self::ALL.iter().position(|who| *who == self).unwrap()
    }
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    /// A field of an error, or nothing.
    pub(crate) fn said(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_default()
    }

    /// How many rows came back.
    pub(crate) fn rows(&self) -> usize {
        self.body.as_array().map_or(0, Vec::len)
    }

    /// The status with the code and hint of an error, or the number of rows.
    pub(crate) fn outcome(&self) -> String {
        match self.status {
            200..300 => format!("{} rows {}", self.status, self.rows()),
            _ => format!(
                "{} {} {}",
                self.status,
                self.said("code"),
                self.said("hint")
            )
            .trim()
            .to_owned(),
        }
    }
}

/// A stack of its own with everybody signed in.
pub(crate) struct Scene {
    pub(crate) stack: LocalSupabase,
    /// The owner's connection, which arranges and checks.
    pub(crate) database: Client,
    http: reqwest::Client,
    tokens: Vec<String>,
}

impl Scene {
    pub(crate) async fn start() -> Self {
        let stack = LocalSupabase::start(Options::default()).await.unwrap();
        let database = stack.connect().await.unwrap();
        let http = reqwest::Client::new();
        let mut scene = Self {
            tokens: vec![LOCAL_ANON_KEY.to_owned()],
            stack,
            database,
            http,
        };
        let stranger = uuid::Uuid::from_u128(0x5151);
        scene
            .tokens
            .push(scene.stack.token_of(stranger, "authenticated"));
        for email in ["doug@example.com", "rhonda@example.com", "sue@example.com"] {
            let token = scene.sign_in(email).await;
            scene.tokens.push(token);
        }
        scene.tokens.push(LOCAL_SERVICE_ROLE_KEY.to_owned());
        scene
    }

    async fn sign_in(&self, email: &str) -> String {
        let url = format!("{}/auth/v1/token?grant_type=password", self.stack.url());
        let body = json!({ "email": email, "password": "switchboard" });
        let request = self.http.post(url).header("apikey", &self.tokens[0]);
        let session: Value = request
            .json(&body)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        session["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn token(&self, who: Who) -> &str {
        &self.tokens[who.place()]
    }

    /// Sends a request to `/rest/v1`; writes answer with the rows.
    pub(crate) async fn send(
        &self,
        who: Who,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        let token = self.token(who).to_owned();
        self.send_with(&token, method, path, body, &[]).await
    }

    /// The same with any token and more headers.
    pub(crate) async fn send_with(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let url = format!("{}/rest/v1/{path}", self.stack.url());
        let mut request = self
            .http
            .request(method, url)
            .header("apikey", &self.tokens[0])
            .header("authorization", format!("Bearer {token}"))
            .header("prefer", "return=representation");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, body }
    }

    pub(crate) async fn get(&self, who: Who, path: &str) -> Answer {
        self.send(who, Method::GET, path, None).await
    }

    pub(crate) async fn patch(&self, who: Who, path: &str, body: Value) -> Answer {
        self.send(who, Method::PATCH, path, Some(&body)).await
    }

    pub(crate) async fn post(&self, who: Who, path: &str, body: Value) -> Answer {
        self.send(who, Method::POST, path, Some(&body)).await
    }

    /// Runs statements as the owner of the database.
    pub(crate) async fn arrange(&self, sql: &str) {
        self.database.batch_execute(sql).await.unwrap();
    }

    /// One value as JSON, read as the owner.
    pub(crate) async fn read(&self, query: &str) -> Value {
        let sql = format!("select to_jsonb(q) -> 'value' from ({query}) as q (value)");
        let row = self.database.query_one(&sql, &[]).await.unwrap();
        row.get::<_, Option<Value>>(0).unwrap_or(Value::Null)
    }

    /// A call of its own as the webhook would make it, brought to a state by more changes of the service.
    pub(crate) async fn call(&self, sid: &str, changes: &[&str]) -> String {
        let mut sql = format!(
            "insert into calls (twilio_call_sid, from_number, to_number)
             values ('{sid}', '+12025550150', '+12025550199');"
        );
        for change in changes {
            sql += &format!("update calls set {change} where twilio_call_sid = '{sid}';");
        }
        self.arrange(&sql).await;
        let id = format!("select id from calls where twilio_call_sid = '{sid}'");
        self.read(&id).await.as_str().unwrap().to_owned()
    }

    pub(crate) async fn stop(self) {
        self.stack.stop().await;
    }
}

/// The change that gives a call to a member.
pub(crate) fn given_to(member: &str) -> String {
    format!("status = 'active', assigned_to = '{member}'")
}
