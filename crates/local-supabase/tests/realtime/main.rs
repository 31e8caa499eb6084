//! The Realtime server against real PostgreSQL and real sockets, compared with recordings of the real server.

mod broadcasts;
mod changes;
mod channels;
mod harness;
mod lanes;
mod shape;
