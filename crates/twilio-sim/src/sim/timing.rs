//! How long things take at Twilio.

use std::time::Duration;

/// The delays of the simulated Twilio. Those of a redirect were measured on a live line; the others are guesses of the
/// right size, and nobody should build on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// From a REST redirect to the end of the other leg (measured).
    pub redirect_ends_other: Duration,
    /// From a REST redirect to the request of the `<Dial>`'s action (measured).
    pub redirect_asks_action: Duration,
    /// From a REST redirect to the request of the new URL (measured).
    pub redirect_asks_url: Duration,
    /// The same for a leg that is in no `<Dial>`.
    pub redirect_alone: Duration,
    /// From one verb's URL to its request.
    pub turn: Duration,
    /// From a `<Dial>` to the first word about its legs.
    pub leg_initiated: Duration,
    /// From a `<Dial>` to the ringing.
    pub leg_rings: Duration,
    /// How long it takes to find that no device is registered.
    pub no_device: Duration,
    /// From `accept` to audio.
    pub accepted: Duration,
    /// What Twilio adds to a `<Dial>`'s time-out.
    pub dial_buffer: Duration,
    /// After how long a telephone is picked up.
    pub callee_answers: Duration,
    /// From the end of a recording to the word that it is ready.
    pub recording_ready: Duration,
    /// From an event to its callback.
    pub callback: Duration,
    /// How long a webhook may take.
    pub fetch_limit: Duration,
    /// Between two attempts.
    pub retry: Duration,
    /// From a tab that says good-bye to the end of its call.
    pub device_gone: Duration,
    /// From a tab that vanishes to the end of its call.
    pub device_lost: Duration,
    /// How long a sound is taken to be: it is not fetched.
    pub sound: Duration,
    /// How long a voice takes for one character.
    pub say_per_character: Duration,
    /// How long before its end a token is worth a warning.
    pub token_warning: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        let ms = Duration::from_millis;
        Self {
            redirect_ends_other: ms(166),
            redirect_asks_action: ms(320),
            redirect_asks_url: ms(651),
            redirect_alone: ms(250),
            turn: ms(100),
            leg_initiated: ms(20),
            leg_rings: ms(120),
            no_device: ms(200),
            accepted: ms(80),
            dial_buffer: ms(5_000),
            callee_answers: ms(3_000),
            recording_ready: ms(2_000),
            callback: ms(10),
            fetch_limit: ms(15_000),
            retry: ms(1_000),
            device_gone: ms(100),
            device_lost: ms(5_000),
            sound: ms(10_000),
            say_per_character: ms(60),
            token_warning: ms(10_000),
        }
    }
}
