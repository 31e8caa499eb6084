//! `<Record>`, and recordings in general.

use std::time::Duration;

use super::leg::{Activity, LegId};
use super::program::{RecordStep, Target};
use super::view::Recording;
use super::{Sim, Timer};
use crate::event::Event;

/// How many recordings are kept.
const MAX_RECORDINGS: usize = 10_000;

/// A `<Record>` that runs.
#[derive(Debug)]
pub(super) struct Taping {
    step: RecordStep,
    began: Duration,
}

impl Sim {
    pub(super) fn record(&mut self, id: LegId, step: RecordStep) {
        self.answer(id);
        let longest = step.longest;
        let began = self.now;
        self.turn_to(id, Activity::Recording(Taping { step, began }));
        let turn = self.legs[id.0].turn;
        self.after(longest, Timer::RecordOver(id, turn));
    }

    /// A key is pressed; in a recording it may be the one that ends it.
    pub(super) fn pressed(&mut self, id: LegId, key: char) {
        if let Activity::Recording(taping) = &self.legs[id.0].activity
            && taping.step.finish_on_key.contains(key)
        {
            self.recorded(id, Some(key));
        }
    }

    /// The recording is over and the caller is still there. Without an action the same document runs again, as with
    /// Twilio.
    pub(super) fn recorded(&mut self, id: LegId, key: Option<char>) {
        let Activity::Recording(taping) = self.turn_to(id, Activity::Asking) else {
            return;
        };
        let digits = key.map(String::from).unwrap_or_default();
        let extra = self.tape(id, &taping, &digits);
        let again = Target {
            url: String::new(),
            method: switchboard_twilio::twiml::Method::Post,
        };
        let target = taping.step.action.unwrap_or(again);
        self.ask_later(id, &target, extra);
    }

    /// The caller hung up while recording. The action is asked all the same; its answer means nothing.
    pub(super) fn tape_without_caller(&mut self, id: LegId, taping: &Taping) {
        let extra = self.tape(id, taping, "hangup");
        if let Some(target) = &taping.step.action {
            self.mention(id, target, extra);
        }
    }

    /// Keeps what was recorded, and says what an action is told of it.
    pub(super) fn tape(
        &mut self,
        id: LegId,
        taping: &Taping,
        digits: &str,
    ) -> Vec<(String, String)> {
        let seconds = (self.now - taping.began).as_secs();
        let callback = taping.step.callback.clone();
        let (sid, url) = self.keep_recording(id, seconds, callback, "RecordVerb");
        [
            ("Digits", digits.to_owned()),
            ("RecordingDuration", seconds.to_string()),
            ("RecordingSid", sid),
            ("RecordingUrl", url),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into()
    }

    /// A recording by its name and URL, and the word that it is ready a little later.
    pub(super) fn keep_recording(
        &mut self,
        id: LegId,
        duration_s: u64,
        callback: Option<String>,
        source: &'static str,
    ) -> (String, String) {
        let sid = self.new_sid("RE");
        let url = format!(
            "{}/2010-04-01/Accounts/{}/Recordings/{sid}",
            self.config.api_url, self.config.account_sid
        );
        let recording = Recording {
            sid: sid.clone(),
            call_sid: self.legs[id.0].sid.clone(),
            duration_s,
        };
        if self.recordings.len() == MAX_RECORDINGS {
            self.recordings.pop_first();
        }
        self.recordings.insert(sid.clone(), recording);
        self.note(id, Event::Recorded(duration_s));
        if let Some(callback) = callback {
            let form = [
                ("AccountSid", self.config.account_sid.clone()),
                ("CallSid", self.legs[id.0].sid.clone()),
                ("RecordingChannels", "1".to_owned()),
                ("RecordingDuration", duration_s.to_string()),
                ("RecordingSid", sid.clone()),
                ("RecordingSource", source.to_owned()),
                ("RecordingStatus", "completed".to_owned()),
                ("RecordingUrl", url.clone()),
            ];
            let url = self.resolve(id, &callback);
            let ready = self.config.timing.recording_ready;
            self.call_back(id, url, form.into_iter().collect(), ready, false);
        }
        (sid, url)
    }
}
