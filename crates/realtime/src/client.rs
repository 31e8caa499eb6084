//! The state machine: one channel on one socket, kept alive.

mod channel;
mod incoming;
mod pushes;
mod socket;

use crate::backoff::{Backoff, Jitter};
use crate::frame;
use crate::snapshots::Snapshots;
use crate::tokens::Tokens;
use crate::{Config, Event, Input, Now, Output, Reason, Status};
use channel::Channel;
use socket::Socket;

/// One channel on one socket, kept alive. See the [crate documentation](crate).
pub struct Client {
    config: Config,
    link: Link,
    tokens: Tokens,
    snapshots: Snapshots,
    backoff: Backoff,
    jitter: Jitter,
    last_attempt: Option<u64>,
    next_reference: u64,
    status: Option<Status>,
    problem: Option<String>,
    ignored_frames: u64,
    wake_at: Option<u64>,
    outputs: Vec<Output>,
}

/// Where the socket stands.
enum Link {
    /// Not started.
    Idle,
    /// No socket until the time has come.
    Waiting { until: u64 },
    /// The handshake is under way.
    Opening { deadline: u64 },
    /// An open socket with its channel.
    Open(Socket),
    /// For good.
    Stopped,
}

impl Client {
    /// A client that does nothing until [`Input::Start`].
    pub fn new(config: Config, _now: Now) -> Self {
        Self {
            jitter: Jitter::new(config.seed),
            config,
            link: Link::Idle,
            tokens: Tokens::default(),
            snapshots: Snapshots::default(),
            backoff: Backoff::default(),
            last_attempt: None,
            next_reference: 1,
            status: None,
            problem: None,
            ignored_frames: 0,
            wake_at: None,
            outputs: Vec::new(),
        }
    }

    /// Takes one input and says what to do about it, in order.
    pub fn handle(&mut self, input: Input<'_>, now: Now) -> Vec<Output> {
        self.take(input, now);
        if !matches!(self.link, Link::Idle | Link::Stopped) {
            self.tick(now);
            self.schedule(now);
        }
        self.report_status();
        std::mem::take(&mut self.outputs)
    }

    /// How many frames were too large or unreadable.
    pub fn ignored_frames(&self) -> u64 {
        self.ignored_frames
    }

    /// The server's last words of trouble, for a diagnosis.
    pub fn last_problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    fn take(&mut self, input: Input<'_>, now: Now) {
        let at = now.monotonic_ms;
        match input {
            Input::Start => self.start(now),
            Input::Token(token) => {
                self.tokens.supply(token, &self.config.timing, now);
                self.push_token(now);
            }
            Input::Stop => self.stop(),
            _ if matches!(self.link, Link::Idle | Link::Stopped) => {}
            Input::SocketOpened => self.opened(at),
            Input::SocketClosed { code, reason } => self.closed(code, reason, at),
            Input::SocketRefused { status } => self.refused(status, at),
            Input::Text(text) => self.read(frame::from_text(text), now),
            Input::Binary(bytes) => self.read(frame::from_binary(bytes), now),
            Input::Timer => self.wake_at = None,
            Input::Visible => self.returned(Reason::Visible, at),
            Input::Online => self.returned(Reason::Online, at),
            Input::Offline => self.doubted(at),
            Input::SnapshotDone => self.snapshots.done(),
            Input::SnapshotFailed => {
                let timing = &self.config.timing;
                self.snapshots.failed(timing, &mut self.jitter, at);
                self.beat(at);
            }
        }
    }

    fn start(&mut self, now: Now) {
        if !matches!(self.link, Link::Idle) {
            return;
        }
        if let Err(error) = self.config.socket_url() {
            self.link = Link::Stopped;
            self.emit(Event::ConfigurationFault(error.to_string()));
            return;
        }
        self.open(now);
    }

    fn stop(&mut self) {
        if let Link::Open(socket) = &self.link {
            if let Some(join_ref) = socket.channel.join_ref() {
                let join_ref = join_ref.to_owned();
                self.leave(&join_ref);
            }
            self.outputs.push(Output::Close);
        } else if matches!(self.link, Link::Opening { .. }) {
            self.outputs.push(Output::Close);
        }
        self.link = Link::Stopped;
    }

    /// The page or the network came back: look at everything, and do not sit out a long wait.
    fn returned(&mut self, reason: Reason, at: u64) {
        self.snapshots.want(reason, &self.config.timing, at);
        if let Link::Waiting { until } = &mut self.link {
            let soonest = self
                .last_attempt
                .map_or(at, |last| at.max(last + self.config.timing.attempt_gap_ms));
            *until = soonest.min(*until);
        }
        self.beat(at);
    }

    /// Does everything whose time has come.
    fn tick(&mut self, now: Now) {
        let at = now.monotonic_ms;
        match self.link {
            Link::Waiting { until } if at >= until => self.open(now),
            Link::Opening { deadline } if at >= deadline => {
                self.problem = Some("the handshake took too long".to_owned());
                self.drop_socket(at);
            }
            _ => {}
        }
        self.tick_heart(at);
        self.tick_channel(now);
        let joined = self.is_joined();
        self.snapshots.regular(joined, &self.config.timing, at);
        if let Some(reason) = self
            .snapshots
            .take(&self.config.timing, &mut self.jitter, at)
        {
            self.report_status();
            self.emit(Event::SnapshotNeeded(reason));
        }
    }

    fn schedule(&mut self, now: Now) {
        let timing = &self.config.timing;
        let link = match &self.link {
            Link::Idle | Link::Stopped => None,
            Link::Waiting { until } => Some(*until),
            Link::Opening { deadline } => Some(*deadline),
            Link::Open(socket) => {
                let mut due = socket.heart.due(timing).min(socket.channel.due());
                if matches!(socket.channel, Channel::Away { .. }) {
                    // While the token is awaited, its time-out is what comes next.
                    if let Some(wait) = self.tokens.join_due(timing)
                        && socket.channel.due() <= now.monotonic_ms
                    {
                        due = socket.heart.due(timing).min(wait);
                    }
                } else if socket.channel.is_joined() {
                    due = due.min(self.tokens.refresh_due(timing, now));
                }
                Some(due)
            }
        };
        let next = link.into_iter().chain(self.snapshots.next()).min();
        if let Some(next) = next.map(|next| next.max(now.monotonic_ms + 1))
            && self.wake_at != Some(next)
        {
            self.wake_at = Some(next);
            self.outputs.push(Output::WakeAt(next));
        }
    }

    fn report_status(&mut self) {
        let status = match &self.link {
            Link::Idle => return,
            Link::Waiting { .. } | Link::Stopped => Status::Offline,
            Link::Opening { .. } => Status::Connecting,
            Link::Open(socket) => match socket.channel {
                Channel::Live { .. } if socket.heart.is_lagging() => Status::Lagging,
                Channel::Live { .. } => Status::Live,
                Channel::Away { .. }
                | Channel::Joining { .. }
                | Channel::Subscribing { .. }
                | Channel::Faulted { .. } => Status::Connecting,
            },
        };
        if self.status != Some(status) {
            self.status = Some(status);
            self.emit(Event::Status(status));
        }
    }

    fn is_joined(&self) -> bool {
        matches!(&self.link, Link::Open(socket) if socket.channel.is_joined())
    }

    fn emit(&mut self, event: Event) {
        self.outputs.push(Output::Event(event));
    }

    fn reference(&mut self) -> String {
        let reference = self.next_reference;
        self.next_reference += 1;
        reference.to_string()
    }
}
