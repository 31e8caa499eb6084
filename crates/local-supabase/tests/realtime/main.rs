//! The Realtime server against real PostgreSQL and real sockets, compared with recordings of the real server.

mod bindings;
mod broadcasts;
mod changes;
mod client;
mod harness;
mod joins;
mod lanes;
mod links;
mod replay;
mod shape;
mod sockets;
mod tokens;
mod values;
