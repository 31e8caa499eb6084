//! Keeps the person signed in: tokens in `localStorage`, shared by all tabs, renewed in time by one
//! of them, and dropped everywhere as soon as Auth refuses them or one tab signs out.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use serde_json::json;
use switchboard_model::{UserId, json};
use yew::Callback;

use crate::api::{Api, Tokens, Unreachable, fetch, header, read, send};
use crate::browser::{self, Alone};
use crate::config::Config;
use crate::session::{Session, Verdict, retry_in_ms};
use crate::texts;

/// Where the session is kept, and the lock under which one tab renews it; followed by the address
/// of the project.
const KEY: &str = "switchboard.session ";
/// How often a tab looks whether its session is still right. A timer does not run while a machine
/// sleeps, and not every browser says when it wakes.
const LOOK_MS: u32 = 30_000;
/// After these a tab may have missed what the others did, or the time to renew.
const SIGNALS: [&str; 5] = ["storage", "online", "pageshow", "focus", "visibilitychange"];

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

impl Tokens for Keeper {
    fn token(&self, spent: Option<String>) -> LocalBoxFuture<'static, Option<String>> {
        let keeper = self.clone();
        let token = async move {
            let session = keeper.fresh().await?;
            let session = match spent {
                Some(spent) if spent == session.access_token => keeper.replace(&session).await?,
                _ => session,
            };
            Some(session.access_token)
        };
        token.boxed_local()
    }
}

type Renewal = Shared<LocalBoxFuture<'static, Option<Session>>>;

/// Whether the server may be asked again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// At any time.
    None,
    /// Not before the timer, or a sign that things are better.
    Ours,
    /// Not before the timer: the server wants it so.
    Asked,
}

struct Inner {
    config: Config,
    key: String,
    session: RefCell<Option<Session>>,
    /// Whether the session is in the storage too, so that its absence there means something.
    is_kept: Cell<bool>,
    /// While this tab signs out, what the others still keep does not count.
    is_leaving: Cell<bool>,
    renewal: RefCell<Option<Renewal>>,
    failures: Cell<u32>,
    rest: Cell<Rest>,
    timer: RefCell<Option<Timeout>>,
    listeners: RefCell<Vec<EventListener>>,
    on_change: Callback<Standing>,
}

impl Keeper {
    /// Takes up what an earlier visit or another tab has left. `on_change` hears of every later
    /// change.
    pub(crate) fn start(config: Config, on_change: Callback<Standing>) -> (Self, Standing) {
        let key = format!("{KEY}{}", config.supabase_url);
        let kept = kept(&key);
        let keeper = Self(Rc::new(Inner {
            config,
            key,
            is_kept: Cell::new(kept.is_some()),
            is_leaving: Cell::default(),
            session: RefCell::new(kept),
            renewal: RefCell::default(),
            failures: Cell::default(),
            rest: Cell::new(Rest::None),
            timer: RefCell::default(),
            listeners: RefCell::default(),
            on_change,
        }));
        keeper.listen();
        keeper.plan();
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

    /// A session other than `spent`, whose token was refused or is about to expire. `spent` itself
    /// where a new token would help nobody.
    pub(crate) async fn replace(&self, spent: &Session) -> Option<Session> {
        let current = self.session()?;
        if current.access_token != spent.access_token || current.was_just_granted(browser::now_ms())
        {
            return Some(current);
        }
        if self.0.rest.get() != Rest::None {
            return None;
        }
        let renewal = self.0.renewal.borrow().clone();
        let renewal = renewal.unwrap_or_else(|| {
            let renewal: Renewal = renew(Rc::downgrade(&self.0), current)
                .boxed_local()
                .shared();
            *self.0.renewal.borrow_mut() = Some(renewal.clone());
            renewal
        });
        renewal.await
    }

    /// PostgREST, as the person whose session this is.
    pub(crate) fn api(&self) -> Api {
        Api::new(self.0.config.clone(), self.clone())
    }

    /// Signs in; the sentence says why not.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Result<(), &'static str> {
        let body = json::write(&json!({ "email": email, "password": password }));
        let asked = token(&self.0.config, "password", body).await;
        let (verdict, _) = asked.map_err(|Unreachable| texts::starting_failed_rest())?;
        match verdict {
            Verdict::Granted(session) => {
                self.keep(session);
                Ok(())
            }
            Verdict::Refused => Err(texts::wrong_password()),
            Verdict::TooMany => Err(texts::too_many_attempts()),
            Verdict::Trouble => Err(texts::server_trouble()),
        }
    }

