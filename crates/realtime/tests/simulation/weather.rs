//! What goes wrong, when, and for how long.

use crate::dice::Dice;

/// A kind of trouble. All but the moments last for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The server stops with 1012, or is killed with 1006, and is cold when it returns.
    Stopped,
    Killed,
    /// Sockets carry nothing any more, in either direction, and nobody says so.
    HalfOpen,
    /// Frames wait and then arrive all at once, in order.
    Stalled,
    /// Above the budget: changes vanish on both lanes without a word.
    RateLimited,
    /// The poller lost its connection: nothing comes by `postgres_changes`.
    PollerDead,
    /// The trigger's broadcasts do not arrive.
    FastLaneDead,
    /// Tokens cannot be had.
    AuthDown,
    /// Snapshots fail.
    RestDown,
    /// Snapshots take seconds.
    RestSlow,
    /// The member's row is gone: joins are refused, changes and snapshots withheld by RLS.
    Revoked,
    /// The table is not published: every subscription is refused.
    Unpublished,
    /// Handshakes are refused with 401.
    KeyRefused,
    /// The application's session holds a token that the server does not accept.
    BadToken,
    /// Joins are accepted and then never confirmed.
    NeverConfirmed,
    /// Pushed tokens are ignored.
    PushIgnored,
    /// Rows are too large to be told whole.
    Oversize,
    /// The page sleeps: no timer fires, no frame is read.
    Asleep,
    /// Moments of the page.
    Seen,
    NetworkBack,
    NetworkGone,
    /// The wall clock jumps.
    ClockStep,
}

impl Trouble {
    pub(crate) const ALL: [Self; 22] = [
        Self::Stopped,
        Self::Killed,
        Self::HalfOpen,
        Self::Stalled,
        Self::RateLimited,
        Self::PollerDead,
        Self::FastLaneDead,
        Self::AuthDown,
        Self::RestDown,
        Self::RestSlow,
        Self::Revoked,
        Self::Unpublished,
        Self::KeyRefused,
        Self::BadToken,
        Self::NeverConfirmed,
        Self::PushIgnored,
        Self::Oversize,
        Self::Asleep,
        Self::Seen,
        Self::NetworkBack,
        Self::NetworkGone,
        Self::ClockStep,
    ];
}

/// Some trouble from one moment to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spell {
    pub(crate) trouble: Trouble,
    pub(crate) from: u64,
    pub(crate) to: u64,
}

/// The spells of one run, all over by its quiet part.
pub(crate) fn forecast(dice: &mut Dice, quiet_from: u64) -> Vec<Spell> {
    let count = dice.between(2, 7);
    (0..count)
        .map(|_| {
            let trouble = Trouble::ALL[dice.below(Trouble::ALL.len() as u64) as usize];
            let from = dice.below(quiet_from - 100);
            let longest = match dice.below(3) {
                0 => 1_000,
                1 => 8_000,
                _ => 40_000,
            };
            let to = (from + dice.between(1, longest)).min(quiet_from);
            Spell { trouble, from, to }
        })
        .collect()
}

/// What is going on now.
#[derive(Default)]
pub(crate) struct Weather {
    active: Vec<Trouble>,
}

impl Weather {
    pub(crate) fn is(&self, trouble: Trouble) -> bool {
        self.active.contains(&trouble)
    }

    pub(crate) fn begins(&mut self, trouble: Trouble) {
        self.active.push(trouble);
    }

    pub(crate) fn ends(&mut self, trouble: Trouble) {
        if let Some(at) = self.active.iter().position(|active| *active == trouble) {
            self.active.swap_remove(at);
        }
    }

    pub(crate) fn server_is_down(&self) -> bool {
        self.is(Trouble::Stopped) || self.is(Trouble::Killed)
    }
}
