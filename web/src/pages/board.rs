//! The board's page: the store, the link, the drag, and the three sections.

use std::cell::RefCell;
use std::rc::Rc;

use switchboard_softphone::Carrier;
use yew::prelude::*;

use super::door::door;
use crate::auth::Keeper;
use crate::components::agent_card::AgentCard;
use crate::components::banner::banner;
use crate::components::button::{Button, Mode, Size, Tone};
use crate::components::empty::{empty, ghosts};
use crate::components::footer::footer;
use crate::components::header::header;
use crate::components::incoming_call::IncomingCall;
use crate::components::navigation::navigation;
use crate::components::notices::notices;
use crate::components::parking_slot::ParkingSlot;
use crate::components::section::section;
use crate::components::ticker::Ticker;
use crate::drag::{Drag, Move, Place};
use crate::hooks::actions::{Ask, use_actions};
use crate::hooks::live::use_live;
use crate::hooks::rooms::{Host, use_rooms};
use crate::hooks::voice::use_voice;
use crate::location::{BOARD, path, use_location};
use crate::session::Session;
use crate::store::{Action, Phase, Store};
use crate::texts;
use crate::view::{BoardView, drop_intent, target};

/// Who is signed in.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) keeper: Keeper,
    pub(crate) session: Session,
}

/// The drag that is on, if one is.
#[derive(Clone, Debug, Default, PartialEq)]
struct Dragging(Option<Drag<Rc<BoardView>>>);

impl Reducible for Dragging {
    type Action = (Move, Option<Rc<BoardView>>);

    fn reduce(self: Rc<Self>, (moved, view): Self::Action) -> Rc<Self> {
        let drag = match (moved, view) {
            (Move::Lift(call), Some(view)) => Some(Drag {
                call,
                over: None,
                view: Rc::new(view.lifting(call)),
            }),
            _ => self.0.clone().and_then(|drag| drag.moved(moved)),
        };
        Rc::new(Self(drag))
    }
}

/// The page.
#[function_component]
pub(crate) fn BoardPage(props: &Props) -> Html {
    let (user, config) = (props.session.user_id, props.keeper.config());
    let store = use_reducer_eq(|| {
        let mut store = Store::new(user);
        store.clock = config.clock;
        store.has_audio = config.carrier != Carrier::Off;
        store
    });
    let sum = store.board.checksum();
    let refresh = use_live(&props.keeper, &props.session, store.dispatcher(), sum);
    let me = store.me().map(|me| me.id);
    let on_ask = use_actions(&props.keeper, me, store.dispatcher());
    let (is_on, on_ask) = use_voice(&props.keeper, &props.session, &store, &on_ask);
    let (address, go) = use_location();
    let host = Host {
        keeper: props.keeper.clone(),
        user: user.to_string(),
        go: go.clone(),
        on_ask: on_ask.clone(),
        dispatch: store.dispatcher(),
    };
    let rooms = use_rooms(host, &address, sum);
    let drag = use_reducer_eq(Dragging::default);
    let (drawn, on_drag) = use_drag();

    let is_live = store.link.is_live();
    let on_sign_out = {
        let (keeper, dispatch) = (props.keeper.clone(), store.dispatcher());
        // Nobody would be with the caller. A board that cannot act lets everybody go.
        let stays = is_live && me.is_some_and(|me| store.board.active_call_of(me).is_some());
        Callback::from(move |_| match stays {
            true => dispatch.dispatch(Action::Said(texts::sign_out_on_a_call().to_owned())),
            false => keeper.sign_out(),
        })
    };
    if store.phase == Phase::Ready && me.is_none() {
        return not_a_member(on_sign_out);
    }
    let view = store.me().map(|me| Rc::new(BoardView::of(&store, me)));
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
        (Phase::Ready, Some(view)) => sections(&store, &view, drag.0.as_ref(), &on_ask, &on_drag),
        (Phase::Failed(sentence), _) => failed(sentence, &refresh),
        (Phase::Loading | Phase::Ready, _) => loading(),
    };
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
            <main class="board" data-stale={is_stale.to_string()} hidden={path(&address) != BOARD}>
                <Ticker offset_ms={store.clock.offset_ms()}>{ content }</Ticker>
            </main>
            // What is in it is drawn by the rooms themselves.
            <div id="rooms" ref={rooms} />
            { footer(store.link, store.latency_ms, sum) }
            { notices(&store.notices, &on_dismiss) }
        </div>
    }
}

