//! What a verified token says about itself (RFC 7519 section 4.1).

use serde_json::{Map, Value};

/// Checks the time and the audience. Times are in seconds since 1970. Without audiences that of the token does not count.
///
/// # Errors
/// The token has expired or does not say when it does, is not valid yet, or is for somebody else. The text is for the
/// log.
pub(crate) fn check(
    claims: &Map<String, Value>,
    audiences: &[String],
    leeway: f64,
    now: f64,
) -> Result<(), &'static str> {
    let expires = time(claims, "exp").map_err(|()| "its exp is no number")?;
    let expires = expires.ok_or("it does not say when it expires (exp)")?;
    if now >= expires + leeway {
        return Err("it has expired");
    }
    let begins = time(claims, "nbf").map_err(|()| "its nbf is no number")?;
    if begins.is_some_and(|begins| now + leeway < begins) {
        return Err("it is not valid yet");
    }
    if audiences.is_empty() {
        return Ok(());
    }
    let is_ours =
        |audience: &Value| audience.as_str().is_some_and(|text| audiences.iter().any(|ours| ours == text));
    match claims.get("aud") {
        None => Err("it has no audience (aud)"),
        Some(Value::Array(all)) if all.iter().any(is_ours) => Ok(()),
        Some(one) if is_ours(one) => Ok(()),
        Some(_) => Err("its audience (aud) is not one of --jwt-audience"),
    }
}

/// A NumericDate, which may have a fraction.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<f64>, ()> {
    claims.get(name).map(|time| time.as_f64().ok_or(())).transpose()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checked(claims: Value, audiences: &[&str], leeway: f64, now: f64) -> Result<(), &'static str> {
        let audiences: Vec<String> = audiences.iter().map(|audience| (*audience).to_owned()).collect();
        check(claims.as_object().unwrap(), &audiences, leeway, now)
    }

    #[test]
    fn a_token_is_good_before_its_end_and_as_long_after_it_as_clocks_may_differ() {
        let claims = || json!({"exp": 1000});
        assert_eq!(checked(claims(), &[], 0.0, 999.9), Ok(()));
        // "on or after which the JWT MUST NOT be accepted"
        assert_eq!(checked(claims(), &[], 0.0, 1000.0), Err("it has expired"));
        assert_eq!(checked(claims(), &[], 60.0, 1059.9), Ok(()));
        assert_eq!(checked(claims(), &[], 60.0, 1060.0), Err("it has expired"));
    }

    #[test]
    fn a_token_is_good_from_its_begin_on_and_as_long_before_it_as_clocks_may_differ() {
        let claims = || json!({"exp": 2000, "nbf": 1000.5});
        assert_eq!(checked(claims(), &[], 0.0, 1000.5), Ok(()));
        assert_eq!(checked(claims(), &[], 0.0, 1000.4), Err("it is not valid yet"));
        assert_eq!(checked(claims(), &[], 60.0, 940.5), Ok(()));
        assert_eq!(checked(claims(), &[], 60.0, 940.4), Err("it is not valid yet"));
    }

    #[test]
    fn a_token_without_end_or_with_times_that_are_none_is_refused() {
        assert_eq!(checked(json!({}), &[], 0.0, 0.0), Err("it does not say when it expires (exp)"));
        for wrong in [json!("2000"), json!(null), json!([2000]), json!(true)] {
            assert_eq!(checked(json!({"exp": wrong}), &[], 0.0, 0.0), Err("its exp is no number"));
            assert_eq!(
                checked(json!({"exp": 2000, "nbf": wrong}), &[], 0.0, 0.0),
                Err("its nbf is no number")
            );
        }
    }

    #[test]
    fn the_audience_is_one_text_or_several_of_which_one_is_ours() {
        let with =
            |audience: Value| checked(json!({"exp": 2000, "aud": audience}), &["kms", "keys"], 0.0, 0.0);
        for good in [json!("kms"), json!("keys"), json!(["kms"]), json!(["other", "keys"])] {
            assert_eq!(with(good.clone()), Ok(()), "{good}");
        }
        for wrong in [
            json!("other"),
            json!(""),
            json!([]),
            json!(["KMS"]),
            json!(null),
            json!({"kms": "kms"}),
            json!(["kms keys"]),
        ] {
            assert_eq!(
                with(wrong.clone()),
                Err("its audience (aud) is not one of --jwt-audience"),
                "{wrong}"
            );
        }
        assert_eq!(checked(json!({"exp": 2000}), &["kms"], 0.0, 0.0), Err("it has no audience (aud)"));
    }

    #[test]
    fn without_a_configured_audience_any_will_do() {
        assert_eq!(checked(json!({"exp": 2000, "aud": "other"}), &[], 0.0, 0.0), Ok(()));
    }
}
