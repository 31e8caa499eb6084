//! Who calls: the contact of the number, which anybody on the team may write down and correct.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use serde_json::{Map, Value};
use switchboard_model::{Address, Call, request};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::call::{BEHIND_MS, rows, section};
use crate::action::Outcome;
use crate::browser::{element, focus_first};
use crate::components::button::{Button, Mode, Size, Tone};
use crate::rooms::desk::{Desk, use_desk};
use crate::texts::{self as board, contact as texts, drawer};

/// The database's bounds.
const NAME_CHARS: usize = 200;
const NOTES_CHARS: usize = 10_000;
/// What the database answers when a new row is there already.
const EXISTS: u16 = 409;

/// A row of `contacts`, as far as it is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Known {
    pub(super) name: String,
    pub(super) company: Option<String>,
    notes: Option<String>,
    /// When that was written.
    updated_at: String,
}

impl Known {
    fn read(row: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            name: text("name")?,
            company: text("company"),
            notes: text("notes"),
            updated_at: text("updated_at")?,
        })
    }
}

/// The contact, and what asks for it again.
#[derive(Clone, PartialEq)]
pub(super) struct Contact {
    /// The row, if there is one.
    pub(super) known: Option<Known>,
    is_read: bool,
    has_failed: bool,
    number: Option<String>,
    read_again: Callback<()>,
}

/// The contact of that number; asked for again when the call's name changes, since that is what a new contact does.
#[hook]
pub(super) fn use_contact(desk: &Desk, number: Option<String>, name: Option<String>) -> Contact {
    let found = use_state_eq(|| None::<Option<Option<Known>>>);
    let again = use_state(|| 0_u32);
    {
        let (api, found) = (desk.api.clone(), found.setter());
        let wanted = (number.clone(), name, *again, desk.is_live);
        use_effect_with(wanted, move |(number, ..)| {
            let ask = number.clone().map(|number| {
                move || {
                    spawn_local(async move { found.set(Some(read(&api, &number).await)) });
                }
            });
            // The new name can be heard of a little before other sessions see the contact: it is read once more.
            let timer = ask.map(|ask| {
                ask.clone()();
                Timeout::new(BEHIND_MS, ask)
            });
            move || drop(timer)
        });
    }
    Contact {
        known: (*found).clone().flatten().flatten(),
        is_read: found.is_some(),
        has_failed: *found == Some(None),
        number,
        read_again: Callback::from(move |()| again.set(*again + 1)),
    }
}

/// The row of that number if there is one; none of both if the server did not say.
async fn read(api: &crate::api::Api, number: &str) -> Option<Option<Known>> {
    let rows = rows(api, &request::office::contact(number)).await?;
    Some(rows.first().and_then(Known::read))
}

/// The form, once it is open.
#[derive(Clone, Debug, Default, PartialEq)]
struct Form {
    /// What the contact was when it was opened, or when somebody's change was told.
    base: Option<Known>,
    name: String,
    company: String,
    notes: String,
    is_sending: bool,
    trouble: Option<String>,
}

impl Form {
    fn of(known: Option<&Known>, caller: Option<&str>) -> Self {
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        Self {
            base: known.cloned(),
            name: known.map_or(caller.unwrap_or_default().to_owned(), |known| {
                known.name.clone()
            }),
            company: text(known.and_then(|known| known.company.as_ref())),
            notes: text(known.and_then(|known| known.notes.as_ref())),
            ..Self::default()
        }
    }

    /// What is wrong with it, if something is.
    fn fault(&self) -> Option<&'static str> {
        let is_long = |text: &str, most| text.trim().chars().count() > most;
        if self.name.trim().is_empty() {
            Some(texts::name_missing())
        } else if is_long(&self.name, NAME_CHARS)
            || is_long(&self.company, NAME_CHARS)
            || is_long(&self.notes, NOTES_CHARS)
        {
            Some(texts::too_long())
        } else {
            None
        }
    }
}

/// The call and its contact.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) call: Rc<Call>,
    pub(super) contact: Contact,
}

