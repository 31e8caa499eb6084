//! What the reader may do with the call: the board's own actions, and what only the details offer.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use switchboard_model::{Actor, Address, Call, Intent, Status, transition};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::browser::time_of_day;
use crate::components::button::{Button, Mode, Size, Tone};
use crate::components::end_aside::EndAside;
use crate::components::icon::icon;
use crate::format::caller;
use crate::hooks::actions::Ask;
use crate::rooms::clipboard::copied;
use crate::rooms::desk::{Desk, use_desk};
use crate::texts::{self, drawer as words};

/// What the board neither does nor refuses, a button forgets after this long.
const WAITS_MS: u32 = 4_000;

/// The call.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) call: Rc<Call>,
}

/// The buttons.
#[function_component]
pub(super) fn Acting(props: &Props) -> Html {
    let desk = use_desk();
    let call = &props.call;
    let hands_over = use_state_eq(|| false);
    let asked = use_state_eq(|| None::<(Intent, i64)>);
    {
        let asked = asked.clone();
        use_effect_with((*asked, call.version), move |(now, version)| {
            let timer = now.map(|(_, asked_at)| {
                let wait = if asked_at == *version { WAITS_MS } else { 0 };
                Timeout::new(wait, move || asked.set(None))
            });
            move || drop(timer)
        });
    }
    {
        // Answered: it was done, or the board has said why not.
        let asked = asked.setter();
        use_effect_with(desk.pending.contains(&call.id), move |is_pending| {
            if !is_pending {
                asked.set(None);
            }
        });
    }
    let pending = asked.map(|(intent, _)| intent);
    let on_act = {
        let (host, asked, hands_over) = (desk.host.clone(), asked.setter(), hands_over.setter());
        let (id, version) = (call.id, call.version);
        Callback::from(move |intent: Intent| {
            asked.set(Some((intent, version)));
            hands_over.set(false);
            host.act(id, intent);
        })
    };
    let button = |intent: Intent, tone, label, icon| {
        let mode = match pending {
            Some(pending) if is_same_kind(pending, intent) => Mode::Busy,
            pending => Mode::when(pending.is_none()),
        };
        let button = Button::new(tone, Size::Medium, label).icon(icon).mode(mode);
        may(&desk, call, intent).then(|| button.draw(on_act.reform(move |_| intent)))
    };
    let hold = if call.on_hold {
        button(Intent::Resume, Tone::Tonal, texts::resume(), "resume")
    } else {
        button(Intent::Hold, Tone::Quiet, texts::hold(), "hold")
    };
    let colleagues = colleagues(&desk, call);
    let transfer = (!colleagues.is_empty()).then(|| {
        let hands_over = hands_over.clone();
        Button::new(Tone::Quiet, Size::Medium, texts::transfer())
            .icon("transfer")
            .mode(Mode::when(pending.is_none()))
            .draw(Callback::from(move |_| hands_over.set(!*hands_over)))
    });
    let end = match call.status {
        Status::Active => button(Intent::End, Tone::Ending, texts::end_call(), "hang-up"),
        // Somebody waits there whom the reader does not hear.
        _ if may(&desk, call, Intent::End) => {
            let on_ask = on_act.reform(|_: Ask| Intent::End);
            let (title, _) = caller(call, desk.board());
            Some(html! { <EndAside call={call.id} {title} size={Size::Medium} {on_ask} /> })
        }
        _ => None,
    };
    let park = Intent::Park { slot: None };
    html! {
        <div class="drawer-actions" role="group" aria-label={words::actions()}>
            { for button(Intent::Answer, Tone::Primary, texts::answer(), "phone") }
            { for button(Intent::Retrieve, Tone::Primary, texts::retrieve(), "retrieve") }
            { for hold.filter(|_| call.status == Status::Active) }
            { for button(park, Tone::Quiet, texts::park(), "park") }
            { for transfer }
            { for end }
            { for call_again(&desk, call) }
            if *hands_over && !colleagues.is_empty() {
                <div class="drawer-colleagues" role="group" aria-label={texts::transfer_to()}>
                    <span class="drawer-quiet">{ texts::transfer_to() }</span>
                    { for colleagues.iter().map(|(to, name)| {
                        let intent = Intent::Transfer { to: *to };
                        let onclick = on_act.reform(move |_: MouseEvent| intent);
                        html! {
                            <button class="button" type="button" data-tone="tonal" data-size="small" {onclick}>
                                <span class="button-word">{ name }</span>
                            </button>
                        }
                    }) }
                </div>
            }
            if !desk.is_live {
                <p class="drawer-stale" role="status">{ icon("unlinked") }<span>{ stale(&desk) }</span></p>
            }
        </div>
    }
}

/// Whether the reader may do that, as the board says.
fn may(desk: &Desk, call: &Call, intent: Intent) -> bool {
    let allowed = |me| transition(call, Actor::from(me), intent, &desk.board().floor()).is_ok();
    let is_early = desk.has_audio && call.is_calling() && intent != Intent::End;
    desk.is_live && !is_early && desk.me().is_some_and(allowed)
}

/// Whom the reader may hand the call to, by name.
fn colleagues(desk: &Desk, call: &Call) -> Vec<(switchboard_model::MemberId, String)> {
    let members = desk.board().members().into_iter();
    members
        .filter(|member| call.assigned_to.is_some_and(|holder| holder != member.id))
        .filter(|member| may(desk, call, Intent::Transfer { to: member.id }))
        .map(|member| (member.id, member.display_name.clone()))
        .collect()
}

/// Why nothing can be done now, and since when.
fn stale(desk: &Desk) -> String {
    match desk.stopped_ms {
        Some(ms) => words::stale_since(&time_of_day(ms)),
        None => words::stale().to_owned(),
    }
}

/// Calls the customer of a call that is over.
fn call_again(desk: &Desk, call: &Call) -> Option<Html> {
    let Address::Number(number) = call.customer() else {
        return None;
    };
    let (host, number) = (desk.host.clone(), number.as_str().to_owned());
    let is_free = desk
        .me()
        .is_some_and(|me| desk.board().active_call_of(me.id).is_none());
    let again = Button::new(Tone::Tonal, Size::Medium, words::call_again())
        .icon("phone")
        .mode(Mode::when(desk.is_live && is_free))
        .hint((!is_free).then(|| texts::on_another_call().into()));
    (call.status == Status::Ended).then(|| again.draw(Callback::from(move |_| host.dial(&number))))
}

/// Copies the customer's number; stands beside it.
pub(super) fn copy_number(desk: &Desk, call: &Call) -> Option<Html> {
    let Address::Number(number) = call.customer() else {
        return None;
    };
    let (host, number) = (desk.host.clone(), number.as_str().to_owned());
    let copy = Button::new(Tone::Quiet, Size::Small, words::copy_number());
    Some(copy.draw(Callback::from(move |_| {
        let (host, number) = (host.clone(), number.clone());
        spawn_local(async move {
            let is_copied = copied(&number).await;
            host.say(if is_copied {
                words::copied()
            } else {
                words::not_copied()
            });
        });
    })))
}

/// Whether both are, for example, parking, whatever the slot.
fn is_same_kind(one: Intent, other: Intent) -> bool {
    std::mem::discriminant(&one) == std::mem::discriminant(&other)
}
