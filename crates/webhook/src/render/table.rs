//! The state table, row by row: `table/<row>.xml` is what the customer's leg gets. Compared as trees, so that the files
//! can be laid out for reading.

use std::collections::BTreeMap;
use std::path::Path;

use roxmltree::{Document, Node};
use serde_json::json;

use super::tests::{active, call, member_id, members, stage, urls};
use super::*;

/// An element: its name, its attributes, its own text, its children.
#[derive(Debug, PartialEq)]
struct Tree(String, BTreeMap<String, String>, String, Vec<Tree>);

fn tree(node: Node<'_, '_>) -> Tree {
    let attributes = node.attributes();
    let children = node.children().filter(Node::is_element);
    Tree(
        node.tag_name().name().to_owned(),
        attributes
            .map(|a| (a.name().to_owned(), a.value().to_owned()))
            .collect(),
        node.text().unwrap_or_default().trim().to_owned(),
        children.map(tree).collect(),
    )
}

fn read(xml: &str) -> Tree {
    let document = Document::parse(xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
    tree(document.root_element())
}

#[test]
fn every_row_of_the_state_table_is_rendered_as_its_file_says() {
    let urls = urls();
    let plain = stage(&urls);
    let office_music = Stage {
        hold_music: Some("https://office.test/music.mp3?a=1&b=<2>"),
        ..plain
    };
    let silent = Stage {
        has_audio: false,
        ..plain
    };
    let again = Stage {
        dials_again: true,
        ..plain
    };
    let parked = call(&json!({
        "status": "parked", "parking_slot": 3, "park_reason": "agent_dropped", "parked_at": "2026-01-02T03:04:05Z",
    }));
    let message = call(&json!({ "voicemail_at": "2026-01-02T03:04:05Z" }));
    let ended = |reason: &str, answered: Option<&str>| {
        call(&json!({
            "status": "ended", "end_reason": reason, "ended_at": "2026-01-02T03:04:05Z", "answered_at": answered,
            "assigned_to": member_id(1),
        }))
    };
    let placed = call(&json!({
        "direction": "outbound", "status": "active", "assigned_to": member_id(1), "epoch": 0,
        "from_number": "+12025550199", "to_number": "+12025550150",
    }));
    let some_time = Some("2026-01-02T03:04:05Z");
    let rows = [
        (
            "ringing_somebody_is_free",
            render(&call(&json!({})), &members(2), plain),
        ),
        (
            "ringing_nobody_is_free",
            render(&call(&json!({})), &[], plain),
        ),
        (
            "ringing_leaves_a_message",
            render(&message, &members(2), plain),
        ),
        ("active", render(&active(2, false), &members(3), plain)),
        (
            "active_dialled_in_vain",
            render(&active(2, false), &members(3), again),
        ),
        (
            "active_on_hold",
            render(&active(2, true), &members(3), plain),
        ),
        ("parked", render(&parked, &members(3), plain)),
        (
            "parked_with_music_of_the_office",
            render(&parked, &members(3), office_music),
        ),
        (
            "ended_by_agent",
            render(&ended("ended_by_agent", some_time), &[], plain),
        ),
        ("ended_missed", render(&ended("missed", None), &[], plain)),
        (
            "ended_voicemail",
            render(&ended("voicemail", None), &[], plain),
        ),
        (
            "without_audio",
            render(&active(2, false), &members(3), silent),
        ),
        (
            "placed_by_an_agent",
            call_out(
                &placed,
                Stage {
                    caller_id: Some("+12025550199"),
                    ..plain
                },
            ),
        ),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/render/table");
    let mut known: Vec<String> = Vec::new();
    for (name, twiml) in &rows {
        let file = folder.join(format!("{name}.xml"));
        let expected = std::fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{}: {error}; it is\n{twiml}", file.display()));
        assert_eq!(
            read(&twiml.to_string()),
            read(&expected),
            "{name} is\n{twiml}"
        );
        known.push(format!("{name}.xml"));
    }
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(&name), "{name} is no row of the table");
    }
}
