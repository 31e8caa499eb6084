//! Every sentence and word that a person reads, in one place.
//!
//! They are plain English: what is the case, and what to do about it where something can be done.

use switchboard_model::{Call, Checksum, EndReason, Intent, ParkReason, Status};

use crate::format::earlier;

pub(crate) const PRODUCT: &str = "Switchboard";

// Sections.
pub(crate) const INCOMING: &str = "Incoming Calls";
pub(crate) const AGENTS: &str = "Agents";
pub(crate) const PARKING: &str = "Parking Lot";
pub(crate) const NOBODY_WAITS: &str = "Nobody is waiting";
pub(crate) const NOBODY_WAITS_HINT: &str = "New calls appear here the moment they ring.";
pub(crate) const LOADING: &str = "Loading the board";
pub(crate) const LOAD_FAILED: &str = "The board could not be loaded";
pub(crate) const TRY_AGAIN: &str = "Try again";

// Buttons.
pub(crate) const ANSWER: &str = "Answer";
pub(crate) const PARK: &str = "Park";
pub(crate) const RETRIEVE: &str = "Retrieve";
pub(crate) const HOLD: &str = "Hold";
pub(crate) const RESUME: &str = "Resume";
pub(crate) const TRANSFER: &str = "Transfer";
pub(crate) const END_CALL: &str = "End call";
pub(crate) const END_THIS_CALL: &str = "End this call?";
pub(crate) const SIGN_IN: &str = "Sign in";
pub(crate) const SIGN_OUT: &str = "Sign out";
/// Said instead of signing out, while the person is on a call.
pub(crate) const SIGN_OUT_ON_A_CALL: &str =
    "You are on a call. Park it, transfer it or end it, then sign out.";
pub(crate) const DISMISS: &str = "Dismiss";

// Calls.
pub(crate) const WAITING: &str = "waiting";
pub(crate) const WAITING_LONG: &str = "waiting long";
pub(crate) const NOT_IN_CONTACTS: &str = "Not in contacts";
pub(crate) const WITHHELD: &str = "Number withheld";
pub(crate) const TALKING: &str = "Talking";
pub(crate) const GETS_CONNECTED: &str = "Connecting…";
pub(crate) const LEAVES_MESSAGE: &str = "Leaving a message";
pub(crate) const ON_HOLD: &str = "On hold";
pub(crate) const FREE_SLOT: &str = "Free";

// Agents.
pub(crate) const YOU: &str = "You";
pub(crate) const AGENT: &str = "Agent";
pub(crate) const SUPERVISOR: &str = "Supervisor";
pub(crate) const AVAILABLE: &str = "Available";
pub(crate) const AWAY: &str = "Off duty";
pub(crate) const ON_A_CALL: &str = "On a call";
pub(crate) const ON_DUTY: &str = "On duty";
pub(crate) const OFF_DUTY: &str = "Off duty";
pub(crate) const DESK_FREE: &str = "You are free. Answer a call, or drag one here.";
pub(crate) const DESK_AWAY: &str = "You are off duty. You can still take a call yourself.";
pub(crate) const DESK_WITHOUT_AUDIO: &str = "Calls cannot ring here: your audio is not connected.";
pub(crate) const COLLEAGUE_FREE: &str = "Free for a call";
pub(crate) const COLLEAGUE_AWAY: &str = "Not taking calls";
pub(crate) const COLLEAGUE_UNREACHABLE: &str = "Calls do not reach this desk";
pub(crate) const NO_MICROPHONE: &str = "No microphone";
pub(crate) const OUT_OF_REACH: &str = "Out of reach";
pub(crate) const TRANSFER_TO: &str = "Transfer to";
pub(crate) const NOBODY_FREE: &str = "Every colleague is on a call.";
pub(crate) const ON_ANOTHER_CALL: &str =
    "You are on a call. Park it, transfer it or end it before you take another.";

