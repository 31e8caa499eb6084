//! The timeline in words: pure, from the rows of `call_timeline`.

use serde_json::{Map, Value};
use switchboard_model::{Direction, timestamp};

use crate::format::millis;
use crate::texts::{a_colleague, drawer as texts};

/// A row of the database's type `timeline_entry`. Times are the server's, in milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    pub(super) id: i64,
    pub(super) at_ms: i64,
    /// How long the state lasted that it began; none while that goes on, and for what begins none.
    pub(super) lasted_ms: Option<i64>,
    kind: String,
    by: Option<String>,
    by_id: Option<String>,
    to: Option<String>,
    to_id: Option<String>,
    from: Option<String>,
    to_status: String,
    slot: Option<i64>,
    park_reason: Option<String>,
    end_reason: Option<String>,
    caller_name: Option<String>,
}

impl Entry {
    /// Reads a row; none if it is not one.
    #[allow(clippy::cast_possible_truncation)]
    pub(super) fn read(row: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
        let lasted = row.get("lasted_s").and_then(Value::as_f64);
        Some(Self {
            id: row.get("id")?.as_i64()?,
            at_ms: millis(timestamp::parse(row.get("at")?.as_str()?)?),
            lasted_ms: lasted.map(|seconds| (seconds * 1000.0) as i64),
            kind: text("kind")?,
            by: text("by"),
            by_id: text("by_id"),
            to: text("to_whom"),
            to_id: text("to_id"),
            from: text("from_whom"),
            to_status: text("to_status")?,
            slot: row.get("parking_slot").and_then(Value::as_i64),
            park_reason: text("park_reason"),
            end_reason: text("end_reason"),
            caller_name: text("caller_name"),
        })
    }

    /// Whose call it was from then on, if it was somebody's: the member's id.
    pub(super) fn holder(&self) -> Option<&str> {
        self.to_id.as_deref().filter(|_| self.to_status == "active")
    }

    /// Whether it began a state, which has a length.
    fn begins_state(&self) -> bool {
        !matches!(
            self.kind.as_str(),
            "connected" | "noted" | "corrected" | "recorded" | "ended"
        )
    }

    /// Whether the customer hears ringing, or the team does.
    fn rings(&self) -> bool {
        self.to_status == "ringing" && matches!(self.kind.as_str(), "created" | "requeued")
    }

    /// For how long it was or is so, in words.
    pub(super) fn length(&self, now_ms: i64, is_over: bool) -> Option<String> {
        let runs = self.begins_state() && !is_over;
        // As on the cards, both seconds are cut off.
        let running = now_ms - self.at_ms + self.at_ms.rem_euclid(1000);
        // What has only just begun says so by its time.
        let running = Some(running).filter(|running| runs && *running >= 1000);
        let time = self.lasted_ms.or(running).map(lasting)?;
        Some(match (self.rings(), self.lasted_ms) {
            (true, Some(_)) => texts::rang_for(&time),
            (true, None) => texts::rings_for(&time),
            (false, _) => time,
        })
    }

    /// What happened, as a sentence without its full stop.
    pub(super) fn sentence(&self, direction: Direction) -> String {
        let by = self.by.as_deref().unwrap_or(a_colleague());
        let to = self.to.as_deref().unwrap_or(a_colleague());
        let is_own = self.by_id.is_none() || self.by_id == self.to_id;
        let slot = self.slot.unwrap_or_default().to_string();
        match self.kind.as_str() {
            "created" if self.to.is_some() => texts::placed_by(to),
            "created" => texts::came_in().to_owned(),
            "answered" if is_own => texts::answered_by(to),
            "retrieved" if is_own => texts::retrieved_by(to),
            "answered" | "retrieved" => texts::given_to(by, to),
            "transferred" => self.transferred(by, to),
            "connected" if direction == Direction::Outbound => {
                texts::customer_answered().to_owned()
            }
            "connected" => texts::connected_with(to),
            "held" => texts::put_on_hold(by),
            "resumed" => texts::taken_off_hold(by),
            "parked" => self.parked(&slot),
            "moved" => texts::moved_to(by, &slot),
            "requeued" => texts::rang_again().to_owned(),
            "voicemail" => texts::message_began().to_owned(),
            "recorded" => texts::message_kept().to_owned(),
            "noted" => texts::noted_by(by),
            "ended" => self.ended(direction),
            "corrected" => match &self.caller_name {
                Some(name) => texts::named(name),
                None => texts::corrected().to_owned(),
            },
            _ => texts::changed().to_owned(),
        }
    }

    fn transferred(&self, by: &str, to: &str) -> String {
        match self.from.as_deref() {
            _ if self.by.is_none() => texts::was_handed_to(to),
            Some(from) if self.by_id == self.to_id => texts::taken_over(by, from),
            Some(from) if self.by.as_deref() != Some(from) => texts::moved_between(by, from, to),
            _ => texts::handed_to(by, to),
        }
    }

    fn parked(&self, slot: &str) -> String {
        let from = self.from.as_deref();
        match (self.park_reason.as_deref(), from, self.by.as_deref()) {
            (Some("agent_dropped"), from, _) => texts::lost_line(from.unwrap_or(a_colleague())),
            (Some("unreachable"), Some(name), _) => texts::not_reached(name),
            (Some("unreachable"), None, _) => texts::nobody_reached().to_owned(),
            (Some("transfer_failed"), from, _) => texts::not_taken(from.unwrap_or(a_colleague())),
            (_, _, Some(by)) => texts::parked_by(by, slot),
            (_, _, None) => texts::was_parked(slot),
        }
    }

    fn ended(&self, direction: Direction) -> String {
        let out = direction == Direction::Outbound;
        match (self.end_reason.as_deref().unwrap_or_default(), &self.by) {
            ("completed", _) if out => texts::ended_customer().to_owned(),
            ("completed", _) => texts::ended_caller().to_owned(),
            ("missed" | "abandoned", _) if out => texts::ended_unanswered().to_owned(),
            ("missed", _) => texts::ended_missed().to_owned(),
            ("abandoned", _) => texts::ended_abandoned().to_owned(),
            ("voicemail", _) => texts::ended_message().to_owned(),
            ("failed", _) => texts::ended_failed().to_owned(),
            ("reconciled", _) => texts::ended_reconciled().to_owned(),
            ("ended_by_agent", Some(by)) => texts::ended_by(by),
            _ => texts::ended().to_owned(),
        }
    }
}

/// The lines to show: who writes notes writes many times, and that is one line, at its last time.
pub(super) fn lines(entries: Vec<Entry>) -> Vec<Entry> {
    let mut lines: Vec<Entry> = Vec::new();
    for entry in entries {
        match lines.last_mut() {
            Some(last)
                if last.kind == "noted" && entry.kind == "noted" && last.by_id == entry.by_id =>
            {
                last.at_ms = entry.at_ms;
            }
            _ => lines.push(entry),
        }
    }
    lines
}

/// A length of time, never broken into two lines: `under 1 s`, `14 s`, `2 min 10 s`, `1 h 2 min`.
pub(super) fn lasting(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => texts::no_second().to_owned(),
        (0, 0, seconds) => format!("{seconds}\u{a0}s"),
        (0, minutes, 0) => format!("{minutes}\u{a0}min"),
        (0, minutes, seconds) => format!("{minutes}\u{a0}min\u{a0}{seconds}\u{a0}s"),
        (hours, 0, _) => format!("{hours}\u{a0}h"),
        (hours, minutes, _) => format!("{hours}\u{a0}h\u{a0}{minutes}\u{a0}min"),
    }
}

#[cfg(test)]
mod tests;
