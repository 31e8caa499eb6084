//! A model of the Realtime server: what the recordings show, and what they were silent about.

use crate::weather::Trouble;
use crate::world::{Happening, World};
use serde_json::{Value, json};

/// A joined channel on the server's side.
pub(crate) struct Channel {
    pub(crate) join_ref: String,
    /// Tells duties of this join from those of another.
    serial: u64,
    token_expires: u64,
    /// `system ok` was sent.
    pub(crate) is_confirmed: bool,
    /// A subscription was refused as a whole.
    is_faulted: bool,
}

/// A socket on the server's side.
#[derive(Default)]
pub(crate) struct Socket {
    pub(crate) channel: Option<Channel>,
    /// A refused join blocks the whole socket until then.
    pub(crate) busy_until: u64,
    pub(crate) heard_at: u64,
    /// Frames in the other version's format.
    pub(crate) speaks_version_2: bool,
}

/// What the server has to do later.
pub(crate) enum Duty {
    Confirm,
    Acknowledge,
    Expire,
    /// The close of a join that is no longer, which comes when it comes.
    LateClose(String),
    Refuse {
        reference: String,
        reason: &'static str,
    },
}

/// A token says by itself what it is worth: `token-<expiry>` in server time.
fn expiry(token: &str) -> Option<u64> {
    token
        .strip_prefix("token-")?
        .split('-')
        .next()?
        .parse()
        .ok()
}

impl World {
    /// A frame of the client reaches the server.
    pub(crate) fn server_hears(&mut self, conn: u32, text: &str) {
        let now = self.now;
        let Some(socket) = self.sockets.get_mut(&conn) else {
            return;
        };
        if now < socket.busy_until {
            let later = socket.busy_until;
            let text = text.to_owned();
            self.at(later, Happening::Arrive { conn, text });
            return;
        }
        socket.heard_at = now;
        self.at(now + 66_000, Happening::Idle { conn });
        let frame: Value = serde_json::from_str(text).unwrap();
        let reference = frame["ref"].as_str().unwrap().to_owned();
        match frame["event"].as_str().unwrap() {
            "heartbeat" => self.reply(
                conn,
                "phoenix",
                &reference,
                &json!({"status": "ok", "response": {}}),
            ),
            "phx_join" => self.join(conn, reference, &frame["payload"]),
            "phx_leave" => self.leave(conn, &reference, frame["join_ref"].as_str().unwrap()),
            "access_token" => self.push(conn, &reference, &frame["payload"]),
            other => panic!("the client sent {other}"),
        }
    }

    fn join(&mut self, conn: u32, reference: String, payload: &Value) {
        let token = payload["access_token"].as_str().unwrap();
        let refusal = match expiry(token) {
            None => Some("MalformedJWT: The token provided is not a valid JWT"),
            Some(expires) if expires <= self.now => {
                Some("InvalidJWTToken: Token has expired 1 seconds ago")
            }
            Some(_) if self.weather.is(Trouble::Revoked) => {
                Some("Unauthorized: You do not have permissions")
            }
            Some(_) => None,
        };
        let serial = self.serial();
        let now = self.now;
        let Some(socket) = self.sockets.get_mut(&conn) else {
            return;
        };
        if let Some(reason) = refusal {
            socket.busy_until = now + 5_000;
            let duty = Duty::Refuse { reference, reason };
            self.at(
                now + 5_000,
                Happening::Duty {
                    conn,
                    serial: 0,
                    duty,
                },
            );
            return;
        }
        let token_expires = expiry(token).unwrap_or(0);
        let channel = Channel {
            join_ref: reference.clone(),
            serial,
            token_expires,
            is_confirmed: false,
            is_faulted: false,
        };
        let old = socket.channel.replace(channel);
        let ok = json!({"status": "ok", "response": {"postgres_changes": []}});
        self.reply(conn, "realtime:board", &reference, &ok);
        if let Some(old) = old {
            let close = Duty::LateClose(old.join_ref);
            let at = now + self.dice.below(200);
            self.at(
                at,
                Happening::Duty {
                    conn,
                    serial: 0,
                    duty: close,
                },
            );
        }
        let patience = if now < self.cold_until {
            self.dice.between(1_400, 2_700)
        } else {
            self.dice.below(46)
        };
        if !self.weather.is(Trouble::NeverConfirmed) {
            self.at(
                now + patience,
                Happening::Duty {
                    conn,
                    serial,
                    duty: Duty::Confirm,
                },
            );
        }
        self.at(
            token_expires,
            Happening::Duty {
                conn,
                serial,
                duty: Duty::Expire,
            },
        );
    }

