//! Time, the network, and everything in them: one run of the simulation.

use crate::database::{Database, Pending, Told};
use crate::dice::Dice;
use crate::network::Wire;
use crate::page::Page;
use crate::server::{Duty, Socket};
use crate::watch::Watch;
use crate::weather::{Spell, Trouble, Weather, forecast};
use std::collections::BTreeMap;

/// Something that will happen.
pub(crate) enum Happening {
    /// A frame of the client reaches the server.
    Arrive {
        conn: u32,
        text: String,
    },
    /// Something reaches the page.
    Page(ToPage),
    /// Something of a socket reaches the page.
    FromSocket(u32, ToPage),
    /// The server answers a handshake.
    Handshake(u32),
    /// The server does something later about a join.
    Duty {
        conn: u32,
        serial: u64,
        duty: Duty,
    },
    Idle {
        conn: u32,
    },
    /// Somebody begins to write.
    Write,
    /// A transaction ends.
    Commit(Box<Pending>),
    /// A lane has a change to tell.
    Tell {
        told: Box<Told>,
        by_the_fast_lane: bool,
    },
    Begins(Spell),
    Ends(Spell),
    /// The application's requests reach their servers.
    ReadSnapshot,
    RefreshToken,
}

/// What the page's own loop takes.
pub(crate) enum ToPage {
    Start,
    Timer,
    Opened,
    Refused(Option<u16>),
    Closed(u16),
    Text(String),
    Visible,
    Online,
    Offline,
    Token { jwt: String, lifetime: u64 },
    RefetchDue(u64),
    Snapshot(Option<Box<switchboard_model::Snapshot>>),
    AskToken(switchboard_realtime::TokenReason),
}

pub(crate) struct World {
    pub(crate) now: u64,
    order: u64,
    queue: BTreeMap<(u64, u64), Happening>,
    pub(crate) dice: Dice,
    pub(crate) database: Database,
    pub(crate) sockets: BTreeMap<u32, Socket>,
    pub(crate) cold_until: u64,
    pub(crate) weather: Weather,
    pub(crate) page: Page,
    pub(crate) watch: Watch,
    serials: u64,
    pub(crate) wires: BTreeMap<(u32, bool), Wire>,
    /// Sockets that carry nothing any more.
    pub(crate) cut: Vec<u32>,
    pub(crate) stalled_until: u64,
    last_poll: u64,
    pub(crate) quiet_from: u64,
    writes_until: u64,
    /// How long access tokens live.
    pub(crate) lifetime: u64,
}

impl World {
    pub(crate) fn new(seed: u64, with_log: bool) -> Self {
        let mut dice = Dice::new(seed);
        let quiet_from = dice.between(20_000, 90_000);
        let lifetime = [40_000, 90_000, 3_600_000][dice.below(3) as usize];
        // Up to ten minutes off, in either direction.
        let skew = 600_000 - dice.below(1_200_001) as i64;
        let mut world = Self {
            now: 0,
            order: 0,
            queue: BTreeMap::new(),
            database: Database::new(),
            sockets: BTreeMap::new(),
            cold_until: if dice.once_in(3) { 5_000 } else { 0 },
            weather: Weather::default(),
            page: Page::new(seed, skew),
            watch: Watch::new(with_log),
            serials: 0,
            wires: BTreeMap::new(),
            cut: Vec::new(),
            stalled_until: 0,
            last_poll: 0,
            quiet_from,
            writes_until: quiet_from,
            lifetime,
            dice,
        };
        for spell in forecast(&mut world.dice, quiet_from) {
            world.at(spell.from, Happening::Begins(spell));
            world.at(spell.to, Happening::Ends(spell));
        }
        world.at(0, Happening::Page(ToPage::Start));
        let first = world.dice.below(500);
        world.at(first, Happening::Write);
        world
    }

    pub(crate) fn at(&mut self, when: u64, happening: Happening) {
        self.order += 1;
        self.queue
            .insert((when.max(self.now), self.order), happening);
    }

    pub(crate) fn serial(&mut self) -> u64 {
        self.serials += 1;
        self.serials
    }

    /// Lets the next thing happen, if it happens by then.
    pub(crate) fn step(&mut self, end: u64) -> bool {
        let Some(entry) = self
            .queue
            .first_entry()
            .filter(|entry| entry.key().0 <= end)
        else {
            self.now = self.now.max(end);
            return false;
        };
        let ((when, _), happening) = entry.remove_entry();
        self.now = when;
        self.happen(happening);
        true
    }

