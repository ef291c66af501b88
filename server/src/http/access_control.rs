//! Cross-origin requests of browsers (CORS, Fetch standard section 3.2), off unless origins are configured.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::answer::{Answer, empty};

/// The web origins that may call.
#[derive(Default)]
pub(crate) struct AllowedOrigins {
    origins: Vec<HeaderValue>,
    any: bool,
}

impl AllowedOrigins {
    /// From origins such as `https://a.example`; `*` means all.
    ///
    /// # Errors
    /// The first that is no origin.
    pub(crate) fn new<'o>(origins: impl Iterator<Item = &'o str>) -> Result<Self, String> {
        let mut allowed = Self::default();
        for origin in origins {
            let well_formed = origin.contains("://") && !origin.ends_with('/');
            match HeaderValue::from_str(origin) {
                _ if origin == "*" => allowed.any = true,
                Ok(value) if well_formed => allowed.origins.push(value),
                _ => return Err(origin.to_owned()),
            }
        }
        Ok(allowed)
    }

    /// The answer to a browser's question before its request, if this is one and its origin may call.
    pub(super) fn preflight(&self, method: &Method, headers: &HeaderMap) -> Option<Answer> {
        if *method != Method::OPTIONS || self.allowed(headers).is_none() {
            return None;
        }
        let mut answer = empty(StatusCode::NO_CONTENT);
        for (name, value) in [
            (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
            (ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, kmsdatabasesecret"),
            (ACCESS_CONTROL_MAX_AGE, "3600"),
        ] {
            answer.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        Some(answer)
    }

    /// Whether a browser sends this for a page that may not call. It would only keep the answer from the page, and the
    /// caller's certificate goes with it.
    pub(super) fn forbids(&self, method: &Method, headers: &HeaderMap) -> bool {
        *method == Method::POST && headers.contains_key(ORIGIN) && self.allowed(headers).is_none()
    }

    /// The origin of the request, if it has one that may call.
    pub(super) fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        if !self.any && self.origins.is_empty() {
            return None;
        }
        headers.get(ORIGIN).filter(|origin| self.any || self.origins.contains(origin)).cloned()
    }
}

/// Tells the browser that the page from this origin may read the answer.
pub(super) fn allow(origin: HeaderValue, answer: &mut Answer) {
    answer.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    answer.headers_mut().insert(VARY, HeaderValue::from_static("Origin"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(origin: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static(origin))])
    }

    #[test]
    fn only_configured_origins_may_call() {
        let allowed = AllowedOrigins::new(["https://a.example"].into_iter()).unwrap();
        assert_eq!(allowed.allowed(&from("https://a.example")).unwrap(), "https://a.example");
        assert_eq!(allowed.allowed(&from("https://b.example")), None);
        assert_eq!(allowed.allowed(&HeaderMap::new()), None);
        assert_eq!(AllowedOrigins::default().allowed(&from("https://a.example")), None);
    }

    #[test]
    fn what_another_origin_posts_is_forbidden_and_what_no_browser_sends_is_not() {
        let allowed = AllowedOrigins::new(["https://a.example"].into_iter()).unwrap();
        assert!(allowed.forbids(&Method::POST, &from("https://b.example")));
        assert!(AllowedOrigins::default().forbids(&Method::POST, &from("null")));
        assert!(!allowed.forbids(&Method::POST, &from("https://a.example")));
        assert!(!allowed.forbids(&Method::POST, &HeaderMap::new()));
        assert!(!allowed.forbids(&Method::GET, &from("https://b.example")));
    }

    #[test]
    fn a_star_stands_for_every_origin() {
        let allowed = AllowedOrigins::new(["*"].into_iter()).unwrap();
        assert_eq!(allowed.allowed(&from("https://b.example")).unwrap(), "https://b.example");
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        assert_eq!(AllowedOrigins::new(["a.example"].into_iter()).err().unwrap(), "a.example");
        assert_eq!(
            AllowedOrigins::new(["https://a.example/"].into_iter()).err().unwrap(),
            "https://a.example/"
        );
    }
}