// Audio. What is said of its state is in `web/voice/words.js`, which comes with it.
pub(crate) const GO_ON_DUTY: &str = "Go on duty";
pub(crate) const NOT_WITHOUT_MICROPHONE: &str =
    "This needs your microphone, which the browser does not give. Nothing was done.";
pub(crate) const NOT_WITHOUT_AUDIO: &str =
    "Your audio could not be connected. Nothing was done: try again, or let a colleague.";
pub(crate) const DIAL_ELSEWHERE: &str = "Your audio is in another tab. Call from there.";
pub(crate) const CALLING: &str = "Calling…";

// Dragging.
pub(crate) const PARK_HERE: &str = "Park here";
pub(crate) const DROP_TO_TAKE: &str = "Drop to take this call";

pub(crate) fn drop_to_park(slot: i16) -> String {
    format!("Drop to park in {slot}")
}

pub(crate) fn drop_to_transfer(name: &str) -> String {
    format!("Drop to hand over to {name}")
}

// The link.
pub(crate) const LIVE: &str = "Live";
pub(crate) const CONNECTING: &str = "Connecting…";
pub(crate) const LAGGING: &str = "The server is slow to answer";
pub(crate) const OFFLINE: &str = "Not connected, trying again";
pub(crate) const MISCONFIGURED: &str = "The server does not send changes";
pub(crate) const STALE_REST: &str =
    "Calls may have moved since. Buttons come back when the connection does.";
pub(crate) const NEVER_LIVE: &str = "This board is not connected yet.";
pub(crate) const NEVER_LIVE_REST: &str =
    "It shows what was last known. Buttons come with the connection.";
pub(crate) const MISCONFIGURED_REST: &str =
    "The server lets this board read but not follow changes. Tell whoever runs it.";

pub(crate) fn stopped_at(time: &str) -> String {
    format!("This board stopped at {time}.")
}

pub(crate) fn latency(ms: i64) -> String {
    format!("Last change shown after {ms} ms")
}

pub(crate) const BOARD_SUM: &str = "The same on every board";

/// `Board 1204 · 12 calls · 7f3a`: the highest version, the live calls, a checksum of it all.
pub(crate) fn board_sum(shown: Checksum) -> String {
    let (version, calls, sum) = (shown.version, shown.calls, shown.checksum & 0xffff);
    let plural = if calls == 1 { "" } else { "s" };
    format!("Board {version} · {calls} call{plural} · {sum:04x}")
}

// Sign-in.
pub(crate) const EMAIL: &str = "Email";
pub(crate) const PASSWORD: &str = "Password";
pub(crate) const SIGN_IN_LEAD: &str = "One board for everybody who answers the phone.";
pub(crate) const WRONG_PASSWORD: &str =
    "That email and password do not match. Check both and try again.";
pub(crate) const MISSING_CREDENTIALS: &str = "Enter your email and your password.";
pub(crate) const TOO_MANY_ATTEMPTS: &str =
    "That was a lot of attempts. Wait a minute, then try again.";
pub(crate) const SESSION_ENDED: &str = "Your session has ended. Sign in again to go on.";
pub(crate) const SIGNED_OUT_ELSEWHERE: &str = "You signed out in another window.";
pub(crate) const NOT_A_MEMBER: &str = "You are not on this team yet";
pub(crate) const NOT_A_MEMBER_REST: &str =
    "Your account works, but it is not on the team of this board. Ask a supervisor to add you.";
pub(crate) const STARTING_FAILED: &str = "Switchboard cannot start";
pub(crate) const STARTING_FAILED_REST: &str =
    "The server did not answer. Check your connection, then try again.";

// Troubles with an action.
// An action that got no answer may have been done all the same: the board tells.
pub(crate) const UNREACHABLE: &str =
    "The server did not answer. Look at the board to see whether it was done, then try again.";
pub(crate) const SERVER_TROUBLE: &str =
    "The server could not do this just now. Try again in a moment.";
pub(crate) const NOT_ALLOWED: &str = "You may not do this. A supervisor can.";
pub(crate) const CROSSED: &str = "A colleague did something at the same moment. Try again.";

