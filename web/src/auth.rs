//! Keeps the person signed in: tokens in `localStorage`, shared by all tabs, renewed in time, and
//! dropped everywhere as soon as the server refuses them or one tab signs out.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};
use gloo_events::EventListener;
use gloo_net::http::Method;
use gloo_timers::callback::Timeout;
use serde_json::json;
use wasm_bindgen::JsCast;
use web_sys::StorageEvent;
use yew::Callback;

use crate::action::Reply;
use crate::api::{Unreachable, fetch};
use crate::browser;
use crate::config::Config;
use crate::session::{Session, Verdict};
use crate::texts;

/// Where the session is kept.
const KEY: &str = "switchboard.session";
/// After trouble with the server, the next attempt to renew.
const RETRY_MS: u32 = 5_000;

/// Whether somebody is signed in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Standing {
    /// Nobody; the sentence says why, where there is something to say.
    Out(Option<&'static str>),
    /// This person.
    In(Session),
}

/// The keeper of the session. Clones are the same keeper.
#[derive(Clone)]
pub(crate) struct Keeper(Rc<Inner>);

impl PartialEq for Keeper {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

type Renewal = Shared<LocalBoxFuture<'static, Option<Session>>>;

struct Inner {
    config: Config,
    session: RefCell<Option<Session>>,
    renewal: RefCell<Option<Renewal>>,
    timer: RefCell<Option<Timeout>>,
    listener: RefCell<Option<EventListener>>,
    on_change: Callback<Standing>,
}

impl Keeper {
    /// Takes up what an earlier visit or another tab has left. `on_change` hears of every later
    /// change.
    pub(crate) fn start(config: Config, on_change: Callback<Standing>) -> (Self, Standing) {
        let keeper = Self(Rc::new(Inner {
            config,
            session: RefCell::new(kept()),
            renewal: RefCell::default(),
            timer: RefCell::default(),
            listener: RefCell::default(),
            on_change,
        }));
        keeper.listen();
        keeper.plan_renewal();
        let standing = keeper.session().map_or(Standing::Out(None), Standing::In);
        (keeper, standing)
    }

    /// The server's public settings.
    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    fn session(&self) -> Option<Session> {
        self.0.session.borrow().clone()
    }

    /// A session whose token may be sent now, renewed if it must be. `None`: nobody is signed in,
    /// or the server could not be asked.
    pub(crate) async fn fresh(&self) -> Option<Session> {
        let session = self.session()?;
        if session.is_fresh(browser::now_ms()) {
            return Some(session);
        }
        self.replace(&session).await
    }

    /// A session other than `spent`, whose token was refused or is about to expire.
    pub(crate) async fn replace(&self, spent: &Session) -> Option<Session> {
        let current = self.session()?;
        if current.access_token != spent.access_token {
            return Some(current);
        }
        let renewal = self.0.renewal.borrow().clone();
        let renewal = renewal.unwrap_or_else(|| {
            let renewal: Renewal = renew(Rc::downgrade(&self.0)).boxed_local().shared();
            *self.0.renewal.borrow_mut() = Some(renewal.clone());
            renewal
        });
        renewal.await
    }

    /// Signs in; the sentence says why not.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Result<(), &'static str> {
        let body = json!({ "email": email, "password": password }).to_string();
        let asked = token(&self.0.config, "password", body).await;
        let Reply { status, body } = asked.map_err(|Unreachable| texts::STARTING_FAILED_REST)?;
        match Verdict::read(status, &body, browser::now_ms()) {
            Verdict::Granted(session) => {
                self.adopt(session, true);
                Ok(())
            }
            Verdict::Refused => Err(texts::WRONG_PASSWORD),
            Verdict::TooMany => Err(texts::TOO_MANY_ATTEMPTS),
            Verdict::Trouble => Err(texts::SERVER_TROUBLE),
        }
    }

    /// Signs out, in every tab, and tells the server.
    pub(crate) fn sign_out(&self) {
        let Some(session) = self.session() else {
            return;
        };
        self.leave(None);
        let config = self.0.config.clone();
        wasm_bindgen_futures::spawn_local(async move {
            // A token that has run out signs nobody out at the server: it is renewed for that.
            let session = match session.is_fresh(browser::now_ms()) {
                true => session,
                false => match buy(&config, &session).await {
                    Verdict::Granted(renewed) => renewed,
                    Verdict::Refused | Verdict::TooMany | Verdict::Trouble => return,
                },
            };
            let url = format!("{}/auth/v1/logout?scope=local", config.supabase_url);
            let bearer = format!("Bearer {}", session.access_token);
            let headers = [
                ("apikey", config.supabase_key.as_str()),
                ("authorization", bearer.as_str()),
            ];
            // The tokens are forgotten here whether or not the server hears of it.
            let _ = fetch(Method::POST, &url, &headers, None).await;
        });
    }

