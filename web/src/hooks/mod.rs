//! What pages hook into: the live board and the actions on it.

pub(crate) mod actions;
pub(crate) mod live;
