//! The team: who is on it, who can really be rung, and who talks to whom. A supervisor changes names, roles and duty.

use gloo_timers::callback::Interval;
use switchboard_model::{Member, MemberId, request::office as request};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

mod card;
mod edit;
mod invite;

use super::desk::{Desk, use_desk};
use crate::components::empty::ghosts;
use crate::components::icon::icon;
use crate::texts;
use crate::texts::team as its;
use card::{Card, Rings};
use invite::Invite;

/// Whose dashboard has fallen silent is asked this often: no change tells it.
const LOOK_MS: u32 = 15_000;

/// The page.
#[function_component]
pub(crate) fn Team() -> Html {
    let desk = use_desk();
    let ringable = use_ringable(&desk);
    let me = desk.me().map(|me| (me.id, me.is_supervisor()));
    let leads = me.is_some_and(|(_, leads)| leads);
    let members = desk.board().members();
    let card = |member: &&Member| {
        let call = desk.board().active_call_of(member.id).cloned();
        let rings = Rings::of(member, call.is_some(), desk.has_audio, ringable.as_deref());
        let free = |other: &&&Member| {
            other.id != member.id && desk.board().active_call_of(other.id).is_none()
        };
        let others = if leads && call.is_some() {
            members
                .iter()
                .filter(free)
                .map(|other| (other.id.to_string(), other.display_name.clone()))
                .collect()
        } else {
            Vec::new()
        };
        let is_me = me.is_some_and(|(me, _)| me == member.id);
        html! {
            <Card key={member.id.to_string()} member={Member::clone(member)} {call} {rings} {is_me} {leads} {others} />
        }
    };
    html! {
        <main class="room team">
            <h1>{ texts::nav_team() }</h1>
            if desk.known.is_ready && !leads {
                <p class="room-why">{ icon("shield") }<span>{ its::read_only() }</span></p>
            }
            if desk.known.is_ready {
                <ul class="team-list">{ for members.iter().map(card) }</ul>
                if leads {
                    <Invite />
                }
            } else {
                <div class="team-list" role="status" aria-label={texts::loading()}>{ ghosts("agent", 3) }</div>
            }
        </main>
    }
}

/// Who would be rung now, as the service sees it; `None` while that is not known.
#[hook]
fn use_ringable(desk: &Desk) -> UseStateHandle<Option<Vec<MemberId>>> {
    let ringable = use_state_eq(|| None);
    let look = {
        let (api, ringable) = (desk.api.clone(), ringable.setter());
        move || {
            let (api, ringable) = (api.clone(), ringable.clone());
            spawn_local(async move {
                let reply = api.send(&request::ringable_members()).await.ok();
                let rows: Option<Vec<Member>> =
                    reply.and_then(|reply| serde_json::from_str(&reply.body).ok());
                ringable.set(rows.map(|rows| rows.iter().map(|member| member.id).collect()));
            });
        }
    };
    let stamp = desk.board().checksum();
    use_effect_with(stamp, move |_| {
        look();
        let again = Interval::new(LOOK_MS, look);
        move || drop(again)
    });
    ringable
}
