//! The board's page: the store, the link, the drag, and the three sections.

use std::cell::RefCell;
use std::rc::Rc;

use switchboard_softphone::Carrier;
use yew::prelude::*;

use super::door::door;
use crate::auth::Keeper;
use crate::browser::badge;
use crate::components::agent_card::AgentCard;
use crate::components::banner::banner;
use crate::components::button::{Button, Mode, Size, Tone};
use crate::components::empty::{empty, ghosts};
use crate::components::find::{Finding, fits};
use crate::components::footer::footer;
use crate::components::header::header;
use crate::components::incoming_call::IncomingCall;
use crate::components::navigation::navigation;
use crate::components::notices::notices;
use crate::components::parking_slot::ParkingSlot;
use crate::components::section::section;
use crate::components::ticker::use_ticker;
use crate::drag::{Drag, Move, Place};
use crate::format::capitals;
use crate::hooks::actions::{Ask, use_actions};
use crate::hooks::hands::{Did, use_hands};
use crate::hooks::hush::{hushed, use_hush};
use crate::hooks::live::use_live;
use crate::hooks::rooms::{Host, use_rooms};
use crate::hooks::voice::use_voice;
use crate::location::{BOARD, path, use_location};
use crate::session::Session;
use crate::store::{Action, Phase, Store};
use crate::texts;
use crate::view::{AgentView, BoardView, Doing, drop_intent, news, target};

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
        go: go.clone(),
        on_ask: on_ask.clone(),
        dispatch: store.dispatcher(),
    };
    use_hush(store.dispatcher());
    badge(store.shown().ringing().len());
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

/// The three sections; the replay draws a board of the past with them.
pub(crate) fn sections(
    store: &Store,
    view: &BoardView,
    drag: Option<&Drag<Rc<BoardView>>>,
    on_ask: &Callback<Ask>,
    finding: &Finding,
) -> Html {
    let dragged = drag.map(|drag| drag.call);
    let over = drag.and_then(|drag| drag.over);
    let hint = view
        .am_busy
        .then(|| AttrValue::from(texts::on_another_call()));
    let shown = view.incoming.iter().take(finding.at_most());
    let incoming = shown.map(|call| {
        html! {
            <li key={call.id.to_string()}>
                <IncomingCall
                    call={call.clone()}
                    is_next={view.waiting.1 == Some(call.id)}
                    hint={hint.clone()}
                    on_ask={on_ask.clone()}
                />
            </li>
        }
    });
    let agent = |agent: &AgentView| {
        html! {
            <AgentCard
                key={agent.id.to_string()}
                agent={agent.clone()}
                target={target(store, dragged, over, Place::Desk(agent.id))}
                on_ask={on_ask.clone()}
            />
        }
    };
    let slots = view.slots.iter().map(|slot| {
        html! {
            <ParkingSlot
                key={slot.number.to_string()}
                slot={slot.clone()}
                target={target(store, dragged, over, Place::Slot(slot.number))}
                hint={hint.clone()}
                on_ask={on_ask.clone()}
            />
        }
    });
    let (waiting, found) = (view.waiting.0, view.incoming.len());
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
            if found == 0 && waiting > 0 {
                <p class="section-hint">{ texts::nobody_fits() }</p>
            } else if waiting == 0 {
                { nobody() }
            }
            <ul class="calls" data-busy={view.am_busy.to_string()}>{ for incoming }</ul>
            { finding.more(found.saturating_sub(finding.at_most())) }
            // Below the cards, which so stay where they are.
            if waiting > 0 && view.am_busy {
                <p class="section-hint">{ texts::on_another_call() }</p>
            }
        </>
    };
    let agents = people_of(view, &agent);
    let slots = html! { <ol class="slots">{ for slots }</ol> };
    let people = Some(view.agents.len());
    html! {
        <>
            { section("incoming", texts::incoming(), Some(waiting), waiting > 0, Html::default(), incoming) }
            { section("agents", texts::agents(), people, false, finding.field(), agents) }
            { section("parking", texts::parking(), Some(view.parked()), false, Html::default(), slots) }
        </>
    }
}