/// The card, or the form in its place.
#[function_component]
pub(super) fn ContactCard(props: &Props) -> Html {
    let desk = use_desk();
    let form = use_state_eq(|| None::<Form>);
    let is_open = form.is_some();
    use_effect_with(is_open, |is_open| {
        if let Some(card) = element("drawer-contact-form").filter(|_| *is_open) {
            focus_first(&card, "input");
        }
    });
    let contact = &props.contact;
    let Some(number) = contact.number.clone() else {
        let is_withheld = matches!(props.call.customer(), Address::Withheld);
        let quiet = html! { <p class="drawer-quiet">{ texts::hidden() }</p> };
        return match is_withheld {
            true => section("drawer-contact", texts::contact(), quiet),
            false => Html::default(),
        };
    };
    let content = match &*form {
        Some(open) => edit(&desk, &form, open, number, &contact.read_again),
        None => {
            let open = {
                let (form, known) = (form.setter(), contact.known.clone());
                let caller = props.call.caller_name.clone();
                Callback::from(move |_| form.set(Some(Form::of(known.as_ref(), caller.as_deref()))))
            };
            card(contact, open)
        }
    };
    section("drawer-contact", texts::contact(), content)
}

fn card(contact: &Contact, open: Callback<MouseEvent>) -> Html {
    let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    match &contact.known {
        Some(known) => html! {
            <div class="contact">
                <p class="contact-name">{ &known.name }</p>
                if let Some(company) = text(&known.company) {
                    <p>{ company }</p>
                }
                if let Some(notes) = text(&known.notes) {
                    <p class="notes-text">{ notes }</p>
                }
                <div>{ Button::new(Tone::Quiet, Size::Small, texts::edit()).draw(open) }</div>
            </div>
        },
        None if contact.has_failed => html! { <p class="drawer-trouble">{ texts::failed() }</p> },
        None if !contact.is_read => html! { <p class="drawer-quiet">{ drawer::loading() }</p> },
        None => html! {
            <div class="contact">
                <p class="drawer-quiet">{ texts::unknown() }</p>
                <div>{ Button::new(Tone::Tonal, Size::Small, texts::add()).draw(open) }</div>
            </div>
        },
    }
}

type Opened = UseStateHandle<Option<Form>>;

fn edit(
    desk: &Desk,
    form: &Opened,
    open: &Form,
    number: String,
    read_again: &Callback<()>,
) -> Html {
    let typed = |change: fn(&mut Form, String)| {
        let form = form.clone();
        Callback::from(move |event: InputEvent| {
            let mut next = (*form).clone().unwrap_or_default();
            change(&mut next, value(&event).unwrap_or_default());
            next.trouble = None;
            form.set(Some(next));
        })
    };
    let close = {
        let form = form.setter();
        Callback::from(move |()| form.set(None))
    };
    let onkeydown = {
        let close = close.clone();
        // Escape leaves the form, and the details stay.
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.prevent_default();
                close.emit(());
            }
        })
    };
    let onsubmit = submit(desk, form, number, read_again);
    let mode = if open.is_sending {
        Mode::Busy
    } else {
        Mode::Ready
    };
    // What is typed while it is being sent would be lost.
    let readonly = open.is_sending;
    let field = |id: &'static str, label, value: &str, oninput, most: usize| {
        html! {
            <div class="field">
                <label for={id}>{ label }</label>
                <input {id} value={value.to_owned()} {oninput} {readonly} maxlength={most.to_string()} autocomplete="off" />
            </div>
        }
    };
    html! {
        <form id="drawer-contact-form" class="contact-form" {onsubmit} {onkeydown} novalidate=true>
            { field("contact-name", texts::name(), &open.name, typed(|form, text| form.name = text), NAME_CHARS) }
            { field("contact-company", texts::company(), &open.company, typed(|form, text| form.company = text), NAME_CHARS) }
            <div class="field">
                <label for="contact-notes">{ texts::notes() }</label>
                <textarea
                    id="contact-notes"
                    rows="2"
                    maxlength={NOTES_CHARS.to_string()}
                    value={open.notes.clone()}
                    {readonly}
                    oninput={typed(|form, text| form.notes = text)}
                />
            </div>
            <p class="drawer-trouble" role="alert">{ open.trouble.clone() }</p>
            <div class="notes-choices">
                { Button::new(Tone::Primary, Size::Small, texts::save()).mode(mode).draw_submit() }
                { Button::new(Tone::Quiet, Size::Small, texts::cancel()).draw(close.reform(|_| ())) }
            </div>
        </form>
    }
}

