//! The server's sockets: let in, spoken to in either format, hung up on.

use crate::server::Socket;
use crate::world::{Happening, ToPage, World};
use serde_json::{Value, json};

impl World {
    /// Hangs up on a client that has said nothing for 66 s.
    pub(crate) fn idle(&mut self, conn: u32) {
        if self
            .sockets
            .get(&conn)
            .is_some_and(|socket| self.now >= socket.heard_at + 66_000)
        {
            self.hang_up(conn, 1_000);
        }
    }

    /// Ends every socket of a server that goes down.
    pub(crate) fn hang_up_all(&mut self, code: u16) {
        for conn in self.sockets.keys().copied().collect::<Vec<_>>() {
            self.hang_up(conn, code);
        }
    }

    pub(crate) fn hang_up(&mut self, conn: u32, code: u16) {
        self.deliver(conn, ToPage::Closed(code));
        self.sockets.remove(&conn);
    }

    pub(crate) fn end_channel(&mut self, conn: u32, message: &str) {
        let Some(channel) = self
            .sockets
            .get_mut(&conn)
            .and_then(|socket| socket.channel.take())
        else {
            return;
        };
        let payload = json!({"message": message, "status": "error", "extension": "system", "channel": "board"});
        self.frame(conn, "realtime:board", "system", None, &payload);
        self.close(conn, &channel.join_ref);
    }

    pub(crate) fn close(&mut self, conn: u32, join_ref: &str) {
        self.frame(
            conn,
            "realtime:board",
            "phx_close",
            Some(join_ref),
            &json!({}),
        );
    }

    pub(crate) fn system(&mut self, conn: u32, extension: &str, status: &str) {
        let payload = json!({"message": "words", "status": status, "extension": extension, "channel": "board"});
        self.frame(conn, "realtime:board", "system", None, &payload);
    }

    pub(crate) fn reply(&mut self, conn: u32, topic: &str, reference: &str, payload: &Value) {
        self.frame(conn, topic, "phx_reply", Some(reference), payload);
    }

    pub(crate) fn frame(
        &mut self,
        conn: u32,
        topic: &str,
        event: &str,
        reference: Option<&str>,
        payload: &Value,
    ) {
        let in_version_2 = self
            .sockets
            .get(&conn)
            .is_some_and(|socket| socket.speaks_version_2);
        let text = if in_version_2 {
            let join_ref = self
                .sockets
                .get(&conn)
                .and_then(|socket| socket.channel.as_ref())
                .map(|channel| channel.join_ref.clone());
            // A close names the join that it closes in both places.
            let join_ref = if event == "phx_close" {
                reference.map(str::to_owned)
            } else {
                join_ref
            };
            let join_ref = join_ref.filter(|_| event == "system" || event == "phx_close");
            json!([join_ref, reference, topic, event, payload]).to_string()
        } else {
            json!({"ref": reference, "event": event, "topic": topic, "payload": payload})
                .to_string()
        };
        self.deliver(conn, ToPage::Text(text));
    }

    /// A handshake succeeded.
    pub(crate) fn accept(&mut self, conn: u32) {
        let socket = Socket {
            heard_at: self.now,
            speaks_version_2: self.dice.once_in(4),
            ..Socket::default()
        };
        self.sockets.insert(conn, socket);
        self.at(self.now + 66_000, Happening::Idle { conn });
    }
}
