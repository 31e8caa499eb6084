//! Being on duty: the tab's turn, the microphone, the registration, and what the team is told of it.

use super::{Device, OtherTab, Seat, Softphone};
use crate::{Order, Situation};

impl Softphone {
    pub(super) fn listen(&mut self, orders: &mut Vec<Order>) {
        if self.seat == Seat::None {
            self.seat = Seat::Asked;
            orders.push(Order::Lead);
        }
        if self.seat == Seat::Here && self.device == Device::Off {
            self.device = Device::Opening;
            orders.push(Order::Open);
        }
        // To begin anew would end a call that runs.
        if self.device == Device::Due && self.line.is_none() {
            self.device = Device::Registering;
            // The old registration ends without a word about what it rang.
            self.invitations.clear();
            orders.push(Order::Register);
        }
    }

    pub(super) fn leave(&mut self, orders: &mut Vec<Order>) {
        if self.seat == Seat::None {
            return;
        }
        orders.push(Order::Close);
        if self.seat == Seat::Here {
            self.reports += 1;
            orders.push(Order::Report("off"));
        }
        self.begin_anew(Seat::None);
    }

    /// Forgets what the device had; what the person wants and the team was told stays.
    fn begin_anew(&mut self, seat: Seat) {
        *self = Self {
            wish: self.wish,
            confirmed: self.confirmed,
            reports: self.reports,
            seat,
            ..Self::default()
        };
    }

    /// Lets another tab have the audio, if nothing is on here that it would cut off.
    pub(super) fn make_room(&mut self, now: &Situation, orders: &mut Vec<Order>) {
        let Some(other) = self.other_tab.take().filter(|_| self.seat == Seat::Here) else {
            return;
        };
        if other == OtherTab::Asks && (now.mine.is_some() || self.line.is_some()) {
            orders.push(Order::Keep);
            return;
        }
        orders.push(Order::StepAside);
        self.begin_anew(Seat::Elsewhere);
    }

    /// Tells the team when my device changes, and again when the row says otherwise than ready: a
    /// second browser of mine may have said so.
    pub(super) fn report(&mut self, now: &Situation, orders: &mut Vec<Order>) {
        if self.seat != Seat::Here {
            if std::mem::take(&mut self.says_too_much) && now.told_ready {
                self.reports += 1;
                orders.push(Order::Report("off"));
            }
            if self.unsaid > 0 && !self.is_waiting_to_say {
                self.is_waiting_to_say = true;
                orders.push(Order::Wait);
            }
            return;
        }
        self.says_too_much = false;
        self.unsaid = 0;
        let state = match self.device {
            Device::Ready => "ready",
            Device::NoMicrophone(_) => "no_microphone",
            _ if self.is_lost => "unreachable",
            Device::Off | Device::Opening | Device::Registering | Device::Lost | Device::Due => {
                "connecting"
            }
        };
        let differs = state == "ready" && !now.told_ready && self.reports == 0;
        if self.reported != Some(state) || differs {
            self.reported = Some(state);
            self.reports += 1;
            orders.push(Order::Report(state));
        }
    }

    /// Whether a registration can be this device's own: one that was asked for, or that came back by itself.
    pub(super) fn can_be_registered(&self) -> bool {
        self.seat == Seat::Here
            && match self.device {
                Device::Registering | Device::Ready | Device::Lost | Device::Due => true,
                Device::Off | Device::Opening | Device::NoMicrophone(_) => false,
            }
    }

    pub(super) fn lose(&mut self) {
        if self.seat == Seat::Here && !matches!(self.device, Device::NoMicrophone(_)) {
            self.device = Device::Lost;
            self.is_lost = true;
        }
    }
}
