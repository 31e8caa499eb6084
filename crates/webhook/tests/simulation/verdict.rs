//! What must be true once nothing goes wrong any more: who hears whom, and what became of everybody.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use switchboard_model::{Call, Direction, EndReason, Status};
use switchboard_twilio_sim::sim::LegView;
use switchboard_twilio_sim::wire::Hears;

use crate::page::Page;
use crate::world::{World, last, short};

/// How long audio and row may differ on a calm day: a lease and a round of ringing, and what Twilio adds.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often Twilio may be asked by REST to change one leg, within ten seconds.
const UPDATES_IN_TEN_S: usize = 15;
/// How often one leg may ask what to do, within ten seconds.
const ASKS_IN_TEN_S: usize = 20;

/// Remembers since when something is wrong.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    since: BTreeMap<String, Duration>,
}

impl Watch {
    /// Looks at everything. What has been wrong for too long is an error.
    pub(crate) fn look(&mut self, world: &mut World) -> Result<(), String> {
        let now = world.now();
        let wrong: BTreeSet<_> = differences(world).into_iter().collect();
        self.since.retain(|what, _| wrong.contains(what));
        for what in wrong {
            let since = *self.since.entry(what.clone()).or_insert(now);
            if now - since >= PATIENCE {
                return Err(format!("for {} s by now: {what}", (now - since).as_secs()));
            }
        }
        Ok(())
    }
}

/// The leg of the customer of that call, living or over.
fn customer<'a>(call: &Call, legs: &'a [LegView]) -> Option<&'a LegView> {
    let mut legs = legs.iter();
    match call.direction {
        Direction::Inbound => legs.find(|leg| leg.call_sid == call.twilio_call_sid),
        Direction::Outbound => legs.find(|leg| {
            leg.identity.is_none() && leg.parent_call_sid.as_ref() == Some(&call.twilio_call_sid)
        }),
    }
}

fn lives(leg: &LegView) -> bool {
    ["queued", "initiated", "ringing", "in-progress"].contains(&leg.status.as_str())
}

/// Everything in which row and audio differ at this moment.
fn differences(world: &mut World) -> Vec<String> {
    let legs = world.sim.legs(true);
    let calls = world.tables.all();
    let mut wrong = Vec::new();
    for call in calls.iter().filter(|call| call.status.is_live()) {
        let name = format!("call {} ({})", short(call.id), call.status.as_str());
        let Some(leg) = customer(call, &legs).filter(|leg| lives(leg)) else {
            wrong.push(format!("{name} has no leg that lives"));
            continue;
        };
        let talks_to = leg
            .talks_to
            .as_ref()
            .and_then(|with| legs.iter().find(|one| one.call_sid == *with));
        let with = talks_to.and_then(|one| one.identity.clone());
        let agent = world
            .people
            .iter()
            .find(|one| Some(one.member) == call.assigned_to);
        let agent = agent.map(|one| one.identity.clone());
        let is_right = match call.status {
            Status::Active if !call.on_hold => with.is_some() && with == agent,
            Status::Active | Status::Parked => matches!(leg.hears, Hears::Music { .. }),
            Status::Ringing | Status::Ended => talks_to.is_none(),
        };
        if !is_right {
            let held = if call.on_hold { " on hold" } else { "" };
            wrong.push(format!(
                "{name}{held} of {agent:?}: the customer talks to {with:?} and hears {:?}",
                leg.hears
            ));
        }
    }
    for leg in legs.iter().filter(|leg| lives(leg)) {
        let name = format!(
            "leg {} ({:?}, {})",
            last(&leg.call_sid),
            leg.identity,
            leg.status
        );
        let of =
            |call: &&Call| customer(call, &legs).is_some_and(|own| own.call_sid == leg.call_sid);
        if leg.identity.is_none() {
            let rows = calls
                .iter()
                .filter(of)
                .filter(|call| call.status.is_live())
                .count();
            if rows != 1 {
                wrong.push(format!("{name} has {rows} rows"));
            }
        } else if leg.parent_call_sid.is_some()
            && leg.status == "in-progress"
            && leg.talks_to.is_none()
        {
            wrong.push(format!("{name} talks to nobody"));
        }
    }
    wrong.extend(lights(world));
    // Seen from the pages: an agent's call and an agent's audio are the same.
    for page in world.pages.values().filter(|page| page.has_line()) {
        let own =
            |call: &&Call| call.assigned_to == Some(page.member) && call.status == Status::Active;
        if !calls.iter().any(|call| own(&call)) {
            wrong.push(format!(
                "a page of person {} has a line and no call",
                page.machine.person
            ));
        }
    }
    wrong
}