    fn leave(&mut self, conn: u32, reference: &str, join_ref: &str) {
        let Some(socket) = self.sockets.get_mut(&conn) else {
            return;
        };
        if socket
            .channel
            .as_ref()
            .is_some_and(|channel| channel.join_ref == join_ref)
        {
            socket.channel = None;
        }
        self.reply(
            conn,
            "realtime:board",
            reference,
            &json!({"status": "ok", "response": {}}),
        );
        let at = self.now + self.dice.below(5_000);
        let duty = Duty::LateClose(join_ref.to_owned());
        self.at(
            at,
            Happening::Duty {
                conn,
                serial: 0,
                duty,
            },
        );
    }

    fn push(&mut self, conn: u32, reference: &str, payload: &Value) {
        let ignored = self.weather.is(Trouble::PushIgnored);
        let Some(socket) = self.sockets.get_mut(&conn) else {
            return;
        };
        let Some(channel) = &mut socket.channel else {
            let error = json!({"status": "error", "response": {"reason": "unmatched topic"}});
            return self.reply(conn, "realtime:board", reference, &error);
        };
        if ignored {
            return;
        }
        let serial = channel.serial;
        match expiry(payload["access_token"].as_str().unwrap()) {
            Some(expires) if expires > self.now => {
                channel.token_expires = expires;
                let at = self.now + self.dice.between(1_000, 3_000);
                self.at(
                    at,
                    Happening::Duty {
                        conn,
                        serial,
                        duty: Duty::Acknowledge,
                    },
                );
                self.at(
                    expires,
                    Happening::Duty {
                        conn,
                        serial,
                        duty: Duty::Expire,
                    },
                );
            }
            _ => self.end_channel(conn, "The token provided is not a valid JWT"),
        }
    }

    /// Does what has fallen due, if the join that it is about still stands.
    pub(crate) fn on_duty(&mut self, conn: u32, serial: u64, duty: Duty) {
        let now = self.now;
        let unpublished = self.weather.is(Trouble::Unpublished);
        let Some(socket) = self.sockets.get_mut(&conn) else {
            return;
        };
        let channel = socket
            .channel
            .as_mut()
            .filter(|channel| channel.serial == serial);
        match (duty, channel) {
            (Duty::Refuse { reference, reason }, _) => {
                let error = json!({"status": "error", "response": {"reason": reason}});
                self.reply(conn, "realtime:board", &reference, &error);
            }
            (Duty::LateClose(join_ref), _) => self.close(conn, &join_ref),
            (Duty::Confirm, Some(channel)) => {
                channel.is_faulted = unpublished;
                channel.is_confirmed = !unpublished;
                let status = if unpublished { "error" } else { "ok" };
                self.system(conn, "postgres_changes", status);
            }
            (Duty::Acknowledge, Some(channel)) if !channel.is_faulted && channel.is_confirmed => {
                self.system(conn, "postgres_changes", "ok");
            }
            (Duty::Expire, Some(channel)) if channel.token_expires <= now => {
                self.end_channel(conn, "Token has expired 0 seconds ago");
            }
            (Duty::Confirm | Duty::Acknowledge | Duty::Expire, _) => {}
        }
    }
}
