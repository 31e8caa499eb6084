//! Phoenix frames of both protocol versions, parsed and rendered. Pure: no socket, no clock.
//!
//! Version 1.0.0 frames are objects, version 2.0.0 frames are arrays `[join_ref, ref, topic, event, payload]`; in
//! version 2.0.0 clients push broadcasts as binary kind 3 and get them as binary kind 4.
//! Key order and spacing are those of the recordings in `tests/golden/realtime`.

use axum::extract::ws::Message;
use bytes::{BufMut, Bytes, BytesMut};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

/// What the client asked for with `vsn`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Version {
    /// `1.0.x`, and what a client gets that does not ask.
    V1,
    /// `2.0.x`.
    V2,
}

impl Version {
    /// The version for a `vsn` parameter; `None` for one that the server refuses with 403.
    pub(super) fn asked(vsn: Option<&str>) -> Option<Self> {
        let Some(vsn) = vsn else {
            return Some(Self::V1);
        };
        let (line, patch) = vsn.rsplit_once('.')?;
        patch.parse::<u32>().ok()?;
        match line {
            "1.0" => Some(Self::V1),
            "2.0" => Some(Self::V2),
            _ => None,
        }
    }
}

/// A frame that a client sent.
#[derive(Debug)]
pub(super) struct Push {
    /// Ref of the join that this belongs to; null where the client gave none.
    pub(super) join_ref: Value,
    /// The client's number of this frame, given back in the reply. Any JSON value, as the real server.
    pub(super) reference: Value,
    /// Any JSON value: a topic that is no text is answered "unmatched topic" like any other unknown one.
    pub(super) topic: Value,
    pub(super) event: Value,
    pub(super) body: Body,
}

/// What a frame carries.
#[derive(Debug)]
pub(super) enum Body {
    Json(Box<RawValue>),
    /// A broadcast in binary kind 3.
    Broadcast {
        event: String,
        payload: UserPayload,
    },
}

/// A broadcast's own payload, which the server passes on unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum UserPayload {
    /// JSON text.
    Json(String),
    /// Bytes that only version 2.0.0 can carry.
    Binary(Bytes),
}

/// The object form. `ref`, `topic`, `event` and `payload` must be there, `join_ref` need not.
#[derive(Deserialize)]
struct ObjectFrame {
    #[serde(default)]
    join_ref: Value,
    #[serde(rename = "ref")]
    reference: Value,
    topic: Value,
    event: Value,
    payload: Box<RawValue>,
}

/// Reads a text frame; `None` for a malformed one, which the server ignores.
pub(super) fn parse_text(version: Version, text: &str) -> Option<Push> {
    match version {
        Version::V1 => {
            let frame: ObjectFrame = serde_json::from_str(text).ok()?;
            Some(Push {
                join_ref: frame.join_ref,
                reference: frame.reference,
                topic: frame.topic,
                event: frame.event,
                body: Body::Json(frame.payload),
            })
        }
        Version::V2 => {
            let (join_ref, reference, topic, event, payload) = serde_json::from_str(text).ok()?;
            Some(Push {
                join_ref,
                reference,
                topic,
                event,
                body: Body::Json(payload),
            })
        }
    }
}

/// Kind byte of a client's broadcast.
const USER_BROADCAST_PUSH: u8 = 3;
/// Kind byte of a broadcast to clients.
const USER_BROADCAST: u8 = 4;
const BINARY_ENCODING: u8 = 0;
const JSON_ENCODING: u8 = 1;

/// Reads a binary frame of version 2.0.0: a broadcast of kind 3. `None` for anything else, which is ignored.
pub(super) fn parse_binary(version: Version, bytes: &Bytes) -> Option<Push> {
    let [
        USER_BROADCAST_PUSH,
        join_ref,
        reference,
        topic,
        event,
        metadata,
        encoding,
        ..,
    ] = bytes[..]
    else {
        return None;
    };
    if version == Version::V1 {
        return None;
    }
    let mut rest = bytes.slice(7..);
    let mut text = |length: u8| {
        let length = usize::from(length);
        (rest.len() >= length)
            .then(|| rest.split_to(length))
            .and_then(|bytes| String::from_utf8(bytes.into()).ok())
    };
    let (join_ref, reference, topic, event) = (
        text(join_ref)?,
        text(reference)?,
        text(topic)?,
        text(event)?,
    );
    text(metadata)?;
    let payload = match encoding {
        BINARY_ENCODING => UserPayload::Binary(rest),
        JSON_ENCODING => {
            let json: Box<RawValue> = serde_json::from_slice(&rest).ok()?;
            UserPayload::Json(json.get().to_owned())
        }
        _ => return None,
    };
    let or_null = |text: String| {
        if text.is_empty() {
            Value::Null
        } else {
            Value::String(text)
        }
    };
    Some(Push {
        join_ref: or_null(join_ref),
        reference: or_null(reference),
        topic: Value::String(topic),
        event: Value::String("broadcast".to_owned()),
        body: Body::Broadcast { event, payload },
    })
}

/// The address of an outgoing frame. Version 1.0.0 never shows `join_ref`.
pub(super) struct Head<'a> {
    pub(super) join_ref: &'a Value,
    pub(super) reference: &'a Value,
    pub(super) topic: &'a Value,
    pub(super) event: &'a str,
}

/// Renders a text frame around `payload`, which must be JSON text.
pub(super) fn render(version: Version, head: &Head<'_>, payload: &str) -> Message {
    let Head {
        join_ref,
        reference,
        topic,
        event,
    } = head;
    let event = quoted(event);
    let text = match version {
        Version::V1 => {
            format!(r#"{{"ref":{reference},"event":{event},"topic":{topic},"payload":{payload}}}"#)
        }
        Version::V2 => format!("[{join_ref},{reference},{topic},{event},{payload}]"),
    };
    Message::Text(text.into())
}

/// `text` as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A broadcast as version 2.0.0 gets it: binary kind 4. `None` where topic, event or metadata exceed 255 bytes.
pub(super) fn render_user_broadcast(
    topic: &str,
    event: &str,
    metadata: &str,
    payload: &UserPayload,
) -> Option<Message> {
    let (encoding, payload) = match payload {
        UserPayload::Json(text) => (JSON_ENCODING, text.as_bytes()),
        UserPayload::Binary(bytes) => (BINARY_ENCODING, &bytes[..]),
    };
    let mut frame =
        BytesMut::with_capacity(5 + topic.len() + event.len() + metadata.len() + payload.len());
    frame.put_u8(USER_BROADCAST);
    for part in [topic, event, metadata] {
        frame.put_u8(u8::try_from(part.len()).ok()?);
    }
    frame.put_u8(encoding);
    for part in [topic, event, metadata] {
        frame.put_slice(part.as_bytes());
    }
    frame.put_slice(payload);
    Some(Message::Binary(frame.freeze()))
}

#[cfg(test)]
mod tests;
