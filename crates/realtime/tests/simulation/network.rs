//! The network between the page and the server: each direction of a socket keeps its order.

use crate::weather::Trouble;
use crate::world::{Happening, ToPage, World};

/// One direction of one socket.
#[derive(Default)]
pub(crate) struct Wire {
    last: u64,
}

impl World {
    pub(crate) fn handshake(&mut self, conn: u32) {
        if self.weather.server_is_down() {
            self.deliver(conn, ToPage::Refused(None));
        } else if self.weather.is(Trouble::KeyRefused) {
            let at = self.now + 2_000;
            self.at(at, Happening::FromSocket(conn, ToPage::Refused(Some(401))));
        } else if self.weather.is(Trouble::HalfOpen) {
            // It never ends.
        } else {
            self.accept(conn);
            self.deliver(conn, ToPage::Opened);
        }
    }

    /// Server to page: in order on one socket, whatever the delays.
    pub(crate) fn deliver(&mut self, conn: u32, to_page: ToPage) {
        if let Some(at) = self.carry(conn, false) {
            self.at(at, Happening::FromSocket(conn, to_page));
        }
    }

    /// Page to server.
    pub(crate) fn send(&mut self, conn: u32, text: String) {
        if let Some(at) = self.carry(conn, true) {
            self.at(at, Happening::Arrive { conn, text });
        }
    }

    fn carry(&mut self, conn: u32, to_server: bool) -> Option<u64> {
        if self.cut.contains(&conn) {
            return None;
        }
        let is_quiet = self.now >= self.quiet_from;
        let delay = if !is_quiet && self.dice.once_in(20) {
            self.dice.below(900)
        } else {
            self.dice.between(1, 30)
        };
        let wire = self.wires.entry((conn, to_server)).or_default();
        wire.last = wire.last.max(self.now + delay).max(self.stalled_until);
        Some(wire.last)
    }
}
