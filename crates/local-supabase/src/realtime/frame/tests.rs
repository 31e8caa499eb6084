//! Plays every recording through the parser and the renderer.

use super::*;

/// One event of a recording.
struct Event {
    sent_by_client: bool,
    message: Message,
}

fn unhex(text: &str) -> Bytes {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| u8::try_from(c.to_digit(16).expect("hex")).expect("a digit"))
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] * 16 + pair[1])
        .collect::<Vec<u8>>()
        .into()
}

/// The frames of a recording with the version that its sockets asked for, taken from their addresses.
fn frames(name: &str) -> Vec<(Version, Event)> {
    let path = format!(
        "{}/tests/golden/realtime/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let recording: Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("recording")).expect("json");
    let mut found = Vec::new();
    for event in recording["events"].as_array().into_iter().flatten() {
        let message = match (
            event["op"].as_str(),
            event["raw"].as_str(),
            event["hex"].as_str(),
        ) {
            (Some("text") | None, Some(raw), _) => Message::Text(raw.into()),
            (Some("binary"), _, Some(hex)) => Message::Binary(unhex(hex)),
            _ => continue,
        };
        let sent_by_client = match event["dir"].as_str() {
            Some("c>s") => true,
            Some("s>c") => false,
            _ => continue,
        };
        let version = if name.contains("-v2") {
            Version::V2
        } else {
            Version::V1
        };
        found.push((
            version,
            Event {
                sent_by_client,
                message,
            },
        ));
    }
    found
}

fn recordings() -> Vec<String> {
    let folder = std::fs::read_dir(format!(
        "{}/tests/golden/realtime",
        env!("CARGO_MANIFEST_DIR")
    ))
    .expect("recordings");
    let names = folder.map(|entry| {
        entry
            .expect("entry")
            .file_name()
            .into_string()
            .expect("name")
    });
    // Recordings of sockets of both versions on one topic do not say which socket is which.
    let mut names: Vec<String> = names
        .filter(|name| !name.starts_with("11b") && !name.starts_with("05a"))
        .collect();
    names.sort();
    names
}

#[test]
fn every_recorded_text_of_the_server_is_rendered_letter_by_letter() {
    let mut compared = 0;
    for name in recordings() {
        for (_, event) in frames(&name) {
            let Message::Text(text) = &event.message else {
                continue;
            };
            if event.sent_by_client {
                continue;
            }
            // A frame's own shape says its version.
            let version = if text.starts_with('[') {
                Version::V2
            } else {
                Version::V1
            };
            let Ok(push) = parse_server_text(version, text) else {
                panic!("{name}: {text}")
            };
            let Body::Json(payload) = &push.body else {
                panic!("text")
            };
            let head = Head {
                join_ref: &push.join_ref,
                reference: &push.reference,
                topic: &push.topic,
                event: push.event.as_str().expect("an event"),
            };
            assert_eq!(
                render(version, &head, payload.get()),
                event.message,
                "{name}"
            );
            compared += 1;
        }
    }
    assert!(compared > 300, "only {compared} frames were compared");
}

/// A frame of the server has the same form as one of a client.
fn parse_server_text(version: Version, text: &str) -> Result<Push, ()> {
    parse_text(version, text).ok_or(())
}

#[test]
fn every_frame_that_recorded_clients_sent_is_understood_but_the_malformed_ones() {
    for name in recordings()
        .into_iter()
        .filter(|name| !name.contains("malformed"))
    {
        for (version, event) in frames(&name) {
            let Message::Text(text) = &event.message else {
                continue;
            };
            // One handshake asked for 2.0.1 and then spoke version 1.0.0.
            if event.sent_by_client && !name.starts_with("04b") {
                assert!(
                    parse_text(version, text).is_some()
                        || name.contains("-v2") == text.starts_with('{'),
                    "{name}: {text}"
                );
            }
        }
    }
}

#[test]
fn malformed_frames_are_ignored_except_the_one_that_the_real_server_answers() {
    let understood = |name: &str| -> Vec<String> {
        let mut understood = Vec::new();
        for (version, event) in frames(name) {
            let push = match &event.message {
                Message::Text(text) => parse_text(version, text),
                Message::Binary(bytes) => parse_binary(version, bytes),
                _ => None,
            };
            if let (true, Some(push)) = (event.sent_by_client, push) {
                understood.push(push.event.to_string());
            }
        }
        understood
    };
    assert_eq!(
        understood("04c-malformed-v1.json"),
        [r#""phx_join""#, "2", r#""heartbeat""#]
    );
    assert_eq!(
        understood("04c-malformed-v2.json"),
        [r#""phx_join""#, r#""heartbeat""#]
    );
}

#[test]
fn broadcasts_of_the_database_are_rendered_byte_by_byte() {
    let mut compared = 0;
    for (_, event) in frames("12-private-broadcast-v2.json") {
        let Message::Binary(bytes) = &event.message else {
            continue;
        };
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        let (event_name, rest) = text[5 + "realtime:board".len()..]
            .split_once('{')
            .expect("metadata");
        let (metadata, payload) = rest.split_once('}').expect("payload");
        let rendered = render_user_broadcast(
            "realtime:board",
            event_name,
            &format!("{{{metadata}}}"),
            &UserPayload::Json(payload.to_owned()),
        );
        assert_eq!(rendered.as_ref(), Some(&event.message));
        compared += 1;
    }
    assert_eq!(compared, 5);
}

#[test]
fn a_binary_push_gives_its_parts() {
    let mut frame = vec![3, 1, 2, 5, 4, 0, 1];
    frame.extend_from_slice(b"7" as &[u8]);
    frame.extend_from_slice(b"12topicname{\"x\": 1}");
    let push = parse_binary(Version::V2, &frame.clone().into()).expect("a broadcast");
    assert_eq!(
        (&push.join_ref, &push.reference, &push.topic),
        (&"7".into(), &"12".into(), &"topic".into())
    );
    let Body::Broadcast { event, payload } = push.body else {
        panic!("a broadcast")
    };
    assert_eq!(
        (event.as_str(), payload),
        ("name", UserPayload::Json(r#"{"x": 1}"#.to_owned()))
    );
    for cut in 0..frame.len() {
        assert!(
            parse_binary(Version::V2, &frame[..cut].to_vec().into()).is_none(),
            "cut at {cut}"
        );
    }
    assert!(parse_binary(Version::V1, &frame.into()).is_none());
}

#[test]
fn versions_are_those_of_the_recorded_handshakes() {
    assert_eq!(Version::asked(None), Some(Version::V1));
    assert_eq!(Version::asked(Some("1.0.0")), Some(Version::V1));
    assert_eq!(Version::asked(Some("2.0.1")), Some(Version::V2));
    for refused in ["9.9.9", "1.1.0", "abc", "", "2.0.x"] {
        assert_eq!(Version::asked(Some(refused)), None, "{refused}");
    }
}
