//! What the client makes of what the real server really sent.

mod broadcasts;
mod changes;
mod channels;
mod coverage;
mod measurements;
mod refusals;
mod sockets;
mod tokens;
