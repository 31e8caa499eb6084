//! Hints from Realtime that a row has changed. A hint that is lost costs two seconds, no more.

use std::sync::Arc;

use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use switchboard_realtime::native::{Handle, connect};
use switchboard_realtime::{Config, Event, Token};
use tokio::sync::Notify;

/// Listens to the board's channel as the service. Dropping what is returned ends it.
#[must_use]
pub fn listen(supabase_url: &Url, key: &SecretString, seed: u64, hint: Arc<Notify>) -> Handle {
    let key = key.expose_secret().to_owned();
    let mut config = Config::private_channel(supabase_url.as_str(), &key, "board", "calls", seed);
    // The fast lane is enough: the poll finds what it loses.
    config.bindings.clear();
    // The service's key does not expire while it is the service's key.
    let token = move |_| {
        let token = Token::new(key.clone(), u64::MAX);
        async move { Some(token) }
    };
    connect(config, token, move |event| {
        if let Event::Change(_) | Event::SnapshotNeeded(_) = event {
            hint.notify_one();
        }
    })
}
