//! Requests in a line each, and what is looked at in their answers.

use serde_json::Value;

use super::{
    stand::{Stand, golden},
    wire,
};

/// One request as `doug`, unless it says otherwise, and its expected answer.
#[derive(Clone)]
pub(crate) struct Case {
    request: &'static str,
    who: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    body: Option<&'static str>,
    status: u16,
    expected: Option<Value>,
    expected_headers: Vec<(&'static str, Option<&'static str>)>,
}

impl Case {
    /// `GET /calls?…` is answered with `status`.
    pub(crate) fn new(request: &'static str, status: u16) -> Self {
        Self {
            request,
            who: "doug",
            headers: Vec::new(),
            body: None,
            status,
            expected: None,
            expected_headers: Vec::new(),
        }
    }

    pub(crate) fn by(mut self, who: &'static str) -> Self {
        self.who = who;
        self
    }

    pub(crate) fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn sends(mut self, body: &'static str) -> Self {
        self.body = Some(body);
        self
    }

    /// The whole body; where an object of it has the key `…`, other keys may stand beside the ones that are named.
    pub(crate) fn gives(mut self, body: Value) -> Self {
        self.expected = Some(body);
        self
    }

    /// An error's body in the order code, message, details, hint.
    pub(crate) fn refuses(self, code: &str, message: &str, details: Value, hint: Value) -> Self {
        let mut body = serde_json::json!({"code": code, "message": message});
        body["details"] = details;
        body["hint"] = hint;
        self.gives(body)
    }

    pub(crate) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.expected_headers.push((name, Some(value)));
        self
    }

    pub(crate) fn without(mut self, name: &'static str) -> Self {
        self.expected_headers.push((name, None));
        self
    }

    async fn difference(&self, stand: &Stand) -> Option<String> {
        let (method, path) = self.request.split_once(' ').expect("a verb and a path");
        let mut headers: Vec<(String, String)> = self
            .headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        headers.extend(
            stand
                .authorization(self.who)
                .map(|value| ("authorization".to_owned(), value)),
        );
        let path = format!("/rest/v1{path}");
        let body = self.body.map(str::as_bytes);
        let response = wire::send(stand.address, method, &path, &headers, body).await;
        if response.status != self.status {
            return Some(format!(
                "{} and not {}: {}",
                response.status,
                self.status,
                response.text()
            ));
        }
        for (name, value) in &self.expected_headers {
            let actual = response.header(name);
            if actual != *value {
                return Some(format!("{name} is {actual:?} and not {value:?}"));
            }
        }
        let expected = self.expected.as_ref()?;
        let actual: Value = match serde_json::from_slice(&response.body) {
            Ok(actual) => actual,
            Err(_) => Value::String(response.text()),
        };
        (!holds(expected, &actual)).then(|| format!("{actual} and not {expected}"))
    }
}

fn holds(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            let open = expected.contains_key("…");
            let named = expected.iter().filter(|(key, _)| *key != "…");
            (open || expected.len() == actual.len())
                && named
                    .into_iter()
                    .all(|(key, value)| actual.get(key).is_some_and(|actual| holds(value, actual)))
        }
        (Value::Array(expected), Value::Array(actual)) => {
            expected.len() == actual.len()
                && expected
                    .iter()
                    .zip(actual)
                    .all(|(expected, actual)| holds(expected, actual))
        }
        _ => expected == actual,
    }
}

/// A stand with the recordings' members and the six calls of their first fixture.
pub(crate) async fn board() -> Stand {
    let recordings = std::fs::read_to_string(golden("rest.json")).expect("recordings");
    let recordings: Value = serde_json::from_str(&recordings).expect("JSON");
    let members = &recordings["meta"]["voip_users"];
    let stand = Stand::start().await;
    stand.add_members(members).await;
    stand.reset(members, &recordings["fixtures"]["board"]).await;
    stand
}

/// Asks one after the other and tells every difference at once.
pub(crate) async fn play(stand: &Stand, cases: Vec<Case>) {
    let mut different = Vec::new();
    let count = cases.len();
    for case in cases {
        if let Some(difference) = case.difference(stand).await {
            different.push(format!(
                "{} {:?} {:?}: {difference}",
                case.request, case.headers, case.body
            ));
        }
    }
    println!("{} of {count} equal", count - different.len());
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Asks until it is so: for what another process has to hear of first.
pub(crate) async fn until(stand: &Stand, case: Case) {
    let so = async { while case.difference(stand).await.is_some() {} };
    tokio::time::timeout(std::time::Duration::from_secs(60), so)
        .await
        .expect("never so");
}
