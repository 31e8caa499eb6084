//! Whatever comes in whatever order: every board ends at the same rows.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A history: for each call the states that it went through, versions rising board-wide.
fn history() -> impl Strategy<Value = Vec<Change>> {
    let statuses = prop::sample::select(vec!["ringing", "active", "parked", "ended"]);
    prop::collection::vec((0_u8..6, statuses), 1..40).prop_map(|writes| {
        let mut ended = std::collections::BTreeSet::new();
        let mut changes = Vec::new();
        for (version, (n, status)) in (1_i64..).zip(writes) {
            if ended.contains(&n) {
                continue;
            }
            if status == "ended" {
                ended.insert(n);
            }
            changes.push(change(n, version, status));
        }
        changes
    })
}

/// The table after the first `upto` writes of a history.
fn table_after(history: &[Change], upto: usize) -> Vec<Call> {
    let mut rows = BTreeMap::new();
    for change in &history[..upto] {
        rows.insert(change.record["id"].to_string(), change.record.clone());
    }
    rows.into_values()
        .map(|row| serde_json::from_value::<Call>(Value::Object(row)).unwrap())
        .filter(|call| call.status.is_live())
        .collect()
}

/// What reaches a board: a change of the history, or a snapshot that was asked for and, some
/// arrivals later, comes with the table as it was at some moment in between.
#[derive(Clone, Debug)]
enum Arrival {
    Change(usize),
    Ask,
    Snapshot(usize),
}

fn arrivals(len: usize) -> impl Strategy<Value = Vec<Arrival>> {
    prop::collection::vec(
        prop_oneof![
            6 => (0..len).prop_map(Arrival::Change),
            1 => Just(Arrival::Ask),
            1 => (0..=len).prop_map(Arrival::Snapshot),
        ],
        0..120,
    )
}

fn history_and_arrivals() -> impl Strategy<Value = (Vec<Change>, Vec<Arrival>, Vec<Arrival>)> {
    history().prop_flat_map(|history| {
        let len = history.len();
        (Just(history), arrivals(len), arrivals(len))
    })
}

fn play(history: &[Change], arrivals: &[Arrival]) -> Board {
    let mut board = Board::default();
    let mut asked = None;
    let mut seen = 0;
    for arrival in arrivals {
        match arrival {
            Arrival::Change(at) => {
                seen = seen.max(at + 1);
                board.apply(&history[*at]);
            }
            Arrival::Ask => asked = asked.or(Some((board.snapshot_asked(), seen))),
            // The table is read after it was asked for, so it has at least what had been seen then.
            Arrival::Snapshot(moment) => {
                if let Some((ticket, seen_then)) = asked.take() {
                    let moment = seen_then.max(*moment);
                    board.apply_snapshot(ticket, snapshot(table_after(history, moment)));
                }
            }
        }
    }
    board
}

proptest! {
    #[test]
    fn any_order_of_the_same_changes_and_a_final_snapshot_give_the_same_board(
        (history, one, other) in history_and_arrivals()
    ) {
        let table = table_after(&history, history.len());
        let finish = |mut board: Board| {
            let asked = board.snapshot_asked();
            board.apply_snapshot(asked, snapshot(table.clone()));
            board
        };
        let (one, other) = (finish(play(&history, &one)), finish(play(&history, &other)));
        prop_assert_eq!(&one, &other);
        let mut calls = table.clone();
        calls.sort_by_key(|call| call.id);
        prop_assert_eq!(one.calls().cloned().collect::<Vec<_>>(), calls);
    }

    #[test]
    fn every_change_once_in_any_order_is_as_good_as_a_snapshot(
        (history, order) in history().prop_flat_map(|history| {
            let order: Vec<usize> = (0..history.len()).collect();
            (Just(history), Just(order).prop_shuffle())
        })
    ) {
        let mut board = Board::default();
        for at in order {
            board.apply(&history[at]);
            board.apply(&history[at]);
        }
        let mut calls = table_after(&history, history.len());
        calls.sort_by_key(|call| call.id);
        prop_assert_eq!(board.calls().cloned().collect::<Vec<_>>(), calls);
    }

    #[test]
    fn a_row_never_goes_back_between_snapshots((history, arrivals, _) in history_and_arrivals()) {
        let mut board = Board::default();
        for arrival in arrivals {
            let before: BTreeMap<_, _> = shown(&board).into_iter().collect();
            if let Arrival::Change(at) = arrival {
                board.apply(&history[at]);
            }
            for (id, version) in shown(&board) {
                prop_assert!(before.get(&id).is_none_or(|old| *old <= version));
            }
        }
    }
}