    /// Runs until the condition holds; false if it does not by then.
    pub(crate) fn run_until(&mut self, end: u64, enough: impl Fn(&Self) -> bool) -> bool {
        while !enough(self) {
            if !self.step(end) {
                return enough(self);
            }
        }
        true
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Arrive { conn, text } => self.server_hears(conn, &text),
            Happening::Page(to_page) => self.reaches_page(None, to_page),
            Happening::FromSocket(conn, to_page) => self.reaches_page(Some(conn), to_page),
            Happening::Handshake(conn) => self.handshake(conn),
            Happening::Duty { conn, serial, duty } => self.on_duty(conn, serial, duty),
            Happening::Idle { conn } => self.idle(conn),
            Happening::Write => self.write(),
            Happening::Commit(pending) => self.commit(*pending),
            Happening::Tell {
                told,
                by_the_fast_lane,
            } => self.tell(&told, by_the_fast_lane),
            Happening::Begins(spell) => self.begins(spell),
            Happening::Ends(spell) => self.ends(spell),
            Happening::ReadSnapshot => self.read_snapshot(),
            Happening::RefreshToken => self.refresh_token(),
        }
    }

    fn write(&mut self) {
        if let Some(pending) = self.database.begin(&mut self.dice) {
            let at = self.now + self.dice.below(120);
            self.at(at, Happening::Commit(Box::new(pending)));
        }
        // Long silences and bursts.
        let pause = match self.dice.below(8) {
            0..=3 => self.dice.below(60),
            4..=6 => self.dice.below(3_000),
            _ => self.dice.below(20_000),
        };
        if self.now + pause < self.writes_until {
            self.at(self.now + pause, Happening::Write);
        }
    }

    /// One more write, in quiet times.
    pub(crate) fn write_once(&mut self) {
        self.at(self.now, Happening::Write);
    }

    fn commit(&mut self, pending: Pending) {
        let Some(told) = self.database.commit(pending) else {
            return;
        };
        let now = self.now;
        self.watch.log(now, || {
            format!(
                "commit {} {} {:?}",
                told.table,
                told.kind,
                told.record.get("version")
            )
        });
        let fast = now + self.dice.between(1, 16);
        self.at(
            fast,
            Happening::Tell {
                told: Box::new(told.clone()),
                by_the_fast_lane: true,
            },
        );
        // Members' rows are published on the fast lane alone.
        if told.table == "calls" {
            self.last_poll = self.last_poll.max(now + self.dice.between(2, 510));
            self.at(
                self.last_poll,
                Happening::Tell {
                    told: Box::new(told),
                    by_the_fast_lane: false,
                },
            );
        }
    }

    fn begins(&mut self, spell: Spell) {
        self.watch
            .log(self.now, || format!("{:?} begins", spell.trouble));
        self.watch.seen(spell.trouble);
        self.weather.begins(spell.trouble);
        match spell.trouble {
            Trouble::Stopped => self.hang_up_all(1_012),
            Trouble::Killed => self.hang_up_all(1_006),
            Trouble::HalfOpen => self.cut.extend(self.sockets.keys()),
            Trouble::Stalled => self.stalled_until = self.stalled_until.max(spell.to),
            Trouble::Asleep => self.page.asleep_until = self.page.asleep_until.max(spell.to),
            Trouble::Seen => self.at(self.now, Happening::Page(ToPage::Visible)),
            Trouble::NetworkBack => self.at(self.now, Happening::Page(ToPage::Online)),
            Trouble::NetworkGone => self.at(self.now, Happening::Page(ToPage::Offline)),
            Trouble::ClockStep => self.page.skew += 900_000 - self.dice.below(1_800_000) as i64,
            Trouble::BadToken => self.page.session_is_bad = true,
            _ => {}
        }
    }

    fn ends(&mut self, spell: Spell) {
        self.watch
            .log(self.now, || format!("{:?} ends", spell.trouble));
        self.weather.ends(spell.trouble);
        if matches!(spell.trouble, Trouble::Stopped | Trouble::Killed) {
            self.cold_until = self.now + 5_000;
        }
    }
}
