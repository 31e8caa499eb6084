//! The browser adapter: `WebSocket`, timers, and the page's own signals, fed to the state machine.
//!
//! The browser's callbacks come one at a time, so no task and no channel is needed: each callback
//! queues an input, and one loop empties the queue. The queue is what makes it safe for the
//! application to call [`Handle::set_token`] from within `on_event`.

use crate::{Client, Config, Event, Input, Now, Output, Token};
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use wasm_bindgen::JsCast;
use web_sys::{BinaryType, CloseEvent, MessageEvent, VisibilityState, WebSocket};

/// Starts the client. `on_event` is never called before `connect` has returned, and it may use the
/// handle. A session at hand is best given as `first_token`; else the first
/// [`Event::TokenNeeded`] asks for it.
///
/// Dropping the handle leaves the channel, closes the socket and removes timers and listeners.
pub fn connect(
    config: Config,
    first_token: Option<Token>,
    on_event: impl Fn(Event) + 'static,
) -> Handle {
    let link = Rc::new(Link {
        client: RefCell::new(Client::new(config, now())),
        queue: RefCell::default(),
        busy: Cell::new(false),
        socket: RefCell::default(),
        timer: RefCell::default(),
        on_event: Box::new(on_event),
    });
    let listeners = page_listeners(&link);
    if let Some(token) = first_token {
        link.take(Queued::Plain(Input::Token(token)));
    }
    // From a timer, so that the caller holds the handle before the first event arrives.
    let weak = Rc::downgrade(&link);
    *link.timer.borrow_mut() = Some(Timeout::new(0, move || feed(&weak, Input::Start)));
    Handle {
        link,
        _listeners: listeners,
    }
}

/// A running client.
pub struct Handle {
    link: Rc<Link>,
    _listeners: Vec<EventListener>,
}

impl Handle {
    /// The answer to [`Event::TokenNeeded`], or a session that was refreshed for other reasons.
    pub fn set_token(&self, token: Token) {
        self.link.take(Queued::Plain(Input::Token(token)));
    }

    /// A snapshot was applied.
    pub fn snapshot_done(&self) {
        self.link.take(Queued::Plain(Input::SnapshotDone));
    }

    /// A snapshot could not be fetched: the link is probed and the snapshot asked for again.
    pub fn snapshot_failed(&self) {
        self.link.take(Queued::Plain(Input::SnapshotFailed));
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.link.take(Queued::Plain(Input::Stop));
    }
}

struct Link {
    client: RefCell<Client>,
    queue: RefCell<VecDeque<Queued>>,
    busy: Cell<bool>,
    socket: RefCell<Option<Socket>>,
    timer: RefCell<Option<Timeout>>,
    on_event: Box<dyn Fn(Event)>,
}

/// An input that owns its text.
enum Queued {
    Plain(Input<'static>),
    Opened,
    Refused,
    Closed(u16, String),
    Text(String),
    Binary(Vec<u8>),
}

impl Link {
    /// Queues an input and, unless the loop below is already running, runs it.
    fn take(self: &Rc<Self>, input: Queued) {
        self.queue.borrow_mut().push_back(input);
        if self.busy.replace(true) {
            return;
        }
        loop {
            let next = self.queue.borrow_mut().pop_front();
            let Some(next) = next else { break };
            for output in self.step(next) {
                self.perform(output);
            }
        }
        self.busy.set(false);
    }

    fn step(&self, input: Queued) -> Vec<Output> {
        let mut client = self.client.borrow_mut();
        match input {
            Queued::Plain(input) => client.handle(input, now()),
            Queued::Opened => client.handle(Input::SocketOpened, now()),
            Queued::Refused => client.handle(Input::SocketRefused { status: None }, now()),
            Queued::Closed(code, reason) => {
                let reason = &reason;
                client.handle(Input::SocketClosed { code, reason }, now())
            }
            Queued::Text(text) => client.handle(Input::Text(&text), now()),
            Queued::Binary(bytes) => client.handle(Input::Binary(&bytes), now()),
        }
    }

