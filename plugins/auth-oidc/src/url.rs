//! Where something is fetched from.

use std::fmt;
use std::net::IpAddr;

use http::Uri;

/// An `https` URL; or an `http` one, on this machine or where the configuration allows it.
#[derive(Clone, Debug)]
pub(crate) struct Url {
    uri: Uri,
    host: String,
    port: u16,
    tls: bool,
}

impl Url {
    /// Reads a URL.
    ///
    /// # Errors
    /// It is none, of another scheme, holds a user, or would be fetched in the clear.
    pub(crate) fn read(text: &str, allow_http: bool) -> Result<Self, String> {
        let uri: Uri = text.parse().map_err(|_| "it is no URL".to_owned())?;
        let authority = uri.authority().ok_or("it names no host")?;
        if authority.as_str().contains('@') {
            return Err("it holds a user".to_owned());
        }
        let host = authority.host();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).to_owned();
        if host.is_empty() {
            return Err("it names no host".to_owned());
        }
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if allow_http || is_loopback(&host) => false,
            Some("http") => return Err("it is not https; --jwt-allow-http allows that".to_owned()),
            _ => return Err("it is not https".to_owned()),
        };
        let port = match (
            authority.as_str().rsplit_once(']').unwrap_or(("", authority.as_str())).1,
            authority.port_u16(),
        ) {
            (_, Some(port)) => port,
            (end, None) if end.contains(':') => return Err("its port is none".to_owned()),
            (_, None) => {
                if tls {
                    443
                } else {
                    80
                }
            }
        };
        Ok(Self { host, port, tls, uri })
    }

    /// The host, without the brackets of an IPv6 address.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is `https`.
    pub(crate) fn tls(&self) -> bool {
        self.tls
    }

    /// Host and port as they are written, for the field `Host`.
    pub(crate) fn authority(&self) -> &str {
        self.uri.authority().map_or("", |authority| authority.as_str())
    }

    /// Path and query.
    pub(crate) fn path(&self) -> &str {
        self.uri.path_and_query().map_or("/", |path| path.as_str())
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uri.fmt(f)
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        let url = Url::read("https://id.example:8443/a/b?c=d#e", false).unwrap();
        assert_eq!((url.host(), url.port(), url.tls(), url.path()), ("id.example", 8443, true, "/a/b?c=d"));
        assert_eq!(url.authority(), "id.example:8443");
        let url = Url::read("https://[::1]/x", false).unwrap();
        assert_eq!((url.host(), url.port(), url.authority()), ("::1", 443, "[::1]"));
        assert_eq!(Url::read("https://id.example", false).unwrap().path(), "/");
    }

    #[test]
    fn nothing_is_fetched_in_the_clear_from_another_machine() {
        for local in ["http://localhost:1/a", "http://127.0.0.1/a", "http://127.9.9.9/a", "http://[::1]:1/a"]
        {
            assert!(Url::read(local, false).is_ok(), "{local}");
        }
        for remote in [
            "http://id.example/a",
            "http://10.0.0.1/a",
            "http://localhost.example/a",
            "http://[2001:db8::1]/a",
        ] {
            assert!(Url::read(remote, false).is_err(), "{remote}");
            assert!(Url::read(remote, true).is_ok(), "{remote}");
        }
    }

    #[test]
    fn what_is_no_url_of_the_web_is_refused() {
        for wrong in [
            "",
            "id.example",
            "/a",
            "ftp://id.example/a",
            "file:///etc/passwd",
            "https://",
            "https://user@id.example/",
            "https://id.example:99999/",
            "https://a b/",
        ] {
            assert!(Url::read(wrong, true).is_err(), "{wrong}");
        }
    }
}
