//! What happened, for replays.

use super::World;

impl World {
    /// Writes a line of the log. A passing seed is never read, so the text is made for replays alone.
    pub(crate) fn note(&mut self, text: impl FnOnce() -> String) {
        self.lines += 1;
        if self.plan.is_told {
            let at = self.now().as_millis();
            self.log.push(format!("{at:>7} {}", text()));
        }
    }

    /// The log, with Twilio's lines among our own.
    pub(crate) fn log(&self) -> Vec<String> {
        let twilio = self.sim.log_after(0);
        let mut lines: Vec<_> = twilio
            .map(|line| {
                format!(
                    "{:>7} twilio {} {}",
                    line.at_ms,
                    last(&line.call_sid),
                    line.text
                )
            })
            .collect();
        lines.extend(self.log.iter().cloned());
        lines.sort_by_key(|line| line[..7].trim().parse::<u64>().unwrap());
        lines
    }
}

/// The last few letters of an id.
pub(crate) fn short(id: impl ToString + Copy) -> String {
    last(&id.to_string())
}

pub(crate) fn last(text: &str) -> String {
    text[text.len().saturating_sub(4)..].to_owned()
}
