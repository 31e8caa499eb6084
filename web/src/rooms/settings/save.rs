//! Saves one section without undoing what another supervisor saved meanwhile.

use serde_json::{Map, Value};
use switchboard_model::request;

use crate::api::Api;
use crate::rooms::refused::changed;
use crate::texts;

/// The row of settings.
pub(super) type Row = Map<String, Value>;

/// So often a save is tried again when somebody saved another section meanwhile.
const TRIES: u32 = 4;

/// What became of it.
pub(super) enum Outcome {
    /// It is saved; the row as it is now.
    Saved(Row),
    /// Somebody else changed the same section: the row as it is now, and nothing of mine in it.
    Overtaken(Row),
    /// It is not saved; why.
    Refused(String),
}

/// The row as it is now.
pub(super) async fn read(api: &Api) -> Option<Row> {
    let reply = api
        .send(&request::settings())
        .await
        .ok()
        .filter(|reply| reply.status == 200)?;
    serde_json::from_str::<Vec<Row>>(&reply.body).ok()?.pop()
}

/// Whether two rows say the same in those columns.
pub(super) fn agree(one: &Row, other: &Row, columns: &[&str]) -> bool {
    columns
        .iter()
        .all(|column| one.get(*column) == other.get(*column))
}

/// Saves `changes` to a section of those columns that began as `base`.
pub(super) async fn save(api: &Api, base: Row, columns: &[&str], changes: Row) -> Outcome {
    let mut seen = base.clone();
    for _ in 0..TRIES {
        let version = seen
            .get("version")
            .and_then(Value::as_i64)
            .unwrap_or_default();
        let request = request::office::change_settings_at(version, changes.clone());
        match changed(&api.send(&request).await) {
            Ok(Some(row)) => return Outcome::Saved(row),
            Err(sentence) => return Outcome::Refused(sentence),
            Ok(None) => {}
        }
        let Some(now) = read(api).await else {
            return Outcome::Refused(texts::rooms::did_not_answer().to_owned());
        };
        if !agree(&base, &now, columns) {
            return Outcome::Overtaken(now);
        }
        if now.get("version") == seen.get("version") {
            // Nobody was faster: it is not for this person to change.
            return Outcome::Refused(texts::not_allowed().to_owned());
        }
        seen = now;
    }
    Outcome::Refused(texts::crossed().to_owned())
}
