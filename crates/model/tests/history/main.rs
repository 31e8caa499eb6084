//! The log rebuilds the board, and both sides sum it up alike: random walks over a real database, with the board
//! noted down after each step and compared with what the log says of that moment later.

#![allow(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

mod notes;
mod walk;

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;
use switchboard_local_supabase::{LocalSupabase, Options};
use switchboard_model::{Board, Call, Event, Member, Replay, Snapshot, Status};
use time::OffsetDateTime;

use notes::{Note, Reader};
use walk::Walk;

/// How many steps a walk has; up to four people act in each at the same time.
const STEPS: usize = 300;

#[tokio::test]
async fn the_log_rebuilds_every_board_that_was_seen() {
    let stack = LocalSupabase::start(Options::default()).await.unwrap();
    let reader = Reader::connect(&stack).await;
    let mut walk = Walk::connect(&stack, 0x5eed).await;
    let mut notes = vec![reader.note().await];
    for statement in walk.every_kind() {
        walk.must(&statement).await;
        notes.push(reader.note().await);
    }
    for _ in 0..STEPS {
        walk.step(&notes[notes.len() - 1].calls).await;
        notes.push(reader.note().await);
    }
    assert!(walk.done > STEPS / 2, "only {} changes", walk.done);
    assert!(walk.refused > STEPS / 8, "only {} refusals", walk.refused);

    let log = reader.log().await;
    let kinds: HashSet<_> = log.iter().map(|event| event.kind).collect();
    assert_eq!(kinds.len(), 13, "every kind of change: {kinds:?}");
    sees_the_same(&reader, &notes, &log).await;
    both_folds_agree_in_between(&reader, &log).await;
    for note in &notes {
        assert_eq!(note.sum, board(note).checksum(), "at {}", note.at);
    }
    let sums: HashSet<_> = notes.iter().map(|note| note.sum.checksum).collect();
    let boards: BTreeSet<_> = notes.iter().map(Note::identity).collect();
    assert_eq!(sums.len(), boards.len(), "another board, another sum");
    stack.stop().await;
}

