//! People who call by themselves: a small living flow, the same for the same seed.

use std::time::Duration;

use super::leg::End;
use super::{Caller, Sim, Timer};
use crate::plan::{Plan, PlannedCall};

/// Who calls whom, how often and how many at once.
#[derive(Debug, Clone)]
pub struct Flow {
    /// The callers.
    pub plan: Plan,
    /// The number that they call.
    pub to: String,
    /// How many are on the line at most.
    pub callers: usize,
}

/// A flow that runs.
#[derive(Debug)]
pub(super) struct Flowing {
    flow: Flow,
    /// Who calls next.
    next: Option<PlannedCall>,
    /// Whether that person's time has come, and only a free line is missing.
    is_due: bool,
    is_on: bool,
}

impl Flowing {
    pub(super) fn new(flow: Flow) -> Self {
        Self {
            flow,
            next: None,
            is_due: false,
            is_on: false,
        }
    }
}

impl Sim {
    pub(super) fn set_flow(&mut self, flows: bool) {
        let Some(flowing) = &mut self.flow else {
            return;
        };
        flowing.is_on = flows;
        if flowing.next.is_none() {
            self.wait_for_next();
        } else if flowing.is_due {
            self.next_caller();
        }
    }

    fn wait_for_next(&mut self) {
        let Some(flowing) = &mut self.flow else {
            return;
        };
        flowing.is_due = false;
        flowing.next = flowing.flow.plan.next();
        if let Some(next) = flowing.next {
            self.after(next.after, Timer::NextCaller);
        }
    }

    pub(super) fn next_caller(&mut self) {
        let on_the_line = self
            .living
            .iter()
            .filter(|leg| matches!(self.legs[leg.0].end, End::Caller))
            .count();
        let Some(flowing) = &mut self.flow else {
            return;
        };
        flowing.is_due = true;
        if !flowing.is_on || on_the_line >= flowing.flow.callers {
            return;
        }
        let to = flowing.flow.to.clone();
        if let Some(PlannedCall {
            caller, patience, ..
        }) = flowing.next
        {
            self.call_in(Caller {
                from: caller.number.to_owned(),
                to,
                name: caller.network_name.map(str::to_owned),
                patience: Some(patience),
            });
        }
        self.wait_for_next();
    }

    /// A line may be free again.
    pub(super) fn somebody_left(&mut self) {
        if self.flow.as_ref().is_some_and(|flowing| flowing.is_due) {
            self.after(Duration::ZERO, Timer::NextCaller);
        }
    }
}
