//! Reads a row of the database field by field.
//!
//! What serde derives for a struct of twenty fields is several times as long, and a browser
//! downloads it. A field that is not there reads as `null`, and fields that are not asked for are
//! ignored, as with derived code.

use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::timestamp;

/// A row that is being read. What could not be read is remembered instead of told at once: a field
/// then has some value that nobody will see.
pub(crate) struct Fields<'a> {
    row: &'a Map<String, Value>,
    fault: Option<&'static str>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(row: &'a Map<String, Value>) -> Self {
        Self { row, fault: None }
    }

    /// The name of a field that could not be read, if there is one.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        self.fault
    }

    /// An id, if there is one.
    pub(crate) fn id<T: From<Uuid>>(&mut self, name: &'static str) -> Option<T> {
        self.named(name, |text| Uuid::try_parse(text).ok())
            .map(T::from)
    }

    /// One of the values that have names, if there is one.
    pub(crate) fn named<T>(
        &mut self,
        name: &'static str,
        named: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let read = self.given(name)?.as_str().and_then(named);
        self.checked(name, read)
    }

    /// A text, if there is one.
    #[inline(never)]
    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        let text = self.given(name)?.as_str().map(str::to_owned);
        self.checked(name, text)
    }

    /// A whole number within the bounds of its type, if there is one.
    pub(crate) fn number<T: TryFrom<i64>>(&mut self, name: &'static str) -> Option<T> {
        let number = self.given(name)?.as_i64();
        let number = number.and_then(|number| T::try_from(number).ok());
        self.checked(name, number)
    }

    /// Yes or no.
    pub(crate) fn flag(&mut self, name: &'static str) -> Option<bool> {
        let flag = self.given(name)?.as_bool();
        self.checked(name, flag)
    }

    /// A moment, if there is one.
    #[inline(never)]
    pub(crate) fn moment(&mut self, name: &'static str) -> Option<OffsetDateTime> {
        let moment = self.given(name)?.as_str().and_then(timestamp::parse);
        self.checked(name, moment)
    }

    /// What must be there; `otherwise` stands in for it once it is remembered that it was not.
    pub(crate) fn must<T>(&mut self, name: &'static str, read: Option<T>, otherwise: T) -> T {
        self.checked(name, read).unwrap_or(otherwise)
    }

    fn given(&self, name: &str) -> Option<&'a Value> {
        self.row.get(name).filter(|value| !value.is_null())
    }

    fn checked<T>(&mut self, name: &'static str, read: Option<T>) -> Option<T> {
        if read.is_none() {
            self.fault = Some(name);
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::json;

    use crate::{Call, Member};

    use super::*;

    fn call() -> Map<String, Value> {
        let id = "33333333-0000-4000-8000-000000000001";
        let row = json!({
            "id": id, "twilio_call_sid": "CA1", "direction": "outbound", "from_number": "client:agent_doug",
            "to_number": "+12025550101", "caller_name": "Ada", "caller_company": "Analytical", "status": "parked", "assigned_to": id, "last_agent": id, "moved_by": id,
            "on_hold": true, "parking_slot": 3, "park_reason": "agent_dropped", "end_reason": "ended_by_agent",
            "epoch": 4, "created_at": "2026-01-05T09:00:00.1Z", "answered_at": "2026-01-05T09:00:01Z",
            "connected_at": "2026-01-05T09:00:02Z", "parked_at": "2026-01-05T09:00:03Z",
            "held_at": "2026-01-05T09:00:04Z", "ended_at": "2026-01-05T09:00:05Z", "version": 17, "note": "n",
            "disposition": "d", "voicemail_at": "2026-01-05T09:00:06Z", "recording_sid": "RE1", "recording_s": 7,
        });
        serde_json::from_value(row).unwrap()
    }

    fn member() -> Map<String, Value> {
        let id = "11111111-0000-4000-8000-000000000001";
        let row = json!({
            "id": id, "user_id": id, "display_name": "Doug", "identity": "agent_doug", "role": "supervisor",
            "is_available": true, "device_state": "ready", "current_call_id": id,
            "retired_at": "2026-01-05T09:00:00Z", "version": 5,
        });
        serde_json::from_value(row).unwrap()
    }

    fn read<T: DeserializeOwned>(row: &Map<String, Value>) -> Result<T, String> {
        serde_json::from_value(Value::Object(row.clone())).map_err(|error| error.to_string())
    }

    /// Every field is read, and as what it is.
    fn every_field_comes_back<T: DeserializeOwned + serde::Serialize>(row: &Map<String, Value>) {
        let written = serde_json::to_value(read::<T>(row).unwrap()).unwrap();
        assert_eq!(written, Value::Object(row.clone()));
    }

    /// A field of another kind is refused and named; one that is missing as well if it is `needed`.
    fn faults_are_named<T: DeserializeOwned>(row: &Map<String, Value>, needed: &[&str]) {
        for name in row.keys() {
            let mut odd = row.clone();
            odd.insert(name.clone(), json!([1]));
            let fault = read::<T>(&odd).err().unwrap_or_default();
            assert!(fault.contains(&format!("`{name}`")), "{name}: {fault}");
            let mut less = row.clone();
            less.remove(name);
            let refused = read::<T>(&less).is_err();
            assert_eq!(refused, needed.contains(&name.as_str()), "{name}");
            less.insert(name.clone(), Value::Null);
            assert_eq!(read::<T>(&less).is_err(), refused, "{name} is null");
        }
    }

    #[test]
    fn every_field_of_a_row_is_read() {
        every_field_comes_back::<Call>(&call());
        every_field_comes_back::<Member>(&member());
    }

    #[test]
    fn a_row_that_cannot_be_read_is_refused_by_the_name_of_its_field() {
        let needed = [
            "id",
            "twilio_call_sid",
            "direction",
            "from_number",
            "to_number",
            "status",
            "on_hold",
            "epoch",
            "created_at",
            "version",
        ];
        faults_are_named::<Call>(&call(), &needed);
        let needed = [
            "id",
            "user_id",
            "display_name",
            "identity",
            "role",
            "is_available",
            "version",
        ];
        faults_are_named::<Member>(&member(), &needed);
    }

    /// What serde writes for each of them, the row's reader reads, and nothing else.
    fn names_are_those_of_serde<T: serde::Serialize + PartialEq + std::fmt::Debug>(
        all: impl IntoIterator<Item = T>,
        named: fn(&str) -> Option<T>,
    ) {
        for one in all {
            let name = json!(one);
            assert_eq!(named(name.as_str().unwrap()), Some(one));
        }
        assert_eq!(named("none of them"), None);
    }

    #[test]
    fn every_value_that_has_a_name_is_read_by_it() {
        use crate::{Direction, EndReason, ParkReason, Role, Status};
        names_are_those_of_serde(Status::ALL, Status::named);
        names_are_those_of_serde(EndReason::ALL, EndReason::named);
        let directions = [Direction::Inbound, Direction::Outbound];
        names_are_those_of_serde(directions, Direction::named);
        let reasons = [
            ParkReason::ParkedByAgent,
            ParkReason::AgentDropped,
            ParkReason::Unreachable,
            ParkReason::TransferFailed,
        ];
        names_are_those_of_serde(reasons, ParkReason::named);
        names_are_those_of_serde([Role::Agent, Role::Supervisor], Role::named);
    }

    #[test]
    fn a_number_out_of_bounds_is_refused() {
        let mut row = call();
        row.insert("parking_slot".to_owned(), json!(40_000));
        assert!(read::<Call>(&row).is_err());
        row.insert("parking_slot".to_owned(), json!(1.5));
        assert!(read::<Call>(&row).is_err());
    }
}
