//! The root of the rooms: which one is shown, and the details of a call beside it.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use switchboard_softphone::Carrier;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::design::Design;
use super::desk::{Desk, Known, Told as News};
use super::drawer::{Drawer, use_left_notes};
use super::help::Help;
use super::history::History;
use super::host::{Host, Inbox, Told};
use super::replay::Replay;
use super::settings::Settings;
use super::team::Team;
use super::wallboard::Wallboard;
use crate::api::{Api, config};
use crate::clock::ServerClock;
use crate::components::button::{Button, Size, Tone};
use crate::components::empty::empty;
use crate::location::{here, path};
use crate::texts;

/// How long the two boards may differ before this one is read again.
const SETTLED_MS: u32 = 500;

/// The bridge.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) host: Host,
    pub(super) inbox: Rc<Inbox>,
}

#[derive(Clone, PartialEq)]
enum Start {
    Loading,
    Ready(Api, ServerClock, bool),
    Failed,
}

/// The root component.
#[function_component]
pub(super) fn Rooms(props: &Props) -> Html {
    let start = use_state(|| Start::Loading);
    let attempt = use_state(|| 0_u32);
    let address = use_state_eq(|| AttrValue::from(here()));
    let known = use_reducer_eq(Known::default);
    let link = {
        let host = props.host.clone();
        use_state_eq(move || host.link())
    };
    let pending = use_state_eq(Vec::new);
    let sum = use_state_eq(|| None::<i64>);
    {
        let (start, host) = (start.setter(), props.host.clone());
        use_effect_with(*attempt, move |_| {
            spawn_local(async move {
                start.set(match config().await {
                    Some(config) => {
                        let (clock, has_audio) = (config.clock, config.carrier != Carrier::Off);
                        Start::Ready(Api::new(config, host), clock, has_audio)
                    }
                    None => Start::Failed,
                });
            });
        });
    }
    {
        let (address, sum, news) = (address.setter(), sum.setter(), known.dispatcher());
        let (link, pending) = (link.setter(), pending.setter());
        use_effect_with(props.inbox.clone(), move |inbox| {
            inbox.listen(Callback::from(move |told| match told {
                Told::Address(to) => address.set(to.into()),
                Told::Sum(theirs) => sum.set(Some(theirs)),
                Told::Live(now) => link.set(now),
                Told::Pending(calls) => pending.set(calls),
                Told::Change(change) => news.dispatch(News::Change(change)),
            }));
        });
    }
    let api = match &*start {
        Start::Ready(api, ..) => Some(api.clone()),
        Start::Loading | Start::Failed => None,
    };
    use_left_notes(api.as_ref(), &props.host, link.is_live, &address);
    use_snapshots(api, &known, *sum);
    let Some(user) = props.host.user() else {
        return Html::default();
    };
    match &*start {
        Start::Loading => html! { <p class="spoken" role="status">{ texts::loading() }</p> },
        Start::Failed => {
            let again = Callback::from(move |_| attempt.set(*attempt + 1));
            let again = Button::new(Tone::Tonal, Size::Medium, texts::try_again()).draw(again);
            empty(
                "warning",
                texts::starting_failed(),
                texts::starting_failed_rest(),
                again,
            )
        }
        Start::Ready(api, clock, has_audio) => {
            let bridge = (api.clone(), props.host.clone());
            let about = (*clock, *has_audio, *link);
            let address = (*address).clone();
            let is_asked = address.contains("help=");
            let pending = (*pending).clone();
            let desk = Desk::new(bridge, about, (known, pending), address.clone(), user);
            let call = desk.query("call");
            html! {
                <ContextProvider<Desk> context={desk}>
                    { room(path(&address)) }
                    if is_asked {
                        <Help />
                    }
                    if !call.is_empty() {
                        <Drawer {call} />
                    }
                </ContextProvider<Desk>>
            }
        }
    }
}

/// The room at that path; none on the board itself.
fn room(path: &str) -> Html {
    match path {
        "/" => Html::default(),
        "/design" => html! { <Design /> },
        "/history" => html! { <History /> },
        "/team" => html! { <Team /> },
        "/settings" => html! { <Settings /> },
        "/replay" => html! { <Replay /> },
        "/wallboard" => html! { <Wallboard /> },
        _ => html! {
            <main class="room">
                { empty("warning", texts::rooms::nothing_here(), texts::rooms::nothing_here_rest(), Html::default()) }
            </main>
        },
    }
}

/// Reads the board at once, and again whenever it is not the one that the board's program shows, whose sum is `theirs`.
#[hook]
fn use_snapshots(api: Option<Api>, known: &UseReducerHandle<Known>, theirs: Option<i64>) {
    let number = use_mut_ref(|| 0_u32);
    let mine = known.is_ready.then(|| known.board.checksum().checksum);
    let news = known.dispatcher();
    use_effect_with((api, mine, theirs), move |(api, mine, theirs)| {
        let differs = mine.is_none() || theirs.is_some_and(|theirs| Some(theirs) != *mine);
        let api = api.clone().filter(|_| differs);
        // What is on its way to both of them makes them equal by itself.
        let wait_ms = if mine.is_none() { 0 } else { SETTLED_MS };
        let timer = api.map(|api| {
            Timeout::new(wait_ms, move || {
                *number.borrow_mut() += 1;
                let number = *number.borrow();
                news.dispatch(News::Asked(number));
                spawn_local(async move {
                    if let Ok(snapshot) = api.snapshot().await {
                        news.dispatch(News::Snapshot(number, snapshot));
                    }
                });
            })
        });
        move || drop(timer)
    });
}
