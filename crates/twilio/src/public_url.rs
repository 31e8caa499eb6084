//! The address at which Twilio reaches this service.

use std::fmt;

/// Scheme, host, optional port and optional path prefix, without a slash at the end. Twilio signs the URL that it
/// calls, so the URL is built from this configured value and never from a `Host` header, which the sender chooses.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicUrl {
    scheme: Scheme,
    /// `user:password@` if any, host, and `:port` if any.
    authority: String,
    /// Empty, or starts with a slash and does not end with one.
    prefix: String,
}

/// The text is not an address that Twilio could call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a public base URL is http:// or https://, a host, and optionally a port and a path, without a query"
)]
pub struct InvalidPublicUrl;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn prefix(self) -> &'static str {
        match self {
            Self::Http => "http://",
            Self::Https => "https://",
        }
    }

    fn standard_port(self) -> &'static str {
        match self {
            Self::Http => "80",
            Self::Https => "443",
        }
    }
}

impl PublicUrl {
    /// Reads `http[s]://host[:port][/prefix]`.
    pub fn parse(text: &str) -> Result<Self, InvalidPublicUrl> {
        let (scheme, rest) = [Scheme::Http, Scheme::Https]
            .into_iter()
            .find_map(|scheme| Some((scheme, text.strip_prefix(scheme.prefix())?)))
            .ok_or(InvalidPublicUrl)?;
        let (authority, prefix) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let allowed =
            |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '\\' | '"' | '<' | '>');
        let url = Self {
            scheme,
            authority: authority.to_owned(),
            prefix: prefix.trim_end_matches('/').to_owned(),
        };
        if url.host().is_empty() || !rest.chars().all(allowed) {
            return Err(InvalidPublicUrl);
        }
        Ok(url)
    }

    /// Host without user, port and brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        let (host, _) = self.host_and_port();
        host.trim_start_matches('[').trim_end_matches(']')
    }

    /// Whether only this machine can reach it: `localhost`, `127.0.0.0/8` or `::1`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        host.eq_ignore_ascii_case("localhost")
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }

    /// Where a path and query of this service are reached from outside.
    #[must_use]
    pub fn join(&self, path_and_query: &str) -> String {
        format!(
            "{}{}{}{path_and_query}",
            self.scheme.prefix(),
            self.authority,
            self.prefix
        )
    }

    /// The spellings under which Twilio may have signed a request: as configured, and with the standard port added or
    /// a given port left away (Twilio's servers and proxies disagree about it).
    pub(crate) fn signed_spellings(&self, raw_uri: &str) -> [String; 2] {
        let other = match self.host_and_port() {
            (_, Some(port)) => {
                let without = self.authority.len() - port.len() - 1;
                self.authority[..without].to_owned()
            }
            (_, None) => format!("{}:{}", self.authority, self.scheme.standard_port()),
        };
        let other = Self {
            authority: other,
            ..self.clone()
        };
        [self.join(raw_uri), other.join(raw_uri)]
    }

    fn host_and_port(&self) -> (&str, Option<&str>) {
        let host_port = self
            .authority
            .rsplit_once('@')
            .map_or(&*self.authority, |(_, rest)| rest);
        match host_port.rsplit_once(':') {
            // The colons of an IPv6 address stand inside its brackets.
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (host_port, None),
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.join(""))
    }
}

impl fmt::Debug for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.join(""))
    }
}

impl std::str::FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_addresses_with_a_host_are_taken() {
        for bad in [
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            "https://:443",
            "https://a b",
            "https://a?x=1",
            "https://a/#f",
        ] {
            assert_eq!(PublicUrl::parse(bad), Err(InvalidPublicUrl), "{bad}");
        }
    }

    #[test]
    fn joining_keeps_the_raw_path_and_query() {
        let url = PublicUrl::parse("https://example.com/phone/").unwrap();
        assert_eq!(
            url.join("/twilio/voice?c=%2B&e="),
            "https://example.com/phone/twilio/voice?c=%2B&e="
        );
    }

    #[test]
    fn loopback_is_recognised_in_every_spelling() {
        for local in [
            "http://127.0.0.1:8080",
            "http://localhost",
            "http://[::1]:8080",
            "http://127.9.9.9",
            "http://u:p@LOCALHOST:1",
        ] {
            assert!(PublicUrl::parse(local).unwrap().is_loopback(), "{local}");
        }
        for public in [
            "https://example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "http://[2001:db8::1]",
        ] {
            assert!(!PublicUrl::parse(public).unwrap().is_loopback(), "{public}");
        }
    }

    #[test]
    fn the_standard_port_may_be_spelt_out_or_left_away() {
        let spellings = |text: &str| PublicUrl::parse(text).unwrap().signed_spellings("/x");
        assert_eq!(
            spellings("https://a.b"),
            ["https://a.b/x", "https://a.b:443/x"]
        );
        assert_eq!(spellings("http://a.b"), ["http://a.b/x", "http://a.b:80/x"]);
        assert_eq!(
            spellings("https://a.b:443/p"),
            ["https://a.b:443/p/x", "https://a.b/p/x"]
        );
        assert_eq!(
            spellings("http://u:p@[::1]:8080"),
            ["http://u:p@[::1]:8080/x", "http://u:p@[::1]/x"]
        );
    }
}
