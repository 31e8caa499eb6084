//! A socket's frames on their way: one task for each direction, so that a link can be slow or half-open without the
//! server noticing, and what is on its way stays within bounds.

use std::sync::Arc;

use axum::extract::ws::{Message, WebSocket};
use futures::{SinkExt, StreamExt, stream::SplitSink, stream::SplitStream};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinSet,
    time::Instant,
};

use super::{
    limits::Limits,
    links::{Link, Passage},
    queue::size,
};

/// Frames of one client that may wait to be handled. Few: what is not read yet waits in the network.
const UNREAD_FRAMES: usize = 64;

/// A frame on its way, and the room that it takes until it has arrived.
struct Carried {
    since: Instant,
    message: Message,
    _room: OwnedSemaphorePermit,
}

/// Both directions of a client's socket. Its tasks end with it.
pub(super) struct Wire {
    link: Link,
    outgoing: mpsc::Sender<Carried>,
    outgoing_room: Arc<Semaphore>,
    most_room: usize,
    incoming: mpsc::Receiver<Carried>,
    /// The first that came in and has not arrived yet.
    arriving: Option<Carried>,
    writer: JoinSet<()>,
    _reader: JoinSet<()>,
}

/// The client is gone.
#[derive(Debug)]
pub(super) struct Hangup;

impl Wire {
    pub(super) fn new(websocket: WebSocket, link: Link, limits: &Limits) -> Self {
        let (sink, stream) = websocket.split();
        let (outgoing, to_write) = mpsc::channel(limits.waiting_frames);
        let (read, incoming) = mpsc::channel(UNREAD_FRAMES);
        let (mut writer, mut reader) = (JoinSet::new(), JoinSet::new());
        writer.spawn(write(to_write, sink, link.passage()));
        let room = Arc::new(Semaphore::new(limits.frame_bytes));
        reader.spawn(read_on(stream, read, room, link.passage()));
        Self {
            link,
            outgoing,
            outgoing_room: Arc::new(Semaphore::new(limits.waiting_bytes)),
            most_room: limits.waiting_bytes,
            incoming,
            arriving: None,
            writer,
            _reader: reader,
        }
    }

    /// Resolves when the network cuts the link.
    pub(super) fn cut(&self) -> impl Future<Output = ()> + use<> {
        let passage = self.link.passage();
        async move { passage.cut().await }
    }

    /// The next frame of the client; `None` once it is gone. Loses nothing if it is dropped before it is done.
    pub(super) async fn receive(&mut self) -> Option<Message> {
        if self.arriving.is_none() {
            self.arriving = Some(self.incoming.recv().await?);
        }
        let since = self.arriving.as_ref()?.since;
        self.link.passage().pass(since).await;
        Some(self.arriving.take()?.message)
    }

    /// Sends a frame after all earlier ones; waits while too much is on its way.
    pub(super) async fn send(&self, message: Message) -> Result<(), Hangup> {
        let since = Instant::now();
        let room = room(&self.outgoing_room, size(&message).min(self.most_room)).await?;
        let carried = Carried {
            since,
            message,
            _room: room,
        };
        self.outgoing.send(carried).await.map_err(|_| Hangup)
    }

    /// Whether the link carries nothing now.
    pub(super) fn is_mute(&self) -> bool {
        self.link.passage().is_mute()
    }

    /// Sends a last frame and waits until it has left.
    pub(super) async fn finish(mut self, last: Message) {
        if self.send(last).await.is_err() {
            return;
        }
        let passage = self.link.passage();
        drop(self.outgoing);
        tokio::select! {
            _ = self.writer.join_next() => {}
            () = passage.cut() => {}
        }
    }
}

async fn room(of: &Arc<Semaphore>, bytes: usize) -> Result<OwnedSemaphorePermit, Hangup> {
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    Arc::clone(of)
        .acquire_many_owned(bytes)
        .await
        .map_err(|_| Hangup)
}

async fn write(
    mut frames: mpsc::Receiver<Carried>,
    mut sink: SplitSink<WebSocket, Message>,
    passage: Passage,
) {
    while let Some(carried) = frames.recv().await {
        passage.pass(carried.since).await;
        if sink.send(carried.message).await.is_err() {
            return;
        }
    }
}

async fn read_on(
    mut stream: SplitStream<WebSocket>,
    frames: mpsc::Sender<Carried>,
    room_left: Arc<Semaphore>,
    passage: Passage,
) {
    loop {
        // Reading answers pings, so that over a half-open link nothing is read.
        let message = tokio::select! {
            biased;
            () = passage.mute() => {
                passage.pass(Instant::now()).await;
                continue;
            }
            message = stream.next() => message,
        };
        let Some(Ok(message)) = message else { return };
        let since = Instant::now();
        let Ok(room) = room(&room_left, size(&message)).await else {
            return;
        };
        let carried = Carried {
            since,
            message,
            _room: room,
        };
        if frames.send(carried).await.is_err() {
            return;
        }
    }
}
