//! The wire: Phoenix frames, in either of the server's two text formats and its binary one.
//!
//! The format is told by the first byte and never by the version that was asked for: sockets of
//! different versions on one topic are known to receive each other's frames.

use serde_json::{Map, Value, json};
use switchboard_model::json;

/// Frames larger than this are not looked at. The server's own limit is 5 000 000 bytes.
pub(crate) const MAX_FRAME_BYTES: usize = 5_000_000;

/// The binary kind of a broadcast that the server sends.
const KIND_BROADCAST: u8 = 4;
/// The binary encoding flag of a JSON payload.
const ENCODING_JSON: u8 = 1;

/// A frame from the server.
#[derive(Debug, PartialEq)]
pub(crate) struct Frame {
    /// The join that the frame belongs to, where the format tells.
    pub(crate) join_ref: Option<String>,
    /// The push that is answered; in `phx_close` of version 1 it is the join's.
    pub(crate) reference: Option<String>,
    pub(crate) topic: String,
    pub(crate) event: String,
    pub(crate) payload: Value,
}

/// Why a frame was ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    #[error("the frame is larger than the server may send")]
    TooLarge,
    #[error("the frame is not one of the known formats")]
    Malformed,
}

/// Reads a text frame: an object (version 1) or an array (version 2).
pub(crate) fn from_text(text: &str) -> Result<Frame, FrameError> {
    if text.len() > MAX_FRAME_BYTES {
        return Err(FrameError::TooLarge);
    }
    let value = json::read(text).ok_or(FrameError::Malformed)?;
    match value {
        Value::Object(mut fields) => {
            let mut take = |key| json::take(&mut fields, key);
            build([
                take("join_ref"),
                take("ref"),
                take("topic"),
                take("event"),
                take("payload"),
            ])
        }
        Value::Array(fields) => build(fields.try_into().map_err(|_| FrameError::Malformed)?),
        _ => Err(FrameError::Malformed),
    }
}

fn build(fields: [Value; 5]) -> Result<Frame, FrameError> {
    let [join_ref, reference, topic, event, payload] = fields;
    match (topic, event) {
        (Value::String(topic), Value::String(event)) => Ok(Frame {
            join_ref: text_of(join_ref),
            reference: text_of(reference),
            topic,
            event,
            payload,
        }),
        _ => Err(FrameError::Malformed),
    }
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// Reads a binary broadcast: kind, lengths of topic, event and metadata (one byte each), encoding,
/// then topic, event, metadata and payload.
pub(crate) fn from_binary(bytes: &[u8]) -> Result<Frame, FrameError> {
    if bytes.len() > MAX_FRAME_BYTES {
        return Err(FrameError::TooLarge);
    }
    let [
        KIND_BROADCAST,
        topic_len,
        event_len,
        meta_len,
        ENCODING_JSON,
        rest @ ..,
    ] = bytes
    else {
        return Err(FrameError::Malformed);
    };
    let (topic, rest) = cut(rest, *topic_len)?;
    let (event, rest) = cut(rest, *event_len)?;
    let (_metadata, payload) = cut(rest, *meta_len)?;
    let payload = json::read(text_from(payload)?).ok_or(FrameError::Malformed)?;
    let event = text_from(event)?;
    Ok(Frame {
        join_ref: None,
        reference: None,
        topic: text_from(topic)?.to_owned(),
        event: "broadcast".to_owned(),
        // The same shape as the text form of a broadcast.
        payload: json!({"type": "broadcast", "event": event, "payload": payload}),
    })
}

fn cut(bytes: &[u8], length: u8) -> Result<(&[u8], &[u8]), FrameError> {
    bytes
        .split_at_checked(usize::from(length))
        .ok_or(FrameError::Malformed)
}

fn text_from(bytes: &[u8]) -> Result<&str, FrameError> {
    std::str::from_utf8(bytes).map_err(|_| FrameError::Malformed)
}

/// Writes a push in version 1, the version that the client asks for.
pub(crate) fn push(
    topic: &str,
    event: &str,
    payload: Value,
    reference: &str,
    join_ref: Option<&str>,
) -> String {
    let mut fields = Map::new();
    fields.insert("topic".to_owned(), topic.into());
    fields.insert("event".to_owned(), event.into());
    fields.insert("payload".to_owned(), payload);
    fields.insert("ref".to_owned(), reference.into());
    if let Some(join_ref) = join_ref {
        fields.insert("join_ref".to_owned(), join_ref.into());
    }
    json::write(&Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_text_formats_read_alike() {
        let object = from_text(
            r#"{"ref":"1","event":"phx_reply","topic":"realtime:board","payload":{"status":"ok"}}"#,
        )
        .unwrap();
        let array =
            from_text(r#"[null,"1","realtime:board","phx_reply",{"status":"ok"}]"#).unwrap();
        assert_eq!(object, array);
    }

    #[test]
    fn a_binary_broadcast_reads_like_its_text_form() {
        let mut bytes = vec![4, 14, 6, 2, 1];
        bytes.extend_from_slice(b"realtime:boardchange{}{\"n\": 1}");
        let text = r#"[null,null,"realtime:board","broadcast",{"event":"change","payload":{"n":1},"type":"broadcast"}]"#;
        assert_eq!(from_binary(&bytes).unwrap(), from_text(text).unwrap());
    }

    #[test]
    fn binary_frames_that_lie_about_their_lengths_are_refused() {
        for bytes in [
            &[][..],
            &[4],
            &[4, 200, 1, 1, 1, b'a'],
            &[4, 1, 1, 1, 0, b'a', b'b', b'c'],
            &[3, 1, 1, 0, 1, b'a', b'b', b'1'],
            &[4, 1, 1, 0, 1, 0xff, b'b', b'1'],
        ] {
            assert_eq!(from_binary(bytes), Err(FrameError::Malformed));
        }
    }

    #[test]
    fn an_int8_beyond_the_precision_of_a_double_stays_exact() {
        let frame = from_text(r#"[null,null,"t","e",{"v":9007199254740993}]"#).unwrap();
        assert_eq!(frame.payload["v"].as_i64(), Some(9_007_199_254_740_993));
    }

    #[test]
    fn frames_that_are_too_large_or_nested_too_deep_are_refused_unread() {
        assert_eq!(
            from_text(&" ".repeat(MAX_FRAME_BYTES + 1)),
            Err(FrameError::TooLarge)
        );
        assert_eq!(from_text(&"[".repeat(100_000)), Err(FrameError::Malformed));
    }
}
