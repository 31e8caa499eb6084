//! Broadcasts: from clients, from the database, and from `POST /realtime/v1/api/broadcast`.

use std::collections::{BTreeMap, HashMap};

use axum::{
    Json,
    body::Bytes,
    extract::State,
    extract::ws::Message,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::de::IgnoredAny;
use serde_json::{Value, json, value::RawValue};

use super::{
    Realtime,
    authorize::{self, Rights},
    changes::DatabaseMessage,
    frame::{self, Head, UserPayload, Version, quoted},
    token,
};

/// One message to everybody on a topic.
#[derive(Debug, Clone)]
pub(super) struct Broadcast {
    /// The topic without its `realtime:`.
    pub(super) topic: String,
    /// Reaches private channels only, or public ones only: two topics that share a name.
    pub(super) private: bool,
    pub(super) content: Content,
}

/// What is sent, in the shape that the way it came by gives it.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// The whole payload of the frame as JSON text, the same text for both versions.
    Text(String),
    /// An event that version 2.0.0 gets in binary; `id` where the database keeps it.
    Event {
        event: String,
        id: Option<String>,
        payload: UserPayload,
    },
}

impl From<DatabaseMessage> for Broadcast {
    fn from(message: DatabaseMessage) -> Self {
        let content = Content::Event {
            event: message.event,
            id: Some(message.id),
            payload: UserPayload::Json(message.payload),
        };
        Self {
            topic: message.topic,
            private: message.private,
            content,
        }
    }
}

impl Content {
    /// A client's payload: its keys by name, what they hold untouched. `None` if it is no object.
    pub(super) fn of_client(payload: &RawValue) -> Option<Self> {
        let entries: BTreeMap<String, Box<RawValue>> = serde_json::from_str(payload.get()).ok()?;
        let entries: Vec<String> = entries
            .iter()
            .map(|(name, value)| format!("{}:{value}", quoted(name)))
            .collect();
        Some(Self::Text(format!("{{{}}}", entries.join(","))))
    }

    /// Bytes of the payload, for the size limit.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(text)
            | Self::Event {
                payload: UserPayload::Json(text),
                ..
            } => text.len(),
            Self::Event {
                payload: UserPayload::Binary(bytes),
                ..
            } => bytes.len(),
        }
    }

    /// The frame for `topic` (with its `realtime:`). `None` where the version cannot carry it.
    pub(super) fn render(&self, version: Version, topic: &str) -> Option<Message> {
        let text = match (self, version) {
            (Self::Text(text), _) => text.clone(),
            (Self::Event { event, id, payload }, Version::V2) => {
                let metadata = id
                    .as_ref()
                    .map_or_else(String::new, |id| format!(r#"{{"id":{}}}"#, quoted(id)));
                return frame::render_user_broadcast(topic, event, &metadata, payload);
            }
            (
                Self::Event {
                    event,
                    id,
                    payload: UserPayload::Json(payload),
                },
                Version::V1,
            ) => {
                let meta = id.as_ref().map_or_else(String::new, |id| {
                    format!(r#""meta":{{"id":{}}},"#, quoted(id))
                });
                format!(
                    r#"{{"event":{},{meta}"payload":{payload},"type":"broadcast"}}"#,
                    quoted(event)
                )
            }
            (
                Self::Event {
                    payload: UserPayload::Binary(_),
                    ..
                },
                Version::V1,
            ) => return None,
        };
        let topic = Value::from(topic);
        let head = Head {
            join_ref: &Value::Null,
            reference: &Value::Null,
            topic: &topic,
            event: "broadcast",
        };
        Some(frame::render(version, &head, &text))
    }
}

/// One message of the body, as far as it can be sent.
struct HttpMessage {
    topic: String,
    event: String,
    payload: String,
    private: bool,
}

/// Reads the messages of a body; the error is the answer's `errors`, worded as the real server's.
fn messages(body: &[u8]) -> Result<Vec<HttpMessage>, Value> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let listed = match body.get("messages") {
        None | Some(Value::Null) => return Err(json!({"messages": ["can't be blank"]})),
        Some(Value::Array(listed)) if listed.is_empty() => {
            return Err(json!({"messages": ["can't be blank"]}));
        }
        Some(Value::Array(listed)) if listed.iter().all(Value::is_object) => listed,
        Some(_) => return Err(json!({"messages": ["is invalid"]})),
    };
    let read: Vec<Result<HttpMessage, Value>> = listed.iter().map(message).collect();
    if read.iter().all(Result::is_ok) {
        return Ok(read.into_iter().flatten().collect());
    }
    let faults = read
        .into_iter()
        .map(|one| one.err().unwrap_or_else(|| json!({})));
    Err(json!({"messages": faults.collect::<Vec<_>>()}))
}

fn message(one: &Value) -> Result<HttpMessage, Value> {
    let mut faults = serde_json::Map::new();
    let mut text = |name: &str| match one.get(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => text.clone(),
        None | Some(Value::Null | Value::String(_)) => {
            faults.insert(name.to_owned(), json!(["can't be blank"]));
            String::new()
        }
        Some(_) => {
            faults.insert(name.to_owned(), json!(["is invalid"]));
            String::new()
        }
    };
    let (topic, event) = (text("topic"), text("event"));
    let payload = match one.get("payload") {
        Some(payload @ Value::Object(_)) => payload.to_string(),
        None | Some(Value::Null) => {
            faults.insert("payload".to_owned(), json!(["can't be blank"]));
            String::new()
        }
        Some(_) => {
            faults.insert("payload".to_owned(), json!(["is invalid"]));
            String::new()
        }
    };
    let private = match one.get("private") {
        None | Some(Value::Null) => Some(false),
        Some(Value::Bool(private)) => Some(*private),
        Some(Value::String(word)) => match word.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" | "" => Some(false),
            _ => None,
        },
        Some(_) => None,
    };
    if private.is_none() {
        faults.insert("private".to_owned(), json!(["is invalid"]));
    }
    if faults.is_empty() {
        Ok(HttpMessage {
            topic,
            event,
            payload,
            private: private.unwrap_or_default(),
        })
    } else {
        Err(Value::Object(faults))
    }
}