fn value(event: &InputEvent) -> Option<String> {
    let target = event.target()?;
    match target.dyn_into::<HtmlInputElement>() {
        Ok(input) => Some(input.value()),
        Err(target) => Some(target.dyn_into::<HtmlTextAreaElement>().ok()?.value()),
    }
}

fn submit(
    desk: &Desk,
    form: &Opened,
    number: String,
    read_again: &Callback<()>,
) -> Callback<SubmitEvent> {
    let (api, host) = (desk.api.clone(), desk.host.clone());
    let (form, read_again) = (form.clone(), read_again.clone());
    Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        let Some(mut open) = (*form).clone().filter(|form| !form.is_sending) else {
            return;
        };
        if let Some(fault) = open.fault() {
            open.trouble = Some(fault.to_owned());
            return form.set(Some(open));
        }
        open.is_sending = true;
        form.set(Some(open.clone()));
        let (api, host, number) = (api.clone(), host.clone(), number.clone());
        let (form, read_again) = (form.setter(), read_again.clone());
        spawn_local(async move {
            let told = save(&api, &number, &mut open).await;
            open.is_sending = false;
            open.trouble = told;
            let is_saved = open.trouble.is_none();
            form.set(Some(open).filter(|_| !is_saved));
            if is_saved {
                read_again.emit(());
                host.say(texts::saved());
            }
        });
    })
}

/// Saves the form; a sentence if that did not happen. What somebody else has written meanwhile is told, and is not
/// written over.
async fn save(api: &crate::api::Api, number: &str, form: &mut Form) -> Option<String> {
    let read_at = form.base.as_ref().map(|base| &*base.updated_at);
    let texts = (&*form.name, &*form.company, &*form.notes);
    let request = request::office::save_contact(number, read_at, texts);
    let Ok(reply) = api.send(&request).await else {
        return Some(board::unreachable().to_owned());
    };
    let outcome = Outcome::read(&reply);
    if matches!(outcome, Outcome::Lost) || reply.status == EXISTS {
        let Some(now) = read(api, number).await else {
            return Some(board::unreachable().to_owned());
        };
        let theirs = now.as_ref().map(|now| {
            let texts = [Some(&now.name), now.company.as_ref(), now.notes.as_ref()];
            texts
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(" · ")
        });
        form.base = now;
        return Some(texts::changed(&theirs.unwrap_or_default()));
    }
    match outcome {
        Outcome::Done(_) => None,
        Outcome::Lost => Some(board::server_trouble().to_owned()),
        Outcome::Refused(why) => Some(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_begins_with_what_is_known_and_says_what_is_wrong_with_it() {
        let form = Form::of(None, Some("Network Name"));
        assert_eq!((form.name.as_str(), form.fault()), ("Network Name", None));
        let known = Known {
            name: "Ada".to_owned(),
            company: Some("Moreno".to_owned()),
            notes: None,
            updated_at: "2026-01-05T09:00:00+00:00".to_owned(),
        };
        let mut form = Form::of(Some(&known), Some("Network Name"));
        assert_eq!(
            (
                form.name.as_str(),
                form.company.as_str(),
                form.notes.as_str()
            ),
            ("Ada", "Moreno", "")
        );
        form.name = "  ".to_owned();
        assert_eq!(form.fault(), Some(texts::name_missing()));
        form.name = "Ä".repeat(200);
        assert_eq!(form.fault(), None);
        form.company = "x".repeat(201);
        assert_eq!(form.fault(), Some(texts::too_long()));
    }
}
