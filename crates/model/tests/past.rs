//! What looks back is asked over REST as the dashboard asks it: the history, a call's story, the wallboard, contacts and
//! settings. What the answers mean is claimed in `supabase/tests/400` to `420`.

#![allow(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

use secrecy::ExposeSecret as _;
use serde_json::{Map, Value, json};
use switchboard_local_supabase::{LocalSupabase, Options};
use switchboard_model::request::history::{Cursor, Search, Sort};
use switchboard_model::request::{self, Method, Request, history, office, wallboard};
use switchboard_model::{CallId, Direction, EndReason, Intent, MemberId, NewCall, Status};
use time::OffsetDateTime;

const DOUG: &str = "11111111-0000-4000-8000-000000000001";
const NORA: &str = "+12025550177";

struct Desk {
    stack: LocalSupabase,
    http: reqwest::Client,
}

impl Desk {
    /// As the member whose account ends in this digit; 0 is the service.
    async fn ask(&self, who: u8, request: &Request) -> (u16, Value) {
        let keys = self.stack.keys();
        let account = format!("aaaaaaaa-0000-4000-8000-00000000000{who}");
        let token = match who {
            0 => keys.service_role.expose_secret().to_owned(),
            _ => self
                .stack
                .token_of(account.parse().unwrap(), "authenticated"),
        };
        let url = format!("{}{}", self.stack.url(), request.path_and_query());
        let mut asked = match request.method {
            Method::Get => self.http.get(url),
            Method::Post => self.http.post(url),
            Method::Patch => self.http.patch(url),
        };
        for (name, value) in request.headers() {
            asked = asked.header(name, value);
        }
        if let Some(body) = &request.body {
            asked = asked.body(body.to_string());
        }
        let asked = asked.header("apikey", &keys.anon).bearer_auth(token);
        let answer = asked.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap())
    }

    async fn doug(&self, request: &Request) -> Value {
        let (status, body) = self.ask(1, request).await;
        assert_eq!(status / 100, 2, "{}: {body}", request.path_and_query());
        body
    }

    /// A call that Doug answered and ended.
    async fn past_call(&self, sid: &str) -> CallId {
        let new: NewCall = serde_json::from_value(json!({
            "twilio_call_sid": sid, "direction": "inbound", "from_number": NORA, "to_number": "+12025550199",
        }))
        .unwrap();
        let (_, body) = self.ask(0, &request::insert_call(&new)).await;
        let id: CallId = serde_json::from_value(body[0]["id"].clone()).unwrap();
        let doug: MemberId = DOUG.parse().unwrap();
        for intent in [Intent::Answer, Intent::Hold, Intent::End] {
            self.doug(&request::action(id, doug, intent)).await;
        }
        id
    }
}

#[tokio::test]
async fn what_looks_back_is_asked_as_it_is_answered() {
    let stack = LocalSupabase::start(Options::default()).await.unwrap();
    let http = reqwest::Client::new();
    let desk = Desk { stack, http };
    let first = desk.past_call("CA1").await;
    let second = desk.past_call("CA2").await;

    // Contacts: new, corrected, read, and refused.
    let anew = |number, name| office::save_contact(number, None, (name, "", ""));
    let saved = desk.doug(&anew("+1 202 555 0177", "Nora")).await;
    assert_eq!(saved[0]["number"], NORA);
    let (status, _) = desk.ask(1, &anew(NORA, "Somebody else")).await;
    assert_eq!(status, 409, "a colleague was faster");
    let was = saved[0]["updated_at"].as_str();
    let better = office::save_contact(NORA, was, ("Nora Quint", "Quint & Co", "Late"));
    assert_eq!(desk.doug(&better).await[0]["company"], "Quint & Co");
    let late = office::save_contact(NORA, was, ("Nora Q.", "", ""));
    assert_eq!(
        desk.doug(&late).await,
        json!([]),
        "it is not as it was read"
    );
    let read = desk.doug(&office::contact(NORA)).await;
    assert_eq!(read[0]["name"], "Nora Quint");
    let (status, refused) = desk.ask(1, &anew("0150", "X")).await;
    assert_eq!((status, &refused["code"]), (400, &json!("23514")));

    the_history_is_paged(&desk, first, second).await;

    let story = desk.doug(&history::timeline(first)).await;
    let kinds: Vec<_> = story
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["kind"].clone())
        .collect();
    assert_eq!(kinds, ["created", "answered", "held", "ended"]);
    assert_eq!(story[1]["to_whom"], "Doug");
    let later = OffsetDateTime::now_utc() + time::Duration::hours(1);
    let earlier = desk.doug(&history::earlier_calls(NORA, later, 1)).await;
    assert_eq!(earlier[0]["id"], json!(second));

    the_wallboard_is_read(&desk).await;

    // Settings: a supervisor's to change.
    let changes = Map::from_iter([("service_level_s".to_owned(), json!(30))]);
    let change = office::change_settings(changes);
    assert_eq!(desk.doug(&change).await, json!([]));
    let (status, changed) = desk.ask(3, &change).await;
    assert_eq!((status, &changed[0]["service_level_s"]), (200, &json!(30)));
    assert_eq!(
        desk.doug(&request::settings()).await[0]["service_level_s"],
        30
    );
    desk.stack.stop().await;
}

