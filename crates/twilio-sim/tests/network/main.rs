//! The simulator as its users meet it: a webhook of paper that checks every signature, browsers on real sockets, and
//! the webhook's own REST client.

#![allow(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

mod admin;
mod browser;
mod callers;
mod devices;
mod paper;
mod rest;
mod simulator;
