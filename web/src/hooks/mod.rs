//! What pages hook into: the live board, the actions on it, the hands, the audio.

pub(crate) mod actions;
pub(crate) mod hands;
pub(crate) mod hush;
pub(crate) mod live;
pub(crate) mod rooms;
pub(crate) mod voice;
