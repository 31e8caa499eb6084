//! How the server's two lanes tell of a change, or do not.

use crate::database::Told;
use crate::weather::Trouble;
use crate::world::World;
use serde_json::{Value, json};

impl World {
    /// One lane brings a change to every channel that may hear it.
    pub(crate) fn tell(&mut self, told: &Told, by_the_fast_lane: bool) {
        let is_lost = self.weather.server_is_down()
            || self.weather.is(Trouble::RateLimited)
            || self.weather.is(if by_the_fast_lane {
                Trouble::FastLaneDead
            } else {
                Trouble::PollerDead
            });
        if is_lost {
            self.watch.lost += 1;
            return;
        }
        let is_revoked = self.weather.is(Trouble::Revoked);
        let listening: Vec<u32> = self
            .sockets
            .iter()
            .filter(|(_, socket)| {
                socket.channel.as_ref().is_some_and(|channel| {
                    if by_the_fast_lane {
                        !is_revoked
                    } else {
                        channel.is_confirmed && (!is_revoked || told.kind == "DELETE")
                    }
                })
            })
            .map(|(conn, _)| *conn)
            .collect();
        if listening.is_empty() {
            return;
        }
        let (event, payload) = if by_the_fast_lane {
            fast(told)
        } else {
            self.polled(told)
        };
        for conn in listening {
            self.frame(conn, "realtime:board", event, None, &payload);
        }
    }

    fn polled(&mut self, told: &Told) -> (&'static str, Value) {
        let mut record = told.record.clone();
        let mut errors = Value::Null;
        if told.kind == "UPDATE" && self.dice.once_in(4) {
            // Stored out of line and not changed.
            record.remove("caller_name");
        }
        if self.weather.is(Trouble::Oversize) && told.kind != "DELETE" {
            record.retain(|_, value| !value.is_null());
            record.remove("note");
            record.remove("caller_name");
            errors = json!(["Error 413: Payload Too Large"]);
        }
        let row = if told.kind == "DELETE" {
            "old_record"
        } else {
            "record"
        };
        let data = json!({"schema": "public", "table": told.table, "type": told.kind,
            "commit_timestamp": "2026-01-02T03:04:05.123Z", "columns": [], row: record, "errors": errors});
        ("postgres_changes", json!({"ids": [1], "data": data}))
    }
}

fn fast(told: &Told) -> (&'static str, Value) {
    let payload = json!({"table": told.table, "type": told.kind, "version": told.record.get("version"),
        "commit_timestamp": "2026-01-02T03:04:05.123456+00:00", "record": told.record});
    (
        "broadcast",
        json!({"type": "broadcast", "event": "change", "payload": payload}),
    )
}
