//! Keeps the store in step with the server: Realtime's events in, snapshots when they are needed.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use switchboard_model::{Audit, Change, Checksum, change::Kind, change::Table, timestamp};
use switchboard_realtime::refetch::{Next, Refetch, Urgency};
use switchboard_realtime::{ChangeKind, Config, Event, Token, TokenReason, web};
use yew::prelude::*;

use super::rooms;
use crate::api::Api;
use crate::auth::Keeper;
use crate::browser::{before_paint, chance, now_ms};
use crate::format::millis;
use crate::session::Session;
use crate::store::{Action, Store};

/// The name of the board's channel.
const TOPIC: &str = "board";

/// Connects the store for as long as the page is shown; `shown` is what its board shows now. The
/// answer asks for a snapshot now.
#[hook]
pub(crate) fn use_live(
    keeper: &Keeper,
    session: &Session,
    dispatch: UseReducerDispatcher<Store>,
    shown: Checksum,
) -> Callback<()> {
    let live = use_memo(keeper.clone(), |keeper| {
        Live::new(keeper.clone(), dispatch, shown)
    });
    live.shown.set(shown);
    {
        let live = live.clone();
        let session = session.clone();
        use_effect_with(keeper.clone(), move |_| {
            live.start(&session);
            move || live.stop()
        });
    }
    {
        let live = live.clone();
        use_effect_with(session.clone(), move |session| live.token(session));
    }
    Callback::from(move |()| live.want(Urgency::Now))
}

struct Live {
    // The timers and the socket must not keep the page alive.
    this: Weak<Live>,
    api: Api,
    keeper: Keeper,
    dispatch: UseReducerDispatcher<Store>,
    plan: RefCell<Refetch>,
    timer: RefCell<Option<Timeout>>,
    link: RefCell<Option<web::Handle>>,
    /// What the link was given last.
    given: RefCell<Option<Session>>,
    ticket: Cell<u32>,
    shown: Cell<Checksum>,
    audit: Cell<Audit>,
    audit_timer: RefCell<Option<Timeout>>,
}

impl Live {
    fn new(keeper: Keeper, dispatch: UseReducerDispatcher<Store>, shown: Checksum) -> Rc<Self> {
        Rc::new_cyclic(|this| Self {
            this: this.clone(),
            api: keeper.api(),
            keeper,
            dispatch,
            plan: RefCell::default(),
            timer: RefCell::default(),
            link: RefCell::default(),
            given: RefCell::default(),
            ticket: Cell::new(0),
            shown: Cell::new(shown),
            audit: Cell::default(),
            audit_timer: RefCell::default(),
        })
    }

