//! Who hears what, and who is connected to whom.

use serde::{Deserialize, Serialize};
use switchboard_twilio::CallStatus;

use super::leg::{Activity, LegId};
use super::{Output, Sim};
use crate::wire::{Hears, ToPage};

/// A leg as an onlooker sees it. `Debug` and the log show no number, this does: it is for tests on one machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegView {
    /// Its name.
    pub call_sid: String,
    /// Who dialled it.
    pub parent_call_sid: Option<String>,
    /// `inbound` or `outbound-dial`.
    pub direction: String,
    /// The browser's name, if it is one.
    pub identity: Option<String>,
    /// Who calls.
    pub from: String,
    /// Who is called.
    pub to: String,
    /// Twilio's word.
    pub status: String,
    /// What its person hears.
    pub hears: Hears,
    /// With whom it talks; always mutual.
    pub talks_to: Option<String>,
    /// Whether its microphone is off.
    pub muted: bool,
    /// The last URL that gave it verbs.
    pub url: Option<String>,
}

/// A browser as an onlooker sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    /// Its connection.
    pub socket: u64,
    /// Its name.
    pub identity: String,
    /// Whether it can be invited.
    pub registered: bool,
    /// Whether it is in a call.
    pub busy: bool,
    /// In which.
    pub call_sid: Option<String>,
    /// The invitations that it was told of and has not answered.
    pub invitations: Vec<String>,
}

/// A recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// Its name.
    pub sid: String,
    /// Whose voice.
    pub call_sid: String,
    /// How long it is.
    pub duration_s: u64,
}

impl Sim {
    /// Every leg that lives, oldest first; with `all`, those that are over too.
    #[must_use]
    pub fn legs(&self, all: bool) -> Vec<LegView> {
        self.legs
            .ids()
            .filter(|leg| all || self.living.contains(leg))
            .map(|leg| self.leg_view(leg))
            .collect()
    }

    /// One leg, living or over.
    #[must_use]
    pub fn leg(&self, sid: &str) -> Option<LegView> {
        self.by_sid.get(sid).map(|leg| self.leg_view(*leg))
    }

    /// Every browser that is connected.
    #[must_use]
    pub fn devices(&self) -> Vec<DeviceView> {
        let devices = self.sockets.iter().map(|(id, socket)| DeviceView {
            socket: *id,
            identity: socket.identity.clone(),
            registered: socket.registered.is_some(),
            busy: socket.call.is_some(),
            call_sid: socket.call.map(|leg| self.legs[leg.0].sid.clone()),
            invitations: self
                .living
                .iter()
                .filter(|leg| {
                    self.legs[leg.0]
                        .device()
                        .is_some_and(|device| device.invited.contains(id))
                })
                .map(|leg| self.legs[leg.0].sid.clone())
                .collect(),
        });
        devices.collect()
    }

    /// A recording by its name.
    #[must_use]
    pub fn recording(&self, sid: &str) -> Option<&Recording> {
        self.recordings.get(sid)
    }

    fn leg_view(&self, id: LegId) -> LegView {
        let leg = &self.legs[id.0];
        LegView {
            call_sid: leg.sid.clone(),
            parent_call_sid: leg.parent.map(|parent| self.legs[parent.0].sid.clone()),
            direction: leg.direction().to_owned(),
            identity: leg.device().map(|device| device.identity.clone()),
            from: leg.from.clone(),
            to: leg.to.clone(),
            status: leg.status.as_str().to_owned(),
            hears: self.hears(id),
            talks_to: leg.talks_to.map(|other| self.legs[other.0].sid.clone()),
            muted: leg.is_muted,
            url: leg.url.clone(),
        }
    }

    pub(super) fn hears(&self, id: LegId) -> Hears {
        let leg = &self.legs[id.0];
        if let Some(other) = leg.talks_to {
            let other = &self.legs[other.0];
            return Hears::Talk {
                with: other.sid.clone(),
                muted: other.is_muted,
            };
        }
        match &leg.activity {
            _ if leg.status.is_final() => Hears::Silence,
            Activity::Dialing(dialing) if dialing.is_ringing() => Hears::Ringback,
            Activity::Listening(hears) => hears.clone(),
            Activity::Recording(_) => Hears::Recording,
            Activity::Idle | Activity::Asking | Activity::Dialing(_) => match leg.status {
                CallStatus::Ringing if !leg.is_dialled() => Hears::Ringback,
                _ => Hears::Silence,
            },
        }
    }

    /// Tells every page whose sound has changed.
    pub(super) fn tell_what_is_heard(&mut self) {
        let living: Vec<_> = self.living.iter().copied().collect();
        for id in living {
            let leg = &self.legs[id.0];
            let Some(socket) = leg.device().and_then(|device| device.socket) else {
                continue;
            };
            // A dialled device hears nothing before it is connected.
            if leg.is_dialled() && !leg.is_answered() {
                continue;
            }
            let hears = self.hears(id);
            let call_sid = leg.sid.clone();
            if let Some(device) = self.legs[id.0].device_mut()
                && device.told.as_ref() != Some(&hears)
            {
                device.told = Some(hears.clone());
                let audio = ToPage::Audio { call_sid, hears };
                self.out.push(Output::Frame(socket, audio));
            }
        }
    }
}
