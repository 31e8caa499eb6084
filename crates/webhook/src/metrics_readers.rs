//! Who may read the metrics: how many calls there are and how a team works is no business of strangers.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret as _, SecretString};
use switchboard_twilio::signature;

use crate::server::App;

/// What proxies say of whom they ask for. A request that came through one on this machine is not from this machine.
const PASSED_ON: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// Whoever shows the token; without one, whoever is on this machine.
#[derive(Clone, Debug)]
pub struct Readers(Option<SecretString>);

/// Why somebody may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoReader {
    /// The token is missing or wrong.
    WrongToken,
    /// There is no token to show, and this is another machine.
    Elsewhere,
}

impl Readers {
    /// An empty token is none.
    #[must_use]
    pub fn new(token: SecretString) -> Self {
        Self((!token.expose_secret().is_empty()).then_some(token))
    }

    /// Whether somebody who asks from there may read.
    pub fn admit(&self, headers: &HeaderMap, peer: SocketAddr) -> Result<(), NoReader> {
        let Some(token) = &self.0 else {
            let is_passed_on = PASSED_ON.iter().any(|name| headers.contains_key(*name));
            let is_here = peer.ip().to_canonical().is_loopback() && !is_passed_on;
            return is_here.then_some(()).ok_or(NoReader::Elsewhere);
        };
        let shown = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, shown)| shown.trim());
        shown
            .filter(|shown| signature::is_same(shown, token.expose_secret()))
            .map(drop)
            .ok_or(NoReader::WrongToken)
    }
}

impl IntoResponse for NoReader {
    fn into_response(self) -> Response {
        match self {
            Self::WrongToken => (
                StatusCode::UNAUTHORIZED,
                [(WWW_AUTHENTICATE, "Bearer")],
                "the metrics need the bearer token METRICS_TOKEN\n",
            )
                .into_response(),
            Self::Elsewhere => (
                StatusCode::FORBIDDEN,
                "the metrics are for this machine alone, until METRICS_TOKEN is set\n",
            )
                .into_response(),
        }
    }
}

/// Somebody who may read.
#[derive(Clone, Copy, Debug)]
pub struct Reader;

impl FromRequestParts<App> for Reader {
    type Rejection = NoReader;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, NoReader> {
        let peer = ConnectInfo::<SocketAddr>::from_request_parts(parts, app).await;
        // A server that does not know who asks takes nobody for its own machine.
        let ConnectInfo(peer) = peer.map_err(|_| NoReader::Elsewhere)?;
        app.readers.admit(&parts.headers, peer).map(|()| Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readers(token: &str) -> Readers {
        Readers::new(SecretString::from(token.to_owned()))
    }

    fn ask(token: &str, header: Option<(&'static str, &str)>, peer: &str) -> Result<(), NoReader> {
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = header {
            headers.insert(name, value.parse().unwrap());
        }
        readers(token).admit(&headers, peer.parse().unwrap())
    }

    #[test]
    fn without_a_token_only_this_machine_reads() {
        for here in [
            "127.0.0.1:9",
            "127.1.2.3:9",
            "[::1]:9",
            "[::ffff:127.0.0.1]:9",
        ] {
            assert_eq!(ask("", None, here), Ok(()), "{here}");
        }
        for there in [
            "10.0.0.1:9",
            "[2001:db8::1]:9",
            "[::ffff:10.0.0.1]:9",
            "0.0.0.0:9",
        ] {
            assert_eq!(ask("", None, there), Err(NoReader::Elsewhere), "{there}");
            let bearer = Some(("authorization", "Bearer "));
            assert_eq!(ask("", bearer, there), Err(NoReader::Elsewhere), "{there}");
        }
    }

    #[test]
    fn whom_a_proxy_on_this_machine_asks_for_is_not_on_this_machine() {
        for name in PASSED_ON {
            let passed = ask("", Some((name, "203.0.113.9")), "127.0.0.1:9");
            assert_eq!(passed, Err(NoReader::Elsewhere), "{name}");
        }
    }

    #[test]
    fn with_a_token_whoever_shows_it_reads_and_nobody_else() {
        let here = "127.0.0.1:9";
        let shows = |value| ask("s3cret", Some(("authorization", value)), "203.0.113.9:9");
        assert_eq!(shows("Bearer s3cret"), Ok(()));
        assert_eq!(shows("bearer s3cret"), Ok(()));
        for wrong in [
            "Bearer s3cre",
            "Bearer s3crets",
            "Bearer ",
            "Basic s3cret",
            "s3cret",
        ] {
            assert_eq!(shows(wrong), Err(NoReader::WrongToken), "{wrong}");
        }
        assert_eq!(
            ask("s3cret", None, here),
            Err(NoReader::WrongToken),
            "also here"
        );
    }

    #[test]
    fn debug_prints_no_token() {
        assert!(!format!("{:?}", readers("hush")).contains("hush"));
    }
}
