//! Snapshots, and the changes that come meanwhile.

use serde_json::json;

use super::*;

#[test]
fn a_snapshot_replaces_what_was_known_when_it_was_asked_for() {
    let mut board = Board::default();
    board.apply(&change(1, 5, "active"));
    board.apply(&change(2, 8, "ringing"));
    take(
        &mut board,
        snapshot(vec![call(2, 9, "parked"), call(3, 1, "ringing")]),
    );
    assert_eq!(shown(&board), [(call_id(2), 9), (call_id(3), 1)]);
    // The call that the snapshot did not have any more stays away.
    assert_eq!(board.apply(&change(1, 5, "active")), Applied::Stale);
}

#[test]
fn a_snapshot_taken_a_moment_before_a_commit_was_visible_undoes_nothing() {
    let mut board = Board::default();
    board.apply(&change(1, 5, "ringing"));
    board.apply(&change(2, 6, "active"));
    board.apply(&change(1, 8, "active"));
    board.apply(&change(2, 9, "ended"));
    let older = snapshot(vec![call(1, 5, "ringing"), call(2, 6, "active")]);
    take(&mut board, older);
    assert_eq!(shown(&board), [(call_id(1), 8)]);
}

#[test]
fn a_change_that_arrives_while_a_snapshot_is_under_way_survives_it() {
    let mut board = Board::default();
    board.apply(&change(1, 5, "ringing"));
    let asked = board.snapshot_asked();
    board.apply(&change(1, 8, "active"));
    board.apply(&change(2, 9, "ringing"));
    board.apply(&change(3, 4, "ringing"));
    board.apply_snapshot(
        asked,
        snapshot(vec![call(1, 5, "ringing"), call(3, 6, "parked")]),
    );
    assert_eq!(
        shown(&board),
        [(call_id(1), 8), (call_id(2), 9), (call_id(3), 6)]
    );
}

#[test]
fn a_snapshot_that_was_overtaken_by_a_later_one_changes_nothing() {
    let mut board = Board::default();
    let (first, second) = (board.snapshot_asked(), board.snapshot_asked());
    board.apply_snapshot(second, snapshot(vec![call(1, 8, "active")]));
    // The second call has ended between the two.
    board.apply_snapshot(
        first,
        snapshot(vec![call(1, 5, "ringing"), call(2, 6, "ringing")]),
    );
    assert_eq!(shown(&board), [(call_id(1), 8)]);
}

#[test]
fn the_first_change_after_asking_survives_the_snapshot() {
    let mut board = Board::default();
    let asked = board.snapshot_asked();
    board.apply(&change(1, 5, "ringing"));
    board.apply_snapshot(asked, snapshot(vec![]));
    assert_eq!(shown(&board), [(call_id(1), 5)]);
}

#[test]
fn rows_that_a_snapshot_lacked_come_back_with_a_later_snapshot() {
    let mut board = Board::default();
    board.apply(&change(1, 5, "ringing"));
    take(&mut board, snapshot(vec![]));
    assert!(shown(&board).is_empty());
    take(&mut board, snapshot(vec![call(1, 5, "ringing")]));
    assert_eq!(shown(&board), [(call_id(1), 5)]);
}

#[test]
fn a_snapshot_is_read_from_what_postgrest_answers() {
    let doug = json!({
        "id": "11111111-0000-4000-8000-000000000001", "user_id": "11111111-0000-4000-8000-00000000000a",
        "display_name": "Doug", "identity": "agent_doug", "role": "agent", "is_available": true,
        "device_state": "off", "current_call_id": null, "retired_at": null, "version": 3,
        "created_at": "2026-01-02T03:00:00+00:00"
    });
    let mut active = row(1, 5, "active");
    active.insert("assigned_to".into(), doug["id"].clone());
    active.insert("assigned_to_user".into(), doug.clone());
    let calls = json!([active, row(2, 6, "ringing")]).to_string();
    let settings = r#"[{"id":1,"parking_slots":9,"hold_music_url":null}]"#;

    let embedded = Snapshot::from_json(&calls, "[]", settings).unwrap();
    let listed = Snapshot::from_json(&calls, &json!([doug]).to_string(), settings).unwrap();
    assert_eq!(embedded, listed);

    let mut board = Board::default();
    take(&mut board, listed);
    let doug = board.members()[0].id;
    assert_eq!(board.active_call_of(doug).unwrap().id, call_id(1));
    assert_eq!(board.slots().len(), 9);
    assert!(Snapshot::from_json("{}", "[]", "[]").is_err());
}

