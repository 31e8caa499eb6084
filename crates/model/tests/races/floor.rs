//! The racers, the calls of a round, and what has to hold when the round is over.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Map, Value, json};
use switchboard_model::{CallId, Intent, request};
use tokio::task::JoinSet;

use crate::project::{Answer, Caller, Project};
use crate::team::{self, RACERS, Racer};

/// Who races, and for what.
pub(crate) struct Floor<'a> {
    project: &'a Project,
    pub(crate) service: Caller,
    pub(crate) racers: Vec<Racer>,
    /// How many slots the lot has.
    pub(crate) slots: i16,
    /// The calls of this round, with the number of changes that were answered as done.
    calls: BTreeMap<CallId, usize>,
}

/// Something that is asked while others ask.
pub(crate) enum Ask {
    /// An action by a racer.
    Act(Racer, CallId, Intent),
    /// The same without the filter that names the state: the trigger decides.
    Rogue(Racer, CallId, Intent),
    /// A PATCH by the service, with these conditions.
    Service(CallId, &'static str, Value),
}

impl<'a> Floor<'a> {
    pub(crate) async fn of_racers(project: &'a Project) -> Self {
        let service = project.service();
        let settings = service
            .rows("/rest/v1/board_settings?select=parking_slots")
            .await;
        let slots = settings[0]["parking_slots"].as_i64().unwrap();
        let live = service
            .rows("/rest/v1/calls?status=in.(ringing,active,parked)&select=id")
            .await;
        assert!(live.is_empty(), "people are on the phone here");
        Self {
            project,
            service,
            racers: team::racers(project).await,
            slots: slots.try_into().unwrap(),
            calls: BTreeMap::new(),
        }
    }

    /// A call rings.
    pub(crate) async fn ring(&mut self) -> CallId {
        let sid = format!("RACE{:032x}", rand::random::<u128>());
        let row = json!({
            "twilio_call_sid": sid, "direction": "inbound",
            "from_number": "+12025550150", "to_number": "+12025550199",
        });
        let answer = self
            .service
            .send(Method::POST, "/rest/v1/calls", Some(&row))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let id = answer.body[0]["id"].as_str().unwrap().parse().unwrap();
        self.calls.insert(id, 0);
        id
    }

    /// A call that a racer has answered.
    pub(crate) async fn answered_by(&mut self, racer: usize) -> CallId {
        let call = self.ring().await;
        let ask = Ask::Act(self.racers[racer].clone(), call, Intent::Answer);
        assert!(self.at_once(vec![ask]).await[0].is_done());
        call
    }

    /// Calls that the first racers have answered, one each.
    pub(crate) async fn answered(&mut self, count: usize) -> Vec<CallId> {
        let mut asks = Vec::new();
        let mut calls = Vec::new();
        for racer in 0..count {
            calls.push(self.ring().await);
            asks.push(Ask::Act(
                self.racers[racer].clone(),
                calls[racer],
                Intent::Answer,
            ));
        }
        let answers = self.at_once(asks).await;
        assert!(answers.iter().all(Answer::is_done), "{answers:?}");
        calls
    }

    /// Asks everything at the same time. Answers come in the order of the asks; none may be anything but done, lost,
    /// or refused with a reason.
    pub(crate) async fn at_once(&mut self, asks: Vec<Ask>) -> Vec<Answer> {
        let start = std::sync::Arc::new(tokio::sync::Barrier::new(asks.len()));
        let mut running = JoinSet::new();
        for (index, ask) in asks.into_iter().enumerate() {
            let start = start.clone();
            let service = self.service.clone();
            running.spawn(async move {
                start.wait().await;
                let (call, answer) = ask.send(&service).await;
                (index, call, answer)
            });
        }
        let mut answers = running.join_all().await;
        answers.sort_by_key(|(index, ..)| *index);
        for (_, call, answer) in &answers {
            let is_ordinary = answer.is_done() || answer.is_lost() || answer.refusal().is_some();
            assert!(is_ordinary, "{}: {}", answer.status, answer.body);
            if answer.is_done() {
                *self.calls.get_mut(call).unwrap() += 1;
            }
        }
        answers.into_iter().map(|(.., answer)| answer).collect()
    }

    /// A call's row.
    pub(crate) async fn row(&self, call: CallId) -> Value {
        self.service
            .rows(&format!("/rest/v1/calls?id=eq.{call}"))
            .await
            .remove(0)
    }