    /// Signs out, in every tab, and tells the server.
    pub(crate) fn sign_out(&self) {
        let Some(session) = self.session() else {
            return;
        };
        let config = self.0.config.clone();
        self.0.is_leaving.set(true);
        self.leave(None);
        wasm_bindgen_futures::spawn_local(self.clone().stay_out(session.user_id));
        wasm_bindgen_futures::spawn_local(async move {
            // A token that has run out signs nobody out at the server: it is renewed for that.
            let session = match session.is_fresh(browser::now_ms()) {
                true => session,
                false => match buy(&config, &session).await {
                    Ok((Verdict::Granted(renewed), _)) => renewed,
                    Ok((Verdict::Refused | Verdict::TooMany | Verdict::Trouble, _))
                    | Err(Unreachable) => return,
                },
            };
            let url = format!("{}/auth/v1/logout?scope=local", config.supabase_url);
            let bearer = format!("Bearer {}", session.access_token);
            let headers = [
                ("apikey", config.supabase_key.as_str()),
                ("authorization", bearer.as_str()),
            ];
            // The tokens are forgotten here whether or not the server hears of it.
            let _ = fetch("POST", &url, &headers, None).await;
        });
    }

    /// Takes back what a tab that was renewing while this one signed out has kept since.
    async fn stay_out(self, user: UserId) {
        let _alone = Alone::among_tabs(&self.0.key).await;
        if self.0.is_leaving.replace(false)
            && kept(&self.0.key).is_some_and(|session| session.user_id == user)
        {
            browser::keep(&self.0.key, None);
        }
        self.follow();
    }

    fn keep(&self, session: Session) {
        browser::keep(&self.0.key, Some(&session.to_kept()));
        self.adopt(session);
    }

    fn adopt(&self, session: Session) {
        let inner = &self.0;
        inner.is_leaving.set(false);
        inner.is_kept.set(kept(&inner.key).is_some());
        inner.failures.set(0);
        inner.rest.set(Rest::None);
        *inner.session.borrow_mut() = Some(session.clone());
        self.plan();
        inner.on_change.emit(Standing::In(session));
    }

    fn leave(&self, sentence: Option<&'static str>) {
        browser::keep(&self.0.key, None);
        self.forget(sentence);
    }

    fn forget(&self, sentence: Option<&'static str>) {
        self.0.is_kept.set(false);
        self.0.session.borrow_mut().take();
        self.0.timer.borrow_mut().take();
        self.0.on_change.emit(Standing::Out(sentence));
    }

    /// Does as the other tabs did: the storage is what they agree on.
    fn follow(&self) {
        if self.0.is_leaving.get() {
            return;
        }
        match kept(&self.0.key) {
            Some(kept) if self.session().as_ref() != Some(&kept) => self.adopt(kept),
            None if self.0.is_kept.get() => self.forget(Some(texts::signed_out_elsewhere())),
            _ => {}
        }
    }

    fn listen(&self) {
        let Some(window) = browser::window() else {
            return;
        };
        let listener = |signal| {
            let weak = Rc::downgrade(&self.0);
            EventListener::new(&window, signal, move |_| {
                let Some(keeper) = weak.upgrade().map(Self) else {
                    return;
                };
                if keeper.0.rest.get() == Rest::Ours {
                    keeper.0.rest.set(Rest::None);
                }
                keeper.look();
            })
        };
        *self.0.listeners.borrow_mut() = SIGNALS.map(listener).into();
    }