/// A team of this size is read at a glance; a larger one is grouped by what its people do.
const AT_A_GLANCE: usize = 12;

fn people_of(view: &BoardView, draw: &dyn Fn(&AgentView) -> Html) -> Html {
    if view.agents.len() <= AT_A_GLANCE {
        return html! { <ul class="agents">{ for view.agents.iter().map(draw) }</ul> };
    }
    let group = |(doing, word): (Doing, &'static str)| {
        let members: Vec<_> = view
            .agents
            .iter()
            .filter(|agent| agent.doing() == doing)
            .collect();
        if members.is_empty() {
            return Html::default();
        }
        html! {
            <>
                if !word.is_empty() {
                    <h3 class="group">{ word }<span class="count">{ members.len() }</span></h3>
                }
                <ul class="agents">{ for members.into_iter().map(draw) }</ul>
            </>
        }
    };
    let groups = [
        (Doing::Reads, ""),
        (Doing::Talks, texts::on_a_call()),
        (Doing::Waits, texts::available()),
        (Doing::IsLost, texts::out_of_reach()),
        (Doing::IsAway, texts::away()),
    ];
    html! { <>{ for groups.into_iter().map(group) }</> }
}

fn loading() -> Html {
    let people = html! {
        <div class="agents">{ ghosts("desk", 1) }{ ghosts("agent", 2) }</div>
    };
    let slots = html! { <div class="slots">{ ghosts("slot", 8) }</div> };
    html! {
        <>
            <p class="spoken" role="status">{ texts::loading() }</p>
            { section("incoming", texts::incoming(), None, false, Html::default(), ghosts("call", 2)) }
            { section("agents", texts::agents(), None, false, Html::default(), people) }
            { section("parking", texts::parking(), None, false, Html::default(), slots) }
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
    /// Follows the hands, and asks for what the end of a drag means.
    fn follow(&self, did: Did) {
        let moved = match did {
            Did::Moved(moved) => moved,
            Did::InVain => {
                self.say(texts::lifted_in_vain().to_owned());
                Move::End
            }
            Did::WouldEnd(key) => return self.say(texts::end_again(&capitals(&key))),
        };
        let dropped = match (moved, &self.drag.0) {
            (Move::Drop, Some(drag)) => drag.over.and_then(|place| {
                drop_intent(&self.store, drag.call, place)
                    .map(|intent| Ask::Call(drag.call, intent))
            }),
            _ => None,
        };
        self.drag.dispatch((moved, self.view.clone()));
        if let Some(ask) = dropped {
            self.on_ask.emit(ask);
        }
    }

    fn say(&self, sentence: String) {
        self.store.dispatch(Action::Said(sentence));
    }
}

/// What a drag says to somebody who does not see it.
fn lifted(drag: &Drag<Rc<BoardView>>) -> AttrValue {
    match drag.over {
        Some(Place::Slot(number)) => texts::drop_to_park(&number.to_string()).into(),
        Some(Place::Desk(desk)) => {
            let mut agents = drag.view.agents.iter();
            match agents.find(|agent| agent.id == desk) {
                Some(agent) if !agent.is_me => texts::drop_to_transfer(&agent.name).into(),
                _ => texts::drop_to_take().into(),
            }
        }
        None => texts::lifted(&drag.view.lifted).into(),
    }
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

type LastDrawn = Rc<RefCell<Option<Rc<Drawn>>>>;

/// A place for what was drawn last, and a callback that follows the hands by it. The callback stays the same for ever.
#[hook]
fn use_drag() -> (LastDrawn, Callback<Did>) {
    let drawn = use_mut_ref(|| None::<Rc<Drawn>>);
    let on_did = {
        let drawn = drawn.clone();
        use_callback((), move |did, ()| {
            let drawn = drawn.borrow().clone();
            if let Some(drawn) = drawn {
                drawn.follow(did);
            }
        })
    };
    (drawn, on_did)
}
