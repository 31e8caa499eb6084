//! What is on the agenda.

use switchboard_model::{Call, CallId, Intent, Member};
use switchboard_softphone::Signal;
use switchboard_twilio_sim::sim::{Answer, HttpRequest, RequestId, SocketId};
use switchboard_twilio_sim::wire::{FromPage, ToPage};

use crate::page::TabId;
use crate::tables::Lost;

/// What happens later.
#[derive(Debug)]
pub(crate) enum Event {
    /// Twilio's request reaches our side.
    Ask(Box<HttpRequest>),
    /// Our answer reaches Twilio.
    Answer(RequestId, Answer),
    /// Twilio's word reaches a page.
    Frame(SocketId, ToPage),
    /// A page's word reaches Twilio.
    FromPage(SocketId, FromPage),
    /// A page has fetched the token of that attempt and connects.
    Connect(TabId, u64),
    /// A page hears something from its own browser.
    Heard(TabId, Signal),
    /// The row of a page's person, as it was at that time, reaches the page.
    Me(TabId, u64, Box<Member>),
    /// A page's word that its person is on duty reaches the database, or that they are not.
    Duty(TabId, bool),
    /// A change of a row reaches a page.
    Row(TabId, Box<Call>),
    /// A page reads the board anew, and goes on doing so.
    Snapshot(TabId),
    /// A page's action reaches the database.
    Act(TabId, CallId, Intent),
    /// Its answer reaches the page.
    Acted(TabId, Result<Box<Call>, Lost>),
    /// A page's word about its device reaches the database.
    Report(TabId, &'static str),
    /// And its answer the page.
    Reported(TabId, bool),
    /// A page says that it is there, and goes on doing so.
    Heartbeat(TabId),
    /// A page whose device was lost tries again.
    Retry(TabId),
    /// It is a page's turn to have the audio.
    Lead(TabId),
    /// A person does something.
    Person(usize),
    /// A person opens a tab.
    Tab(usize),
    /// Somebody calls.
    Caller(usize),
    /// Somebody who leaves a message presses a key.
    Press(String),
    /// A webhook process dies.
    Kill(usize),
    /// A webhook process starts.
    Boot(usize),
    /// The database goes away, or comes back.
    Outage(bool),
    /// The storm is over: from now on everything works, and people only finish what they do.
    Calm,
}