    fn adopt(&self, session: Session, keep: bool) {
        if keep {
            browser::keep(KEY, Some(&session.to_kept()));
        }
        *self.0.session.borrow_mut() = Some(session.clone());
        self.plan_renewal();
        self.0.on_change.emit(Standing::In(session));
    }

    fn leave(&self, sentence: Option<&'static str>) {
        browser::keep(KEY, None);
        self.forget(sentence);
    }

    fn forget(&self, sentence: Option<&'static str>) {
        self.0.session.borrow_mut().take();
        self.0.timer.borrow_mut().take();
        self.0.on_change.emit(Standing::Out(sentence));
    }

    /// Hears what other tabs do with the session.
    fn listen(&self) {
        let Some(window) = browser::window() else {
            return;
        };
        let weak = Rc::downgrade(&self.0);
        let listener = EventListener::new(&window, "storage", move |event| {
            let event = event.unchecked_ref::<StorageEvent>();
            let Some(inner) = weak.upgrade() else { return };
            // Without a key, everything was cleared.
            if event.key().is_some_and(|key| key != KEY) {
                return;
            }
            let keeper = Self(inner);
            match kept() {
                Some(session) => keeper.adopt(session, false),
                None if keeper.session().is_some() => {
                    keeper.forget(Some(texts::SIGNED_OUT_ELSEWHERE));
                }
                None => {}
            }
        });
        *self.0.listener.borrow_mut() = Some(listener);
    }

    fn plan_renewal(&self) {
        let Some(session) = self.session() else {
            return;
        };
        let wait = session.renew_in_ms(browser::now_ms(), browser::chance());
        self.renew_after(u32::try_from(wait).unwrap_or(u32::MAX).min(i32::MAX as u32));
    }

    fn renew_after(&self, wait_ms: u32) {
        let weak = Rc::downgrade(&self.0);
        let timer = Timeout::new(wait_ms, move || {
            let Some(keeper) = weak.upgrade().map(Self) else {
                return;
            };
            wasm_bindgen_futures::spawn_local(async move {
                if let Some(session) = keeper.session() {
                    keeper.replace(&session).await;
                }
            });
        });
        *self.0.timer.borrow_mut() = Some(timer);
    }
}

/// Buys a new token with the refresh token, which is good for one purchase. Another tab may have
/// been quicker: what it has kept is taken then.
async fn renew(inner: Weak<Inner>) -> Option<Session> {
    let keeper = Keeper(inner.upgrade()?);
    let spent = keeper.session()?;
    let renewed = match newer_than(&spent) {
        Some(session) => {
            keeper.adopt(session.clone(), false);
            Some(session)
        }
        None => trade(&keeper, &spent).await,
    };
    keeper.0.renewal.borrow_mut().take();
    renewed
}

async fn buy(config: &Config, spent: &Session) -> Verdict {
    let body = json!({ "refresh_token": spent.refresh_token }).to_string();
    let reply = token(config, "refresh_token", body).await;
    reply.map_or(Verdict::Trouble, |reply| {
        Verdict::read(reply.status, &reply.body, browser::now_ms())
    })
}

async fn trade(keeper: &Keeper, spent: &Session) -> Option<Session> {
    let verdict = buy(&keeper.0.config, spent).await;
    // The person may have signed out while the server was thinking.
    if keeper.session().as_ref() != Some(spent) {
        return keeper.session();
    }
    match verdict {
        Verdict::Granted(session) => {
            keeper.adopt(session.clone(), true);
            Some(session)
        }
        Verdict::Refused => {
            if let Some(session) = newer_than(spent) {
                keeper.adopt(session.clone(), false);
                return Some(session);
            }
            keeper.leave(Some(texts::SESSION_ENDED));
            None
        }
        Verdict::TooMany | Verdict::Trouble => {
            keeper.renew_after(RETRY_MS);
            None
        }
    }
}

async fn token(config: &Config, grant: &str, body: String) -> Result<Reply, Unreachable> {
    let url = format!("{}/auth/v1/token?grant_type={grant}", config.supabase_url);
    let headers = [
        ("apikey", config.supabase_key.as_str()),
        ("content-type", "application/json"),
    ];
    fetch(Method::POST, &url, &headers, Some(body)).await
}

fn kept() -> Option<Session> {
    Session::from_kept(&browser::kept(KEY)?)
}

fn newer_than(spent: &Session) -> Option<Session> {
    kept().filter(|kept| kept.refresh_token != spent.refresh_token && kept.user_id == spent.user_id)
}
