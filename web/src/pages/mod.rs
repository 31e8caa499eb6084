//! Pages: they hold the hooks and pass plain values to components.

pub(crate) mod app;
pub(crate) mod board;
pub(crate) mod door;
pub(crate) mod sign_in;
