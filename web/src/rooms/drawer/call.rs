//! One call: its facts, asked for again whenever it changes, and the panel that shows them.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use serde_json::{Map, Value};
use switchboard_model::{Address, Call, CallId, Direction, Status, request};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::acting::{Acting, copy_number};
use super::contact::{ContactCard, Known as KnownContact, use_contact};
use super::earlier::EarlierCalls;
use super::player::Player;
use super::seconds::Running;
use super::story::{Entry, lasting, lines};
use super::timeline::Timeline;
use super::writing::Writing;
use super::{focus_title, when};
use crate::api::Api;
use crate::components::button::{Button, Size, Tone};
use crate::components::empty::empty;
use crate::components::icon::icon;
use crate::format::{caller, millis};
use crate::rooms::desk::{Desk, use_desk};
use crate::texts::{self, drawer as words};

/// Also a call that is over may be written about, and a change of it be missed.
const AGAIN_MS: u32 = 30_000;
/// What was read is older than what was heard of: this much later it is read again.
pub(super) const BEHIND_MS: u32 = 400;

/// The rows of an answer; none if there was no good one.
pub(super) async fn rows(api: &Api, request: &request::Request) -> Option<Vec<Map<String, Value>>> {
    let reply = api.send(request).await.ok()?;
    let is_good = (200..300).contains(&reply.status);
    serde_json::from_str(&reply.body).ok().filter(|_| is_good)
}

/// A row as a call.
pub(super) fn as_call(row: Map<String, Value>) -> Option<Call> {
    serde_json::from_value(Value::Object(row)).ok()
}

/// What is known of the call.
#[derive(Clone, Debug, Default, PartialEq)]
enum Reading {
    #[default]
    Loading,
    Failed,
    Unknown,
    /// The row, and its timeline if that could be read.
    Here(Rc<Call>, Option<Rc<Vec<Entry>>>),
}

/// What an attempt to read it gave.
enum Came {
    Nothing,
    NoRow,
    Row(Box<Call>, Option<Vec<Entry>>),
}

impl Reducible for Reading {
    type Action = Came;

    fn reduce(self: Rc<Self>, came: Came) -> Rc<Self> {
        match (&*self, came) {
            // What was read before is better than nothing.
            (Self::Here(..), Came::Nothing) => self,
            (_, Came::Nothing) => Rc::new(Self::Failed),
            (_, Came::NoRow) => Rc::new(Self::Unknown),
            (Self::Here(known, _), Came::Row(call, _)) if known.version > call.version => self,
            (Self::Here(_, before), Came::Row(call, entries)) => {
                let entries = entries.map(|entries| Rc::new(lines(entries)));
                Rc::new(Self::Here(call.into(), entries.or_else(|| before.clone())))
            }
            (_, Came::Row(call, entries)) => {
                let entries = entries.map(|entries| Rc::new(lines(entries)));
                Rc::new(Self::Here(call.into(), entries))
            }
        }
    }
}

async fn read(api: &Api, id: CallId) -> Came {
    let (call, timeline) = (request::call(id), request::history::timeline(id));
    let (call, timeline) = futures::future::join(rows(api, &call), rows(api, &timeline)).await;
    match call.map(|mut rows| rows.pop()) {
        None => Came::Nothing,
        Some(None) => Came::NoRow,
        Some(Some(row)) => {
            let entries = timeline.map(|rows| rows.iter().filter_map(Entry::read).collect());
            as_call(row).map_or(Came::Nothing, |call| Came::Row(call.into(), entries))
        }
    }
}

