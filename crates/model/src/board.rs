//! The board: the one reducer that turns changes and snapshots into what is on the screen.
//!
//! Changes come from two lanes, out of order, twice or not at all; they are hints. A snapshot is
//! the truth at the moment it was taken, which is some time after it was asked for and some time
//! before it arrived. The rules that make every board converge:
//!
//! - Of two states of one row, the higher version wins, whatever the order of arrival; unless two
//!   snapshots in a row have the lower one, as after a restored backup.
//! - A snapshot says which rows there are, except for those whose change arrived after the snapshot
//!   was asked for: those stay.
//! - A row that left the board is remembered with its version, so that a late change cannot bring
//!   it back.

use serde_json::Value;
use uuid::Uuid;

use crate::call::{Call, Status};
use crate::change::{Change, Kind, Table, overlay};
use crate::checksum::{self, Checksum};
use crate::id::{CallId, MemberId};
use crate::json;
use crate::member::Member;
use crate::settings::Settings;
use crate::transition::Floor;

mod by_id;
mod rows;

use rows::Rows;

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The board shows something new.
    Changed,
    /// The board knew that already, or something newer.
    Stale,
    /// The record has too few keys for a row that the board does not know: fetch a snapshot.
    Incomplete,
}

/// The moment at which a snapshot was asked for. Take it before sending the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked(u64);

/// What the queries of [`crate::request`] answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Every live call.
    pub calls: Vec<Call>,
    /// The team.
    pub members: Vec<Member>,
    /// The board's settings, if they were asked for.
    pub settings: Option<Settings>,
}

impl Snapshot {
    /// Reads the bodies of [`crate::request::board`], [`crate::request::members`] and
    /// [`crate::request::settings`].
    ///
    /// # Errors
    /// [`Unreadable`] if one of them is something else.
    pub fn from_json(calls: &str, members: &str, settings: &str) -> Result<Self, Unreadable> {
        let rows = |body| json::rows(body).ok_or(Unreadable("rows"));
        let mut snapshot = Self::default();
        for row in rows(members)? {
            let member = Member::read(&row).map_err(Unreadable)?;
            snapshot.members.push(member);
        }
        if let Some(row) = rows(settings)?.pop() {
            snapshot.settings = Some(Settings::read(&row).map_err(Unreadable)?);
        }
        for row in rows(calls)? {
            // The two queries see two moments: a member who joined in between comes by the embed.
            if let Some(Value::Object(embedded)) = row.get("assigned_to_user") {
                let member = Member::read(embedded).map_err(Unreadable)?;
                if !snapshot.members.iter().any(|known| known.id == member.id) {
                    snapshot.members.push(member);
                }
            }
            let call = Call::read(&row).map_err(Unreadable)?;
            snapshot.calls.push(call);
        }
        Ok(snapshot)
    }
}

/// An answer that is not what its query asks for; it names what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer has no readable `{0}`")]
pub struct Unreadable(&'static str);

/// Every live call and every member. Two boards are equal if they show the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    calls: Rows<Call>,
    members: Rows<Member>,
    settings: Option<Settings>,
    moment: Moment,
}

/// Counts arrivals. It orders what a board has seen and is no part of what it shows.
#[derive(Clone, Copy, Debug, Default)]
struct Moment {
    arrivals: u64,
    last_snapshot: Option<Asked>,
    /// The version of the settings that the last snapshot did not have yet.
    doubted_settings: Option<i64>,
}

impl PartialEq for Moment {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Board {
    /// Applies one change, from whichever lane, or the row that an action answered.
    pub fn apply(&mut self, change: &Change) -> Applied {
        self.moment.arrivals += 1;
        let arrival = self.moment.arrivals;
        match change.table {
            Table::Calls => apply_to(&mut self.calls, change, arrival),
            Table::Members => apply_to(&mut self.members, change, arrival),
            Table::Settings => self.apply_settings(change),
        }
    }

    /// Marks the moment at which a snapshot is asked for.
    pub fn snapshot_asked(&mut self) -> Asked {
        self.moment.arrivals += 1;
        Asked(self.moment.arrivals)
    }

    /// Applies a snapshot that was asked for at `asked`. One that was asked for before the last
    /// applied one is out of date and changes nothing.
    pub fn apply_snapshot(&mut self, asked: Asked, snapshot: Snapshot) {
        if self.moment.last_snapshot.is_some_and(|last| asked < last) {
            return;
        }
        self.moment.last_snapshot = Some(asked);
        self.calls.merge(asked.0, snapshot.calls);
        self.members.merge(asked.0, snapshot.members);
        if let Some(settings) = snapshot.settings {
            let known = self.settings.as_ref().map(|known| known.version);
            let newer = known.filter(|known| *known > settings.version);
            if newer.is_some() && newer == self.moment.doubted_settings {
                self.settings = None;
            }
            self.moment.doubted_settings = newer;
            self.put_settings(settings);
        }
    }