/// What a button says while its action is on the way.
pub(crate) fn doing(intent: Intent) -> &'static str {
    match intent {
        Intent::Answer => "Answering…",
        Intent::Park { .. } => "Parking…",
        Intent::Retrieve => "Retrieving…",
        Intent::Move { .. } => "Moving…",
        Intent::Transfer { .. } => "Transferring…",
        Intent::Hold => "Holding…",
        Intent::Resume => "Resuming…",
        Intent::End => "Ending…",
    }
}

/// Who put the call where it waits. `agent` is the member who had it last.
pub(crate) fn parked_why(reason: Option<ParkReason>, agent: Option<&str>) -> String {
    match (reason, agent) {
        (Some(ParkReason::AgentDropped), Some(name)) => {
            format!("{name} lost the line, reconnecting")
        }
        (Some(ParkReason::AgentDropped), None) => "The line was lost, reconnecting".to_owned(),
        (Some(ParkReason::Unreachable), Some(name)) => format!("{name} could not be reached"),
        (Some(ParkReason::Unreachable), None) => "Nobody could be reached".to_owned(),
        (Some(ParkReason::TransferFailed), Some(name)) => {
            format!("{name} did not take the transfer")
        }
        (Some(ParkReason::TransferFailed), None) => "A transfer was not taken".to_owned(),
        (Some(ParkReason::ParkedByAgent) | None, Some(name)) => format!("Parked by {name}"),
        (Some(ParkReason::ParkedByAgent) | None, None) => "Parked".to_owned(),
    }
}

/// Why `intent` came too late, from the call as it is now (`None`: it is gone).
///
/// `holder` is the name of whoever has the call or had it last, or "you"; `ahead_ms` is how much
/// sooner the winner's answer stood in the database than mine met it, on the server's clock.
pub(crate) fn lost(
    intent: Intent,
    call: Option<&Call>,
    holder: Option<&str>,
    ahead_ms: Option<i64>,
) -> String {
    let Some(call) = call else {
        return "This call is no longer on the board.".to_owned();
    };
    let name = holder.unwrap_or("A colleague");
    match (intent, call.status) {
        (_, Status::Ended) => ended(call.end_reason, holder),
        (_, Status::Ringing) => "This call is ringing again.".to_owned(),
        (_, Status::Active) if name == "you" => "You already have this call.".to_owned(),
        (Intent::Answer, Status::Active) => match ahead_ms {
            Some(ms) => format!("{name} answered {} earlier.", earlier(ms)),
            None => format!("{name} answered a moment earlier."),
        },
        (Intent::Retrieve | Intent::Move { .. }, Status::Active) => {
            format!("{name} has already taken this call.")
        }
        (_, Status::Active) => format!("{name} has this call now."),
        (_, Status::Parked) => match call.parking_slot {
            Some(slot) => format!("This call is parked in slot {slot} now."),
            None => "This call is parked now.".to_owned(),
        },
    }
}

fn ended(reason: Option<EndReason>, holder: Option<&str>) -> String {
    match (reason, holder) {
        (Some(EndReason::Completed | EndReason::Abandoned | EndReason::Missed), _) => {
            "The caller has hung up.".to_owned()
        }
        (Some(EndReason::Voicemail), _) => "The caller is leaving a message.".to_owned(),
        (Some(EndReason::EndedByAgent), Some(name)) if name != "you" => {
            format!("{name} has ended this call.")
        }
        (Some(EndReason::EndedByAgent | EndReason::Failed | EndReason::Reconciled) | None, _) => {
            "This call has ended.".to_owned()
        }
    }
}

/// A message of the database as a sentence: it begins with a capital and ends with a full stop.
pub(crate) fn sentence(message: &str) -> String {
    let message = message.trim().trim_end_matches('.');
    let mut characters = message.chars();
    match characters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), characters.as_str()),
        None => SERVER_TROUBLE.to_owned(),
    }
}
