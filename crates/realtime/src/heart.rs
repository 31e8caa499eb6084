//! Is the other side alive? Heartbeats, their deadline, and the doubt in between.

use crate::Timing;

/// The heartbeat of one socket.
pub(crate) struct Heart {
    heard_at: u64,
    sent_at: u64,
    pending: Option<Beat>,
    doubted: bool,
}

struct Beat {
    reference: String,
    at: u64,
}

/// What the heartbeat's state asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pulse {
    /// Nothing to do.
    Steady,
    /// Send a heartbeat.
    Beat,
    /// The socket is dead: close it.
    Dead,
}

impl Heart {
    pub(crate) fn new(now: u64) -> Self {
        Self {
            heard_at: now,
            sent_at: now,
            pending: None,
            doubted: false,
        }
    }

    /// A frame arrived.
    pub(crate) fn heard(&mut self, now: u64) {
        self.heard_at = now;
    }

    /// A heartbeat was sent.
    pub(crate) fn sent(&mut self, reference: String, now: u64) {
        self.sent_at = now;
        self.pending = Some(Beat { reference, at: now });
    }

    /// A heartbeat was answered; true if that ends a lag.
    pub(crate) fn answered(&mut self, reference: &str) -> bool {
        if self
            .pending
            .take_if(|beat| beat.reference == reference)
            .is_none()
        {
            return false;
        }
        std::mem::take(&mut self.doubted)
    }

    /// Something outside says that the link may be gone.
    pub(crate) fn doubt(&mut self) {
        self.doubted = true;
    }

    pub(crate) fn is_lagging(&self) -> bool {
        self.doubted
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.pending.is_some()
    }

    /// Looks at the clock.
    pub(crate) fn check(&mut self, timing: &Timing, now: u64) -> Pulse {
        match &self.pending {
            Some(beat) => {
                if now >= beat.at + timing.lagging_ms {
                    self.doubted = true;
                }
                if now >= beat.at + timing.heartbeat_reply_ms {
                    Pulse::Dead
                } else {
                    Pulse::Steady
                }
            }
            None if now >= self.next_beat(timing) => Pulse::Beat,
            None => Pulse::Steady,
        }
    }

    /// When to look next.
    pub(crate) fn due(&self, timing: &Timing) -> u64 {
        match &self.pending {
            Some(beat) if !self.doubted => beat.at + timing.lagging_ms,
            Some(beat) => beat.at + timing.heartbeat_reply_ms,
            None => self.next_beat(timing),
        }
    }

    fn next_beat(&self, timing: &Timing) -> u64 {
        let regular = self.sent_at + timing.heartbeat_ms;
        let probe = self.heard_at.max(self.sent_at) + timing.silence_probe_ms;
        regular.min(probe)
    }
}
