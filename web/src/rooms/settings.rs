//! The settings: what is mine in this browser, and what a supervisor sets for the whole team.
//!
//! Each section of the team's settings is saved for itself. Two supervisors at once do not overwrite each other: a
//! section that changed while somebody was writing says so, and asks whose words shall count.

use std::rc::Rc;

use serde_json::Value;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

mod countries;
mod draft;
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

#[derive(Clone, Debug, PartialEq)]
enum Stage {
    Loading,
    Ready(Row),
    Failed,
}

/// What comes of a reading, or of nothing read.
impl Reducible for Stage {
    type Action = Option<Row>;

    fn reduce(self: Rc<Self>, read: Option<Row>) -> Rc<Self> {
        let version = |row: &Row| row.get("version").and_then(Value::as_i64);
        match (&*self, read) {
            // An answer that was overtaken by a newer one.
            (Self::Ready(now), Some(row)) if version(&row) < version(now) => self,
            (_, Some(row)) => Self::Ready(row).into(),
            // What was there before is still worth reading.
            (Self::Ready(_), None) => self,
            (Self::Loading | Self::Failed, None) => Self::Failed.into(),
        }
    }
}

/// The page.
#[function_component]
pub(crate) fn Settings() -> Html {
    let desk = use_desk();
    let stage = use_reducer_eq(|| Stage::Loading);
    let attempt = use_state_eq(|| 0_u32);
    // The board hears of every change of the row; this page then reads the rest of it.
    let version = desk.board().settings().map(|settings| settings.version);
    {
        let (api, stage) = (desk.api.clone(), stage.dispatcher());
        use_effect_with((version, *attempt), move |_| {
            spawn_local(async move {
                stage.dispatch(save::read(&api).await);
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
                let stage = stage.dispatcher();
                Callback::from(move |row| stage.dispatch(Some(row)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_that_comes_late_takes_nothing_back() {
        let row = |version: i64| Row::from_iter([("version".to_owned(), version.into())]);
        let hear = |stage: Stage, read| (*Rc::new(stage).reduce(read)).clone();
        let now = hear(Stage::Loading, Some(row(7)));
        assert_eq!(hear(now.clone(), Some(row(6))), now);
        assert_eq!(hear(now.clone(), None), now);
        assert_eq!(hear(now, Some(row(8))), Stage::Ready(row(8)));
        assert_eq!(hear(Stage::Loading, None), Stage::Failed);
    }
}