/// The call, read at once, after each of its changes, and now and then.
#[hook]
fn use_reading(desk: &Desk, id: CallId, attempt: u32) -> UseReducerHandle<Reading> {
    let reading = use_reducer_eq(Reading::default);
    let again = use_state(|| 0_u32);
    // The version that was heard of last, and how many readings there had been.
    let since = use_mut_ref(|| (0_i64, 0_u32));
    let shown = desk.board().call(id).map_or(0, |call| call.version);
    let version = shown.max(desk.known.heard_of(id));
    {
        let (api, news) = (desk.api.clone(), reading.dispatcher());
        use_effect_with((version, desk.is_live, attempt, *again), move |_| {
            spawn_local(async move { news.dispatch(read(&api, id).await) });
        });
    }
    // A change can be heard of a little before other sessions see its row.
    let is_behind = matches!(&*reading, Reading::Here(call, _) if call.version < version);
    let tries = {
        let mut since = since.borrow_mut();
        if since.0 != version {
            *since = (version, *again);
        }
        *again - since.1
    };
    let wait_ms = if is_behind {
        patience_ms(tries)
    } else {
        AGAIN_MS
    };
    use_effect_with((*again, wait_ms), move |(_, wait_ms)| {
        let timer = Timeout::new(*wait_ms, move || again.set(*again + 1));
        move || drop(timer)
    });
    reading
}

/// How long the next reading of a row that is still the old one is waited for: twice as long each time, since a server
/// that is slow does not become faster by being asked.
fn patience_ms(tries: u32) -> u32 {
    AGAIN_MS.min(BEHIND_MS << tries.min(8))
}

/// Which call.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) id: CallId,
    pub(super) on_close: Callback<()>,
}

/// The panel's content.
#[function_component]
pub(super) fn CallDetails(props: &Props) -> Html {
    let desk = use_desk();
    let attempt = use_state(|| 0_u32);
    let reading = use_reading(&desk, props.id, *attempt);
    // The board hears of a change sooner than a reading of it comes.
    let (call, entries) = match (&*reading, desk.board().call(props.id)) {
        (Reading::Here(read, entries), Some(live)) if live.version > read.version => {
            (Some(Rc::new(live.clone())), entries.clone())
        }
        (Reading::Here(read, entries), _) => (Some(read.clone()), entries.clone()),
        (Reading::Loading | Reading::Failed, Some(live)) => (Some(Rc::new(live.clone())), None),
        _ => (None, None),
    };
    let number = call.as_deref().and_then(|call| match call.customer() {
        Address::Number(number) => Some(number.as_str().to_owned()),
        Address::Client(_) | Address::Withheld | Address::Other(_) => None,
    });
    let name = call.as_deref().and_then(|call| call.caller_name.clone());
    let contact = use_contact(&desk, number, name);
    let is_here = call.is_some();
    use_effect_with((is_here, *reading == Reading::Unknown), |_| focus_title());
    let on_close = props.on_close.reform(|_: MouseEvent| ());
    let Some(call) = call else {
        return match &*reading {
            Reading::Unknown => unknown(&on_close),
            Reading::Failed => {
                let again = Callback::from(move |_| attempt.set(*attempt + 1));
                let again = Button::new(Tone::Tonal, Size::Medium, texts::try_again()).draw(again);
                let sentence = texts::starting_failed_rest();
                plain(
                    &on_close,
                    empty("warning", words::failed(), sentence, again),
                )
            }
            Reading::Loading | Reading::Here(..) => plain(
                &on_close,
                html! { <p class="drawer-quiet" role="status">{ words::loading() }</p> },
            ),
        };
    };
    let is_read = matches!(&*reading, Reading::Here(..));
    html! {
        <>
            { head(&desk, &call, contact.known.as_ref(), &on_close) }
            <div class="drawer-body">
                <Acting call={call.clone()} />
                if let (Some(_), Some(seconds)) = (&call.recording_sid, call.recording_s) {
                    <Player call={call.id} {seconds} />
                }
                <Writing call={call.clone()} entries={entries.clone()} />
                { section("drawer-timeline", words::timeline(), html! {
                    <Timeline call={call.clone()} {entries} {is_read} />
                }) }
                <ContactCard call={call.clone()} {contact} />
                <EarlierCalls {call} />
            </div>
        </>
    }
}

/// A part of the panel below its heading.
pub(super) fn section(id: &'static str, title: &'static str, content: Html) -> Html {
    html! {
        <section class="drawer-part" aria-labelledby={id}>
            <h3 {id}>{ title }</h3>
            { content }
        </section>
    }
}