    // The seed only has to differ between boards.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn start(&self, session: &Session) {
        // The first board need not wait for the link.
        self.want(Urgency::Now);
        self.audit_later();
        let config = self.keeper.config();
        let (url, key) = (&config.supabase_url, &config.supabase_key);
        let seed = (chance() * 9e15) as u64;
        let config = Config::private_channel(url, key, TOPIC, "calls", seed);
        let weak = self.this.clone();
        *self.given.borrow_mut() = Some(session.clone());
        let handle = web::connect(config, Some(as_token(session)), move |event| {
            if let Some(live) = weak.upgrade() {
                live.hear(event);
            }
        });
        *self.link.borrow_mut() = Some(handle);
    }

    fn stop(&self) {
        self.link.borrow_mut().take();
        self.timer.borrow_mut().take();
        self.audit_timer.borrow_mut().take();
    }

    fn token(&self, session: &Session) {
        *self.given.borrow_mut() = Some(session.clone());
        if let Some(link) = &*self.link.borrow() {
            link.set_token(as_token(session));
        }
    }

    fn hear(&self, event: Event) {
        let at_ms = now_ms();
        match event {
            Event::Status(status) => self.dispatch.dispatch(Action::Linked { status, at_ms }),
            Event::SnapshotNeeded(_) => self.want(Urgency::Now),
            Event::Change(change) => {
                if change.incomplete {
                    self.want(Urgency::Now);
                }
                let committed_ms = change.commit_timestamp.as_deref().and_then(moment);
                if let Some(change) = as_change(change) {
                    rooms::heard(&change);
                    self.dispatch.dispatch(Action::Heard {
                        change,
                        committed_ms,
                        at_ms,
                    });
                    self.time_the_paint();
                    self.want(Urgency::Soon);
                }
            }
            Event::TokenNeeded(reason) => self.bring_token(reason),
            Event::ConfigurationFault(_) => self.dispatch.dispatch(Action::Misconfigured),
            // The state of the link says what people need to know.
            Event::Refused(_) | Event::Broadcast { .. } => {}
        }
    }

    fn time_the_paint(&self) {
        let dispatch = self.dispatch.clone();
        before_paint(move || dispatch.dispatch(Action::Painted { at_ms: now_ms() }));
    }

    fn bring_token(&self, reason: TokenReason) {
        let (weak, keeper) = (self.this.clone(), self.keeper.clone());
        let given = self.given.borrow().clone();
        wasm_bindgen_futures::spawn_local(async move {
            let session = match (reason, given) {
                // Only the one that was given: the session may have another one by now.
                (TokenReason::Expiring | TokenReason::Rejected, Some(given)) => {
                    keeper.replace(&given).await
                }
                (TokenReason::Join, _) | (_, None) => keeper.fresh().await,
            };
            if let (Some(live), Some(session)) = (weak.upgrade(), session) {
                live.token(&session);
            }
        });
    }

    fn want(&self, urgency: Urgency) {
        let next = self
            .plan
            .borrow_mut()
            .wanted(urgency, steady_ms(), chance());
        self.schedule(next);
    }

    fn schedule(&self, next: Next) {
        let Next::In(wait_ms) = next else { return };
        let weak = self.this.clone();
        let timer = Timeout::new(wait_ms, move || {
            if let Some(live) = weak.upgrade() {
                live.fetch();
            }
        });
        *self.timer.borrow_mut() = Some(timer);
    }

    /// Asks in a while whether the board is what the database says, and reads it again if not.
    fn audit_later(&self) {
        let (weak, api) = (self.this.clone(), self.api.clone());
        let timer = Timeout::new(self.audit.get().next_ms(), move || {
            wasm_bindgen_futures::spawn_local(async move {
                let theirs = api.checksum().await;
                let Some(live) = weak.upgrade() else { return };
                let mut audit = live.audit.get();
                if audit.compare(theirs, live.shown.get(), now_ms()) {
                    live.want(Urgency::Now);
                }
                live.audit.set(audit);
                live.audit_later();
            });
        });
        *self.audit_timer.borrow_mut() = Some(timer);
    }

    fn fetch(&self) {
        let ticket = self.ticket.get();
        self.ticket.set(ticket + 1);
        self.plan.borrow_mut().started(steady_ms());
        self.dispatch.dispatch(Action::SnapshotAsked(ticket));
        let (weak, api) = (self.this.clone(), self.api.clone());
        wasm_bindgen_futures::spawn_local(async move {
            let snapshot = api.snapshot().await;
            let Some(live) = weak.upgrade() else { return };
            let came = snapshot.is_ok();
            live.dispatch.dispatch(match snapshot {
                Ok(snapshot) => Action::SnapshotCame(ticket, snapshot),
                Err(sentence) => Action::SnapshotFailed {
                    ticket,
                    sentence,
                    at_ms: now_ms(),
                },
            });
            let next = live.plan.borrow_mut().finished(steady_ms(), chance());
            live.schedule(next);
            if let Some(link) = &*live.link.borrow() {
                if came {
                    link.snapshot_done();
                } else {
                    link.snapshot_failed();
                }
            }
        });
    }
}

/// The clock of the plan, which somebody who sets the computer's time does not set.
fn steady_ms() -> i64 {
    i64::try_from(web::monotonic_ms()).unwrap_or(i64::MAX)
}

fn as_token(session: &Session) -> Token {
    let expires = u64::try_from(session.expires_at_ms()).unwrap_or(0);
    Token::new(session.access_token.clone(), expires)
}

fn as_change(change: switchboard_realtime::Change) -> Option<Change> {
    Some(Change {
        table: Table::named(&change.table)?,
        kind: match change.kind {
            ChangeKind::Insert | ChangeKind::Update => Kind::Upsert,
            ChangeKind::Delete => Kind::Delete,
        },
        record: change.record,
    })
}

fn moment(text: &str) -> Option<i64> {
    timestamp::parse(text).map(millis)
}
