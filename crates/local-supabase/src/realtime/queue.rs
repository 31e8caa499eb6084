//! The queue of frames that wait for one socket, and its limits.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::extract::ws::Message;
use tokio::sync::{Notify, mpsc};

use super::{hub::ChannelId, limits::Limits};

/// A frame that waits to be sent, and the channel that it belongs to: it is dropped if that was left meanwhile.
pub(super) struct Waiting {
    pub(super) channel: ChannelId,
    /// A row's change: it is not told before the channel's subscription is.
    pub(super) is_change: bool,
    pub(super) message: Message,
}

/// The way to one socket's queue. When the client reads too slowly, the socket is cut rather than memory filled.
#[derive(Clone)]
pub(super) struct Outbox {
    queue: mpsc::Sender<Waiting>,
    bytes: Arc<AtomicUsize>,
    most_bytes: usize,
    /// Notified once when the socket must be cut.
    pub(super) overflow: Arc<Notify>,
}

/// The socket's end of an [`Outbox`].
pub(super) struct Inbox {
    queue: mpsc::Receiver<Waiting>,
    bytes: Arc<AtomicUsize>,
}

/// A queue with the limits of one socket.
pub(super) fn queue(limits: &Limits) -> (Outbox, Inbox) {
    let (sender, receiver) = mpsc::channel(limits.waiting_frames);
    let bytes = Arc::new(AtomicUsize::new(0));
    let outbox = Outbox {
        queue: sender,
        bytes: Arc::clone(&bytes),
        most_bytes: limits.waiting_bytes,
        overflow: Arc::new(Notify::new()),
    };
    (
        outbox,
        Inbox {
            queue: receiver,
            bytes,
        },
    )
}

impl Outbox {
    pub(super) fn put(&self, waiting: Waiting) {
        let length = size(&waiting.message);
        let before = self.bytes.fetch_add(length, Ordering::Relaxed);
        // An empty queue takes any one frame, however big it is.
        if (before > 0 && before + length > self.most_bytes)
            || self.queue.try_send(waiting).is_err()
        {
            self.bytes.fetch_sub(length, Ordering::Relaxed);
            self.overflow.notify_one();
        }
    }
}

impl Inbox {
    pub(super) async fn next(&mut self) -> Option<Waiting> {
        let waiting = self.queue.recv().await?;
        self.bytes
            .fetch_sub(size(&waiting.message), Ordering::Relaxed);
        Some(waiting)
    }

    /// How many frames wait.
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// The first of the frames that wait now.
    pub(super) fn waiting(&mut self) -> Option<Waiting> {
        let waiting = self.queue.try_recv().ok()?;
        self.bytes
            .fetch_sub(size(&waiting.message), Ordering::Relaxed);
        Some(waiting)
    }
}

/// Bytes of a frame's content.
pub(super) fn size(message: &Message) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Close(_) => 0,
    }
}