    /// What holds after every round: everybody's call is theirs alone, the members' rows say the same as the calls',
    /// and the log tells exactly what happened. Then the calls end.
    pub(crate) async fn check(&mut self, race: &str, round: u32) {
        let at = format!("{race}, round {round}");
        let ids: Vec<String> = self.calls.keys().map(ToString::to_string).collect();
        let ids = ids.join(",");
        let calls = format!("/rest/v1/calls?id=in.({ids})");
        let log = format!("/rest/v1/call_events?call_id=in.({ids})&order=id");
        let members = "/rest/v1/voip_users?select=id,display_name,current_call_id".to_owned();
        let (calls, log, members) = tokio::join!(
            self.service.rows(&calls),
            self.service.rows(&log),
            self.service.rows(&members)
        );
        assert_eq!(calls.len(), self.calls.len(), "{at}: a call is lost");
        for member in &members {
            let theirs: Vec<&Value> = calls
                .iter()
                .filter(|call| call["status"] == "active" && call["assigned_to"] == member["id"])
                .map(|call| &call["id"])
                .collect();
            assert!(theirs.len() <= 1, "{at}: {member} is on {theirs:?}");
            let current = theirs.first().copied().unwrap_or(&Value::Null);
            assert_eq!(member["current_call_id"], *current, "{at}: {member}");
        }
        let mut slots = BTreeMap::new();
        for call in &calls {
            let is_active = call["status"] == "active";
            assert!(
                !is_active || call["assigned_to"].is_string(),
                "{at}: nobody has {call}"
            );
            if call["status"] == "parked" {
                let before = slots.insert(call["parking_slot"].as_i64().unwrap(), &call["id"]);
                assert_eq!(before, None, "{at}: two calls in the slot of {call}");
            }
            let id: CallId = call["id"].as_str().unwrap().parse().unwrap();
            let lines: Vec<&Value> = log
                .iter()
                .filter(|line| line["call_id"] == call["id"])
                .collect();
            assert_eq!(
                lines.len(),
                1 + self.calls[&id],
                "{at}: one line for a change: {lines:?}"
            );
            tells(&lines, call, &at);
        }
        self.end_all(&calls).await;
    }

    async fn end_all(&mut self, calls: &[Value]) {
        let live = calls.iter().filter(|call| call["status"] != "ended");
        let asks: Vec<Ask> = live
            .map(|call| {
                let id = call["id"].as_str().unwrap().parse().unwrap();
                Ask::Service(
                    id,
                    "",
                    json!({ "status": "ended", "end_reason": "completed" }),
                )
            })
            .collect();
        self.at_once(asks).await;
        self.calls.clear();
    }

    /// The racers go home.
    pub(crate) async fn leave(self) {
        team::retire(self.project, &self.racers).await;
    }

    /// A racer who is not among the first `busy`.
    pub(crate) fn free(&self, busy: usize, round: u32) -> Racer {
        let free = RACERS - busy;
        self.racers[busy + round as usize % free].clone()
    }
}

impl Ask {
    async fn send(self, service: &Caller) -> (CallId, Answer) {
        match self {
            Self::Act(racer, call, intent) => {
                let request = request::action(call, racer.id, intent);
                (call, racer.caller.ask(&request).await)
            }
            Self::Rogue(racer, call, intent) => {
                let mut request = request::action(call, racer.id, intent);
                request.query.retain(|(key, _)| *key == "id");
                (call, racer.caller.ask(&request).await)
            }
            Self::Service(call, conditions, body) => {
                let path = format!("/rest/v1/calls?id=eq.{call}{conditions}");
                (call, service.send(Method::PATCH, &path, Some(&body)).await)
            }
        }
    }
}

/// The log's lines lead from one to the next and end in the row as it is.
fn tells(lines: &[&Value], row: &Value, at: &str) {
    let mut told = Map::new();
    let mut version = 0;
    let mut status = Value::Null;
    for line in lines {
        assert_eq!(line["from_status"], status, "{at}: {lines:?}");
        let newer = line["version"].as_i64().unwrap();
        assert!(newer > version, "{at}: {lines:?}");
        version = newer;
        status = line["to_status"].clone();
        told.extend(line["detail"].as_object().unwrap().clone());
    }
    assert_eq!(Value::Object(told), *row, "{at}: the log tells another row");
}
