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
/// How long to wait at most before it is tried once more.
const RARELY_MS: u32 = 30_000;

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
        let (link, pending, host) = (link.setter(), pending.setter(), props.host.clone());
        use_effect_with(props.inbox.clone(), move |inbox| {
            let (sums, links) = (sum.clone(), link.clone());
            inbox.listen(Callback::from(move |told| match told {
                Told::Address(to) => address.set(to.into()),
                Told::Sum(theirs) => sums.set(Some(theirs)),
                Told::Live(now) => links.set(now),
                Told::Pending(calls) => pending.set(calls),
                Told::Change(change) => news.dispatch(News::Change(change)),
            }));
            // Nobody tells what did not change since.
            sum.set(host.sum());
            link.set(host.link());
        });
    }
    let api = match &*start {
        Start::Ready(api, ..) => Some(api.clone()),
        Start::Loading | Start::Failed => None,
    };
    use_left_notes(api.as_ref(), &props.host, link.is_live, &address);
    use_snapshots(api, &known, *sum, *attempt);
    let Some(user) = props.host.user() else {
        return Html::default();
    };
    match &*start {
        Start::Loading => html! { <p class="spoken" role="status">{ texts::loading() }</p> },
        Start::Failed => failed(&attempt, texts::starting_failed()),
        Start::Ready(api, clock, has_audio) => {
            let bridge = (api.clone(), props.host.clone());
            let about = (*clock, *has_audio, *link);
            let address = (*address).clone();
            let is_asked = address.contains("help=");
            let pending = (*pending).clone();
            let desk = Desk::new(bridge, about, (known, pending), address.clone(), user);
            let call = desk.query("call");
            let shown = path(&address);
            let room = match needs_board(shown) && desk.known.is_missing() {
                true => {
                    html! { <main class="room">{ failed(&attempt, texts::rooms::board_missing()) }</main> }
                }
                false => room(shown),
            };
            html! {
                <ContextProvider<Desk> context={desk}>
                    { room }
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

/// What could not be read, and a way to ask for it at once.
fn failed(attempt: &UseStateHandle<u32>, title: &str) -> Html {
    let attempt = attempt.clone();
    let again = Callback::from(move |_| attempt.set(*attempt + 1));
    let again = Button::new(Tone::Tonal, Size::Medium, texts::try_again()).draw(again);
    let empty = empty("warning", title, texts::starting_failed_rest(), again);
    html! { <div role="alert">{ empty }</div> }
}

/// Whether the room at that path shows nothing of its own without the team and its calls.
fn needs_board(path: &str) -> bool {
    matches!(path, "/team" | "/replay" | "/settings")
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

/// Reads the board at once, and again whenever it is not the one that the board's program shows, whose sum is `theirs`;
/// ever more slowly while that does not make them equal. Another `attempt` is made at once.
#[hook]
fn use_snapshots(
    api: Option<Api>,
    known: &UseReducerHandle<Known>,
    theirs: Option<i64>,
    attempt: u32,
) {
    let number = use_mut_ref(|| 0_u32);
    let vain = use_mut_ref(|| 0_u32);
    let attempted = use_mut_ref(|| 0_u32);
    let answered = use_state_eq(|| 0_u32);
    let answers = answered.setter();
    let mine = known.is_ready.then(|| known.board.checksum().checksum);
    let news = known.dispatcher();
    use_effect_with(
        (api, mine, theirs, *answered, attempt),
        move |(api, mine, theirs, _, attempt)| {
            if attempted.replace(*attempt) != *attempt {
                vain.replace(0);
            }
            let differs = mine.is_none() || theirs.is_some_and(|theirs| Some(theirs) != *mine);
            if !differs {
                vain.replace(0);
            }
            let api = api.clone().filter(|_| differs);
            let wait_ms = wait_ms(*vain.borrow(), mine.is_some());
            let timer = api.map(|api| {
                Timeout::new(wait_ms, move || {
                    *number.borrow_mut() += 1;
                    let number = *number.borrow();
                    news.dispatch(News::Asked(number));
                    spawn_local(async move {
                        news.dispatch(match api.snapshot().await {
                            Ok(snapshot) => News::Snapshot(number, snapshot),
                            Err(_) => News::Missed(number),
                        });
                        *vain.borrow_mut() += 1;
                        answers.set(number);
                    });
                })
            });
            move || drop(timer)
        },
    );
}

/// How long to wait before the board is read, of which `vain` readings did not help.
fn wait_ms(vain: u32, is_ready: bool) -> u32 {
    match (vain, is_ready) {
        (0, false) => 0,
        // What is on its way to both of them makes them equal by itself.
        (0, true) => SETTLED_MS,
        (vain, _) => (SETTLED_MS << vain.min(6)).min(RARELY_MS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_help_is_tried_ever_more_slowly() {
        assert_eq!(
            [0, 1, 2, 9].map(|vain| wait_ms(vain, true)),
            [500, 1_000, 2_000, 30_000]
        );
        assert_eq!(
            [0, 1, 40].map(|vain| wait_ms(vain, false)),
            [0, 1_000, 30_000]
        );
    }
}