async fn the_history_is_paged(desk: &Desk, first: CallId, second: CallId) {
    let wanted = Search {
        words: "quint (202) 555".to_owned(),
        ..Search::default()
    };
    let none = desk
        .doug(&history::search(&wanted, Sort::Newest, None, 50))
        .await;
    assert_eq!(none, json!([]), "a number is a word of its own");
    let wanted = Search {
        words: "quint doug".to_owned(),
        first_day: "2026-01-01".to_owned(),
        last_day: "2999-12-31".to_owned(),
        state: Some(Status::Ended),
        reason: Some(EndReason::EndedByAgent),
        direction: Some(Direction::Inbound),
        agent: Some(DOUG.parse().unwrap()),
        only_missed: false,
    };
    assert_eq!(desk.doug(&history::count(&wanted)).await, json!(2));
    for sort in [Sort::Newest, Sort::Waited, Sort::Talked] {
        let page = desk.doug(&history::search(&wanted, sort, None, 1)).await;
        let after = Cursor {
            value: page[0]["sort_value"].as_i64().unwrap(),
            id: serde_json::from_value(page[0]["id"].clone()).unwrap(),
        };
        let next = desk
            .doug(&history::search(&wanted, sort, Some(after), 1))
            .await;
        let mut found = [page[0]["id"].clone(), next[0]["id"].clone()];
        if sort == Sort::Newest {
            found.reverse();
            assert_eq!(found, [json!(first), json!(second)]);
        }
        found.sort_by_key(Value::to_string);
        let mut both = [json!(first), json!(second)];
        both.sort_by_key(Value::to_string);
        assert_eq!(found, both, "sorted as {}", sort.as_str());
        assert_eq!(page[0]["name"], "Nora Quint");
        assert_eq!(page[0]["agent_names"], json!(["Doug"]));
    }
    let missed = Search {
        only_missed: true,
        ..Search::default()
    };
    assert_eq!(desk.doug(&history::count(&missed)).await, json!(0));
}

async fn the_wallboard_is_read(desk: &Desk) {
    let figures = desk.doug(&wallboard::figures(None)).await;
    let day = figures[0]["day"].as_str().unwrap().to_owned();
    let hours = desk.doug(&wallboard::hours(Some(&day))).await;
    assert_eq!(hours.as_array().unwrap().len(), 24, "a day in UTC");
    let agents = desk.doug(&wallboard::agents(Some(&day))).await;
    assert_eq!(agents.as_array().unwrap().len(), 3);
    let words = desk.doug(&wallboard::figures_in_words()).await;
    let explained = words.as_array().unwrap().iter().map(|row| &row["figure"]);
    let shown = figures[0].as_object().unwrap().keys();
    let explained: Vec<_> = explained.filter_map(Value::as_str).collect();
    for figure in shown {
        assert!(
            explained.contains(&figure.as_str()),
            "{figure} is explained"
        );
    }
    // Midnight may have passed since the calls.
    let today = OffsetDateTime::now_utc().date();
    let mut offered = 0;
    for day in [today.previous_day().unwrap(), today] {
        let figures = desk.doug(&wallboard::figures(Some(&day.to_string()))).await;
        offered += figures[0]["offered"].as_i64().unwrap();
    }
    assert_eq!(offered, 2);
    assert_eq!(
        desk.doug(&wallboard::figures(Some("2001-01-01"))).await[0]["service_level"],
        Value::Null
    );
}