fn sections(
    store: &Store,
    view: &BoardView,
    drag: Option<&Drag<Rc<BoardView>>>,
    on_ask: &Callback<Ask>,
    on_drag: &Callback<Move>,
) -> Html {
    let dragged = drag.map(|drag| drag.call);
    let over = drag.and_then(|drag| drag.over);
    let hint = view
        .am_busy
        .then(|| AttrValue::from(texts::on_another_call()));
    let incoming = view.incoming.iter().enumerate().map(|(index, call)| {
        html! {
            <li key={call.id.to_string()}>
                <IncomingCall
                    call={call.clone()}
                    is_next={index == 0}
                    hint={hint.clone()}
                    on_ask={on_ask.clone()}
                    on_drag={on_drag.clone()}
                />
            </li>
        }
    });
    let agents = view.agents.iter().map(|agent| {
        html! {
            <AgentCard
                key={agent.id.to_string()}
                agent={agent.clone()}
                target={target(store, dragged, over, Place::Desk(agent.id))}
                on_ask={on_ask.clone()}
                on_drag={on_drag.clone()}
            />
        }
    });
    let slots = view.slots.iter().map(|slot| {
        html! {
            <ParkingSlot
                key={slot.number.to_string()}
                slot={slot.clone()}
                target={target(store, dragged, over, Place::Slot(slot.number))}
                hint={hint.clone()}
                on_ask={on_ask.clone()}
                on_drag={on_drag.clone()}
            />
        }
    });
    let waiting = view.incoming.len();
    let nobody = || {
        empty(
            "phone",
            texts::nobody_waits(),
            texts::nobody_waits_hint(),
            Html::default(),
        )
    };
    let incoming = html! {
        <>
            if waiting == 0 {
                { nobody() }
            }
            <ul class="calls" data-busy={view.am_busy.to_string()}>{ for incoming }</ul>
            // Below the cards, which so stay where they are.
            if waiting > 0 && view.am_busy {
                <p class="section-hint">{ texts::on_another_call() }</p>
            }
        </>
    };
    let agents = html! { <ul class="agents">{ for agents }</ul> };
    let slots = html! { <ol class="slots">{ for slots }</ol> };
    let people = Some(view.agents.len());
    html! {
        <>
            { section("incoming", texts::incoming(), Some(waiting), waiting > 0, incoming) }
            { section("agents", texts::agents(), people, false, agents) }
            { section("parking", texts::parking(), Some(view.parked()), false, slots) }
        </>
    }
}

fn loading() -> Html {
    let people = html! {
        <div class="agents">{ ghosts("desk", 1) }{ ghosts("agent", 2) }</div>
    };
    let slots = html! { <div class="slots">{ ghosts("slot", 8) }</div> };
    html! {
        <>
            <p class="spoken" role="status">{ texts::loading() }</p>
            { section("incoming", texts::incoming(), None, false, ghosts("call", 2)) }
            { section("agents", texts::agents(), None, false, people) }
            { section("parking", texts::parking(), None, false, slots) }
        </>
    }
}

fn failed(sentence: &AttrValue, refresh: &Callback<()>) -> Html {
    let again = Button::new(Tone::Tonal, Size::Medium, texts::try_again());
    let again = again.draw(refresh.reform(|_| ()));
    html! {
        <div class="board-failed" role="alert">
            { empty("warning", texts::load_failed(), sentence, again) }
        </div>
    }
}

fn not_a_member(on_sign_out: Callback<MouseEvent>) -> Html {
    let sign_out = Button::new(Tone::Primary, Size::Large, texts::sign_out()).draw(on_sign_out);
    door(texts::not_a_member(), texts::not_a_member_rest(), sign_out)
}

/// What a moment of a drag is judged by: everything as it was drawn last.
struct Drawn {
    store: UseReducerHandle<Store>,
    view: Option<Rc<BoardView>>,
    drag: UseReducerHandle<Dragging>,
    on_ask: Callback<Ask>,
}

impl Drawn {
    /// Follows a drag and asks for what its end means.
    fn follow(&self, moved: Move) {
        let dropped = match (moved, &self.drag.0) {
            (Move::Drop(place), Some(drag)) => drop_intent(&self.store, drag.call, place)
                .map(|intent| Ask::Call(drag.call, intent)),
            _ => None,
        };
        self.drag.dispatch((moved, self.view.clone()));
        if let Some(ask) = dropped {
            self.on_ask.emit(ask);
        }
    }
}

type LastDrawn = Rc<RefCell<Option<Rc<Drawn>>>>;

/// A place for what was drawn last, and a callback that follows drags by it. The callback stays the
/// same for ever: a new one at every change would have every card drawn anew.
#[hook]
fn use_drag() -> (LastDrawn, Callback<Move>) {
    let drawn = use_mut_ref(|| None::<Rc<Drawn>>);
    let on_drag = {
        let drawn = drawn.clone();
        use_callback((), move |moved, ()| {
            let drawn = drawn.borrow().clone();
            if let Some(drawn) = drawn {
                drawn.follow(moved);
            }
        })
    };
    (drawn, on_drag)
}
