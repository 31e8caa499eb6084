//! The board's page: the store, the link, the drag, and the three sections.

use std::rc::Rc;

use switchboard_softphone::Carrier;
use yew::prelude::*;

use super::door::door;
use crate::auth::Keeper;
use crate::browser::badge;
use crate::components::banner::banner;
use crate::components::button::{Button, Mode, Size, Tone};
use crate::components::find::{Finding, fits};
use crate::components::footer::footer;
use crate::components::header::header;
use crate::components::navigation::navigation;
use crate::components::notices::notices;
use crate::components::ticker::use_ticker;
use crate::hooks::actions::{Ask, use_actions};
use crate::hooks::hands::use_hands;
use crate::hooks::hush::{hushed, use_hush};
use crate::hooks::live::use_live;
use crate::hooks::rooms::{Host, use_rooms};
use crate::hooks::voice::use_voice;
use crate::location::{BOARD, path, use_location};
use crate::session::Session;
use crate::store::{Action, Phase, Store};
use crate::texts;
use crate::view::{BoardView, news};

mod dragging;
mod sections;

use dragging::{Dragging, Drawn, lifted, use_drag};
pub(crate) use sections::sections;
use sections::{failed, loading};

/// Who is signed in.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) keeper: Keeper,
    pub(crate) session: Session,
}

/// The page.
#[function_component]
pub(crate) fn BoardPage(props: &Props) -> Html {
    let (user, config) = (props.session.user_id, props.keeper.config());
    let store = use_reducer_eq(|| {
        let mut store = Store::new(user);
        store.clock = config.clock;
        store.has_audio = config.carrier != Carrier::Off;
        store.hushed = hushed();
        store
    });
    use_ticker(store.clock.offset_ms());
    let sum = store.board.checksum();
    let refresh = use_live(&props.keeper, &props.session, store.dispatcher(), sum);
    let me = store.me().map(|me| me.id);
    let on_ask = use_actions(&props.keeper, me, store.dispatcher());
    let (is_on, on_ask) = use_voice(&props.keeper, &props.session, &store, &on_ask);
    let (address, go) = use_location();
    let host = Host {
        keeper: props.keeper.clone(),
        user: user.to_string(),
        link: store.link,
        sum: sum.checksum,
        go: go.clone(),
        on_ask: on_ask.clone(),
        dispatch: store.dispatcher(),
    };
    use_hush(store.dispatcher());
    badge(store.shown().waiting().len());
    let rooms = use_rooms(host, &address, sum, &store.pending);
    let drag = use_reducer_eq(Dragging::default);
    let (drawn, on_did) = use_drag();
    let board = use_hands(&on_did);
    let view = store.me().map(|me| Rc::new(BoardView::of(&store, me)));
    let (changes, rings) = use_news(view.as_ref());
    let find = &store.find;
    let finding = Finding(Some((find.clone(), store.dispatcher())));
    let view = match view {
        Some(view) if finding.is_on() => {
            let view = Rc::unwrap_or_clone(view);
            Some(Rc::new(view.finding(&|text| fits(text, &find.words))))
        }
        view => view,
    };

    let is_live = store.link.is_live();
    let on_sign_out = {
        let (keeper, dispatch) = (props.keeper.clone(), store.dispatcher());
        // Nobody would be with the caller. A board that cannot act lets everybody go.
        let stays = is_live && me.is_some_and(|me| store.shown().active_call_of(me).is_some());
        Callback::from(move |_| match stays {
            true => dispatch.dispatch(Action::Said(texts::sign_out_on_a_call().to_owned())),
            false => keeper.sign_out(),
        })
    };
    if store.phase == Phase::Ready && me.is_none() {
        return not_a_member(on_sign_out);
    }
    *drawn.borrow_mut() = Some(Rc::new(Drawn {
        store: store.clone(),
        view: view.clone(),
        drag: drag.clone(),
        on_ask: on_ask.clone(),
    }));
    let shown = match (&drag.0, view) {
        (Some(drag), Some(_)) => Some(drag.view.clone()),
        (_, view) => view,
    };
    let duty = match (store.duty_pending, is_live) {
        (true, _) => Mode::Busy,
        (false, can) => Mode::when(can),
    };
    let on_dismiss = {
        let dispatch = store.dispatcher();
        Callback::from(move |id| dispatch.dispatch(Action::Dismissed(id)))
    };
    let content = match (&store.phase, shown) {
        (Phase::Ready, Some(view)) => sections(&store, &view, drag.0.as_ref(), &on_ask, &finding),
        (Phase::Failed(sentence), _) => failed(sentence, &refresh),
        (Phase::Loading | Phase::Ready, _) => loading(),
    };
    let on_keys = go.reform({
        let here = address.to_string();
        move |_| {
            let join = if here.contains('?') { "&" } else { "?" };
            [here.as_str(), join, "help=1"].concat()
        }
    });
    let is_stale = !is_live && store.link.stopped_ms.is_some();
    html! {
        <div class="page">
            { header(store.me(), is_on, duty, &on_ask.reform(Ask::Duty), on_sign_out) }
            { navigation(path(&address), &go) }
            { banner(store.link) }
            if is_on.is_some() {
                // What is in it is drawn by the audio itself.
                <div id="voice" class="voice" data-testid="voice" role="status" />
            }
            <p class="spoken" role="status" data-testid="changes">
                { drag.0.as_ref().map_or(changes, lifted) }
            </p>
            <p class="spoken" role="alert">{ rings }</p>
            <main
                ref={board}
                class="board"
                data-stale={is_stale.to_string()}
                hidden={path(&address) != BOARD}
            >
                { content }
            </main>
            // What is in it is drawn by the rooms themselves.
            <div id="rooms" ref={rooms} />
            { footer(store.link, store.latency_ms, sum, on_keys) }
            { notices(&store.notices, &on_dismiss) }
        </div>
    }
}

fn not_a_member(on_sign_out: Callback<MouseEvent>) -> Html {
    let sign_out = Button::new(Tone::Primary, Size::Large, texts::sign_out()).draw(on_sign_out);
    door(texts::not_a_member(), texts::not_a_member_rest(), sign_out)
}

/// What is said of what changes on the board, and of a call that rings; each stays until there is something new.
#[hook]
fn use_news(view: Option<&Rc<BoardView>>) -> (AttrValue, AttrValue) {
    let said = use_mut_ref(|| {
        (
            None::<Rc<BoardView>>,
            AttrValue::default(),
            AttrValue::default(),
        )
    });
    let mut said = said.borrow_mut();
    let before = said.0.take();
    said.0 = view.cloned();
    if let (Some(before), Some(after)) = (before, view) {
        let (changes, rings) = news(&before, after);
        if !changes.is_empty() {
            said.1 = changes.into();
        }
        if !rings.is_empty() {
            said.2 = rings.into();
        }
    }
    (said.1.clone(), said.2.clone())
}