    fn perform(self: &Rc<Self>, output: Output) {
        match output {
            Output::Open { url } => match Socket::open(&url, self) {
                Some(socket) => *self.socket.borrow_mut() = Some(socket),
                None => self.queue.borrow_mut().push_back(Queued::Refused),
            },
            Output::Send(text) => {
                if let Some(socket) = &*self.socket.borrow() {
                    // A socket that cannot send is about to report its own close.
                    let _ = socket.inner.send_with_str(&text);
                }
            }
            Output::Close => {
                self.socket.borrow_mut().take();
                self.queue
                    .borrow_mut()
                    .retain(|queued| matches!(queued, Queued::Plain(_)));
            }
            Output::WakeAt(at) => {
                let wait = at.saturating_sub(now().monotonic_ms);
                let wait = u32::try_from(wait).unwrap_or(u32::MAX).min(i32::MAX as u32);
                let weak = Rc::downgrade(self);
                *self.timer.borrow_mut() =
                    Some(Timeout::new(wait, move || feed(&weak, Input::Timer)));
            }
            Output::Event(event) => (self.on_event)(event),
        }
    }
}

/// The browser's socket with its listeners; dropping it closes the one and removes the others.
struct Socket {
    inner: WebSocket,
    _listeners: [EventListener; 3],
}

impl Socket {
    fn open(url: &str, link: &Rc<Link>) -> Option<Self> {
        let inner = WebSocket::new(url).ok()?;
        inner.set_binary_type(BinaryType::Arraybuffer);
        let opened = Rc::new(Cell::new(false));
        let weak = Rc::downgrade(link);
        let on_open = EventListener::new(&inner, "open", {
            let (weak, opened) = (weak.clone(), opened.clone());
            move |_| {
                opened.set(true);
                queue(&weak, Queued::Opened);
            }
        });
        let on_message = EventListener::new(&inner, "message", {
            let weak = weak.clone();
            move |event| {
                let data = event.unchecked_ref::<MessageEvent>().data();
                if let Some(text) = data.as_string() {
                    queue(&weak, Queued::Text(text));
                } else if let Ok(buffer) = data.dyn_into::<js_sys::ArrayBuffer>() {
                    let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
                    queue(&weak, Queued::Binary(bytes));
                }
            }
        });
        let on_close = EventListener::new(&inner, "close", move |event| {
            // A browser hides why a handshake failed: it is only a close without an open.
            let event = event.unchecked_ref::<CloseEvent>();
            queue(
                &weak,
                if opened.get() {
                    Queued::Closed(event.code(), event.reason())
                } else {
                    Queued::Refused
                },
            );
        });
        Some(Self {
            inner,
            _listeners: [on_open, on_message, on_close],
        })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Closing a closed socket is allowed and does nothing.
        let _ = self.inner.close();
    }
}

fn page_listeners(link: &Rc<Link>) -> Vec<EventListener> {
    let Some(window) = web_sys::window() else {
        return Vec::new();
    };
    let weak = Rc::downgrade(link);
    let (online, offline) = (weak.clone(), weak.clone());
    let mut listeners = vec![
        EventListener::new(&window, "online", move |_| feed(&online, Input::Online)),
        EventListener::new(&window, "offline", move |_| feed(&offline, Input::Offline)),
    ];
    if let Some(document) = window.document() {
        let page = document.clone();
        listeners.push(EventListener::new(
            &document,
            "visibilitychange",
            move |_| {
                if page.visibility_state() == VisibilityState::Visible {
                    feed(&weak, Input::Visible);
                }
            },
        ));
    }
    listeners
}

fn feed(link: &Weak<Link>, input: Input<'static>) {
    queue(link, Queued::Plain(input));
}

fn queue(link: &Weak<Link>, input: Queued) {
    if let Some(link) = link.upgrade() {
        link.take(input);
    }
}

/// Milliseconds on the page's own clock, which nobody sets; its zero means nothing.
// They lose their fraction here on purpose, and are positive; so in `now`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn monotonic_ms() -> u64 {
    web_sys::window()
        .and_then(|window| window.performance())
        .map_or_else(js_sys::Date::now, |performance| performance.now()) as u64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn now() -> Now {
    Now {
        monotonic_ms: monotonic_ms(),
        unix_ms: js_sys::Date::now() as u64,
    }
}
