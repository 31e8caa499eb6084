//! Where the parts of a run are, and whether these places are free.

use std::collections::BTreeMap;
use std::net::{IpAddr, TcpListener};

use anyhow::Context as _;

use crate::settings;

/// Where things are, as far as this program must know to start them and wait for them.
pub(super) struct Addresses {
    /// Supabase, the stand-in or another.
    pub(super) supabase: String,
    /// Where the stand-in listens.
    pub(super) gateway: String,
    /// Where the stand-in's PostgreSQL listens.
    pub(super) database: String,
    /// Where the webhook listens.
    pub(super) listen: String,
    /// Where a person finds the board.
    pub(super) board: String,
    /// Where the simulator listens.
    pub(super) simulator: String,
    /// Who carries the audio.
    pub(super) voice: String,
}

impl Addresses {
    /// As the environment, `.env` and the defaults say.
    pub(super) fn of(env_file: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        let setting = |name| settings::value(env_file, name);
        let here = |port| Ok::<_, anyhow::Error>(format!("127.0.0.1:{}", setting(port)?));
        Ok(Self {
            supabase: setting("SUPABASE_URL")?,
            gateway: here("LOCAL_SUPABASE_PORT")?,
            database: here("LOCAL_SUPABASE_DB_PORT")?,
            listen: setting("WEBHOOK_LISTEN")?,
            board: setting("PUBLIC_BASE_URL")?,
            simulator: setting("TWILIO_SIM_LISTEN")?,
            voice: setting("VOICE")?,
        })
    }
}

/// Whether that address leads to this machine and to no other.
pub(super) fn is_this_machine(url: &str) -> bool {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = authority.split('/').next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        // The colons of an IPv6 address stand inside its brackets.
        Some((host, port)) if !port.contains(']') => host,
        _ => authority,
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Asked before a child is started: another program that listens there would answer in its place. Each address comes
/// with the setting that moves it.
pub(super) fn must_be_free(listeners: &[(String, &str)]) -> anyhow::Result<()> {
    for (address, setting) in listeners {
        TcpListener::bind(address).with_context(|| {
            format!(
                "cannot listen on {address}: stop the program that listens there, another `make run` perhaps, or set \
                 {setting} in .env"
            )
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_settings_has_an_address_for_everything() {
        let addresses = Addresses::of(&BTreeMap::new()).unwrap();
        for address in [
            &addresses.gateway,
            &addresses.database,
            &addresses.listen,
            &addresses.simulator,
        ] {
            assert!(address.parse::<std::net::SocketAddr>().is_ok(), "{address}");
        }
        for url in [&addresses.supabase, &addresses.board] {
            assert!(url.starts_with("http"), "{url}");
        }
    }

    #[test]
    fn callers_are_invented_for_this_machine_only() {
        for local in [
            "http://127.0.0.1:54321",
            "http://localhost",
            "http://[::1]:54321/",
        ] {
            assert!(is_this_machine(local), "{local}");
        }
        for other in [
            "https://abc.supabase.co",
            "http://10.0.0.4:54321",
            "https://localhost.example.com",
            "https://127.0.0.1.example.com/",
        ] {
            assert!(!is_this_machine(other), "{other}");
        }
    }

    #[test]
    fn an_address_that_somebody_listens_on_is_named_with_the_setting() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = other.local_addr().unwrap().to_string();
        let listeners = [
            ("127.0.0.1:0".to_owned(), "WEBHOOK_LISTEN"),
            (address.clone(), "LOCAL_SUPABASE_PORT"),
        ];
        let error = must_be_free(&listeners).unwrap_err().to_string();
        assert!(error.contains(&address), "{error}");
        assert!(error.contains("set LOCAL_SUPABASE_PORT"), "{error}");
        drop(other);
        assert!(must_be_free(&listeners).is_ok());
    }
}
