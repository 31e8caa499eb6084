//! A stand-in for `supabase start` that needs no Docker: a real PostgreSQL with Supabase's roles and schemas,
//! and one gateway that answers `/rest/v1`, `/auth/v1` and `/realtime/v1` as the real servers do.
//!
//! It is for development and tests. Production is Supabase.

pub mod auth;
pub mod gateway;
pub mod jwt;
pub mod keys;
pub mod pgtap;
pub mod postgres;
pub mod realtime;
pub mod rest;
pub mod stack;

pub use auth::AuthOptions;
pub use gateway::{Gateway, RealtimeOptions};
pub use jwt::{Claims, Jwt, TokenFault};
pub use keys::Keys;
pub use stack::{Data, LocalSupabase, Options, Schema, StartError, project_supabase_dir};
