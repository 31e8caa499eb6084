//! A server (and an application) that does whatever the dice say, and what must hold all the same.

mod server;

use proptest::prelude::*;
use server::{Coming, Model};
use switchboard_realtime::{Event, Input, Status};

/// How long the hostile part lasts.
const TEN_MINUTES: u64 = 600_000;
/// From a server that behaves to a live board: the longest wait for a retry (a configuration
/// fault's, 37.5 s), an unanswered join and its back-off, a token's time-out.
const CALM: u64 = 90_000;

/// The most that happens within any minute.
fn most_in_a_minute(mut times: Vec<u64>) -> usize {
    times.sort_unstable();
    (0..times.len())
        .map(|first| {
            times[first..]
                .iter()
                .take_while(|at| **at < times[first] + 60_000)
                .count()
        })
        .max()
        .unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_server_does_there_is_no_tight_loop_and_the_board_comes_back(
        dice in proptest::collection::vec(any::<u8>(), 8..200),
        returns in proptest::collection::vec((0..TEN_MINUTES, any::<bool>()), 0..40),
    ) {
        let mut model = Model::new(dice);
        for (at, visible) in returns {
            let coming = if visible { Coming::Visible } else { Coming::Online };
            model.coming.push((at, 0, coming));
        }
        model.world.feed(Input::Start);
        model.run_to(TEN_MINUTES);

        let world = &model.world;
        let joins = world.sent_at("phx_join").into_iter().map(|(at, _)| at).collect();
        let heartbeats = world.sent_at("heartbeat").into_iter().map(|(at, _)| at).collect();
        let snapshots = world.snapshots_at().into_iter().map(|(at, _)| at).collect();
        let tokens = world
            .events()
            .filter(|(_, event)| matches!(event, Event::TokenNeeded(_)))
            .map(|(at, _)| at)
            .collect();
        prop_assert!(most_in_a_minute(world.opens()) <= 30, "opens");
        prop_assert!(most_in_a_minute(joins) <= 40, "joins");
        prop_assert!(most_in_a_minute(heartbeats) <= 60, "heartbeats");
        prop_assert!(most_in_a_minute(snapshots) <= 121, "snapshots");
        prop_assert!(most_in_a_minute(tokens) <= 60, "tokens");
        prop_assert!(world.timers_fired <= 10 * 300, "{} timers", world.timers_fired);
        let statuses = world.statuses();
        prop_assert!(statuses.windows(2).all(|pair| pair[0] != pair[1]), "statuses repeat");

        model.calm = true;
        model.run_to(TEN_MINUTES + CALM);
        prop_assert_eq!(model.world.status(), Some(Status::Live));
    }
}
