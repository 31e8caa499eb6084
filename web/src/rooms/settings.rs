//! The settings: what is mine in this browser, and what a supervisor sets for the whole team.
//!
//! Each section of the team's settings is saved for itself. Two supervisors at once do not overwrite each other: a
//! section that changed while somebody was writing says so, and asks whose words shall count.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

mod countries;
mod field;
mod hours;
mod mine;
mod prefixes;
mod rules;
mod save;
mod section;

use super::desk::use_desk;
use crate::components::button::{Button, Size, Tone};
use crate::components::empty::{empty, ghosts};
use crate::components::icon::icon;
use crate::texts;
use crate::texts::settings as its;
use save::Row;
use section::Section;

#[derive(Clone, PartialEq)]
enum Stage {
    Loading,
    Ready(Row),
    Failed,
}

/// The page.
#[function_component]
pub(crate) fn Settings() -> Html {
    let desk = use_desk();
    let stage = use_state_eq(|| Stage::Loading);
    let attempt = use_state_eq(|| 0_u32);
    // The board hears of every change of the row; this page then reads the rest of it.
    let version = desk.board().settings().map(|settings| settings.version);
    {
        let (api, stage) = (desk.api.clone(), stage.clone());
        use_effect_with((version, *attempt), move |_| {
            spawn_local(async move {
                match save::read(&api).await {
                    Some(row) => stage.set(Stage::Ready(row)),
                    // What was there before is still worth reading.
                    None if *stage == Stage::Loading => stage.set(Stage::Failed),
                    None => {}
                }
            });
        });
    }
    let leads = desk
        .me()
        .is_some_and(switchboard_model::Member::is_supervisor);
    let team = match &*stage {
        Stage::Loading => {
            html! { <div class="settings-list" role="status" aria-label={texts::loading()}>{ ghosts("call", 3) }</div> }
        }
        Stage::Failed => {
            let again = Callback::from(move |_| attempt.set(*attempt + 1));
            let again = Button::new(Tone::Tonal, Size::Medium, texts::try_again()).draw(again);
            empty(
                "warning",
                its::failed(),
                texts::starting_failed_rest(),
                again,
            )
        }
        Stage::Ready(row) => {
            let on_row = {
                let stage = stage.setter();
                Callback::from(move |row| stage.set(Stage::Ready(row)))
            };
            let section = |(name, title, columns): &(
                &'static str,
                &'static str,
                &'static [&'static str],
            )| {
                html! {
                    <Section key={*name} name={*name} title={*title} columns={*columns} row={row.clone()} {leads} on_row={on_row.clone()} />
                }
            };
            html! { <div class="settings-list">{ for sections().iter().map(section) }</div> }
        }
    };
    html! {
        <main class="room settings">
            <h1>{ texts::nav_settings() }</h1>
            <mine::Mine />
            <div class="settings-team">
                <h2>{ its::team() }</h2>
                if desk.known.is_ready && !leads {
                    <p class="room-why">{ icon("shield") }<span>{ its::read_only() }</span></p>
                }
            </div>
            { team }
        </main>
    }
}

/// Name, title, and the columns that are saved together.
fn sections() -> [(&'static str, &'static str, &'static [&'static str]); 5] {
    [
        (
            "calls",
            its::section_calls(),
            &[
                "parking_slots",
                "ring_timeout_s",
                "park_timeout_s",
                "service_level_s",
            ],
        ),
        (
            "hours",
            its::section_hours(),
            &["time_zone", "business_hours"],
        ),
        (
            "voicemail",
            its::section_voicemail(),
            &["voicemail_enabled", "voicemail_greeting"],
        ),
        ("music", its::section_music(), &["hold_music_url"]),
        (
            "outbound",
            its::section_outbound(),
            &["outbound_prefixes", "caller_id"],
        ),
    ]
}
