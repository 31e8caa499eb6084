//! The database as the simulation needs it: one thing at a time, at a moment that the simulation says. What the service
//! asks has the names of [`switchboard_webhook::rows::Rows`]; the rest is what people's pages ask.

use switchboard_model::{Call, CallId, Intent, Member, MemberId, NewCall};
use switchboard_webhook::rows::{
    Floor, Guard, LegWord, News, Picture, Place, Release, Rendered, Rendering, Step, Work,
};
use switchboard_webhook::store::StoreError;
use time::OffsetDateTime;

/// The answer to somebody who was too late, or is not allowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lost;

#[allow(
    clippy::missing_errors_doc,
    reason = "an error is what the real thing would answer"
)]
pub(crate) trait Tables: Send {
    /// It is now so late.
    fn at(&mut self, now: OffsetDateTime);
    /// Rows of calls as they became since this was last asked.
    fn changed(&mut self) -> Vec<Call>;
    /// Every call.
    fn all(&mut self) -> Vec<Call>;
    /// Every member.
    fn team(&mut self) -> Vec<Member>;
    /// A person acts on a call.
    fn act(&mut self, me: MemberId, call: CallId, intent: Intent) -> Result<Call, Lost>;
    /// A person's page is there.
    fn heartbeat(&mut self, me: MemberId);
    /// How a person's device is.
    fn tell_device(&mut self, me: MemberId, state: &'static str);
    /// Whether a person wants calls.
    fn tell_available(&mut self, me: MemberId, available: bool);

    fn insert_or_read(&mut self, new: &NewCall) -> Result<Call, StoreError>;
    fn place(&mut self, new: &NewCall, agent: MemberId) -> Result<Call, StoreError>;
    fn call(&mut self, id: CallId) -> Result<Option<Call>, StoreError>;
    fn call_by_sid(&mut self, sid: &str) -> Result<Option<Call>, StoreError>;
    fn member_by_identity(&mut self, identity: &str) -> Result<Option<Member>, StoreError>;
    fn change(&mut self, guard: &Guard, step: &Step) -> Result<Option<Call>, StoreError>;
    fn picture(&mut self, id: CallId) -> Result<Option<Picture>, StoreError>;
    fn floor(&mut self) -> Result<Floor, StoreError>;
    fn note_render(&mut self, rendering: &Rendering) -> Result<Rendered, StoreError>;
    fn note_leg(&mut self, word: &LegWord) -> Result<News, StoreError>;
    fn note_connected(&mut self, id: CallId, place: Place) -> Result<(), StoreError>;
    fn note_customer(&mut self, id: CallId, sid: &str) -> Result<(), StoreError>;
    fn note_over(&mut self, id: CallId) -> Result<(), StoreError>;
    fn claim_work(&mut self, worker: &str, at_most: i32, quiet_s: i32) -> Result<Work, StoreError>;
    fn release_work(
        &mut self,
        id: CallId,
        worker: &str,
        release: Release,
    ) -> Result<(), StoreError>;
}
