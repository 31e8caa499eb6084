//! What a leg tells of its progress. Between here and the webhook a callback may be lost, doubled, late or out of order.

use std::time::Duration;

use switchboard_twilio::Form;
use switchboard_twilio::twiml::Event as Told;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::fault::Fault;
use super::fetch::Request;
use super::leg::LegId;
use super::{Sim, Timer};
use crate::event::Event;

/// How late a doubled and a delayed callback can be.
const DOUBLED: Duration = Duration::from_secs(3);
const DELAYED: Duration = Duration::from_secs(5);

impl Sim {
    /// Tells of an event, if that is wanted. `SequenceNumber` counts what is told, from 0 for each leg.
    pub(super) fn tell(&mut self, id: LegId, event: Told) {
        let leg = &mut self.legs[id.0];
        let Some(to) = leg.callback.clone() else {
            return;
        };
        if !to.events.contains(&event) {
            return;
        }
        let sequence = leg.sequence;
        leg.sequence += 1;
        let is_end = leg.status.is_final();
        let duration_s = leg.duration_s(self.now);
        let mut form = self.parameters(id);
        let mut add = |key: &str, value: String| form.push((key.to_owned(), value));
        add("CallbackSource", "call-progress-events".to_owned());
        add("SequenceNumber", sequence.to_string());
        add("Timestamp", self.date());
        if is_end {
            add("CallDuration", duration_s.to_string());
        }
        let url = self.resolve(id, &to.url);
        let soon = self.config.timing.callback;
        // What became of the number's own callback is worth knowing.
        let is_end = is_end && !self.legs[id.0].is_dialled();
        self.call_back(id, url, form.into_iter().collect(), soon, is_end);
    }

    /// Posts a callback after `delay`, accidents permitting.
    pub(super) fn call_back(
        &mut self,
        id: LegId,
        url: String,
        form: Form,
        mut delay: Duration,
        is_end: bool,
    ) {
        let request = Request::notice(id, url, form, is_end);
        if self.faults.strikes(Fault::CallbackDrop) {
            return self.note(id, Event::Fault("a callback is lost"));
        }
        let can_wait = self.living.contains(&id) && self.legs[id.0].held_back.is_none();
        if can_wait && self.faults.strikes(Fault::CallbackSwap) {
            self.note(id, Event::Fault("a callback waits for the next one"));
            self.legs[id.0].held_back = Some(Box::new(request));
            return;
        }
        if self.faults.strikes(Fault::CallbackDelay) {
            self.note(id, Event::Fault("a callback is late"));
            delay += self.faults.some_time(DELAYED);
        }
        if self.faults.strikes(Fault::CallbackDuplicate) {
            self.note(id, Event::Fault("a callback is sent twice"));
            let again = delay + self.faults.some_time(DOUBLED);
            self.after(again, Timer::Send(Box::new(request.clone())));
        }
        self.after(delay, Timer::Send(Box::new(request)));
        if let Some(held_back) = self.legs[id.0].held_back.take() {
            self.after(delay, Timer::Send(held_back));
        }
    }

    /// No callback follows the last one: what waited for that is sent after all.
    pub(super) fn send_held_back(&mut self, id: LegId) {
        if let Some(held_back) = self.legs[id.0].held_back.take() {
            let soon = self.config.timing.callback;
            self.after(soon, Timer::Send(held_back));
        }
    }

    /// The simulated date and time, as Twilio writes it.
    pub(super) fn date(&self) -> String {
        self.date_at(self.now)
    }

    pub(super) fn date_at(&self, at: Duration) -> String {
        let unix_s = self.config.started_at_s.saturating_add(at.as_secs());
        i64::try_from(unix_s)
            .ok()
            .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
            .and_then(|date| date.format(&Rfc2822).ok())
            .unwrap_or_default()
    }
}
