//! One call as the history shows it: a row of the database's type `listed_call`.

use serde_json::Value;
use switchboard_model::request::history::Cursor;
use switchboard_model::{Address, Board, CallId, Direction, EndReason, Status, timestamp};

use crate::format::millis;

/// A call of the past, or of now. Moments are the server's, in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Listed {
    pub(super) id: CallId,
    pub(super) direction: Direction,
    pub(super) status: Status,
    pub(super) end_reason: Option<EndReason>,
    /// The customer's.
    pub(super) number: Address,
    pub(super) name: Option<String>,
    pub(super) company: Option<String>,
    pub(super) began_ms: i64,
    pub(super) waited_s: Option<i64>,
    pub(super) talked_s: Option<i64>,
    /// Whether somebody answered at some time.
    pub(super) was_answered: bool,
    /// The caller is leaving a message right now.
    pub(super) leaves_message: bool,
    /// The caller hears music right now.
    pub(super) is_held: bool,
    /// Everybody whose call it was, in that order.
    pub(super) agents: Vec<String>,
    pub(super) note: String,
    pub(super) disposition: String,
    /// A customer called and nobody answered.
    pub(super) is_missed: bool,
    /// Of a missed call: when somebody spoke with that customer after all.
    pub(super) called_back_ms: Option<i64>,
    pub(super) called_back_by: Option<String>,
    pub(super) has_recording: bool,
    /// Where it stands in the list.
    pub(super) sort_value: i64,
}

impl Listed {
    /// Reads a page. Nothing, if one row cannot be read: a list with holes would lie.
    pub(super) fn read(body: &str) -> Option<Vec<Self>> {
        let rows: Vec<Value> = serde_json::from_str(body).ok()?;
        rows.iter().map(Self::of).collect()
    }

