//! The real server's delays and limits, in one place, so that a test can shorten them.

use std::{ops::RangeInclusive, time::Duration};

/// Delays and limits of the Realtime server; [`Limits::default`] is what supabase/realtime v2.123 was seen to do.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How long a refused handshake waits before its 401. Seen: 2.0 s.
    pub refused_handshake: Duration,
    /// How long a refused join waits for its answer, and its whole socket with it. Seen: 5.0 s.
    pub refused_join: Duration,
    /// Silence of a client after which its socket is closed with 1000. Seen: 66 s.
    pub idle: Duration,
    /// How long after a join's answer its `system` ok comes. Seen: 0-45 ms on a warm server, after what the client sent
    /// at once.
    pub subscribe: Duration,
    /// How long after a pushed token its subscription is made anew. Seen: 1-3 s.
    pub resubscribe: RangeInclusive<Duration>,
    /// Channels on one socket.
    pub channels: usize,
    /// Bytes of one frame; a longer one cuts the connection.
    pub frame_bytes: usize,
    /// Bytes of one broadcast's payload.
    pub broadcast_bytes: usize,
    /// Bytes of one row's change, above which most of its fields are left out.
    pub record_bytes: usize,
    /// Frames that may wait for one slow client before its socket is cut. Ours: the real server has no such limit.
    pub waiting_frames: usize,
    /// Bytes that may wait for one slow client before its socket is cut. Ours.
    pub waiting_bytes: usize,
    /// How long messages of the database are kept. The real server drops a day's table when it is three days old.
    pub messages_kept: Duration,
    /// How often older ones are removed. Ours.
    pub prune_interval: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            refused_handshake: Duration::from_secs(2),
            refused_join: Duration::from_secs(5),
            idle: Duration::from_secs(66),
            subscribe: Duration::from_millis(5),
            resubscribe: Duration::from_secs(1)..=Duration::from_secs(3),
            channels: 100,
            frame_bytes: 5_000_000,
            broadcast_bytes: 3_000_000,
            record_bytes: 1_048_576,
            waiting_frames: 4096,
            waiting_bytes: 64 << 20,
            messages_kept: Duration::from_secs(3 * 24 * 3600),
            prune_interval: Duration::from_secs(3600),
        }
    }
}
