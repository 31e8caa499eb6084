//! The admin API: what tests and demonstrations do to the simulation, and see of it.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Shared;
use crate::cli::OUR_NUMBER;
use crate::clock::Mode;
use crate::sim::{Callee, Caller, Command, DeviceView, Fault, FaultRates, LegView, LogLine};

pub(super) async fn health(State(app): Shared) -> Json<Value> {
    let mode = match app.host.mode() {
        Mode::Auto => "auto",
        Mode::Explicit => "explicit",
    };
    let now_ms = millis(app.host.look(|sim| sim.now()));
    let webhook = app.host.base().to_string();
    Json(json!({ "ok": true, "now_ms": now_ms, "mode": mode, "webhook": webhook }))
}

/// Who calls.
#[derive(Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) from: String,
    #[serde(default)]
    pub(crate) to: Option<String>,
    #[serde(default)]
    pub(crate) caller_name: Option<String>,
    #[serde(default)]
    pub(crate) hangup_after_ms: Option<u64>,
}

/// Which leg it became.
#[derive(Serialize, Deserialize)]
pub(crate) struct Placed {
    pub(crate) call_sid: String,
}

pub(super) async fn place(State(app): Shared, Json(place): Json<Place>) -> Json<Placed> {
    let call_sid = app.host.place(Caller {
        from: place.from,
        to: place.to.unwrap_or_else(|| OUR_NUMBER.to_owned()),
        name: place.caller_name,
        patience: place.hangup_after_ms.map(Duration::from_millis),
    });
    Json(Placed { call_sid })
}

pub(super) async fn hang_up(state: Shared, Path(sid): Path<String>) -> Response {
    to_leg(&state, &sid, Command::HangUp(sid.clone()))
}

pub(super) async fn pick_up(state: Shared, Path(sid): Path<String>) -> Response {
    to_leg(&state, &sid, Command::PickUp(sid.clone()))
}

pub(super) async fn busy(state: Shared, Path(sid): Path<String>) -> Response {
    to_leg(&state, &sid, Command::GiveUp(sid.clone(), Callee::Busy))
}

pub(super) async fn no_answer(state: Shared, Path(sid): Path<String>) -> Response {
    to_leg(&state, &sid, Command::GiveUp(sid.clone(), Callee::NoAnswer))
}

#[derive(Deserialize)]
pub(super) struct Press {
    digit: char,
}

pub(super) async fn press(
    state: Shared,
    Path(sid): Path<String>,
    Json(Press { digit }): Json<Press>,
) -> Response {
    to_leg(&state, &sid, Command::Press(sid.clone(), digit))
}

/// 204, or 404 for a leg that is not there or over.
fn to_leg(State(app): &Shared, sid: &str, command: Command) -> Response {
    if !app.host.look(|sim| sim.lives(sid)) {
        return (StatusCode::NOT_FOUND, "there is no such leg, or it is over").into_response();
    }
    app.host.act(command);
    StatusCode::NO_CONTENT.into_response()
}

pub(super) async fn callee(
    State(app): Shared,
    Path(number): Path<String>,
    Json(callee): Json<Callee>,
) -> StatusCode {
    app.host.act(Command::Callee(number, callee));
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    all: Option<u8>,
}

pub(super) async fn legs(State(app): Shared, Query(which): Query<Which>) -> Json<Vec<LegView>> {
    Json(app.host.look(|sim| sim.legs(which.all == Some(1))))
}

pub(super) async fn devices(State(app): Shared) -> Json<Vec<DeviceView>> {
    Json(app.host.look(crate::sim::Sim::devices))
}

#[derive(Deserialize)]
pub(super) struct Warn {
    name: String,
    #[serde(default)]
    cleared: bool,
}

pub(super) async fn warn(
    State(app): Shared,
    Path(identity): Path<String>,
    Json(Warn { name, cleared }): Json<Warn>,
) -> StatusCode {
    app.host.act(Command::Warn {
        identity,
        name,
        cleared,
    });
    StatusCode::NO_CONTENT
}

pub(super) async fn break_off(State(app): Shared, Path(identity): Path<String>) -> StatusCode {
    app.host.act(Command::Drop(identity));
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
pub(super) struct Advance {
    ms: u64,
}

pub(super) async fn advance(State(app): Shared, Json(Advance { ms }): Json<Advance>) -> Response {
    if app.host.mode() != Mode::Explicit {
        let why = "time goes by itself here: start the simulator with --explicit";
        return (StatusCode::CONFLICT, why).into_response();
    }
    let now = app.host.advance(Duration::from_millis(ms)).await;
    Json(json!({ "now_ms": millis(now) })).into_response()
}

pub(super) async fn faults(State(app): Shared) -> Json<FaultRates> {
    Json(app.host.look(|sim| sim.fault_rates().clone()))
}

pub(super) async fn set_faults(State(app): Shared, Json(rates): Json<FaultRates>) -> StatusCode {
    app.host.act(Command::Faults(rates));
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
pub(super) struct Once {
    kind: Fault,
}

pub(super) async fn fault_once(State(app): Shared, Json(Once { kind }): Json<Once>) -> StatusCode {
    app.host.act(Command::Once(kind));
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: u64,
}

/// The log from a line on.
#[derive(Serialize, Deserialize)]
pub(crate) struct Log {
    pub(crate) next: u64,
    pub(crate) lines: Vec<LogLine>,
}

pub(super) async fn log(State(app): Shared, Query(After { after }): Query<After>) -> Json<Log> {
    Json(app.host.look(|sim| Log {
        next: sim.last_line(),
        lines: sim.log_after(after).cloned().collect(),
    }))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
