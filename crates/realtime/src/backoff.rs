//! How long to wait after a failure: doubling, capped and jittered.

/// A small generator of numbers that look random; the same seed gives the same waits.
pub(crate) struct Jitter(u64);

impl Jitter {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number in `0..=limit` (SplitMix64; the slight bias of the remainder does not matter here).
    pub(crate) fn up_to(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        mixed % limit.saturating_add(1).max(1)
    }
}

/// Counts failures in a row.
#[derive(Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The next wait in milliseconds: between half and the whole of `first · 2^failures`, at most
    /// `cap`.
    pub(crate) fn next(&mut self, first: u64, cap: u64, jitter: &mut Jitter) -> u64 {
        let whole = first.saturating_mul(1 << self.failures.min(20)).min(cap);
        self.failures = self.failures.saturating_add(1);
        whole / 2 + jitter.up_to(whole - whole / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap_and_never_fall_below_half() {
        let (mut backoff, mut jitter) = (Backoff::default(), Jitter::new(7));
        for whole in [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000] {
            let wait = backoff.next(500, 15_000, &mut jitter);
            assert!((whole / 2..=whole).contains(&wait), "{wait} of {whole}");
        }
    }

    #[test]
    fn boards_with_different_seeds_do_not_return_in_step() {
        let waits: std::collections::BTreeSet<u64> = (0..50)
            .map(|seed| Backoff::default().next(500, 15_000, &mut Jitter::new(seed)))
            .collect();
        assert!(waits.len() > 30, "{waits:?}");
    }
}
