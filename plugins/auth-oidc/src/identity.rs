//! Who a verified token is about.

use claviger_plugin_sdk::authentication::Principal;
use serde_json::{Map, Value};

/// Letters that a name may have; those of `sub` (OpenID Connect Core section 2) and of addresses are no more.
const NAME_LENGTH: usize = 255;
/// Groups that a token may name.
const GROUPS: usize = 256;

/// Which claims tell the user and the groups.
pub(crate) struct IdentityClaims {
    /// The first of these that a token has is the user.
    pub(crate) user: Vec<ClaimName>,
    /// The groups, if a claim tells them.
    pub(crate) groups: Option<ClaimName>,
}

/// Where a claim is: its name, or a JSON Pointer (RFC 6901) into it, which begins with a slash.
pub(crate) struct ClaimName(pub(crate) String);

impl IdentityClaims {
    /// The principal of a token.
    ///
    /// # Errors
    /// It names no user, or one that nobody is called; its groups are none. The text is for the log.
    pub(crate) fn principal(
        &self,
        claims: &Map<String, Value>,
        proven_by: &str,
    ) -> Result<Principal, String> {
        let user = self.user(claims)?;
        let groups = self.groups(claims)?;
        Ok(Principal::new(user, &groups, Some(proven_by)))
    }

    fn user<'c>(&self, claims: &'c Map<String, Value>) -> Result<&'c str, String> {
        let found = self.user.iter().find_map(|name| Some((name, name.find(claims)?)));
        let (name, user) = found.ok_or("it has no claim that names a user")?;
        let shown = &name.0;
        if ["email", "/email"].contains(&name.0.as_str())
            && claims.get("email_verified").is_some_and(is_false)
        {
            return Err("nobody has verified its email address (email_verified)".to_owned());
        }
        match user.as_str() {
            None => Err(format!("its {shown} is no text")),
            Some("*") => Err(format!("its {shown} is *, which stands for everyone")),
            Some(user) if !is_name(user) => Err(format!("its {shown} is no name")),
            Some(user) => Ok(user),
        }
    }

    fn groups<'c>(&self, claims: &'c Map<String, Value>) -> Result<Vec<&'c str>, String> {
        let Some(found) = self.groups.as_ref().and_then(|name| name.find(claims)) else {
            return Ok(Vec::new());
        };
        let all = match found {
            Value::Array(all) => all.as_slice(),
            one => std::slice::from_ref(one),
        };
        if all.len() > GROUPS {
            return Err(format!("it names more than {GROUPS} groups"));
        }
        let group = |group: &'c Value| match group.as_str() {
            Some(group) if is_name(group) => Ok(group),
            _ => Err("one of its groups is no name".to_owned()),
        };
        all.iter().map(group).collect()
    }
}

impl ClaimName {
    fn find<'c>(&self, claims: &'c Map<String, Value>) -> Option<&'c Value> {
        let found = match self.0.strip_prefix('/') {
            None => claims.get(&self.0),
            Some(path) => {
                let (first, rest) = path.split_at(path.find('/').unwrap_or(path.len()));
                claims.get(&first.replace("~1", "/").replace("~0", "~"))?.pointer(rest)
            }
        };
        found.filter(|value| !value.is_null())
    }
}

/// Some issuers write it as text.
fn is_false(verified: &Value) -> bool {
    verified == &Value::Bool(false)
        || verified.as_str().is_some_and(|text| text.eq_ignore_ascii_case("false"))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().count() <= NAME_LENGTH && !name.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn principal(groups: Option<&str>, claims: Value) -> Result<Principal, String> {
        let names = IdentityClaims {
            user: ["email", "sub"].map(|name| ClaimName(name.to_owned())).into(),
            groups: groups.map(|name| ClaimName(name.to_owned())),
        };
        names.principal(claims.as_object().unwrap(), "oidc")
    }

    fn user(claims: Value) -> Result<String, String> {
        principal(None, claims).map(|principal| principal.user.to_string())
    }

    fn groups(name: &str, mut claims: Value) -> Result<Vec<String>, String> {
        claims["sub"] = json!("ann");
        let principal = principal(Some(name), claims)?;
        Ok(principal.groups.iter().map(|group| group.to_string()).collect())
    }

    #[test]
    fn the_user_is_the_first_claim_that_is_there() {
        assert_eq!(user(json!({"email": "ann@example.org", "sub": "1"})).as_deref(), Ok("ann@example.org"));
        assert_eq!(user(json!({"sub": "1"})).as_deref(), Ok("1"));
        assert_eq!(user(json!({"email": null, "sub": "1"})).as_deref(), Ok("1"));
        assert!(user(json!({"name": "ann"})).is_err());
    }

    #[test]
    fn a_user_whom_nobody_is_called_is_refused() {
        for wrong in [
            json!(""),
            json!("*"),
            json!("a\u{0}b"),
            json!("a\nb"),
            json!(1),
            json!(["ann"]),
            json!("a".repeat(256)),
        ] {
            assert!(user(json!({"email": wrong, "sub": "1"})).is_err(), "{wrong}");
        }
        assert!(user(json!({"sub": "a".repeat(255)})).is_ok());
    }

    #[test]
    fn an_email_address_that_is_known_not_to_be_verified_names_nobody() {
        for unverified in [json!(false), json!("false")] {
            assert!(
                user(json!({"email": "ann@example.org", "email_verified": unverified, "sub": "1"})).is_err()
            );
        }
        for verified in [json!(true), json!("true")] {
            assert!(user(json!({"email": "ann@example.org", "email_verified": verified})).is_ok());
        }
        assert!(user(json!({"email_verified": false, "sub": "1"})).is_ok());
        let by_pointer = IdentityClaims { user: vec![ClaimName("/email".to_owned())], groups: None };
        let unverified = json!({"email": "ann@example.org", "email_verified": false});
        assert!(by_pointer.principal(unverified.as_object().unwrap(), "oidc").is_err());
    }

    #[test]
    fn groups_are_a_text_or_a_list_of_texts() {
        assert_eq!(groups("groups", json!({"groups": ["a", "b c"]})).unwrap(), ["a", "b c"]);
        assert_eq!(groups("groups", json!({"groups": "a"})).unwrap(), ["a"]);
        assert_eq!(groups("groups", json!({})).unwrap(), [""; 0]);
        for wrong in [json!([""]), json!([1]), json!({"a": true}), json!([["a"]]), json!(vec!["a"; 257])] {
            assert!(groups("groups", json!({"groups": wrong})).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_claim_is_found_by_its_name_or_by_a_json_pointer() {
        let claims = || json!({"https://example.org/groups": ["a"], "realm_access": {"roles": ["b"]}, "a/b": {"~": ["c"]}});
        assert_eq!(groups("https://example.org/groups", claims()).unwrap(), ["a"]);
        assert_eq!(groups("/realm_access/roles", claims()).unwrap(), ["b"]);
        assert_eq!(groups("/a~1b/~0", claims()).unwrap(), ["c"]);
        assert_eq!(groups("/realm_access/none", claims()).unwrap(), [""; 0]);
    }
}
