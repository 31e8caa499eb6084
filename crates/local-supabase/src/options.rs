//! How to start a stack.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{AuthOptions, Keys, RealtimeOptions};

/// Where the database's files live.
#[derive(Debug, Clone)]
pub enum Data {
    /// In a fresh directory that is removed at the end; nothing in it survives a power cut.
    Temporary,
    /// In this directory, made when missing, kept at the end.
    Kept(PathBuf),
}

/// What the database is filled with on top of what every Supabase project has.
#[derive(Debug, Clone)]
pub enum Schema {
    /// The migrations and the seed of this `supabase/` folder.
    Project(PathBuf),
    /// One file of SQL, run as `postgres`. Only for temporary data: nothing remembers that it ran.
    File(PathBuf),
    /// Nothing.
    Bare,
}

/// How to start a stack.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port of the gateway on 127.0.0.1; 0 means a free one.
    pub port: u16,
    /// Port of PostgreSQL on 127.0.0.1; 0 means a free one.
    pub db_port: u16,
    /// Where the data live.
    pub data: Data,
    /// Whether to throw away what was there.
    pub reset: bool,
    /// What the database holds.
    pub schema: Schema,
    /// Whether a new database of a project begins with the invented calls of its `demo.sql`.
    pub demo: bool,
    /// API keys and JWT secret.
    pub keys: Keys,
    /// How long access tokens are valid.
    pub jwt_expiry: Duration,
    /// Who may sign up.
    pub auth: AuthOptions,
    /// Delays and limits of the real Realtime server, to be switched on.
    pub realtime: RealtimeOptions,
}

impl Default for Options {
    /// Free ports, temporary data, this project's schema: what a test wants.
    fn default() -> Self {
        Self {
            port: 0,
            db_port: 0,
            data: Data::Temporary,
            reset: false,
            schema: Schema::Project(project_supabase_dir()),
            demo: false,
            keys: Keys::default(),
            jwt_expiry: Duration::from_secs(3600),
            auth: AuthOptions::default(),
            realtime: RealtimeOptions::default(),
        }
    }
}

/// The `supabase/` folder of the workspace that this crate was built in.
pub fn project_supabase_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../supabase")
}
