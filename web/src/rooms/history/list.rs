//! Asks the database for the list, and keeps it and the reader's place for when they come back.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use switchboard_model::UserId;
use switchboard_model::request::Request;
use switchboard_model::request::history as request;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::listed::Listed;
use super::pages::{PAGE, Pages, Stage, Told};
use super::wanted::Wanted;
use crate::api::Api;
use crate::browser::window;
use crate::rooms::desk::Desk;

/// Changes of the board come in flocks; the list is asked for once for each.
const SETTLED_MS: u32 = 400;
/// The most rows that the database gives at once.
const MOST: usize = 500;

/// What the reader asks of the list.
pub(super) enum Ask {
    /// The next page.
    More,
    /// What came in meanwhile.
    Newer,
    /// The first page once more, because it did not come.
    Again,
}

thread_local! {
    /// The list that was left last, whose it was, and how far down the reader was.
    static LEFT: RefCell<Option<(UserId, Wanted, Pages, f64)>> = const { RefCell::new(None) };
}

/// Rows of that request, if they came.
pub(super) async fn rows(api: &Api, request: &Request) -> Option<Vec<Listed>> {
    let reply = api
        .send(request)
        .await
        .ok()
        .filter(|reply| reply.status == 200)?;
    Listed::read(&reply.body)
}

async fn count(api: &Api, wanted: &Wanted) -> Option<u64> {
    let reply = api.send(&request::count(&wanted.search)).await.ok();
    reply
        .filter(|reply| reply.status == 200)?
        .body
        .trim()
        .parse()
        .ok()
}

/// The list of what is wanted, and how to ask more of it.
#[hook]
pub(super) fn use_list(desk: &Desk, wanted: &Wanted) -> (UseReducerHandle<Pages>, Callback<Ask>) {
    let left = use_mut_ref(|| {
        let left = LEFT.take();
        left.filter(|(user, theirs, ..)| *user == desk.user && theirs == wanted)
    });
    let pages = use_reducer_eq(|| {
        let left = left.borrow();
        left.as_ref()
            .map_or_else(Pages::default, |(_, _, pages, _)| pages.clone())
    });
    let is_old = use_memo((), |()| Cell::new(left.borrow().is_some()));
    let number = use_mut_ref(|| pages.number);
    let attempt = use_state_eq(|| 0_u32);
    let now = use_mut_ref(|| (wanted.clone(), (*pages).clone()));
    *now.borrow_mut() = (wanted.clone(), (*pages).clone());
    let place = use_memo((), |()| Cell::new(0.0_f64));

    // Another search, or the same once more.
    {
        let (api, news) = (desk.api.clone(), pages.dispatcher());
        use_effect_with((wanted.clone(), *attempt), move |(wanted, _)| {
            if let Some((.., place)) = left.take() {
                if let Some(window) = window() {
                    window.scroll_to_with_x_and_y(0.0, place);
                }
                return;
            }
            *number.borrow_mut() += 1;
            let (number, wanted) = (*number.borrow(), wanted.clone());
            news.dispatch(Told::Began(number));
            spawn_local(async move {
                let first = request::search(&wanted.search, wanted.sort, None, page_size(PAGE));
                let (first, count) =
                    futures::future::join(rows(&api, &first), count(&api, &wanted)).await;
                news.dispatch(Told::First(number, first));
                if let Some(count) = count {
                    news.dispatch(Told::Counted(number, count));
                }
            });
        });
    }
    use_changes(desk, &pages, now.clone(), &is_old);
    // What was left is found again.
    {
        let (now, place, user) = (now, place, desk.user);
        use_effect_with((), move |()| {
            let seen = place.clone();
            let listener = window().map(|window| {
                EventListener::new(&window.clone(), "scroll", move |_| {
                    seen.set(window.scroll_y().unwrap_or_default());
                })
            });
            move || {
                drop(listener);
                let (wanted, pages) = now.borrow().clone();
                if pages.stage == Stage::Ready {
                    LEFT.set(Some((user, wanted, pages, place.get())));
                }
            }
        });
    }
    let ask = {
        let (api, news, wanted) = (desk.api.clone(), pages.dispatcher(), wanted.clone());
        let list = pages.clone();
        Callback::from(move |ask| match ask {
            Ask::Again => attempt.set(*attempt + 1),
            Ask::Newer => news.dispatch(Told::NewerWanted(list.number)),
            Ask::More => {
                let Some(last) = list.rows.last() else { return };
                if list.is_whole || !matches!(list.stage, Stage::Ready | Stage::MoreFailed) {
                    return;
                }
                let after = Some(last.cursor());
                let next = request::search(&wanted.search, wanted.sort, after, page_size(PAGE));
                let (api, news, number) = (api.clone(), news.clone(), list.number);
                news.dispatch(Told::MoreAsked(number));
                spawn_local(async move {
                    let next = rows(&api, &next).await;
                    news.dispatch(Told::More(number, next));
                });
            }
        })
    };
    (pages, ask)
}

/// Looks again at what is shown whenever the board changed, or the details of a call were closed; and at once if it `is_old`.
#[hook]
fn use_changes(
    desk: &Desk,
    pages: &UseReducerHandle<Pages>,
    now: Rc<RefCell<(Wanted, Pages)>>,
    is_old: &Rc<Cell<bool>>,
) {
    let is_planned = use_memo((), |()| Cell::new(false));
    let is_first = use_memo((), |()| Cell::new(true));
    let is_old = is_old.clone();
    let (api, news) = (desk.api.clone(), pages.dispatcher());
    let stamp = (
        desk.board().checksum(),
        desk.query("call"),
        desk.known.is_ready,
    );
    use_effect_with(stamp, move |_| {
        let is_old = is_old.replace(false);
        if (is_first.replace(false) && !is_old) || is_planned.replace(true) {
            return;
        }
        Timeout::new(if is_old { 0 } else { SETTLED_MS }, move || {
            is_planned.set(false);
            spawn_local(async move {
                let (wanted, pages) = now.borrow().clone();
                let size = pages.rows.len().clamp(PAGE, MOST);
                let top = request::search(&wanted.search, wanted.sort, None, page_size(size));
                let (top, count) =
                    futures::future::join(rows(&api, &top), count(&api, &wanted)).await;
                if let Some(top) = top {
                    news.dispatch(Told::Fresh(pages.number, top, size));
                }
                if let Some(count) = count {
                    news.dispatch(Told::Counted(pages.number, count));
                }
            });
        })
        .forget();
    });
}

pub(super) fn page_size(rows: usize) -> u16 {
    u16::try_from(rows.min(MOST)).unwrap_or(u16::MAX)
}
