//! How long people wait for what their rows say.

use std::time::Duration;

use switchboard_model::{Call, CallId, Direction, MemberId, ParkReason, Status};

use super::{World, short};

/// Within which time a lost line explains that a call was parked for it.
const LATELY: Duration = Duration::from_secs(60);

/// How an agent came by a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// It rang at the agent's.
    Answered,
    /// It was parked, or a colleague's: the customer is fetched from there by REST.
    Fetched,
}

impl World {
    /// Notes from when on a row is ahead of its audio.
    pub(super) fn clock(&mut self, call: &Call) {
        let now = self.now();
        let lane = self.lanes.insert(call.id, call.status);
        if lane != Some(Status::Parked)
            && call.park_reason == Some(ParkReason::AgentDropped)
            && self.plan.is_good_day()
        {
            let lost = call
                .last_agent
                .and_then(|agent| self.lost_lines.get(&agent));
            if lost.is_none_or(|at| now - *at > LATELY) {
                let id = short(call.id);
                self.wrong
                    .push(format!("call {id} was parked as if a line were lost"));
            }
        }
        match (call.status, call.assigned_to) {
            (Status::Active, Some(agent))
                if !call.on_hold
                    && call.connected_at.is_none()
                    && call.direction == Direction::Inbound =>
            {
                let way = if lane == Some(Status::Ringing) {
                    Way::Answered
                } else {
                    Way::Fetched
                };
                let claim = self.claims.entry(call.id).or_insert((agent, now, way));
                if claim.0 != agent {
                    *claim = (agent, now, way);
                }
            }
            _ => _ = self.claims.remove(&call.id),
        }
        match call.status {
            Status::Ringing | Status::Parked => _ = self.was_waiting.insert(call.id),
            Status::Active if call.on_hold => _ = self.was_waiting.insert(call.id),
            Status::Active => _ = self.was_waiting.remove(&call.id),
            Status::Ended => {}
        }
        let is_behind = self
            .epochs
            .insert(call.id, call.epoch)
            .is_some_and(|was| was != call.epoch);
        if is_behind && call.status.is_live() {
            self.behind.insert(call.id, now);
        }
    }

    /// Notes how long it took, of whatever has caught up by now.
    pub(crate) fn measure(&mut self) {
        if self.claims.is_empty() {
            return;
        }
        let now = self.now();
        let legs = self.sim.legs(false);
        let talks = |agent: MemberId| {
            let person = self.people.iter().find(|person| person.member == agent);
            let identity = person.map(|person| &person.identity);
            legs.iter()
                .any(|leg| leg.identity.as_ref() == identity && leg.talks_to.is_some())
        };
        let done = self.claims.iter().filter(|(_, (agent, ..))| talks(*agent));
        let done: Vec<_> = done
            .map(|(call, (_, since, way))| (*call, *way, now - *since))
            .collect();
        for (call, way, took) in done {
            self.claims.remove(&call);
            self.connected.push((way, took));
        }
    }

    /// A customer is about to hear what belongs to the row.
    pub(crate) fn rendered(&mut self, call: CallId) {
        if let Some(since) = self.behind.remove(&call) {
            let lag = self.now() - since;
            self.lags.push(lag);
        }
    }
}