#[test]
fn a_database_that_was_set_back_is_believed_by_the_second_snapshot() {
    let mut board = Board::default();
    take(
        &mut board,
        snapshot(vec![call(1, 20, "active"), call(2, 21, "ringing")]),
    );
    board.apply(&change(2, 22, "ended"));
    board.apply(&change(3, 23, "ringing"));
    let of_a_backup = || snapshot(vec![call(1, 10, "ringing"), call(2, 11, "ringing")]);
    take(&mut board, of_a_backup());
    assert_eq!(shown(&board), [(call_id(1), 20)], "it may be a moment old");
    take(&mut board, of_a_backup());
    assert_eq!(shown(&board), [(call_id(1), 10), (call_id(2), 11)]);
    // From here on all goes as ever.
    board.apply(&change(1, 12, "active"));
    assert_eq!(board.call(call_id(1)).unwrap().version, 12);
}

#[test]
fn a_deleted_call_that_a_backup_brings_back_is_shown() {
    let mut board = Board::default();
    take(&mut board, snapshot(vec![call(1, 20, "ringing")]));
    let mut deleted = change(1, 20, "ringing");
    deleted.kind = Kind::Delete;
    board.apply(&deleted);
    take(&mut board, snapshot(vec![call(1, 20, "ringing")]));
    assert_eq!(shown(&board), []);
    take(&mut board, snapshot(vec![call(1, 20, "ringing")]));
    assert_eq!(shown(&board), [(call_id(1), 20)]);
}

#[test]
fn news_that_come_while_snapshots_are_under_way_are_no_reason_to_believe_them() {
    let mut board = Board::default();
    take(&mut board, snapshot(vec![call(1, 20, "ringing")]));
    for version in 21..25 {
        let asked = board.snapshot_asked();
        board.apply(&change(1, version, "ringing"));
        board.apply_snapshot(asked, snapshot(vec![call(1, 20, "ringing")]));
        assert_eq!(shown(&board), [(call_id(1), version)]);
    }
    take(&mut board, snapshot(vec![call(1, 20, "ringing")]));
    assert_eq!(shown(&board), [(call_id(1), 24)], "the first real doubt");
    // Doubted once by each state, and never twice.
    for version in 25..28 {
        board.apply(&change(1, version, "ringing"));
        take(&mut board, snapshot(vec![call(1, version - 1, "ringing")]));
        assert_eq!(shown(&board), [(call_id(1), version)]);
    }
    // A snapshot that agrees ends a doubt.
    take(&mut board, snapshot(vec![call(1, 27, "ringing")]));
    take(&mut board, snapshot(vec![call(1, 26, "ringing")]));
    assert_eq!(shown(&board), [(call_id(1), 27)]);
}

#[test]
fn settings_that_were_set_back_are_believed_by_the_second_snapshot() {
    let with_settings = |version: i64| {
        let settings = json!({"parking_slots": 9, "version": version});
        Snapshot {
            settings: Some(serde_json::from_value(settings).unwrap()),
            ..Snapshot::default()
        }
    };
    let version = |board: &Board| board.settings().map(|settings| settings.version);
    let mut board = Board::default();
    take(&mut board, with_settings(9));
    take(&mut board, with_settings(4));
    assert_eq!(version(&board), Some(9));
    take(&mut board, with_settings(4));
    assert_eq!(version(&board), Some(4));
}
