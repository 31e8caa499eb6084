//! When a board is live, stale or not there yet.

use super::*;

#[test]
fn a_board_that_is_not_live_offers_nothing_and_says_since_when() {
    let mut store = seen_by(2, vec![call(1, &json!({})), active(2, 2), parked(3, 1, 2)]);
    for status in [Status::Lagging, Status::Offline, Status::Connecting] {
        store.take(Action::Linked {
            status,
            at_ms: 7_000,
        });
        let view = view(&store);
        let shown = view.incoming.iter();
        let shown = shown.chain(view.agents.iter().filter_map(|agent| agent.call.as_ref()));
        for call in shown.chain(view.slots.iter().filter_map(|slot| slot.call.as_ref())) {
            assert_eq!(call.offers, crate::view::Offers::default());
            assert!(!call.is_movable());
        }
        assert_eq!(drop_intent(&store, call_id(2), Place::Slot(2)), None);
        assert_eq!(
            store.link.stopped_ms,
            Some(7_000),
            "since it stopped, not since the last try"
        );
    }
    // A snapshot that was under way when the link came back does not know what happened meanwhile.
    store.take(Action::SnapshotAsked(8));
    store.take(Action::Linked {
        status: Status::Live,
        at_ms: 9_000,
    });
    store.take(Action::SnapshotAsked(9));
    store.take(Action::SnapshotCame(8, Snapshot::default()));
    assert!(!store.link.is_live());
    assert_eq!(store.link.stopped_ms, Some(7_000));
    store.take(Action::SnapshotCame(9, Snapshot::default()));
    assert!(store.link.is_live());
    assert_eq!(store.link.stopped_ms, None);
}

#[test]
fn a_board_that_cannot_be_confirmed_twice_is_stale_until_it_can() {
    let mut store = seen_by(1, Vec::new());
    for ticket in [1, 2] {
        assert!(store.link.is_live());
        store.take(Action::SnapshotAsked(ticket));
        store.take(failed(ticket));
    }
    assert!(!store.link.is_live());
    assert_eq!(store.link.stopped_ms, Some(5_000));
    store.take(Action::SnapshotAsked(3));
    store.take(Action::SnapshotCame(3, Snapshot::default()));
    assert!(store.link.is_live());
    // One failure alone is forgiven again.
    store.take(Action::SnapshotAsked(4));
    store.take(failed(4));
    assert!(store.link.is_live());
}

#[test]
fn a_snapshot_does_not_undo_what_was_heard_after_it_was_asked_for() {
    let mut store = seen_by(1, vec![call(1, &json!({}))]);
    store.take(Action::SnapshotAsked(1));
    store.take(heard(call(2, &json!({"version": 80}))));
    let old = Snapshot {
        calls: vec![typed(call(1, &json!({})))],
        members: store.board.members().into_iter().cloned().collect(),
        settings: None,
    };
    store.take(Action::SnapshotCame(1, old));
    assert_eq!(store.board.ringing().len(), 2);
    assert!(
        store
            .board
            .calls()
            .all(|call| call.status == CallStatus::Ringing)
    );
}

#[test]
fn a_board_that_was_shown_once_is_not_taken_away_by_a_failed_snapshot() {
    let mut store = Store::new(user(1));
    store.take(Action::SnapshotAsked(0));
    store.take(failed(0));
    assert_eq!(store.phase, Phase::Failed("No.".into()));
    let mut store = seen_by(1, Vec::new());
    store.take(Action::SnapshotAsked(1));
    store.take(failed(1));
    assert_eq!(store.phase, Phase::Ready);
}
