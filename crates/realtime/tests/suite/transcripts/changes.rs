//! Rows that change, as recorded: in both formats, whole, maimed, or withheld by RLS.

use crate::player::{Player, on_board2, play};
use crate::recording::server_frames;
use crate::world::{World, config};
use switchboard_realtime::{ChangeKind, Input, Lane, Reason, Status};

fn basics(world: &World) {
    // At the end the recorder left the channel; this client did not ask for that.
    use Status::{Connecting, Live};
    assert_eq!(world.statuses(), [Connecting, Live, Connecting]);
    assert_eq!(world.snapshots(), [Reason::Subscribed]);
    let kinds: Vec<_> = world.changes().iter().map(|change| change.kind).collect();
    use ChangeKind::{Delete, Insert, Update};
    assert_eq!(kinds, [Insert, Update, Update, Insert, Delete, Delete]);
    let first = world.changes()[0];
    assert_eq!(
        (first.lane, first.table.as_str()),
        (Lane::PostgresChanges, "calls")
    );
    assert_eq!(first.record["caller_name"], "Žofie \"Q\" \\ 🙂\nline2");
    assert!(first.record["ended_at"].is_null());
    assert!(first.commit_timestamp.is_some());
    // Beyond the precision of a double.
    assert_eq!(
        world.changes()[3].record["version"].as_i64(),
        Some(9_007_199_254_740_993)
    );
    // Of a deleted row only the primary key is known.
    let deleted: Vec<_> = world.changes()[4].record.keys().collect();
    assert_eq!(deleted, ["id"]);
    assert!(world.changes().iter().all(|change| !change.incomplete));
    assert_eq!(world.client.ignored_frames(), 0);
}

#[test]
fn the_basics_in_version_1() {
    basics(&play("01a-basics-v1", "A"));
}

#[test]
fn the_basics_in_version_2() {
    basics(&Player::new("01a-basics-v2", &["A"], on_board2()).play());
}

#[test]
fn a_binding_in_lower_case_works() {
    let world = play("01c-event-lowercase", "A");
    assert_eq!(world.status(), Some(Status::Live));
    assert_eq!(world.changes().len(), 1);
}

#[test]
fn somebody_who_is_not_a_member_hears_deletes_only() {
    let world = play("08-rls-nonmember", "nonmember");
    let kinds: Vec<_> = world.changes().iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [ChangeKind::Delete]);
    assert_eq!(world.status(), Some(Status::Live));
}

#[test]
fn absent_columns_stay_absent_and_maimed_changes_ask_for_a_snapshot() {
    let world = Player::new("09-big-row-v2", &["A"], on_board2()).play();
    let changes = world.changes();
    assert_eq!(changes.len(), 9);
    assert!(changes[0].record.contains_key("caller_name"));
    // Unchanged and stored out of line: left out, which is not null.
    assert!(!changes[1].record.contains_key("caller_name"));
    assert!(!changes[1].incomplete);
    let incomplete: Vec<_> = changes.iter().map(|change| change.incomplete).collect();
    assert_eq!(
        incomplete,
        [false, false, false, true, false, false, true, false, false]
    );
    use Reason::{Incomplete, Subscribed};
    assert_eq!(world.snapshots(), [Subscribed, Incomplete, Incomplete]);
}

#[test]
fn frames_in_the_format_of_another_version_are_read_all_the_same() {
    let mut config = config();
    config.topic = "mixed".to_owned();
    let mut world = World::new(config);
    world.feed(Input::Start);
    world.feed(Input::SocketOpened);
    for frame in server_frames("11b-mixed-vsn-count") {
        world.feed(Input::Text(&frame));
    }
    assert_eq!(world.changes().len(), 3);
    assert!(world.changes().windows(2).all(|pair| pair[0] == pair[1]));
}

/// The tables and kinds of all changes, in the order of their arrival.
fn told(world: &World) -> Vec<(&str, ChangeKind)> {
    world
        .changes()
        .iter()
        .map(|change| (change.table.as_str(), change.kind))
        .collect()
}

#[test]
fn a_change_comes_once_however_many_bindings_it_matches() {
    use ChangeKind::{Delete, Insert, Update};
    // Two tables, an exact duplicate, one binding each for inserts and updates, and a filter.
    for (name, config) in [
        ("01b-bindings-v1", config()),
        ("01b-bindings-v2", on_board2()),
    ] {
        let world = Player::new(name, &["A"], config).play();
        assert_eq!(
            told(&world),
            [
                ("calls", Insert),
                ("calls", Update),
                ("calls", Update),
                ("voip_users", Update),
                ("calls", Update),
                ("voip_users", Update),
                ("calls", Delete)
            ],
            "{name}"
        );
        assert_eq!(world.client.ignored_frames(), 0, "{name}");
    }
}

#[test]
fn the_rows_of_a_transaction_come_in_statement_order_as_separate_changes() {
    let world = Player::new("02-transactions-v2", &["A"], on_board2()).play();
    let changes = world.changes();
    let versions: Vec<Option<i64>> = changes
        .iter()
        .map(|change| {
            change
                .record
                .get("version")
                .and_then(serde_json::Value::as_i64)
        })
        .collect();
    let calls = [3421, 3422, 3426, 3429, 3430, 3434, 3435, 3437, 3441, 3442];
    assert_eq!(
        versions.iter().flatten().copied().collect::<Vec<_>>(),
        calls
    );
    // The trigger's row follows its call, and the two share a commit timestamp.
    for (call, member) in [(2, 3), (4, 5), (6, 7), (8, 9)] {
        assert_eq!(changes[call].table, "calls");
        assert_eq!(changes[member].table, "voip_users");
        assert_eq!(
            changes[call].commit_timestamp,
            changes[member].commit_timestamp
        );
    }
    assert_ne!(changes[8].commit_timestamp, changes[10].commit_timestamp);
    // What was rolled back never came; an update that changed nothing did.
    assert_eq!(changes.len(), 15);
    assert_eq!(changes[14].table, "voip_users");
}

#[test]
fn a_revoked_membership_is_silent_and_only_the_regular_snapshot_notices() {
    use ChangeKind::{Delete, Insert};
    let mut world = play("03f-membership-revoked", "A");
    // While revoked only deletes came; given back, changes flowed again without a rejoin.
    assert_eq!(
        told(&world),
        [
            ("calls", Insert),
            ("voip_users", Delete),
            ("calls", Delete),
            ("voip_users", Insert),
            ("calls", Insert)
        ]
    );
    assert_eq!(world.statuses(), [Status::Connecting, Status::Live]);
    assert_eq!(world.sent("phx_join").len(), 1);
    assert_eq!(world.snapshots(), [Reason::Subscribed]);
    world.advance_to(31_000);
    assert_eq!(world.snapshots(), [Reason::Subscribed, Reason::Periodic]);
}

#[test]
fn the_other_sockets_of_the_policies_recording_hear_all_or_nothing() {
    use ChangeKind::{Delete, Insert, Update};
    let member = play("08-rls-nonmember", "member");
    let kinds: Vec<_> = member.changes().iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [Insert, Update, Delete]);
    let anon = play("08-rls-nonmember", "anon");
    assert_eq!(anon.changes().len(), 0);
    assert_eq!(anon.status(), Some(Status::Live));
}
