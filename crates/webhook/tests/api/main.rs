//! The service as its neighbours meet it: over HTTP, with a real database behind it.

#![allow(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

mod app;
mod calls;
mod config;
mod connections;
mod dashboard;
mod endings;
mod joining;
mod outage;
mod proxy;
mod ringing;
mod signatures;
mod supabase;
