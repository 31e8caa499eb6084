//! The links between Realtime and its clients, to be broken on purpose: what a client must survive and no server says.
//!
//! All faults are of the network and none of the server: to the client a socket is cut without a close frame, or
//! frames come late, or a socket stays open and nothing passes it any more.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// Breaks and mends the links of every socket of one stack. Cheap to clone; clones share the links.
///
/// "Open" means here that the handshake was let in, even if the client has not read so yet.
///
/// ```rust,no_run
/// # async fn example(stack: switchboard_local_supabase::LocalSupabase) {
/// stack.realtime_links().drop_all(); // each open socket ends without a close frame, which clients read as 1006
/// stack.realtime_links().half_open(); // open sockets go dumb and deaf; sockets that are opened now work
/// stack.realtime_links().heal(); // what was held up arrives, in order
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Links {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    weather: watch::Sender<Weather>,
    next: AtomicU64,
    /// Each link holds one more of it.
    tally: Arc<()>,
}

/// What the links suffer from now.
#[derive(Debug, Clone, Copy, Default)]
struct Weather {
    /// Links with a lower number are cut.
    cut_below: u64,
    /// Links with a lower number carry nothing.
    mute_below: u64,
    /// How long a frame takes, each way.
    delay: Duration,
    /// Whether no new link comes about.
    refusing: bool,
}

impl Links {
    /// Cuts every open socket: no close frame, no goodbye. Sockets that are opened afterwards work, unless
    /// [`Links::refuse`] was asked for.
    pub fn drop_all(&self) {
        let opened = self.shared.next.load(Ordering::SeqCst);
        self.change(|weather| weather.cut_below = opened);
    }

    /// Every frame takes `by` longer, each way, on open and on new sockets; their order stays. Control frames of the
    /// WebSocket (ping, pong) are not held up.
    pub fn delay(&self, by: Duration) {
        self.change(|weather| weather.delay = by);
    }

    /// Every open socket stays open and carries nothing more in either direction, pongs included: as behind a router that
    /// forgot the connection. Sockets that are opened afterwards work. Frames are held up, not lost: [`Links::heal`]
    /// lets them through; a client that has closed its end by then gets nothing.
    pub fn half_open(&self) {
        let opened = self.shared.next.load(Ordering::SeqCst);
        self.change(|weather| weather.mute_below = opened);
    }

    /// Handshakes are answered with 503 from now on. Open sockets stay as they are.
    pub fn refuse(&self) {
        self.change(|weather| weather.refusing = true);
    }

    /// Ends every delay, half-open socket and refusal. What was cut stays cut.
    pub fn heal(&self) {
        self.change(|weather| {
            *weather = Weather {
                cut_below: weather.cut_below,
                ..Weather::default()
            }
        });
    }

    /// How many sockets are open, half-open ones included.
    pub fn open(&self) -> usize {
        Arc::strong_count(&self.shared.tally) - 1
    }

    fn change(&self, change: impl FnOnce(&mut Weather)) {
        self.shared.weather.send_modify(change);
    }

    /// A new link; `None` while none comes about.
    pub(super) fn establish(&self) -> Option<Link> {
        // The number is drawn after the subscription, so that no fault falls between the two.
        let weather = self.shared.weather.subscribe();
        let number = self.shared.next.fetch_add(1, Ordering::SeqCst);
        let is_refused = weather.borrow().refusing;
        (!is_refused).then(|| Link {
            passage: Passage { number, weather },
            _tally: Arc::clone(&self.shared.tally),
        })
    }
}

/// One socket's link.
#[derive(Debug)]
pub(super) struct Link {
    passage: Passage,
    _tally: Arc<()>,
}

impl Link {
    /// The link as one direction sees it.
    pub(super) fn passage(&self) -> Passage {
        self.passage.clone()
    }
}

/// One direction of a link.
#[derive(Debug, Clone)]
pub(super) struct Passage {
    number: u64,
    weather: watch::Receiver<Weather>,
}

impl Passage {
    /// Resolves when the link is cut.
    pub(super) async fn cut(&self) {
        let number = self.number;
        self.when(|weather| number < weather.cut_below).await;
    }

    /// Resolves when nothing passes any more.
    pub(super) async fn mute(&self) {
        let number = self.number;
        self.when(|weather| number < weather.mute_below).await;
    }

    /// Whether nothing passes now.
    pub(super) fn is_mute(&self) -> bool {
        self.number < self.weather.borrow().mute_below
    }

    /// Resolves when a frame that set out at `since` has come through.
    pub(super) async fn pass(&self, since: Instant) {
        let mut weather = self.weather.clone();
        loop {
            let now = *weather.borrow_and_update();
            let arrives = since + now.delay;
            let is_mute = self.number < now.mute_below;
            if !is_mute && arrives <= Instant::now() {
                return;
            }
            tokio::select! {
                () = sleep_until(arrives), if !is_mute => return,
                changed = weather.changed() => if changed.is_err() { return },
            }
        }
    }

    async fn when(&self, holds: impl FnMut(&Weather) -> bool) {
        if self.weather.clone().wait_for(holds).await.is_err() {
            // The stack is gone, and with it who could break links; the socket ends for that.
            std::future::pending::<()>().await;
        }
    }
}
