//! The wish to stop, which every waiting place can hear.

use tokio::sync::watch;

/// Expresses the wish.
#[derive(Debug)]
pub struct Switch(watch::Sender<bool>);

/// Hears the wish. A switch that is gone can no longer stop anything.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Switch {
    /// From now on every [`Stop::wished`] returns.
    pub fn stop(self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// A switch, and what it switches.
    #[must_use]
    pub fn new() -> (Switch, Self) {
        let (switch, stop) = watch::channel(false);
        (Switch(switch), Self(stop))
    }

    /// Returns when somebody wants to stop.
    pub async fn wished(&self) {
        if self.0.clone().wait_for(|wished| *wished).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
