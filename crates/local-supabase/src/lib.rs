#![doc = include_str!("../README.md")]

pub mod auth;
pub mod gateway;
pub mod jwt;
pub mod keys;
pub mod options;
pub mod pgtap;
pub mod postgres;
pub mod realtime;
pub mod request_line;
pub mod rest;
pub mod stack;

pub use auth::AuthOptions;
pub use gateway::{Gateway, RealtimeOptions};
pub use jwt::{Claims, Jwt, TokenFault};
pub use keys::Keys;
pub use options::{Data, Options, Schema, project_supabase_dir};
pub use stack::{LocalSupabase, StartError};
