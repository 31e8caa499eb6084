//! The drawing: plain values in, markup out; nothing here knows where the values come from. Each
//! file has its own sheet in `styles/` of the same name.
//!
//! A Yew component costs about 1.5 KB of what the browser downloads and is worth it where it saves
//! drawing (a card that did not change) or holds a hook. Everything smaller is a function.

pub(crate) mod agent_call;
pub(crate) mod agent_card;
pub(crate) mod avatar;
pub(crate) mod banner;
pub(crate) mod button;
pub(crate) mod details;
pub(crate) mod drop_place;
pub(crate) mod empty;
pub(crate) mod end_aside;
pub(crate) mod find;
pub(crate) mod footer;
pub(crate) mod header;
pub(crate) mod icon;
pub(crate) mod incoming_call;
pub(crate) mod navigation;
pub(crate) mod notices;
pub(crate) mod parking_slot;
pub(crate) mod section;
pub(crate) mod state_label;
pub(crate) mod ticker;
pub(crate) mod transfer_menu;
