//! The token in the header of a request.

use super::ConnectionFacts;

/// What stands in `Authorization`.
#[derive(Debug, PartialEq, Eq)]
pub enum Bearer<'f> {
    /// Nothing, or a credential of another scheme.
    Absent,
    /// A bearer token.
    Token(&'f str),
    /// Something that claims to be one.
    Wrong(&'static str),
}

impl ConnectionFacts {
    /// The bearer token of the request (RFC 6750 section 2.1). The name of the scheme is in letters of any case (RFC 9110
    /// section 11.1).
    pub fn bearer(&self) -> Bearer<'_> {
        let mut fields =
            self.headers.iter().filter(|(name, _)| name == "authorization").map(|(_, value)| value.trim());
        let Some(first) = fields.next() else { return Bearer::Absent };
        let scheme = |field: &str| field.split_once(' ').map_or(field.len(), |(scheme, _)| scheme.len());
        let is_bearer = |field: &str| {
            field.get(..scheme(field)).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"))
        };
        if fields.next().is_some() {
            return Bearer::Wrong("the request has several fields Authorization");
        }
        if !is_bearer(first) {
            return Bearer::Absent;
        }
        match first.get(scheme(first)..).unwrap_or_default().trim() {
            "" => Bearer::Wrong("there is none after the word Bearer"),
            token => Bearer::Token(token),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(fields: &[&str]) -> ConnectionFacts {
        let headers = fields.iter().map(|field| ("authorization".to_owned(), (*field).to_owned())).collect();
        ConnectionFacts { headers, ..ConnectionFacts::internal() }
    }

    #[test]
    fn the_token_stands_after_the_scheme_in_any_case() {
        assert_eq!(facts(&["Bearer a.b.c"]).bearer(), Bearer::Token("a.b.c"));
        assert_eq!(facts(&["bEARER  a.b.c "]).bearer(), Bearer::Token("a.b.c"));
    }

    #[test]
    fn other_schemes_are_not_its_business() {
        for other in ["Basic YTpi", "Bearers a.b.c", "a.b.c", "", "\u{e9}"] {
            assert_eq!(facts(&[other]).bearer(), Bearer::Absent, "{other:?}");
        }
        assert_eq!(facts(&[]).bearer(), Bearer::Absent);
    }

    #[test]
    fn an_empty_token_and_a_second_field_are_wrong() {
        for wrong in [
            &["Bearer"][..],
            &["Bearer "],
            &["Bearer a.b.c", "Bearer a.b.c"],
            &["Basic YTpi", "Bearer a.b.c"],
        ] {
            assert!(matches!(facts(wrong).bearer(), Bearer::Wrong(_)), "{wrong:?}");
        }
    }
}