/// Whatever was seen at a moment is what the log says of it, in every column.
async fn sees_the_same(reader: &Reader, notes: &[Note], log: &[Event]) {
    let mut replay = Replay::new(Snapshot::default(), log.to_vec());
    // Backwards, so that a replay that only goes forwards would not do.
    for note in notes.iter().rev() {
        let rebuilt = reader.board_at(note.at).await;
        assert_eq!(rebuilt, note.calls, "in the database, at {}", note.at);
        assert_eq!(
            calls(replay.at(note.at)),
            typed(&note.calls),
            "in the model, at {}",
            note.at
        );
    }
    // A column that the model does not know would be equal by being left out.
    let row = notes.iter().find_map(|note| note.calls.first()).unwrap();
    let model = serde_json::to_value(&typed(std::slice::from_ref(row))[0]).unwrap();
    let keys =
        |row: &Value| -> BTreeSet<String> { row.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(keys(row), keys(&model), "the columns of a call");
}

/// At the moment of each event, where others were still being committed, both say the same, and nothing impossible.
async fn both_folds_agree_in_between(reader: &Reader, log: &[Event]) {
    let mut replay = Replay::new(Snapshot::default(), log.to_vec());
    for event in log {
        let rebuilt = typed(&reader.board_at(event.at).await);
        assert_eq!(calls(replay.at(event.at)), rebuilt, "at {}", event.at);
        let active = rebuilt.iter().filter(|call| call.status == Status::Active);
        let agents: Vec<_> = active.map(|call| call.assigned_to).collect();
        let slots: Vec<_> = rebuilt
            .iter()
            .filter_map(|call| call.parking_slot)
            .collect();
        assert_eq!(agents.len(), agents.iter().collect::<HashSet<_>>().len());
        assert_eq!(slots.len(), slots.iter().collect::<HashSet<_>>().len());
    }
}

fn board(note: &Note) -> Board {
    let mut board = Board::default();
    let asked = board.snapshot_asked();
    let members = |row: &Value| serde_json::from_value::<Member>(row.clone()).unwrap();
    board.apply_snapshot(
        asked,
        Snapshot {
            calls: typed(&note.calls),
            members: note.members.iter().map(members).collect(),
            settings: Some(serde_json::from_value(note.settings.clone()).unwrap()),
        },
    );
    board
}

/// In the order of their ids, as a board has them.
fn calls(board: &Board) -> Vec<Call> {
    board.calls().cloned().collect()
}

fn typed(rows: &[Value]) -> Vec<Call> {
    let mut calls: Vec<Call> = rows
        .iter()
        .map(|row| serde_json::from_value(row.clone()).unwrap())
        .collect();
    calls.sort_by_key(|call| call.id);
    calls
}

/// The invented days of a new database could have been: in order, rebuilt by its log, and over.
#[tokio::test]
async fn the_demo_is_a_past_like_any_other() {
    let options = Options {
        demo: true,
        ..Options::default()
    };
    let stack = LocalSupabase::start(options).await.unwrap();
    let reader = Reader::connect(&stack).await;
    let log = reader.log().await;
    assert!(log.len() > 200, "only {} changes", log.len());
    assert!(log.is_sorted_by_key(|event| event.at));
    assert!(log.iter().all(|event| event.at < OffsetDateTime::now_utc()));
    both_folds_agree_in_between(&reader, &log).await;
    assert!(reader.note().await.calls.is_empty(), "all is over");

    let mut owner = stack.connect().await.unwrap();
    let told_otherwise = "select count(*) from calls c where
        created_at <> (select at from call_events where call_id = c.id and kind = 'created')
        or ended_at <> (select at from call_events where call_id = c.id and kind = 'ended')
        or (select waited_s from private.ended_calls where call_id = c.id) > 300
        or (select talked_s from private.ended_calls where call_id = c.id) > 900";
    let told_otherwise: i64 = owner.query_one(told_otherwise, &[]).await.unwrap().get(0);
    assert_eq!(told_otherwise, 0, "a row and its log agree");
    let again = owner.transaction().await.unwrap();
    let demo = include_str!("../../../../supabase/demo.sql");
    again.batch_execute(demo).await.unwrap();
    again.commit().await.unwrap();
    assert_eq!(reader.log().await, log, "calls that are there stay alone");
    stack.stop().await;
}

/// A moment of the future is the present, and a stranger's past is as empty as their present.
#[tokio::test]
async fn only_members_look_back() {
    let stack = LocalSupabase::start(Options::default()).await.unwrap();
    let reader = Reader::connect(&stack).await;
    Walk::connect(&stack, 1).await.ring().await;
    let tomorrow = OffsetDateTime::now_utc() + time::Duration::days(1);
    assert_eq!(reader.board_at(tomorrow).await.len(), 1);
    let stranger = Reader::connect_as(&stack, "99999999-0000-4000-8000-000000000009").await;
    assert!(stranger.board_at(tomorrow).await.is_empty());
    assert_eq!(stranger.note().await.sum.calls, 0);
    stack.stop().await;
}

/// A row in use is left for the next run, and nobody waits for anybody.
#[tokio::test]
async fn a_call_that_somebody_works_on_is_forgotten_later() {
    let stack = LocalSupabase::start(Options::default()).await.unwrap();
    let mut walk = Walk::connect(&stack, 2).await;
    walk.ring().await;
    walk.ring().await;
    let mut owner = stack.connect().await.unwrap();
    // The referee lets nobody say when a call ended.
    let ended_long_ago = "update calls set status = 'ended'; \
        alter table calls disable trigger user; \
        update calls set ended_at = ended_at - interval '99 days'; \
        alter table calls enable trigger user";
    owner.batch_execute(ended_long_ago).await.unwrap();
    let forget = "select private.forget_calls('90 days')";

    let job = stack.connect().await.unwrap();
    job.batch_execute("set lock_timeout = '30s'").await.unwrap();
    let noting = owner.transaction().await.unwrap();
    let note = "update calls set note = 'n' where twilio_call_sid = 'CA1'";
    assert_eq!(noting.execute(note, &[]).await.unwrap(), 1);
    let forgotten: i32 = job.query_one(forget, &[]).await.unwrap().get(0);
    assert_eq!(forgotten, 1);
    noting.commit().await.unwrap();
    let forgotten: i32 = job.query_one(forget, &[]).await.unwrap().get(0);
    assert_eq!(forgotten, 1);
    stack.stop().await;
}