    /// The row is always sent whole, and there is only one: the higher version wins.
    fn apply_settings(&mut self, change: &Change) -> Applied {
        match Settings::read(&change.record) {
            Ok(settings) => self.put_settings(settings),
            Err(_) => Applied::Incomplete,
        }
    }

    fn put_settings(&mut self, settings: Settings) -> Applied {
        let known = self.settings.as_ref();
        if known.is_some_and(|known| known.version > settings.version || *known == settings) {
            return Applied::Stale;
        }
        self.settings = Some(settings);
        Applied::Changed
    }

    /// Puts `call` on the board as somebody supposes that it will be. For a copy that is only looked at: what the
    /// database says has to go on a board that never supposed anything.
    pub fn suppose(&mut self, mut call: Call) {
        call.version += 1;
        self.moment.arrivals += 1;
        self.calls.put(call, self.moment.arrivals);
    }

    /// The call of that id, if it is on the board.
    pub fn call(&self, id: CallId) -> Option<&Call> {
        self.calls.get(id)
    }

    /// Every live call, in no order that means anything.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.calls.iter()
    }

    /// The calls that ring, those that have waited longest first; and last of all whoever is leaving a message, and does
    /// not wait for an answer any more.
    pub fn ringing(&self) -> Vec<&Call> {
        let mut calls: Vec<_> = self.in_status(Status::Ringing).collect();
        calls.sort_by_key(|call| (call.voicemail_at.is_some(), call.created_at, call.id));
        calls
    }

    /// The calls that ring and wait for an answer, those that have waited longest first.
    pub fn waiting(&self) -> Vec<&Call> {
        let mut calls = self.ringing();
        calls.retain(|call| call.voicemail_at.is_none());
        calls
    }

    /// The parked calls by slot.
    pub fn parked(&self) -> Vec<&Call> {
        let mut calls: Vec<_> = self.in_status(Status::Parked).collect();
        calls.sort_by_key(|call| (call.parking_slot, call.id));
        calls
    }

    /// The call that a member is on.
    pub fn active_call_of(&self, member: MemberId) -> Option<&Call> {
        self.in_status(Status::Active)
            .find(|call| call.assigned_to == Some(member))
    }

    /// The team, by name.
    pub fn members(&self) -> Vec<&Member> {
        let mut members: Vec<_> = self.members.iter().collect();
        members.sort_by(|a, b| (&a.display_name, a.id).cmp(&(&b.display_name, b.id)));
        members
    }

    /// The member of that id.
    pub fn member(&self, id: MemberId) -> Option<&Member> {
        self.members.get(id)
    }

    /// The board's settings, once a snapshot has brought them.
    pub fn settings(&self) -> Option<&Settings> {
        self.settings.as_ref()
    }

    /// The highest version on the board: for people to compare two screens. It is not a high-water
    /// mark, since a lower version can be committed later.
    pub fn version(&self) -> i64 {
        let calls = self.calls.iter().map(|call| call.version);
        let members = self.members.iter().map(|member| member.version);
        calls.chain(members).max().unwrap_or(0)
    }

    /// What the board shows, in three numbers: to be compared with the database's.
    pub fn checksum(&self) -> Checksum {
        let mut sum = Checksum::EMPTY;
        for call in self.calls.iter() {
            sum.add(call.id.into(), call.version, 1);
        }
        for member in self.members.iter() {
            sum.add(member.id.into(), member.version, 0);
        }
        if let Some(settings) = &self.settings {
            sum.add(checksum::SETTINGS, settings.version, 0);
        }
        sum
    }

    /// What the rules need to know of the whole board.
    pub fn floor(&self) -> Floor {
        Floor {
            members: self.members.iter().map(|member| member.id).collect(),
            busy: self
                .in_status(Status::Active)
                .filter_map(|call| call.assigned_to)
                .collect(),
            taken_slots: self
                .calls
                .iter()
                .filter_map(|call| call.parking_slot)
                .collect(),
            slots: self
                .settings
                .as_ref()
                .map_or(0, |settings| settings.parking_slots),
        }
    }

    /// The slots to draw: those that agents use and any beyond them that hold a call.
    pub fn slots(&self) -> Vec<i16> {
        let floor = self.floor();
        let mut slots: Vec<_> = (1..=floor.slots).chain(floor.taken_slots).collect();
        slots.sort_unstable();
        slots.dedup();
        slots
    }

    fn in_status(&self, status: Status) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(move |call| call.status == status)
    }
}

fn apply_to<R: crate::change::Row>(rows: &mut Rows<R>, change: &Change, arrival: u64) -> Applied {
    // Only the id is sure to be there, and it is read from the record like every other column.
    let Some(id) = change
        .record
        .get("id")
        .and_then(|id| Uuid::try_parse(id.as_str()?).ok())
        .map(R::Id::from)
    else {
        return Applied::Incomplete;
    };
    match change.kind {
        Kind::Delete => rows.forget(id, arrival),
        Kind::Upsert => match overlay(rows.get(id), &change.record) {
            Some(row) => rows.put(row, arrival),
            None => Applied::Incomplete,
        },
    }
}

#[cfg(test)]
mod tests;
