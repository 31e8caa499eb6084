//! The command line and the environment.

use std::{ops::RangeInclusive, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};
use secrecy::SecretString;
use switchboard_local_supabase::{AuthOptions, Data, Keys, Options, RealtimeOptions, Schema, keys};

/// A stand-in for `supabase start` that needs no Docker: for development and tests.
#[derive(Debug, Parser)]
#[command(name = "local-supabase", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts PostgreSQL and the gateway, and stays until Ctrl-C.
    Start(Start),
    /// Runs supabase/tests/*.sql (pgTAP) against a fresh database that is thrown away.
    TestDb(TestDb),
}

#[derive(Debug, Args)]
pub(crate) struct Start {
    /// Port of the gateway on 127.0.0.1; 0 takes a free one.
    #[arg(long, env = "LOCAL_SUPABASE_PORT", default_value_t = 54321)]
    port: u16,
    /// Port of PostgreSQL on 127.0.0.1; 0 takes a free one.
    #[arg(long, env = "LOCAL_SUPABASE_DB_PORT", default_value_t = 54322)]
    db_port: u16,
    /// Directory of the database's files; made when missing.
    #[arg(long, env = "LOCAL_SUPABASE_DATA", default_value = ".local/postgres")]
    pub(crate) data: PathBuf,
    /// Throw away the data that are there and begin with migrations and seed.
    #[arg(long)]
    reset: bool,
    /// The supabase/ folder with migrations and seed.sql [default: the nearest one above the working directory].
    #[arg(long, env = "SUPABASE_DIR")]
    pub(crate) supabase_dir: Option<PathBuf>,
    /// Begin a new database with invented calls of yesterday and today: demo.sql.
    #[arg(long)]
    demo: bool,
    /// How long access tokens are valid, in seconds.
    #[arg(long, default_value_t = 3600)]
    jwt_expiry: u64,
    /// Delay postgres_changes as the real server does: milliseconds, or a range as 100-500.
    #[arg(long, value_parser = milliseconds)]
    poll_delay: Option<RangeInclusive<Duration>>,
    /// Drop Realtime messages silently above this many a second, as the real server does (its default: 100).
    #[arg(long)]
    rate_limit: Option<u32>,
    /// Give some sockets row changes in the other protocol version's format where both are on one topic, as the real server.
    #[arg(long)]
    mixed_formats: bool,
    /// Let `POST /local/realtime-links/{drop,half-open,refuse,heal,delay?ms=300}` with the service key break the links of
    /// Realtime. For demonstrations; no part of Supabase.
    #[arg(long)]
    fault_route: bool,
    /// Secret of the stack's tokens [default: the published local one].
    #[arg(long, env = "SUPABASE_JWT_SECRET", hide_env_values = true)]
    jwt_secret: Option<SecretString>,
    /// Public API key [default: the published local one].
    #[arg(long, env = "SUPABASE_ANON_KEY", hide_env_values = true)]
    anon_key: Option<String>,
    /// API key that bypasses row level security [default: the published local one].
    #[arg(long, env = "SUPABASE_SERVICE_ROLE_KEY", hide_env_values = true)]
    service_role_key: Option<SecretString>,
}

#[derive(Debug, Args)]
pub(crate) struct TestDb {
    /// The supabase/ folder with migrations, seed.sql and tests [default: the nearest one].
    #[arg(long, env = "SUPABASE_DIR")]
    pub(crate) supabase_dir: Option<PathBuf>,
}

impl Start {
    /// What the library is to start.
    pub(crate) fn into_options(self, supabase_dir: PathBuf) -> anyhow::Result<Options> {
        let keys = Keys {
            jwt_secret: self
                .jwt_secret
                .unwrap_or_else(|| keys::LOCAL_JWT_SECRET.into()),
            anon: self
                .anon_key
                .unwrap_or_else(|| keys::LOCAL_ANON_KEY.to_owned()),
            service_role: self
                .service_role_key
                .unwrap_or_else(|| keys::LOCAL_SERVICE_ROLE_KEY.into()),
        };
        keys.check()?;
        Ok(Options {
            port: self.port,
            db_port: self.db_port,
            data: Data::Kept(self.data),
            reset: self.reset,
            schema: Schema::Project(supabase_dir),
            demo: self.demo,
            keys,
            auth: AuthOptions::default(),
            jwt_expiry: Duration::from_secs(self.jwt_expiry),
            realtime: RealtimeOptions {
                poll_delay: self.poll_delay,
                rate_limit: self.rate_limit,
                mixed_formats: self.mixed_formats,
                fault_route: self.fault_route,
                ..RealtimeOptions::default()
            },
        })
    }
}

fn milliseconds(text: &str) -> Result<RangeInclusive<Duration>, String> {
    let number = |text: &str| text.trim().parse().map(Duration::from_millis);
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    match (number(from), number(to)) {
        (Ok(from), Ok(to)) if from <= to => Ok(from..=to),
        _ => Err("milliseconds are wanted, as 300, or a range, as 100-500".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_poll_delay_is_one_duration_or_a_range() {
        let ms = Duration::from_millis;
        assert_eq!(milliseconds("300"), Ok(ms(300)..=ms(300)));
        assert_eq!(milliseconds("100-500"), Ok(ms(100)..=ms(500)));
        for bad in ["", "soon", "500-100", "-5", "1-2-3"] {
            assert!(milliseconds(bad).is_err(), "{bad}");
        }
    }
}
