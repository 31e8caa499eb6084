//! The drawing. Each component takes plain values and gives back markup; none knows where the
//! values come from. Each has its own sheet in `styles/`, named as the file.

pub(crate) mod agent_call;
pub(crate) mod agent_card;
pub(crate) mod avatar;
pub(crate) mod banner;
pub(crate) mod button;
pub(crate) mod drop_place;
pub(crate) mod empty;
pub(crate) mod footer;
pub(crate) mod header;
pub(crate) mod icon;
pub(crate) mod incoming_call;
pub(crate) mod notices;
pub(crate) mod parking_slot;
pub(crate) mod section;
pub(crate) mod state_label;
pub(crate) mod ticker;
pub(crate) mod transfer_menu;
