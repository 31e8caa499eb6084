//! The state machine.

use crate::{Config, Input, Now, Output};

/// One channel on one socket, kept alive.
pub struct Client {
    config: Config,
}

impl Client {
    /// A client that has not begun.
    pub fn new(config: Config, _now: Now) -> Self {
        Self { config }
    }

    /// Takes one input and says what must be done about it.
    pub fn handle(&mut self, _input: Input<'_>, _now: Now) -> Vec<Output> {
        let _ = &self.config;
        Vec::new()
    }
}