/// `POST /api/broadcast`: `{"messages":[{"topic","event","payload","private"}]}` → 202, also for a message that the
/// caller may not send: it is then delivered to nobody. 401 for a bad token, 400 for what is said to be JSON and is not,
/// 422 for another malformed body.
pub(super) async fn post(
    State(realtime): State<Realtime>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer =
        header(header::AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
    let Some(token) = bearer.or_else(|| header("apikey")) else {
        return refuse(StatusCode::UNAUTHORIZED, json!({"message": "Unauthorized"}));
    };
    let Ok(identity) = token::verify(&realtime.gateway.jwt, token) else {
        return refuse(StatusCode::UNAUTHORIZED, json!({"message": "Unauthorized"}));
    };
    let is_json = header(header::CONTENT_TYPE.as_str())
        .is_some_and(|kind| kind.starts_with("application/json"));
    if is_json && !body.is_empty() && serde_json::from_slice::<IgnoredAny>(&body).is_err() {
        return (StatusCode::BAD_REQUEST, "Bad Request").into_response();
    }
    let messages = match messages(&body) {
        Ok(messages) => messages,
        Err(errors) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, json!({"errors": errors})),
    };
    if messages
        .iter()
        .any(|message| message.payload.len() > realtime.limits.broadcast_bytes)
    {
        let errors =
            json!({"errors": {"messages": [{"payload": ["Payload size exceeds tenant limit"]}]}});
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, errors);
    }
    let mut asked: HashMap<String, bool> = HashMap::new();
    for message in messages {
        if message.private {
            let may_write = match asked.get(&message.topic) {
                Some(known) => *known,
                None => {
                    let rights = authorize::rights(&realtime, &message.topic, &identity)
                        .await
                        .unwrap_or(Rights::NONE);
                    asked.insert(message.topic.clone(), rights.write);
                    rights.write
                }
            };
            if !may_write {
                continue;
            }
        }
        let content = Content::Text(format!(
            r#"{{"event":{},"payload":{},"type":"broadcast"}}"#,
            quoted(&message.event),
            message.payload
        ));
        realtime.hub.broadcast(
            &Broadcast {
                topic: message.topic,
                private: message.private,
                content,
            },
            None,
        );
    }
    StatusCode::ACCEPTED.into_response()
}

fn refuse(status: StatusCode, body: Value) -> Response {
    (status, Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_may_be_a_word() {
        let read = |private: Value| {
            let body = json!({"messages": [{"topic": "t", "event": "e", "payload": {}, "private": private}]});
            messages(body.to_string().as_bytes()).map(|read| read[0].private)
        };
        for yes in [json!(true), json!("true"), json!("1")] {
            assert_eq!(read(yes), Ok(true));
        }
        for no in [
            json!(false),
            json!("false"),
            json!("0"),
            json!(""),
            json!(null),
        ] {
            assert_eq!(read(no), Ok(false));
        }
        let fault = json!({"messages": [{"private": ["is invalid"]}]});
        for neither in [json!("yes"), json!(1), json!([])] {
            assert_eq!(read(neither), Err(fault.clone()));
        }
    }
}