    /// Renews the session if it is time, else looks again later.
    fn look(&self) {
        self.follow();
        if self.0.rest.get() != Rest::None {
            return;
        }
        self.plan();
    }

    fn plan(&self) {
        let Some(session) = self.session() else {
            return;
        };
        let wait = session.renew_in_ms(browser::now_ms(), browser::chance());
        if wait > 0 {
            self.look_after(u32::try_from(wait).unwrap_or(LOOK_MS).min(LOOK_MS));
        } else {
            let keeper = self.clone();
            wasm_bindgen_futures::spawn_local(async move {
                keeper.replace(&session).await;
            });
        }
    }

    fn look_after(&self, wait_ms: u32) {
        let weak = Rc::downgrade(&self.0);
        let timer = Timeout::new(wait_ms, move || {
            if let Some(keeper) = weak.upgrade().map(Self) {
                keeper.0.rest.set(Rest::None);
                keeper.look();
            }
        });
        *self.0.timer.borrow_mut() = Some(timer);
    }

    fn rest(&self, asked_s: Option<u32>) {
        let failures = self.0.failures.get().saturating_add(1);
        self.0.failures.set(failures);
        self.0.rest.set(asked_s.map_or(Rest::Ours, |_| Rest::Asked));
        self.look_after(retry_in_ms(failures, asked_s, browser::chance()));
    }
}

/// Buys a new token with the refresh token, which is good for one purchase, unless another tab has
/// been quicker.
async fn renew(inner: Weak<Inner>, spent: Session) -> Option<Session> {
    let keeper = Keeper(inner.upgrade()?);
    let _alone = Alone::among_tabs(&keeper.0.key).await;
    keeper.follow();
    if keeper.session().as_ref() == Some(&spent) {
        trade(&keeper, &spent).await;
    }
    keeper.0.renewal.borrow_mut().take();
    keeper.session().filter(|session| *session != spent)
}

async fn trade(keeper: &Keeper, spent: &Session) {
    let answer = buy(&keeper.0.config, spent).await;
    // The person may have signed out while the server was thinking, here or in another tab; and
    // without locks another tab may have been quicker.
    keeper.follow();
    if keeper.session().as_ref() != Some(spent) {
        return;
    }
    match answer {
        Ok((Verdict::Granted(session), _)) => keeper.keep(session),
        Ok((Verdict::Refused, _)) => keeper.leave(Some(texts::session_ended())),
        Ok((Verdict::TooMany | Verdict::Trouble, asked_s)) => keeper.rest(asked_s),
        Err(Unreachable) => keeper.rest(None),
    }
}

/// What Auth said, and for how many seconds it wants to be left alone.
type Answer = Result<(Verdict, Option<u32>), Unreachable>;

async fn buy(config: &Config, spent: &Session) -> Answer {
    let body = json::write(&json!({ "refresh_token": spent.refresh_token }));
    token(config, "refresh_token", body).await
}

async fn token(config: &Config, grant: &str, body: String) -> Answer {
    let url = format!("{}/auth/v1/token?grant_type={grant}", config.supabase_url);
    let headers = [
        ("apikey", config.supabase_key.as_str()),
        ("content-type", "application/json"),
    ];
    let asked_at_ms = browser::now_ms();
    let response = send("POST", &url, &headers, Some(body)).await?;
    let asked_s = header(&response, "retry-after");
    let reply = read(response).await?;
    let verdict = Verdict::read(reply.status, &reply.body, asked_at_ms);
    Ok((verdict, asked_s.and_then(|seconds| seconds.parse().ok())))
}

fn kept(key: &str) -> Option<Session> {
    Session::from_kept(&browser::kept(key)?)
}
