//! What is said to somebody who does not see the board change.

use switchboard_model::CallId;
use yew::AttrValue;

use super::{BoardView, CallView};
use crate::texts;

/// Where a call stands.
#[derive(PartialEq)]
enum Lane<'a> {
    Rings,
    Desk(&'a AttrValue, bool),
    Slot(i16),
    /// It is still on the board.
    Known,
}

/// What happened between the two: sentences about calls that went elsewhere, and one about a call that rings now.
/// Both are empty when nothing did.
pub(crate) fn news(before: &BoardView, after: &BoardView) -> (String, String) {
    let (mut before, after) = (lanes(before), lanes(after));
    let (mut changes, mut rings) = (String::new(), String::new());
    // Most calls stand in the same order as before.
    let mut next = 0;
    for (id, call, lane) in &after {
        let here = |at: &usize| before.get(*at).is_some_and(|(was, ..)| was == id);
        let at = Some(next).filter(here);
        let at = at.or_else(|| before.iter().position(|(was, ..)| was == id));
        if let Some(at) = at {
            next = at + 1;
            let was = std::mem::replace(&mut before[at].2, Lane::Known);
            if was == *lane {
                continue;
            }
        }
        match lane {
            Lane::Rings | Lane::Known => rings = texts::rings(&call.title),
            Lane::Desk(agent, on_hold) => {
                let state = match on_hold {
                    true => texts::on_hold(),
                    false => texts::talking(),
                };
                tell(&mut changes, &[&call.title, ": ", agent, ", ", state]);
            }
            Lane::Slot(number) => {
                let number = number.to_string();
                tell(
                    &mut changes,
                    &[&call.title, ": ", texts::parking(), " ", &number],
                );
            }
        }
    }
    for (_, call, lane) in &before {
        if *lane != Lane::Known {
            tell(&mut changes, &[&call.title, ": ", texts::lost_ended()]);
        }
    }
    (changes, rings)
}

fn tell(to: &mut String, words: &[&str]) {
    if !to.is_empty() {
        to.push_str(". ");
    }
    for word in words {
        to.push_str(word);
    }
}

fn lanes(view: &BoardView) -> Vec<(CallId, &CallView, Lane<'_>)> {
    let rings = view
        .incoming
        .iter()
        .map(|call| (call.id, call, Lane::Rings));
    let at_desks = view.agents.iter().filter_map(|agent| {
        let call = agent.call.as_ref()?;
        Some((
            call.id,
            call,
            Lane::Desk(&agent.name, call.held_ms.is_some()),
        ))
    });
    let parked = view.slots.iter().filter_map(|slot| {
        let call = slot.call.as_ref()?;
        Some((call.id, call, Lane::Slot(slot.number)))
    });
    rings.chain(at_desks).chain(parked).collect()
}
