//! The database that is raced on: a stand-in of its own, or the project of the environment.

use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use switchboard_local_supabase::{LocalSupabase, Options};
use switchboard_model::request::Request;

/// Where to ask, and the two keys.
pub(crate) struct Project {
    http: reqwest::Client,
    url: String,
    anon: String,
    service: String,
    /// Ours alone, unless it is somebody's project.
    stack: Option<LocalSupabase>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Answer {
    /// Whether exactly one row was changed, or was already so.
    pub(crate) fn is_done(&self) -> bool {
        self.status == 200 && self.body.as_array().is_some_and(|rows| rows.len() == 1)
    }

    /// Whether the filter met nothing: somebody was first.
    pub(crate) fn is_lost(&self) -> bool {
        self.status == 200 && self.body.as_array().is_some_and(Vec::is_empty)
    }

    /// The hint of a refusal.
    pub(crate) fn refusal(&self) -> Option<&str> {
        (self.status == 409 && self.body["code"] == "PT409").then(|| self.body["hint"].as_str())?
    }
}

impl Project {
    pub(crate) async fn open() -> Self {
        let http = reqwest::Client::builder()
            .pool_max_idle_per_host(64)
            .build()
            .unwrap();
        if std::env::var("RACES_ON").is_ok_and(|on| on == "project") {
            let setting = |name: &str| {
                std::env::var(name).unwrap_or_else(|_| panic!("{name} is to be set for this"))
            };
            return Self {
                http,
                url: setting("SUPABASE_URL").trim_end_matches('/').to_owned(),
                anon: setting("SUPABASE_ANON_KEY"),
                service: setting("SUPABASE_SERVICE_ROLE_KEY"),
                stack: None,
            };
        }
        let stack = LocalSupabase::start(Options::default()).await.unwrap();
        Self {
            http,
            url: stack.url().to_owned(),
            anon: stack.keys().anon.clone(),
            service: stack.keys().service_role.expose_secret().to_owned(),
            stack: Some(stack),
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// As the service.
    pub(crate) fn service(&self) -> Caller {
        self.caller(&self.service, &self.service)
    }

    /// As the person whom the token names.
    pub(crate) fn person(&self, token: &str) -> Caller {
        self.caller(&self.anon, token)
    }

    fn caller(&self, key: &str, token: &str) -> Caller {
        Caller {
            http: self.http.clone(),
            url: self.url.clone(),
            key: key.to_owned(),
            token: token.to_owned(),
        }
    }

    /// The races are over: nobody may have been a deadlock's victim, also where the client was not told.
    pub(crate) async fn close(self) {
        let Some(stack) = self.stack else { return };
        let log = std::fs::read_to_string(stack.log()).unwrap();
        stack.stop().await;
        let deadlocks = log.matches("deadlock detected").count();
        assert_eq!(deadlocks, 0, "{log}");
    }
}

/// Somebody with a token.
#[derive(Clone)]
pub(crate) struct Caller {
    http: reqwest::Client,
    url: String,
    key: String,
    token: String,
}

impl Caller {
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let with_headers: [(&str, &str); 1] = [("prefer", "return=representation")];
        self.exchange(method, path, body, with_headers.into_iter())
            .await
    }

    pub(crate) async fn ask(&self, request: &Request) -> Answer {
        let method = request.method.as_str().parse().unwrap();
        let headers = request
            .headers()
            .filter(|(name, _)| *name != "content-type");
        self.exchange(
            method,
            &request.path_and_query(),
            request.body.as_ref(),
            headers,
        )
        .await
    }

    /// The rows of a query that must succeed.
    pub(crate) async fn rows(&self, path: &str) -> Vec<Value> {
        let answer = self.send(Method::GET, path, None).await;
        match answer.body {
            Value::Array(rows) if answer.status == 200 => rows,
            other => panic!("{path}: {} {other}", answer.status),
        }
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: impl Iterator<Item = (&str, &str)>,
    ) -> Answer {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.url))
            .header("apikey", &self.key)
            .bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        };
        Answer { status, body }
    }
}
