//! The message that the caller left. The address of a message needs the reader's token, which a player does not send,
//! so the page fetches it whole and plays that.

use switchboard_model::CallId;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortSignal, Blob, Headers, RequestInit, Response, Url};
use yew::prelude::*;

use super::call::section;
use super::story::lasting;
use crate::api::Tokens;
use crate::browser::window;
use crate::components::button::{Button, Mode, Size, Tone};
use crate::rooms::desk::use_desk;
use crate::rooms::host::Host;
use crate::texts::contact as texts;

/// A long message over a slow line takes its time.
const PATIENCE_MS: u32 = 120_000;

/// The call, and how long its message is.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) call: CallId,
    pub(super) seconds: i32,
}

/// A message in the browser's memory, until it is dropped.
#[derive(Debug, PartialEq)]
struct Sound(String);

impl Drop for Sound {
    fn drop(&mut self) {
        // What is not there any more need not be forgotten.
        let _ = Url::revoke_object_url(&self.0);
    }
}

#[derive(Debug, PartialEq)]
enum Heard {
    Asked,
    Fetching,
    Here(Sound),
    Failed(&'static str),
}

/// A button, and the player in its place once the message is here.
#[function_component]
pub(super) fn Player(props: &Props) -> Html {
    let desk = use_desk();
    let heard = use_state(|| Heard::Asked);
    let on_listen = {
        let (host, heard, call) = (desk.host, heard.setter(), props.call);
        Callback::from(move |_| {
            let (host, heard) = (host.clone(), heard.clone());
            heard.set(Heard::Fetching);
            spawn_local(async move {
                heard.set(match fetch(&host, call).await {
                    Ok(sound) => Heard::Here(sound),
                    Err(why) => Heard::Failed(why),
                });
            });
        })
    };
    let mode = match &*heard {
        Heard::Fetching => Mode::Busy,
        _ => Mode::Ready,
    };
    let unplayable = {
        let heard = heard.setter();
        Callback::from(move |_: Event| heard.set(Heard::Failed(texts::message_unplayable())))
    };
    let length = lasting(i64::from(props.seconds) * 1000);
    let content = html! {
        <>
            <p class="drawer-quiet">{ texts::message_of(&length) }</p>
            if let Heard::Here(Sound(url)) = &*heard {
                <audio
                    controls=true
                    autoplay=true
                    src={url.clone()}
                    aria-label={texts::message_player()}
                    onerror={unplayable}
                />
            } else {
                <div>
                    { Button::new(Tone::Tonal, Size::Medium, texts::listen()).icon("resume").mode(mode).draw(on_listen) }
                </div>
            }
            <p class="drawer-trouble" role="status">
                if let Heard::Failed(why) = &*heard { { *why } }
            </p>
        </>
    };
    section("drawer-message", texts::message(), content)
}

async fn fetch(host: &Host, call: CallId) -> Result<Sound, &'static str> {
    let mut token = host.token(None).await.ok_or(texts::message_failed())?;
    let mut response = send(call, &token).await.ok_or(texts::message_failed())?;
    if response.status() == 401 {
        token = host
            .token(Some(token))
            .await
            .ok_or(texts::message_failed())?;
        response = send(call, &token).await.ok_or(texts::message_failed())?;
    }
    match response.status() {
        200 => sound(&response).await.ok_or(texts::message_failed()),
        404 => Err(texts::message_gone()),
        _ => Err(texts::message_failed()),
    }
}

async fn send(call: CallId, token: &str) -> Option<Response> {
    let headers = Headers::new().ok()?;
    headers
        .append("authorization", &format!("Bearer {token}"))
        .ok()?;
    let options = RequestInit::new();
    options.set_headers(&headers);
    options.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE_MS)));
    let address = format!("/api/recordings/{call}");
    let answer = JsFuture::from(window()?.fetch_with_str_and_init(&address, &options)).await;
    answer.ok()?.dyn_into().ok()
}

async fn sound(response: &Response) -> Option<Sound> {
    let blob: Blob = JsFuture::from(response.blob().ok()?)
        .await
        .ok()?
        .dyn_into()
        .ok()?;
    Url::create_object_url_with_blob(&blob).ok().map(Sound)
}
