//! How fast simulated time runs.

use std::time::Duration;

/// How many simulated seconds pass in one real second, at least 1. Only waiting is shortened; requests take as long as
/// they take.
#[derive(Debug, Clone, Copy)]
pub struct Tempo(u32);

impl Tempo {
    /// As fast as life.
    pub const LIFE: Self = Self(1);

    /// `times` as fast as life.
    #[must_use]
    pub fn faster(times: u32) -> Self {
        Self(times.max(1))
    }

    /// The real time that a simulated one takes.
    #[must_use]
    pub fn real(self, simulated: Duration) -> Duration {
        simulated / self.0
    }

    /// Waits for a simulated time.
    pub async fn wait(self, simulated: Duration) {
        tokio::time::sleep(self.real(simulated)).await;
    }
}
