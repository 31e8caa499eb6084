//! How long everything may take, in one value: what the service waits for, and what it lets callers wait.
//!
//! A service on a real line has no reason for others; a test that does not want to wait in real time has.

use std::time::Duration;

/// The waiting times of one service. Those that stand in verbs and leases count in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// How long an agent's browser may take from the claim to audio.
    pub lease: Duration,
    /// How long a called telephone may take: its ringing, and what Twilio adds to it.
    pub call_out: Duration,
    /// How long a called telephone may be quiet before Twilio is asked whether it was picked up.
    pub untold: Duration,
    /// How long the agent whose line was lost may take to come back. Not less than 20 s, from when on the database offers
    /// such calls.
    pub come_back: Duration,
    /// How long the first answer to a new call may take before somebody else sees to it.
    pub first_answer: Duration,
    /// How long the end of a `<Dial>` may take to be told after the end of its leg.
    pub action: Duration,
    /// How long a call may be quiet before Twilio is asked whether it lives.
    pub quiet: Duration,
    /// How often the rows are looked at without a hint.
    pub poll: Duration,
    /// How long the work on one call may take in all. Less than a call is taken for, which is 15 s.
    pub piece: Duration,
    /// One request to Twilio.
    pub request: Duration,
    /// How long a redirected leg may take to ask what it shall hear.
    pub settle: Duration,
    /// How long until a leg is tried again that nobody has answered yet.
    pub unanswered: Duration,
    /// The first pause after Twilio failed; each next one is twice as long.
    pub back_off: Duration,
    /// The longest pause after Twilio failed, and the one after a refusal for good.
    pub give_up: Duration,
    /// How long Twilio may take for the next piece of a recording that somebody listens to.
    pub chunk: Duration,
    /// How long a round of ringing lasts. Twilio adds up to 5 s.
    pub ring: Duration,
    /// How long a caller waits for the next try when there is nobody to ring.
    pub wait: Duration,
    /// How long until an agent is dialled again who did not answer.
    pub again: Duration,
}

impl Timings {
    /// Those of a real line.
    pub const LIVE: Self = Self {
        lease: Duration::from_secs(8),
        call_out: Duration::from_secs(75),
        untold: Duration::from_secs(15),
        come_back: Duration::from_secs(20),
        first_answer: Duration::from_secs(5),
        action: Duration::from_secs(5),
        quiet: Duration::from_secs(60),
        poll: Duration::from_secs(2),
        piece: Duration::from_secs(12),
        request: Duration::from_secs(4),
        settle: Duration::from_secs(3),
        unanswered: Duration::from_secs(2),
        back_off: Duration::from_millis(500),
        give_up: Duration::from_secs(30),
        chunk: Duration::from_secs(10),
        ring: Duration::from_secs(15),
        wait: Duration::from_secs(8),
        again: Duration::from_secs(2),
    };
}

impl Default for Timings {
    fn default() -> Self {
        Self::LIVE
    }
}

/// A time for a verb, in the whole seconds that verbs count in.
pub(crate) fn seconds(span: Duration) -> u16 {
    u16::try_from(span.as_secs()).unwrap_or(u16::MAX)
}