/// Where the team is told otherwise of a device than it is. Nobody tells anything for a page that has crashed; then
/// its person is not seen any more, and that is told by the time.
fn lights(world: &mut World) -> Vec<String> {
    let mut wrong = Vec::new();
    for me in world.tables.team() {
        let pages = world.pages.values().filter(|page| page.member == me.id);
        let own: Vec<_> = pages.collect();
        let is_ready = own.iter().any(|page| page.is_ready());
        let is_told = me.device_state.as_deref() == Some("ready");
        let is_own = !world.last_words.contains(&me.id) || own.iter().any(|page| page.has_turn());
        if is_ready != is_told && is_own {
            let name = &me.display_name;
            wrong.push(format!("{name}: ready {is_ready}, and told {is_told}"));
        }
        let is_connected = |page: &&&Page| page.socket.is_some() && !page.has_turn();
        if own.iter().any(|page| is_connected(&page)) {
            let name = &me.display_name;
            wrong.push(format!("{name}: a tab without a turn is connected"));
        }
        // A call that was there goes on first.
        let is_free = !me.is_available && me.current_call_id.is_none();
        if is_free && own.iter().any(|page| page.is_ready() && !page.has_line()) {
            let name = &me.display_name;
            wrong.push(format!("{name} is off duty, and a device is there"));
        }
    }
    wrong
}

/// What became of everybody, when all is over.
pub(crate) fn accounts(world: &mut World) -> Result<(), String> {
    let calls = world.tables.all();
    let legs = world.sim.legs(true);
    let story = Story::of(world);
    if let Some(wrong) = world.wrong.first() {
        return Err(wrong.clone());
    }
    for call in &calls {
        account(call, world, &story, customer(call, &legs))?;
        if customer(call, &legs).is_some_and(lives) {
            return Err(format!(
                "call {} has ended, and its leg lives",
                short(call.id)
            ));
        }
    }
    for placed in &world.placed {
        let rows = calls
            .iter()
            .filter(|call| call.twilio_call_sid == placed.sid)
            .count();
        // Nobody can know of a caller who came and went while nobody could be told: the first request and every other
        // was lost or met a database that failed, and so did the word of the end.
        let was_untold =
            rows == 0 && story.untold.contains(&placed.sid) && !world.met.contains(&placed.sid);
        if rows != 1 && !was_untold {
            return Err(format!("caller {} has {rows} rows", last(&placed.sid)));
        }
    }
    let sids: BTreeSet<_> = calls.iter().map(|call| &call.twilio_call_sid).collect();
    if sids.len() != calls.len() {
        return Err("two rows have the same leg".to_owned());
    }
    for member in world.tables.team() {
        if let Some(call) = member.current_call_id {
            return Err(format!(
                "{} is still on call {}",
                member.display_name,
                short(call)
            ));
        }
    }
    circles(world)
}

/// What Twilio knows of legs.
#[derive(Debug, Default)]
struct Story {
    /// Who has ever talked.
    talked: BTreeSet<String>,
    /// Whose person hung up.
    hung_up: BTreeSet<String>,
    /// Whose end may not have been told.
    untold: BTreeSet<String>,
}

impl Story {
    fn of(world: &World) -> Self {
        let mut story = Self::default();
        for line in world.sim.log_after(0) {
            let which = match line.what.as_str() {
                "talks" => &mut story.talked,
                "caller_hung_up" => &mut story.hung_up,
                "end_not_told" => &mut story.untold,
                "fault" if line.text.contains("a callback is lost") => &mut story.untold,
                _ => continue,
            };
            which.insert(line.call_sid.clone());
        }
        story
    }
}