    fn of(row: &Value) -> Option<Self> {
        let text = |name: &str| {
            let text = row[name].as_str().map(str::trim);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let moment = |name: &str| row[name].as_str().and_then(timestamp::parse).map(millis);
        let status = row["status"].as_str()?;
        let reason = row["end_reason"].as_str();
        let names = row["agent_names"].as_array();
        Some(Self {
            id: row["id"].as_str()?.parse().ok()?,
            direction: match row["direction"].as_str()? {
                "outbound" => Direction::Outbound,
                _ => Direction::Inbound,
            },
            status: Status::ALL.into_iter().find(|it| it.as_str() == status)?,
            end_reason: EndReason::ALL
                .into_iter()
                .find(|it| Some(it.as_str()) == reason),
            number: Address::parse(row["number"].as_str().unwrap_or_default()),
            name: text("name"),
            company: text("company"),
            began_ms: moment("created_at")?,
            waited_s: row["waited_s"].as_i64(),
            talked_s: row["talked_s"].as_i64(),
            was_answered: !row["answered_at"].is_null(),
            leaves_message: false,
            is_held: false,
            agents: names.map_or_else(Vec::new, |names| {
                names
                    .iter()
                    .filter_map(|name| name.as_str().map(str::to_owned))
                    .collect()
            }),
            note: text("note").unwrap_or_default(),
            disposition: text("disposition").unwrap_or_default(),
            is_missed: row["is_missed"].as_bool()?,
            called_back_ms: moment("called_back_at"),
            called_back_by: text("called_back_by"),
            has_recording: row["has_recording"].as_bool()?,
            sort_value: row["sort_value"].as_i64()?,
        })
    }

    /// The same call as the board knows it, which hears of a change before the list is read again.
    pub(super) fn as_on(&self, board: &Board) -> Self {
        let mut now = self.clone();
        let live = board.call(self.id);
        if let Some(live) = live.filter(|live| live.status.is_live() && self.status.is_live()) {
            now.status = live.status;
            now.leaves_message = live.status == Status::Ringing && live.voicemail_at.is_some();
            now.is_held = live.on_hold;
            let members = board.members();
            let holder = members
                .iter()
                .find(|member| Some(member.id) == live.assigned_to)
                .map(|member| &member.display_name);
            if let Some(holder) = holder.filter(|name| now.agents.last() != Some(*name)) {
                now.agents.push(holder.clone());
            }
        }
        now
    }

    /// Where the page after this call begins.
    pub(super) fn cursor(&self) -> Cursor {
        Cursor {
            value: self.sort_value,
            id: self.id,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;
    use switchboard_model::{Change, Kind, Table};

    use super::*;

    /// A row with that id, as PostgREST answers it.
    pub(in crate::rooms::history) fn row(number: u8, sort_value: i64) -> Value {
        json!({
            "id": format!("22222222-0000-4000-8000-0000000000{number:02}"), "direction": "inbound",
            "status": "ended", "end_reason": "completed", "number": "+12025550150", "name": "Ada Moreno",
            "company": null, "created_at": "2026-01-05T09:00:00.25+00:00", "answered_at": "2026-01-05T09:00:12+00:00",
            "ended_at": "2026-01-05T09:03:12+00:00", "waited_s": 12, "talked_s": 180, "agents": [],
            "agent_names": ["Doug", "Rhonda"], "note": "", "disposition": "", "is_missed": false,
            "called_back_at": null, "called_back_by": null, "has_recording": false, "version": 7,
            "sort_value": sort_value,
        })
    }

    /// The call of such a row.
    pub(in crate::rooms::history) fn listed(number: u8, sort_value: i64) -> Listed {
        Listed::of(&row(number, sort_value)).unwrap()
    }

    #[test]
    fn a_row_is_read_as_it_is() {
        let body = json!([row(1, 99)]).to_string();
        let [call] = &Listed::read(&body).unwrap()[..] else {
            panic!("it is one row");
        };
        assert_eq!(call.name.as_deref(), Some("Ada Moreno"));
        assert_eq!(call.began_ms, 1_767_603_600_250);
        assert_eq!((call.waited_s, call.talked_s), (Some(12), Some(180)));
        assert_eq!(call.agents, ["Doug", "Rhonda"]);
        assert_eq!(call.end_reason, Some(EndReason::Completed));
        assert_eq!(call.cursor().value, 99);
    }

    #[test]
    fn a_live_call_is_as_the_board_says() {
        let mut past = row(1, 99);
        (past["status"], past["end_reason"], past["agent_names"]) =
            (json!("ringing"), Value::Null, json!([]));
        let past = Listed::of(&past).unwrap();
        let mut board = Board::default();
        let mut hear = |table, record: Value| {
            board.apply(&Change {
                table,
                kind: Kind::Upsert,
                record: record.as_object().unwrap().clone(),
            });
            past.as_on(&board)
        };
        let doug = "11111111-0000-4000-8000-000000000001";
        hear(
            Table::Members,
            json!({ "id": doug, "user_id": doug, "display_name": "Doug", "identity": "agent_doug", "role": "agent",
                "is_available": true, "version": 1 }),
        );
        let mut call = json!({
            "id": past.id.to_string(), "twilio_call_sid": "CA1", "direction": "inbound", "from_number": "+12025550150",
            "to_number": "+12025550100", "status": "ringing", "on_hold": false, "epoch": 0, "version": 7,
            "created_at": "2026-01-05T09:00:00Z", "voicemail_at": "2026-01-05T09:00:30Z",
        });
        let now = hear(Table::Calls, call.clone());
        assert!(now.leaves_message);
        (call["status"], call["assigned_to"], call["version"]) =
            (json!("active"), json!(doug), json!(8));
        let now = hear(Table::Calls, call.clone());
        assert_eq!((now.status, now.leaves_message), (Status::Active, false));
        assert_eq!(now.agents, ["Doug"]);
        // Of a call that is over the list knows more.
        (call["status"], call["version"]) = (json!("ended"), json!(9));
        assert_eq!(hear(Table::Calls, call), past);
    }

    #[test]
    fn a_page_with_a_row_that_means_nothing_is_no_page() {
        let mut odd = row(2, 1);
        odd["status"] = json!("dozing");
        assert_eq!(Listed::read(&json!([row(1, 2), odd]).to_string()), None);
        assert_eq!(Listed::read("<html>"), None);
    }
}
