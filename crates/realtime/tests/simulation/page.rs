//! The page: the client under test, the board that it keeps in step, and an application that does
//! what the dashboard does.

use crate::weather::Trouble;
use crate::world::{Happening, ToPage, World};
use switchboard_model::{Asked, Board, Change, Kind, Table};
use switchboard_realtime::refetch::{Refetch, Urgency};
use switchboard_realtime::{ChangeKind, Client, Config, Event, Input, Now, Output, Status};

/// The wall clock at virtual time zero, were it right.
const EPOCH_MS: i64 = 1_780_000_000_000;

pub(crate) struct Page {
    client: Client,
    pub(crate) board: Board,
    pub(crate) plan: Refetch,
    /// The latest plan; earlier ones are dropped.
    pub(crate) plan_number: u64,
    pub(crate) asked: Option<Asked>,
    conn: Option<u32>,
    conns: u32,
    wake_at: Option<u64>,
    pub(crate) asleep_until: u64,
    /// How far the wall clock is off.
    pub(crate) skew: i64,
    pub(crate) session: Option<Session>,
    pub(crate) session_is_bad: bool,
    pub(crate) status: Option<Status>,
}

#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) jwt: String,
    pub(crate) expires_local: i64,
}

impl Page {
    pub(crate) fn new(seed: u64, skew: i64) -> Self {
        let config = Config::private_channel("http://127.0.0.1:1", "key", "board", "calls", seed);
        let now = Now {
            monotonic_ms: 0,
            unix_ms: 0,
        };
        Self {
            client: Client::new(config, now),
            board: Board::default(),
            plan: Refetch::default(),
            plan_number: 0,
            asked: None,
            conn: None,
            conns: 0,
            wake_at: None,
            asleep_until: 0,
            skew,
            session: None,
            session_is_bad: false,
            status: None,
        }
    }

    pub(crate) fn local(&self, now: u64) -> i64 {
        EPOCH_MS + now as i64 + self.skew
    }
}

impl World {
    /// Something reaches the page, unless it sleeps or the socket is no longer its own.
    pub(crate) fn reaches_page(&mut self, conn: Option<u32>, to_page: ToPage) {
        if self.now < self.page.asleep_until {
            let later = self.page.asleep_until;
            self.at(
                later,
                match conn {
                    Some(conn) => Happening::FromSocket(conn, to_page),
                    None => Happening::Page(to_page),
                },
            );
            return;
        }
        if conn.is_some() && conn != self.page.conn {
            return;
        }
        match to_page {
            ToPage::Start => {
                self.want(Urgency::Now);
                self.feed(Input::Start);
            }
            ToPage::Timer => {
                if self.page.wake_at.is_some_and(|at| at <= self.now) {
                    self.page.wake_at = None;
                    self.feed(Input::Timer);
                }
            }
            ToPage::Opened => self.feed(Input::SocketOpened),
            ToPage::Refused(status) => {
                self.page.conn = None;
                self.feed(Input::SocketRefused { status });
            }
            ToPage::Closed(code) => {
                self.page.conn = None;
                self.watch.lost_socket();
                self.feed(Input::SocketClosed { code, reason: "" });
            }
            ToPage::Text(text) => {
                self.watch.log(self.now, || format!("< {text}"));
                self.feed(Input::Text(&text));
            }
            ToPage::Visible => {
                self.watch.returned();
                self.feed(Input::Visible);
            }
            ToPage::Online => {
                self.watch.returned();
                self.feed(Input::Online);
            }
            ToPage::Offline => self.feed(Input::Offline),
            ToPage::AskToken(reason) => self.bring_token(reason),
            ToPage::Token { jwt, lifetime } => {
                let expires_local = self.page.local(self.now) + lifetime as i64;
                self.page.session = Some(Session { jwt, expires_local });
                self.page.session_is_bad = self.weather.is(Trouble::BadToken);
                self.give_token();
            }
            ToPage::RefetchDue(number) if number == self.page.plan_number => self.fetch(),
            ToPage::RefetchDue(_) => {}
            ToPage::Snapshot(snapshot) => self.fetched(snapshot),
        }
    }

    fn clock(&self) -> Now {
        Now {
            monotonic_ms: self.now,
            unix_ms: self.page.local(self.now) as u64,
        }
    }

    pub(crate) fn feed(&mut self, input: Input<'_>) {
        let outputs = self.page.client.handle(input, self.clock());
        let mut left = false;
        for output in outputs {
            match output {
                Output::Open { .. } => {
                    assert!(self.page.conn.is_none(), "a second socket");
                    self.page.conns += 1;
                    let conn = self.page.conns;
                    self.page.conn = Some(conn);
                    self.watch.opens(self.now);
                    let at = self.now + self.dice.between(1, 40);
                    self.at(at, Happening::Handshake(conn));
                }
                Output::Send(text) => {
                    let conn = self.page.conn.expect("a frame without a socket");
                    left |= text.contains("phx_leave");
                    self.watch.sends(self.now, &text);
                    self.send(conn, text);
                }
                Output::Close => {
                    self.page.conn = None;
                    self.watch.lost_socket();
                }
                Output::WakeAt(at) => {
                    assert!(at > self.now, "a timer must lie in the future");
                    self.page.wake_at = Some(at);
                    self.at(at, Happening::Page(ToPage::Timer));
                }
                Output::Event(event) => self.hear(event, left),
            }
        }
    }

    fn hear(&mut self, event: Event, left: bool) {
        self.watch.log(self.now, || format!("{event:?}"));
        match event {
            Event::Status(status) => {
                self.check_status(status, left);
                self.page.status = Some(status);
            }
            Event::SnapshotNeeded(_) => {
                self.watch.snapshot_needed(self.now);
                self.want(Urgency::Now);
            }
            Event::Change(change) => {
                if change.incomplete {
                    self.want(Urgency::Now);
                }
                let change = Change {
                    table: Table::named(&change.table).unwrap(),
                    kind: match change.kind {
                        ChangeKind::Insert | ChangeKind::Update => Kind::Upsert,
                        ChangeKind::Delete => Kind::Delete,
                    },
                    record: change.record,
                };
                self.page.board.apply(&change);
                self.watch.shows(&self.page.board);
                self.want(Urgency::Soon);
            }
            Event::TokenNeeded(reason) => {
                self.watch.token_needed(self.now);
                self.at(self.now, Happening::Page(ToPage::AskToken(reason)));
            }
            Event::Refused(_) => self.watch.refused(self.now),
            Event::ConfigurationFault(_) | Event::Broadcast { .. } => {}
        }
    }

    /// Live is what the server has confirmed, and it ends for a reason.
    fn check_status(&mut self, status: Status, left: bool) {
        let conn = self.page.conn.and_then(|conn| self.sockets.get(&conn));
        let channel = conn.and_then(|socket| socket.channel.as_ref());
        let is_subscribed = channel.is_some_and(|channel| {
            channel.is_confirmed && Some(&channel.join_ref) == self.watch.last_join.as_ref()
        });
        let was_live = self.page.status == Some(Status::Live);
        match status {
            Status::Live => {
                // Whatever has ended since was ended by a frame that is still on its way.
                let was_confirmed = is_subscribed || channel.is_none();
                assert!(was_confirmed, "live without the server's word");
                self.watch.live(self.now);
            }
            Status::Connecting if was_live && !left => {
                assert!(
                    !is_subscribed,
                    "a subscription that stands was given up for nothing"
                );
            }
            Status::Connecting | Status::Lagging | Status::Offline => {}
        }
    }
}
