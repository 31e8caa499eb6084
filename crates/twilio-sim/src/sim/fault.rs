//! What can go wrong between Twilio and us, at seeded rates or once on demand.

use std::collections::BTreeMap;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// One way to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A status or recording callback is never sent.
    CallbackDrop,
    /// It is sent twice.
    CallbackDuplicate,
    /// It is sent late, and so out of order.
    CallbackDelay,
    /// It is held back until the leg's next one was sent.
    CallbackSwap,
    /// The webhook is asked for verbs, but its answer is lost.
    FetchLost,
    /// The webhook is not reached.
    FetchUnreachable,
    /// REST: refused with 429, not processed.
    #[serde(rename = "rest_429")]
    Rest429,
    /// REST: refused with 500, not processed.
    #[serde(rename = "rest_500")]
    Rest500,
    /// REST: not processed and not answered.
    RestUnanswered,
    /// REST: processed, but not answered.
    RestAnswerLost,
    /// REST: answered with 200, but nothing happens.
    RestIgnored,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 11] = [
        Self::CallbackDrop,
        Self::CallbackDuplicate,
        Self::CallbackDelay,
        Self::CallbackSwap,
        Self::FetchLost,
        Self::FetchUnreachable,
        Self::Rest429,
        Self::Rest500,
        Self::RestUnanswered,
        Self::RestAnswerLost,
        Self::RestIgnored,
    ];
}

/// How often each fault happens, in per mille of its occasions. What is not named never happens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaultRates(BTreeMap<Fault, u16>);

impl FaultRates {
    /// Nothing goes wrong.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Everything goes wrong equally often.
    #[must_use]
    pub fn all(per_mille: u16) -> Self {
        Self(Fault::ALL.map(|fault| (fault, per_mille)).into())
    }

    /// This fault happens this often.
    #[must_use]
    pub fn with(mut self, fault: Fault, per_mille: u16) -> Self {
        self.0.insert(fault, per_mille);
        self
    }
}

/// Rolls the dice.
#[derive(Debug, Clone)]
pub(super) struct Faults {
    pub(super) rates: FaultRates,
    once: Vec<Fault>,
    random: ChaCha8Rng,
}

impl Faults {
    pub(super) fn new(rates: FaultRates, random: ChaCha8Rng) -> Self {
        Self {
            rates,
            once: Vec::new(),
            random,
        }
    }

    /// The next occasion of this fault is taken.
    pub(super) fn once(&mut self, fault: Fault) {
        self.once.push(fault);
    }

    /// Whether this occasion is one.
    pub(super) fn strikes(&mut self, fault: Fault) -> bool {
        if let Some(at) = self.once.iter().position(|wanted| *wanted == fault) {
            self.once.remove(at);
            return true;
        }
        match self.rates.0.get(&fault) {
            Some(rate) if *rate > 0 => self.random.random_range(0..1000) < *rate,
            _ => false,
        }
    }

    /// A time up to `longest`.
    pub(super) fn some_time(&mut self, longest: std::time::Duration) -> std::time::Duration {
        let longest = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
        std::time::Duration::from_millis(self.random.random_range(0..=longest))
    }
}
