//! What a seed decides before anything happens: how large the office is, who calls when, and what goes wrong.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use switchboard_model::{Member, MemberId, Role, UserId};
use switchboard_twilio_sim::sim::{Callee, Fault, FaultRates};
use switchboard_webhook::rows::Office;
use uuid::Uuid;

use crate::people::Person;
use crate::world::{Event, Weather};

/// Until when things go wrong.
pub(crate) const STORM: Duration = Duration::from_secs(100);

/// One seed's plan.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Whether the log is written.
    pub(crate) is_told: bool,
    pub(crate) members: usize,
    /// At how many machines each of them may be.
    pub(crate) machines: usize,
    pub(crate) callers: usize,
    pub(crate) processes: usize,
    pub(crate) faults: FaultRates,
    pub(crate) weather: Weather,
    pub(crate) redirects_unanswered: bool,
    pub(crate) ring_timeout_s: i64,
    pub(crate) park_timeout_s: i64,
    pub(crate) has_voicemail: bool,
    pub(crate) is_open: bool,
    pub(crate) accidents: Vec<(Duration, Accident)>,
    pub(crate) is_bad: bool,
}

/// What happens once.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Accident {
    Kill(usize),
    Boot(usize),
    Outage(bool),
}

impl Accident {
    pub(crate) fn event(self) -> Event {
        match self {
            Self::Kill(process) => Event::Kill(process),
            Self::Boot(process) => Event::Boot(process),
            Self::Outage(begins) => Event::Outage(begins),
        }
    }
}

impl Plan {
    /// A third of all seeds have a good day, so that what goes wrong by itself is not hidden by accidents.
    pub(crate) fn of(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut rate = |likely: &[u16]| likely[rng.random_range(0..likely.len())];
        let is_bad = rate(&[0, 1, 1]) == 1;
        let worst = |is_bad: bool, likely: u16| if is_bad { likely } else { 0 };
        let mut faults = FaultRates::none();
        for fault in Fault::ALL {
            faults = faults.with(fault, worst(is_bad, rate(&[0, 0, 30, 100])));
        }
        let weather = Weather {
            rows_lost: worst(is_bad, rate(&[0, 0, 10, 50])),
            rows_unanswered: worst(is_bad, rate(&[0, 0, 10, 50])),
            rows_untold: worst(is_bad, rate(&[0, 20, 200])),
            hints_lost: worst(is_bad, rate(&[0, 100, 1000])),
        };
        let processes = usize::from(rate(&[1, 1, 2]));
        let mut accidents = Vec::new();
        if is_bad {
            let second = |rng: &mut ChaCha8Rng, from: u64, to: u64| {
                Duration::from_millis(rng.random_range(from * 1000..to * 1000))
            };
            for process in 0..processes {
                for _ in 0..rng.random_range(0..4) {
                    let at = second(&mut rng, 1, STORM.as_secs());
                    let down = second(&mut rng, 0, 12);
                    accidents.push((at, Accident::Kill(process)));
                    accidents.push((at + down, Accident::Boot(process)));
                }
            }
            for _ in 0..rng.random_range(0..3) {
                let at = second(&mut rng, 1, STORM.as_secs());
                accidents.push((at, Accident::Outage(true)));
                accidents.push((at + second(&mut rng, 0, 10), Accident::Outage(false)));
            }
        }
        Self {
            seed,
            is_told: false,
            members: rng.random_range(1..=4),
            machines: rng.random_range(1..=2),
            callers: rng.random_range(1..=6),
            processes,
            faults,
            weather,
            redirects_unanswered: rng.random_bool(0.5),
            ring_timeout_s: rng.random_range(15..=60),
            park_timeout_s: rng.random_range(20..=90),
            has_voicemail: rng.random_bool(0.7),
            is_open: rng.random_bool(0.9),
            accidents,
            is_bad,
        }
    }

    /// Whether nothing goes wrong but what people do.
    pub(crate) fn is_good_day(&self) -> bool {
        !self.is_bad
    }

    /// The team: the last of it leads.
    pub(crate) fn team(&self) -> Vec<Member> {
        let member = |n: usize| Member {
            id: member_id(n),
            user_id: UserId::from(Uuid::from_u128(0xbbbb << 112 | n as u128)),
            display_name: format!("Agent {n}"),
            identity: format!("agent_{n}"),
            role: if n + 1 == self.members {
                Role::Supervisor
            } else {
                Role::Agent
            },
            is_available: false,
            device_state: None,
            current_call_id: None,
            retired_at: None,
            version: 1,
        };
        (0..self.members).map(member).collect()
    }

    pub(crate) fn people(&self) -> Vec<Person> {
        self.team().iter().map(Person::new).collect()
    }

    pub(crate) fn office(&self) -> Office {
        Office {
            ring_timeout_s: self.ring_timeout_s,
            park_timeout_s: self.park_timeout_s,
            hold_music_url: None,
            voicemail_enabled: self.has_voicemail,
            voicemail_greeting: "Please leave a message.".to_owned(),
            outbound_prefixes: vec!["+1202555".to_owned()],
            caller_id: Some("+12025550199".to_owned()),
        }
    }

    /// How a number behaves that an agent calls.
    pub(crate) fn callees() -> [(&'static str, Callee); 4] {
        [
            ("+12025550141", Callee::Answers { after_ms: 4_000 }),
            ("+12025550142", Callee::Busy),
            ("+12025550143", Callee::NoAnswer),
            ("+12025550144", Callee::Answers { after_ms: 200 }),
        ]
    }
}

/// The same ids as the seed of the real database has.
pub(crate) fn member_id(n: usize) -> MemberId {
    MemberId::from(Uuid::from_u128(
        0x1111_1111_0000_4000_8000_0000_0000_0001 + n as u128,
    ))
}