fn account(call: &Call, world: &World, story: &Story, leg: Option<&LegView>) -> Result<(), String> {
    let name = format!("call {}", short(call.id));
    let wrong = |what: &str| Err(format!("{name} ended as {:?}: {what}", call.end_reason));
    let of_leg = |legs: &BTreeSet<String>| {
        leg.is_some_and(|leg| legs.contains(&leg.call_sid)) || legs.contains(&call.twilio_call_sid)
    };
    // Of a telephone that was never picked up nobody is hung up on.
    let was_there = call.direction == Direction::Inbound || of_leg(&story.talked);
    let was_answered = call.answered_at.is_some();
    let was_waiting = world.was_waiting.contains(&call.id);
    let is_by_hand = world.ended_by_hand.contains(&call.id);
    if call.status != Status::Ended {
        return Err(format!("{name} is {} for ever", call.status.as_str()));
    }
    // Without an accident everything is told, and nothing has to be found out.
    let is_good_day = world.plan.is_good_day();
    match call.end_reason {
        None => wrong("for no reason"),
        Some(EndReason::Completed) if !was_answered && !of_leg(&story.talked) => {
            wrong("nobody had it")
        }
        // Whom an agent called is there only once they talk.
        Some(EndReason::Completed)
            if call.direction == Direction::Outbound && !of_leg(&story.talked) =>
        {
            wrong("no conversation took place")
        }
        Some(reason)
            if was_waiting
                && was_there
                && !is_by_hand
                && is_good_day
                && reason != EndReason::Voicemail
                && reason != EndReason::Missed
                && !of_leg(&story.hung_up) =>
        {
            wrong("the caller was waiting, and was hung up on")
        }
        Some(EndReason::Missed | EndReason::Abandoned) if was_answered => wrong("somebody had it"),
        Some(EndReason::Voicemail) if call.recording_sid.is_none() => wrong("there is no message"),
        Some(EndReason::EndedByAgent) if !is_by_hand => wrong("nobody did that"),
        // An agent's leg that is over ends the customer's a moment before that is told.
        Some(EndReason::Reconciled) if is_good_day && call.direction == Direction::Inbound => {
            wrong("it was told properly")
        }
        Some(EndReason::Failed) if is_good_day && call.direction == Direction::Inbound => {
            wrong("nothing failed")
        }
        Some(reason) if is_by_hand && is_good_day && reason != EndReason::EndedByAgent => {
            wrong("somebody ended it by hand")
        }
        Some(
            EndReason::Completed
            | EndReason::Missed
            | EndReason::Abandoned
            | EndReason::Voicemail
            | EndReason::EndedByAgent
            | EndReason::Reconciled
            | EndReason::Failed,
        ) => Ok(()),
    }
}

/// Nobody asks in circles: neither we Twilio, nor Twilio us.
fn circles(world: &World) -> Result<(), String> {
    busiest(&world.updates, UPDATES_IN_TEN_S, "was updated")?;
    let lines = world.sim.log_after(0).filter(|line| line.what == "asks");
    let asks = lines.map(|line| (Duration::from_millis(line.at_ms), line.call_sid.clone()));
    busiest(&asks.collect::<Vec<_>>(), ASKS_IN_TEN_S, "asked what to do")
}

fn busiest(events: &[(Duration, String)], at_most: usize, what: &str) -> Result<(), String> {
    let mut by_leg: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for (at, leg) in events {
        by_leg.entry(leg).or_default().push(*at);
    }
    for (leg, times) in by_leg {
        for (n, from) in times.iter().enumerate() {
            let until = *from + Duration::from_secs(10);
            let number = times[n..].iter().take_while(|at| **at < until).count();
            if number > at_most {
                return Err(format!("leg {} {what} {number} times in 10 s", last(leg)));
            }
        }
    }
    Ok(())
}
