//! Browsers: who is registered, who is invited, who talks.

use std::collections::BTreeMap;
use std::time::Duration;

use switchboard_twilio::CallStatus;

use super::fetch::Ask;
use super::leg::{Device, End, LegId};
use super::run::NewLeg;
use super::{Output, Sim, SocketId, Timer};
use crate::event::Event;
use crate::wire::{self, FromPage, ToPage, Unregistered};

/// One identity has at most this many registrations.
const MAX_REGISTRATIONS: usize = 10;

/// One browser's connection.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) identity: String,
    /// When it registered, as a number that grows.
    pub(super) registered: Option<u64>,
    /// The call that it has accepted or placed.
    pub(super) call: Option<LegId>,
    /// Which token it has: grows with each.
    token: u64,
    token_ends: Option<Duration>,
}

impl Sim {
    pub(super) fn opened(
        &mut self,
        socket: SocketId,
        identity: String,
        token_ends: Option<Duration>,
    ) {
        let new = Socket {
            identity,
            registered: None,
            call: None,
            token: 0,
            token_ends: None,
        };
        self.sockets.insert(socket, new);
        self.set_token(socket, token_ends);
    }

    pub(super) fn renewed(&mut self, socket: SocketId, token_ends: Option<Duration>) {
        if self.sockets.contains_key(&socket) {
            self.set_token(socket, token_ends);
            self.say(socket, ToPage::TokenUpdated);
        }
    }

    fn set_token(&mut self, id: SocketId, ends: Option<Duration>) {
        let Some(socket) = self.sockets.get_mut(&id) else {
            return;
        };
        socket.token += 1;
        socket.token_ends = ends;
        let token = socket.token;
        if let Some(ends) = ends {
            let left = ends.saturating_sub(self.now);
            let warning = left.saturating_sub(self.config.timing.token_warning);
            self.after(warning, Timer::TokenWarning(id, token));
            self.after(left, Timer::TokenOver(id, token));
        }
    }

    pub(super) fn token_warning(&mut self, id: SocketId, token: u64) {
        let Some(socket) = self.sockets.get(&id).filter(|s| s.token == token) else {
            return;
        };
        let left = socket
            .token_ends
            .unwrap_or(self.now)
            .saturating_sub(self.now);
        let in_ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
        self.say(id, ToPage::TokenWillExpire { in_ms });
    }

    pub(super) fn token_over(&mut self, id: SocketId, token: u64) {
        let Some(socket) = self.sockets.get_mut(&id).filter(|s| s.token == token) else {
            return;
        };
        let was_registered = socket.registered.take().is_some();
        self.refuse(id, wire::EXPIRED_TOKEN, "the access token has expired");
        if was_registered {
            let reason = Unregistered::Expired;
            self.say(id, ToPage::Unregistered { reason });
        }
    }

    pub(super) fn frame(&mut self, socket: SocketId, frame: FromPage) {
        if !self.sockets.contains_key(&socket) {
            return;
        }
        match frame {
            FromPage::Register => self.register(socket),
            FromPage::Unregister => self.unregister(socket, Unregistered::Asked),
            FromPage::Accept { call_sid } => self.accepts(socket, call_sid),
            FromPage::Reject { call_sid } => self.rejects(socket, &call_sid),
            FromPage::Ignore { call_sid } => {
                if let Some(leg) = self.invitation(socket, &call_sid) {
                    self.uninvite(leg, socket);
                }
            }
            FromPage::Disconnect { call_sid } => match self.own_call(socket, &call_sid) {
                Some(leg) => self.hang_up(leg),
                None => self.say(socket, ToPage::Disconnected { call_sid }),
            },
            FromPage::Mute { call_sid, muted } => match self.own_call(socket, &call_sid) {
                Some(leg) => {
                    self.legs[leg.0].is_muted = muted;
                    self.say(socket, ToPage::Muted { call_sid, muted });
                }
                None => self.refuse(socket, wire::NO_SUCH_CALL, "there is no such call here"),
            },
            FromPage::Connect { request, params } => self.call_out(socket, request, params),
            FromPage::Token { .. } => {}
        }
    }

