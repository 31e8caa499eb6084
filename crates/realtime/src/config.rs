//! What a client is told once: where the server is, what to listen to, and how patient to be.

use serde::Serialize;

/// Everything a [`Client`](crate::Client) needs to know before it starts.
#[derive(Clone)]
pub struct Config {
    /// `SUPABASE_URL`: `http(s)://host[:port]`, with or without a trailing slash.
    pub url: String,
    /// The publishable (anon) key. Not a secret, and never parsed: new-style keys are not JWTs.
    pub apikey: String,
    /// The channel's name without the `realtime:` prefix, for example `board`.
    pub topic: String,
    /// Join as a private channel, whose listeners RLS on `realtime.messages` decides. Only on a
    /// private channel are broadcasts taken for changes of rows (the fast lane).
    pub private: bool,
    /// What to hear by `postgres_changes`. Empty: the channel is live as soon as it is joined.
    pub bindings: Vec<Binding>,
    /// Seed of the jitter, so that many boards do not return in step. Any number will do.
    pub seed: u64,
    /// Deadlines and intervals.
    pub timing: Timing,
}

impl Config {
    /// A private channel that hears one table's changes by both lanes, with default timing.
    pub fn private_channel(url: &str, apikey: &str, topic: &str, table: &str, seed: u64) -> Self {
        Self {
            url: url.to_owned(),
            apikey: apikey.to_owned(),
            topic: topic.to_owned(),
            private: true,
            bindings: vec![Binding::table(table)],
            seed,
            timing: Timing::default(),
        }
    }

    /// The address of the WebSocket, key included.
    ///
    /// # Errors
    /// [`ConfigError`] if `url` is not an http(s) address or the topic is empty.
    pub fn socket_url(&self) -> Result<String, ConfigError> {
        if self.topic.is_empty() {
            return Err(ConfigError::Topic);
        }
        let (scheme, rest) = self.url.split_once("://").ok_or(ConfigError::Url)?;
        let scheme = match scheme {
            "http" | "ws" => "ws",
            "https" | "wss" => "wss",
            _ => return Err(ConfigError::Url),
        };
        let rest = rest.trim_end_matches('/');
        if rest.is_empty() {
            return Err(ConfigError::Url);
        }
        let mut url = format!("{scheme}://{rest}/realtime/v1/websocket?apikey=");
        for byte in self.apikey.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    url.push(char::from(byte));
                }
                _ => url.push_str(&format!("%{byte:02X}")),
            }
        }
        // Version 1 frames are all text. What arrives is decoded by its first byte all the same.
        url.push_str("&vsn=1.0.0");
        Ok(url)
    }
}

/// One `postgres_changes` subscription of the channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Binding {
    /// `*`, `INSERT`, `UPDATE` or `DELETE`.
    pub event: String,
    /// The schema, usually `public`.
    pub schema: String,
    /// The table; it must be in the publication `supabase_realtime`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// A row filter such as `status=eq.ringing`. It looks at the new row only, so an update that
    /// leaves the filter is not heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
}

impl Binding {
    /// Every change of one table of the schema `public`.
    pub fn table(table: &str) -> Self {
        Self {
            event: "*".to_owned(),
            schema: "public".to_owned(),
            table: Some(table.to_owned()),
            filter: None,
        }
    }
}

/// Why a [`Config`] cannot work at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The address is not `http(s)://host`.
    #[error("the Supabase address must look like https://project.supabase.co")]
    Url,
    /// The channel has no name.
    #[error("the channel needs a name")]
    Topic,
}

/// Intervals and deadlines, all in milliseconds. The defaults come from measurements of
/// supabase/realtime v2.123.5; a test shortens them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// A heartbeat at least this often; the server hangs up after 66 s without one.
    pub heartbeat_ms: u64,
    /// A heartbeat sooner, when nothing was received for this long: a half-open socket is silent.
    pub silence_probe_ms: u64,
    /// An unanswered heartbeat makes a live channel [`Lagging`](crate::Status::Lagging).
    pub lagging_ms: u64,
    /// An unanswered heartbeat ends the socket. More than 10 s: a refused join blocks the whole
    /// socket for 5 s, and two may stand in a row.
    pub heartbeat_reply_ms: u64,
    /// The WebSocket handshake. The server delays its refusals by 2 s.
    pub open_ms: u64,
    /// The reply to a join. Refusals come after 5 s.
    pub join_reply_ms: u64,
    /// From the reply to `system ok`; a cold server took 2.7 s.
    pub system_ok_ms: u64,
    /// How long to wait for a token that was asked for.
    pub token_wait_ms: u64,
    /// Ask for a new token this long before the current one expires.
    pub token_margin_ms: u64,
    /// From pushing a token to the `system ok` that acknowledges it (1–3 s).
    pub token_ack_ms: u64,
    /// A snapshot this often while live, because changes may vanish without a trace.
    pub snapshot_ms: u64,
    /// Snapshots for incomplete changes are this far apart at least.
    pub snapshot_gap_ms: u64,
    /// The first wait after a failure; it doubles with each further one.
    pub backoff_first_ms: u64,
    /// The longest wait after a lost connection: short, so that a board is right again within
    /// seconds of the server's return.
    pub backoff_lost_ms: u64,
    /// The longest wait after a refusal (handshake or join), which time alone rarely mends.
    pub backoff_refused_ms: u64,
    /// The wait after a configuration fault.
    pub fault_retry_ms: u64,
    /// The waits start from the beginning once the channel was live for this long.
    pub stable_ms: u64,
    /// Two attempts (opens or joins) are never closer than this, whoever asks.
    pub attempt_gap_ms: u64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            heartbeat_ms: 25_000,
            silence_probe_ms: 10_000,
            lagging_ms: 3_000,
            heartbeat_reply_ms: 12_000,
            open_ms: 10_000,
            join_reply_ms: 12_000,
            system_ok_ms: 10_000,
            token_wait_ms: 10_000,
            token_margin_ms: 60_000,
            token_ack_ms: 15_000,
            snapshot_ms: 30_000,
            snapshot_gap_ms: 500,
            backoff_first_ms: 500,
            backoff_lost_ms: 3_000,
            backoff_refused_ms: 15_000,
            fault_retry_ms: 30_000,
            stable_ms: 10_000,
            attempt_gap_ms: 2_000,
        }
    }
}
