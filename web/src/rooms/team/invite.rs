//! Who is invited: a supervisor makes a link for a colleague, hands it over, and takes it back.

use switchboard_model::request::Request;
use switchboard_model::request::invitations::{
    Invitation, Invited, invite_member, open_invitations, withdraw_invitation,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::edit::name_of;
use crate::api::Api;
use crate::browser::{parsed, window};
use crate::components::button::{Button, Mode, Size, Tone};
use crate::components::icon::icon;
use crate::rooms::clipboard::copied;
use crate::rooms::desk::{Desk, use_desk};
use crate::rooms::form::{choice, value};
use crate::rooms::office::{Style, written};
use crate::rooms::refused::changed;
use crate::texts;
use crate::texts::team as its;

/// A link that was just made: for whom, where it leads, and until when.
#[derive(Clone, PartialEq)]
struct Link {
    name: String,
    address: String,
    until: String,
    /// Whether it was seen among the open ones: once it is not any more, nobody can use it.
    is_listed: bool,
}

/// The address that lets a newcomer in. What stands behind `#` is sent to no server and stands in no log.
fn address(origin: &str, secret: &str) -> String {
    format!("{origin}/#join={secret}")
}

/// A moment as a day, in the reader's own way of writing it.
fn day(moment: &str) -> String {
    parsed(moment).map_or_else(|| moment.to_owned(), |ms| written(ms, "", Style::Day))
}

/// Asks; the answer's body, or a sentence why not.
async fn ask(api: &Api, request: &Request) -> Result<String, String> {
    let reply = api.send(request).await;
    match reply {
        Ok(answer) if answer.status == 200 => Ok(answer.body),
        _ => Err(match changed(&reply) {
            Ok(_) => texts::server_trouble().to_owned(),
            Err(sentence) => sentence,
        }),
    }
}

/// The open invitations, read again whenever the board has changed and on every `attempt`.
#[hook]
fn use_open(desk: &Desk, attempt: u32) -> UseStateHandle<Vec<Invitation>> {
    let open = use_state_eq(Vec::new);
    let (api, setter) = (desk.api.clone(), open.setter());
    use_effect_with((desk.board().checksum(), attempt), move |_| {
        spawn_local(async move {
            // What was known before stands until the next change.
            let answer = ask(&api, &open_invitations()).await.ok();
            let rows = answer.and_then(|body| serde_json::from_str(&body).ok());
            if let Some(rows) = rows {
                setter.set(rows);
            }
        });
    });
    open
}

/// The form, the link that was made last, and the list.
#[function_component]
pub(super) fn Invite() -> Html {
    let desk = use_desk();
    let attempt = use_state_eq(|| 0_u32);
    let open = use_open(&desk, *attempt);
    let name = use_state_eq(String::new);
    let role = use_state_eq(|| "agent".to_owned());
    let link = use_state_eq(|| None::<Link>);
    let said = use_state_eq(|| None::<String>);
    let is_sending = use_state_eq(|| false);
    let field = use_node_ref();
    {
        let field = field.clone();
        // A new link may stand below the edge of the window: the keyboard goes there, and all of it is selected.
        use_effect_with(
            link.as_ref().map(|link| link.address.clone()),
            move |link| {
                let field = field.cast::<HtmlInputElement>().filter(|_| link.is_some());
                if let Some(field) = field {
                    // Without it one scrolls.
                    let _ = field.focus();
                }
            },
        );
    }
    {
        let link = link.clone();
        use_effect_with((*open).clone(), move |open| {
            if let Some(made) = &*link {
                let is_listed = open.iter().any(|one| one.name == made.name);
                match (made.is_listed, is_listed) {
                    (false, true) => link.set(Some(Link {
                        is_listed,
                        ..made.clone()
                    })),
                    (true, false) => link.set(None),
                    _ => {}
                }
            }
        });
    }
    let onsubmit = {
        let (name, role, link, said) = (name.clone(), role.clone(), link.clone(), said.clone());
        let (is_sending, attempt, api) = (is_sending.clone(), attempt.clone(), desk.api.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let invited = match name_of(&name) {
                Ok(invited) => invited,
                Err(sentence) => return said.set(Some(sentence.to_owned())),
            };
            if *is_sending {
                return;
            }
            is_sending.set(true);
            let (name, role, link, said) = (name.clone(), role.clone(), link.clone(), said.clone());
            let (is_sending, attempt, api) = (is_sending.clone(), attempt.clone(), api.clone());
            spawn_local(async move {
                let made = ask(&api, &invite_member(&invited, &role)).await;
                let made = made.and_then(|body| {
                    serde_json::from_str::<Invited>(&body)
                        .map_err(|_| texts::server_trouble().to_owned())
                });
                said.set(made.as_ref().err().cloned());
                if let Ok(made) = made {
                    let origin = window().and_then(|window| window.location().origin().ok());
                    link.set(Some(Link {
                        name: invited,
                        address: address(&origin.unwrap_or_default(), &made.secret),
                        until: day(&made.expires_at),
                        is_listed: false,
                    }));
                    name.set(String::new());
                    attempt.set(*attempt + 1);
                }
                is_sending.set(false);
            });
        }
    };
    let withdraw = {
        let (said, link, attempt, api) = (said.clone(), link.clone(), attempt, desk.api.clone());
        Callback::from(move |id: String| {
            let (said, link, attempt, api) =
                (said.clone(), link.clone(), attempt.clone(), api.clone());
            spawn_local(async move {
                let gone = ask(&api, &withdraw_invitation(&id)).await;
                said.set(gone.err());
                link.set(None);
                attempt.set(*attempt + 1);
            });
        })
    };
    let roles = [
        ("agent".to_owned(), texts::agent().to_owned()),
        ("supervisor".to_owned(), texts::supervisor().to_owned()),
    ];
    let mode = if *is_sending { Mode::Busy } else { Mode::Ready };
    let typed = {
        let name = name.clone();
        move |event: InputEvent| name.set(value(&event))
    };
    let choose = {
        let role = role.clone();
        Callback::from(move |chosen| role.set(chosen))
    };
    html! {
        <section class="team-invite" data-testid="invite" aria-labelledby="invite-title">
            <h2 id="invite-title">{ its::invite_title() }</h2>
            <p class="room-hint">{ its::invite_lead() }</p>
            <form class="team-form" {onsubmit}>
                <label class="choice">
                    <span class="choice-label">{ its::name() }</span>
                    <input value={(*name).clone()} maxlength="200" autocomplete="off" oninput={typed} />
                </label>
                { choice(its::role(), &role, &roles, choose) }
                { Button::new(Tone::Primary, Size::Medium, its::invite()).mode(mode).draw_submit() }
            </form>
            <p class="room-said" role="status" data-tone="wrong">{ (*said).clone().unwrap_or_default() }</p>
            if let Some(link) = &*link {
                { made(link, &desk, field) }
            }
            if !open.is_empty() {
                <ul class="team-invitations">{ for open.iter().map(|one| line(one, &withdraw)) }</ul>
            }
        </section>
    }
}

/// The link, and what to do with it.
fn made(link: &Link, desk: &Desk, field: NodeRef) -> Html {
    let (host, address) = (desk.host.clone(), link.address.clone());
    let copy = Callback::from(move |_| {
        let (host, address) = (host.clone(), address.clone());
        spawn_local(async move {
            let is_copied = copied(&address).await;
            host.say(if is_copied {
                its::link_copied()
            } else {
                its::link_not_copied()
            });
        });
    });
    // One press takes all of it, where the clipboard is not ours to write.
    let onfocus = |event: FocusEvent| {
        if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
            field.select();
        }
    };
    html! {
        <div class="team-link" role="status">
            <p>{ icon("check") }<span>{ its::link_rest(&link.name, &link.until) }</span></p>
            <div class="team-form">
                <label class="choice">
                    <span class="choice-label">{ its::link() }</span>
                    <input ref={field} readonly=true value={link.address.clone()} {onfocus} data-testid="invite-link" />
                </label>
                { Button::new(Tone::Tonal, Size::Medium, its::link_copy()).draw(copy) }
            </div>
        </div>
    }
}

fn line(one: &Invitation, withdraw: &Callback<String>) -> Html {
    let (withdraw, id) = (withdraw.clone(), one.id.clone());
    let role = if one.role == "supervisor" {
        texts::supervisor()
    } else {
        texts::agent()
    };
    let back = Button::new(Tone::Quiet, Size::Small, its::withdraw())
        .about(&one.name)
        .draw(Callback::from(move |_| withdraw.emit(id.clone())));
    html! {
        <li key={one.id.clone()}>
            <p>
                <strong>{ &one.name }</strong>
                <span class="tag">{ role }</span>
                <span class="room-hint">{ its::invited_until(&one.invited_by, &day(&one.expires_at)) }</span>
            </p>
            { back }
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_where_no_server_sees_it() {
        let address = address("https://phone.example.com", "5ec");
        assert_eq!(
            address.split_once('#'),
            Some(("https://phone.example.com/", "join=5ec"))
        );
    }
}