    fn register(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.get_mut(&id) else {
            return;
        };
        if socket.token_ends.is_some_and(|ends| ends <= self.now) {
            return self.refuse(id, wire::EXPIRED_TOKEN, "the access token has expired");
        }
        let identity = socket.identity.clone();
        if socket.registered.is_none() {
            self.registrations += 1;
            socket.registered = Some(self.registrations);
            let mut all = self.registered(&identity);
            all.sort_by_key(|id| self.sockets[id].registered);
            if all.len() > MAX_REGISTRATIONS {
                self.unregister(all[0], Unregistered::Evicted);
            }
        }
        self.say(id, ToPage::Registered { identity });
    }

    fn unregister(&mut self, id: SocketId, reason: Unregistered) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.registered = None;
            self.say(id, ToPage::Unregistered { reason });
        }
    }

    /// The browsers that can be reached under that name.
    pub(super) fn registered(&self, identity: &str) -> Vec<SocketId> {
        self.sockets
            .iter()
            .filter(|(_, socket)| socket.registered.is_some() && socket.identity == identity)
            .map(|(id, _)| *id)
            .collect()
    }

    /// Rings those that are not in a call; the others do not even notice.
    pub(super) fn invite(&mut self, child: LegId, sockets: &[SocketId]) {
        for socket in sockets {
            if self.sockets[socket].call.is_some() {
                continue;
            }
            let leg = &mut self.legs[child.0];
            let Some(device) = leg.device_mut() else {
                return;
            };
            device.invited.insert(*socket);
            let parameters = device.parameters.clone();
            let invitation = ToPage::Incoming {
                call_sid: leg.sid.clone(),
                from: leg.from.clone(),
                to: leg.to.clone(),
                parameters,
            };
            self.say(*socket, invitation);
        }
    }

    fn accepts(&mut self, socket: SocketId, call_sid: String) {
        let Some(child) = self.invitation(socket, &call_sid) else {
            if self.own_call(socket, &call_sid).is_none() {
                self.say(socket, ToPage::Cancel { call_sid });
            }
            return;
        };
        let running = self.sockets.get(&socket).and_then(|own| own.call);
        if let Some(running) = running {
            self.hang_up(running);
        }
        // Hanging up has consequences; the invitation may be one of them.
        if self.invitation(socket, &call_sid).is_some() {
            self.accept(child, socket);
        }
    }

    /// The invitation now belongs to one browser: the others under the same name are told that it is over.
    pub(super) fn dismiss_others(&mut self, child: LegId, winner: SocketId) {
        if let Some(socket) = self.sockets.get_mut(&winner) {
            socket.call = Some(child);
        }
        let call_sid = self.legs[child.0].sid.clone();
        let Some(device) = self.legs[child.0].device_mut() else {
            return;
        };
        device.socket = Some(winner);
        let others = std::mem::take(&mut device.invited);
        for other in others.into_iter().filter(|other| *other != winner) {
            let call_sid = call_sid.clone();
            self.say(other, ToPage::Cancel { call_sid });
        }
    }

    fn rejects(&mut self, socket: SocketId, call_sid: &str) {
        if let Some(leg) = self.invitation(socket, call_sid) {
            self.uninvite(leg, socket);
            self.end(leg, CallStatus::Busy, Event::Rejected);
        }
    }

    /// The leg is over: whoever was invited stops ringing, whoever talked hears that it is over.
    pub(super) fn dismiss_devices(&mut self, id: LegId) {
        let call_sid = self.legs[id.0].sid.clone();
        let Some(device) = self.legs[id.0].device_mut() else {
            return;
        };
        let invited = std::mem::take(&mut device.invited);
        let talking = device.socket.take();
        for socket in invited {
            let call_sid = call_sid.clone();
            self.say(socket, ToPage::Cancel { call_sid });
        }
        if let Some(id) = talking {
            if let Some(socket) = self.sockets.get_mut(&id) {
                socket.call = None;
            }
            self.say(id, ToPage::Disconnected { call_sid });
        }
    }

    fn call_out(&mut self, id: SocketId, request: String, params: BTreeMap<String, String>) {
        let Some(socket) = self.sockets.get(&id) else {
            return;
        };
        if socket.call.is_some() {
            return self.refuse(id, wire::BUSY, "this device is in a call");
        }
        let identity = socket.identity.clone();
        let callback = self.number_callback();
        let leg = self.add_leg(NewLeg {
            parent: None,
            from: format!("client:{identity}"),
            to: params.get("To").cloned().unwrap_or_default(),
            caller_name: None,
            end: End::Device(Device {
                identity,
                invited: Default::default(),
                socket: Some(id),
                parameters: BTreeMap::new(),
                told: None,
            }),
            callback: Some(callback),
        });
        self.legs[leg.0].status = CallStatus::Ringing;
        // The SDK forgets pending invitations when it calls out.
        for other in self.living.clone() {
            self.uninvite(other, id);
        }
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.call = Some(leg);
        }
        self.note(leg, Event::Placed);
        let call_sid = self.legs[leg.0].sid.clone();
        self.say(id, ToPage::Connecting { call_sid, request });
        let own: Vec<_> = self
            .parameters(leg)
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        let extra = params.into_iter().filter(|(key, _)| !own.contains(key));
        let ask = Ask {
            extra: extra.collect(),
            ..Ask::first(self.config.app_url.clone())
        };
        self.ask(leg, ask);
    }

    pub(super) fn closed(&mut self, id: SocketId, is_clean: bool) {
        let Some(socket) = self.sockets.remove(&id) else {
            return;
        };
        for leg in self.living.clone() {
            self.uninvite(leg, id);
        }
        let Some(leg) = socket.call else {
            return;
        };
        if let Some(device) = self.legs[leg.0].device_mut() {
            device.socket = None;
        }
        let missed_after = if is_clean {
            self.config.timing.device_gone
        } else {
            self.config.timing.device_lost
        };
        self.after(missed_after, Timer::Missed(leg));
    }

    /// The media of a browser that went away has not come for long enough.
    pub(super) fn missed(&mut self, leg: LegId) {
        self.hang_up(leg);
    }

    pub(super) fn drop_sockets(&mut self, identity: &str) {
        let of_identity =
            |(id, socket): (&SocketId, &Socket)| (socket.identity == identity).then_some(*id);
        let sockets: Vec<_> = self.sockets.iter().filter_map(of_identity).collect();
        for socket in sockets {
            self.closed(socket, false);
            self.out.push(Output::Close(socket));
        }
    }

    pub(super) fn warn(&mut self, identity: &str, name: &str, cleared: bool) {
        let calls = self
            .sockets
            .iter()
            .filter(|(_, socket)| socket.identity == identity);
        let calls: Vec<_> = calls
            .filter_map(|(id, socket)| Some((*id, socket.call?)))
            .collect();
        for (socket, leg) in calls {
            let warning = ToPage::Warning {
                call_sid: self.legs[leg.0].sid.clone(),
                name: name.to_owned(),
                cleared,
            };
            self.say(socket, warning);
        }
    }

    fn invitation(&self, socket: SocketId, call_sid: &str) -> Option<LegId> {
        let leg = self.living_leg(call_sid)?;
        let device = self.legs[leg.0].device()?;
        device.invited.contains(&socket).then_some(leg)
    }

    fn own_call(&self, socket: SocketId, call_sid: &str) -> Option<LegId> {
        let leg = self.living_leg(call_sid)?;
        (self.sockets.get(&socket)?.call == Some(leg)).then_some(leg)
    }

    fn uninvite(&mut self, leg: LegId, socket: SocketId) {
        if let Some(device) = self.legs[leg.0].device_mut() {
            device.invited.remove(&socket);
        }
    }

    fn refuse(&mut self, socket: SocketId, code: u32, message: &str) {
        let message = message.to_owned();
        self.say(socket, ToPage::Error { code, message });
    }

    fn say(&mut self, socket: SocketId, frame: ToPage) {
        self.out.push(Output::Frame(socket, frame));
    }
}
