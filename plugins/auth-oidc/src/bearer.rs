//! The token in the header of a request.

use claviger_plugin_sdk::authentication::ConnectionFacts;

/// What stands in `Authorization`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Bearer<'f> {
    /// Nothing, or a credential of another scheme.
    Absent,
    /// A bearer token.
    Token(&'f str),
    /// Something that claims to be one.
    Wrong(&'static str),
}

/// The bearer token of a request (RFC 6750 section 2.1). The name of the scheme is in letters of any case (RFC 9110
/// section 11.1).
pub(crate) fn of(facts: &ConnectionFacts) -> Bearer<'_> {
    let mut fields =
        facts.headers.iter().filter(|(name, _)| name == "authorization").map(|(_, value)| value.trim());
    let Some(first) = fields.next() else { return Bearer::Absent };
    let credential = |field: &str| field.split_once(' ').map_or(field.len(), |(scheme, _)| scheme.len());
    let is_bearer = |field: &str| {
        field.get(..credential(field)).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"))
    };
    if fields.next().is_some() {
        return Bearer::Wrong("the request has several fields Authorization");
    }
    if !is_bearer(first) {
        return Bearer::Absent;
    }
    match first.get(credential(first)..).unwrap_or_default().trim() {
        "" => Bearer::Wrong("there is none after the word Bearer"),
        token => Bearer::Token(token),
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
        assert_eq!(of(&facts(&["Bearer a.b.c"])), Bearer::Token("a.b.c"));
        assert_eq!(of(&facts(&["bEARER  a.b.c "])), Bearer::Token("a.b.c"));
    }

    #[test]
    fn other_schemes_are_not_its_business() {
        for other in ["Basic YTpi", "Bearers a.b.c", "a.b.c", "", "\u{e9}"] {
            assert_eq!(of(&facts(&[other])), Bearer::Absent, "{other:?}");
        }
        assert_eq!(of(&facts(&[])), Bearer::Absent);
    }

    #[test]
    fn an_empty_token_and_a_second_field_are_wrong() {
        for wrong in [
            &["Bearer"][..],
            &["Bearer "],
            &["Bearer a.b.c", "Bearer a.b.c"],
            &["Basic YTpi", "Bearer a.b.c"],
        ] {
            assert!(matches!(of(&facts(wrong)), Bearer::Wrong(_)), "{wrong:?}");
        }
    }
}
