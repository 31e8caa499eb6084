//! What the client has put out so far, by kind.

use crate::world::World;
use serde_json::Value;
use switchboard_realtime::{Change, Event, Output, Reason, Status, TokenReason};

impl World {
    /// The frames sent with this event, as JSON.
    pub(crate) fn sent(&self, event: &str) -> Vec<Value> {
        self.sent_at(event)
            .into_iter()
            .map(|(_, frame)| frame)
            .collect()
    }

    pub(crate) fn sent_at(&self, event: &str) -> Vec<(u64, Value)> {
        self.log
            .iter()
            .filter_map(|(at, output)| match output {
                Output::Send(text) => Some((*at, serde_json::from_str(text).unwrap())),
                _ => None,
            })
            .filter(|(_, frame): &(u64, Value)| frame["event"] == event)
            .collect()
    }

    pub(crate) fn opens(&self) -> Vec<u64> {
        self.times(|output| matches!(output, Output::Open { .. }))
    }

    pub(crate) fn closes(&self) -> Vec<u64> {
        self.times(|output| matches!(output, Output::Close))
    }

    fn times(&self, wanted: impl Fn(&Output) -> bool) -> Vec<u64> {
        self.log
            .iter()
            .filter(|(_, output)| wanted(output))
            .map(|(at, _)| *at)
            .collect()
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = (u64, &Event)> {
        self.log.iter().filter_map(|(at, output)| match output {
            Output::Event(event) => Some((*at, event)),
            _ => None,
        })
    }

    pub(crate) fn statuses(&self) -> Vec<Status> {
        self.events()
            .filter_map(|(_, event)| match event {
                Event::Status(status) => Some(*status),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn status(&self) -> Option<Status> {
        self.statuses().last().copied()
    }

    pub(crate) fn snapshots(&self) -> Vec<Reason> {
        self.snapshots_at()
            .into_iter()
            .map(|(_, reason)| reason)
            .collect()
    }

    pub(crate) fn snapshots_at(&self) -> Vec<(u64, Reason)> {
        self.events()
            .filter_map(|(at, event)| match event {
                Event::SnapshotNeeded(reason) => Some((at, *reason)),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn changes(&self) -> Vec<&Change> {
        self.events()
            .filter_map(|(_, event)| match event {
                Event::Change(change) => Some(change),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn broadcasts(&self) -> Vec<(&str, &Value)> {
        self.events()
            .filter_map(|(_, event)| match event {
                Event::Broadcast { event, payload } => Some((event.as_str(), payload)),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn refusals(&self) -> Vec<&str> {
        self.events()
            .filter_map(|(_, event)| match event {
                Event::Refused(reason) => Some(reason.as_str()),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn faults(&self) -> Vec<&str> {
        self.events()
            .filter_map(|(_, event)| match event {
                Event::ConfigurationFault(reason) => Some(reason.as_str()),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn token_requests(&self) -> Vec<TokenReason> {
        self.events()
            .filter_map(|(_, event)| match event {
                Event::TokenNeeded(reason) => Some(*reason),
                _ => None,
            })
            .collect()
    }
}