/// The panel of a call that is not there.
pub(super) fn unknown(on_close: &Callback<MouseEvent>) -> Html {
    let content = empty(
        "warning",
        words::unknown(),
        words::unknown_rest(),
        Html::default(),
    );
    plain(on_close, content)
}

fn plain(on_close: &Callback<MouseEvent>, content: Html) -> Html {
    html! {
        <>
            <header class="drawer-head">
                <h2 id="drawer-title" class="drawer-kind" tabindex="-1">{ words::details() }</h2>
                { close(on_close) }
            </header>
            <div class="drawer-body">{ content }</div>
        </>
    }
}

fn close(on_close: &Callback<MouseEvent>) -> Html {
    html! {
        <button class="drawer-close" type="button" aria-label={words::close()} title={words::close()} onclick={on_close}>
            { icon("close") }
        </button>
    }
}

fn head(
    desk: &Desk,
    call: &Call,
    contact: Option<&KnownContact>,
    on_close: &Callback<MouseEvent>,
) -> Html {
    let (title, line) = caller(call, desk.board());
    let title = contact.map_or(title, |contact| contact.name.clone());
    let line = match call.customer() {
        Address::Number(number) if title != number.spaced() => number.spaced(),
        _ => line,
    };
    let company = contact
        .and_then(|contact| contact.company.clone())
        .filter(|text| !text.is_empty());
    let kind = match call.direction {
        Direction::Inbound => words::call_in(),
        Direction::Outbound => words::call_out(),
    };
    let began = millis(call.created_at);
    html! {
        <header class="drawer-head">
            <div class="drawer-who">
                <p class="drawer-kind">
                    { kind }{ " · " }<time datetime={when::iso(began)}>{ when::moment(began, desk.now_ms()) }</time>
                </p>
                <h2 id="drawer-title" tabindex="-1">{ title }</h2>
                if let Some(company) = company {
                    <p class="drawer-company">{ company }</p>
                }
                <p class="drawer-line">
                    <span class="drawer-number">{ line }</span>
                    { for copy_number(desk, call) }
                </p>
                { state(desk, call) }
            </div>
            { close(on_close) }
        </header>
    }
}

/// What the call does, and for how long.
fn state(desk: &Desk, call: &Call) -> Html {
    let name = call
        .assigned_to
        .or(call.last_agent)
        .and_then(|id| desk.board().member(id))
        .map_or(texts::a_colleague(), |member| member.display_name.as_str());
    let slot = call.parking_slot.unwrap_or_default().to_string();
    let (kind, picture, sentence, since) = match call.status {
        Status::Ringing if call.voicemail_at.is_some() => (
            "held",
            "note",
            texts::leaves_message().to_owned(),
            call.voicemail_at,
        ),
        Status::Ringing => (
            "ringing",
            "phone",
            words::ringing().to_owned(),
            Some(call.created_at),
        ),
        Status::Active if call.on_hold => ("held", "hold", words::held_by(name), call.held_at),
        Status::Active => (
            "active",
            "phone",
            words::talking_with(name),
            call.answered_at.or(Some(call.created_at)),
        ),
        Status::Parked => ("held", "park", words::parked_in(&slot), call.parked_at),
        Status::Ended => ("ended", "hang-up", words::over().to_owned(), None),
    };
    let total = call
        .ended_at
        .map(|ended| lasting(millis(ended) - millis(call.created_at)));
    html! {
        <p class="drawer-state" data-state={kind}>
            { icon(picture) }
            <span>{ sentence }</span>
            if let Some(since) = since {
                <Running since_ms={millis(since)} />
            }
            if let Some(total) = total {
                <span class="drawer-total">{ words::lasted(&total) }</span>
            }
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_server_is_asked_ever_less_often() {
        let waits = [0, 1, 2, 6, 7, u32::MAX].map(patience_ms);
        assert_eq!(waits, [400, 800, 1_600, 25_600, 30_000, 30_000]);
    }
}
