//! What a client wants done to a master key.

use claviger_plugin_sdk::Result;
use serde::Deserialize;

use crate::access_policy::Attribute;
use crate::generation::wrong;

/// A change to a master key, as Re-key Key Pair carries it in a vendor attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Give the rights of this access policy new secrets.
    Rekey(String),
    /// Forget the old secrets of the rights of this access policy.
    Prune(String),
    /// Take attributes, and all rights with them, out of the structure.
    Remove(Vec<Attribute>),
    /// Let nobody encrypt for these attributes any more; who may decrypt still may.
    Disable(Vec<Attribute>),
    /// Put attributes into dimensions.
    Add(Vec<NewAttribute>),
    /// Give attributes another name.
    Rename(Vec<(Attribute, String)>),
}

/// An attribute that a structure is to get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewAttribute {
    /// Its dimension and name.
    pub(crate) attribute: Attribute,
    /// How its secrets are protected.
    pub(crate) hint: Hint,
    /// The attribute of an ordered dimension below which it ranks directly; the lowest if absent.
    pub(crate) after: Option<String>,
}

/// Against whom the encryption for an attribute protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Hint {
    /// Elliptic curves alone.
    Classic,
    /// A lattice alone; from generation 16 on.
    PostQuantum,
    /// Both.
    Hybridized,
}

/// As it stands in the attribute.
#[derive(Deserialize)]
enum Wire {
    RekeyAccessPolicy(String),
    PruneAccessPolicy(String),
    #[serde(alias = "DeleteAttribute")]
    RemoveAttribute(Vec<String>),
    DisableAttribute(Vec<String>),
    AddAttribute(Vec<WireAttribute>),
    RenameAttribute(Vec<(String, String)>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WireAttribute {
    Two(String, Hint),
    Three(String, Hint, Option<String>),
}

impl Action {
    /// Reads the action from JSON such as `{"RekeyAccessPolicy":"Department::HR"}`.
    ///
    /// # Errors
    /// Invalid Attribute Value.
    pub(crate) fn from_json(json: &[u8]) -> Result<Self> {
        let wire: Wire = serde_json::from_slice(json).map_err(|error| {
            wrong("the action on the master key cannot be read; it is JSON such as {\"RekeyAccessPolicy\":\"A::b\"}")
                .because(error)
        })?;
        let parsed =
            |names: Vec<String>| names.iter().map(|name| Attribute::parse(name)).collect::<Result<_>>();
        Ok(match wire {
            Wire::RekeyAccessPolicy(policy) => Self::Rekey(policy),
            Wire::PruneAccessPolicy(policy) => Self::Prune(policy),
            Wire::RemoveAttribute(names) => Self::Remove(parsed(names)?),
            Wire::DisableAttribute(names) => Self::Disable(parsed(names)?),
            Wire::AddAttribute(new) => {
                Self::Add(new.into_iter().map(NewAttribute::of).collect::<Result<_>>()?)
            }
            Wire::RenameAttribute(pairs) => {
                let pair = |(from, to): (String, String)| {
                    let from = Attribute::parse(&from)?;
                    let to = Attribute::parse(&format!("{}::{to}", from.dimension))?;
                    Ok((from, to.name))
                };
                Self::Rename(pairs.into_iter().map(pair).collect::<Result<_>>()?)
            }
        })
    }

    /// Reads the attributes to rotate from a JSON array such as `["Department::HR"]`: each gets new secrets.
    ///
    /// # Errors
    /// Invalid Attribute Value.
    pub(crate) fn rotate(json: &[u8]) -> Result<Self> {
        let names: Vec<String> = serde_json::from_slice(json).map_err(|error| {
            wrong("the attributes to rotate cannot be read; they are a JSON array such as [\"A::b\"]")
                .because(error)
        })?;
        if names.is_empty() {
            return Err(wrong("no attribute to rotate is named"));
        }
        for name in &names {
            Attribute::parse(name)?;
        }
        Ok(Self::Rekey(names.join(" || ")))
    }
}

impl NewAttribute {
    fn of(wire: WireAttribute) -> Result<Self> {
        let (name, hint, after) = match wire {
            WireAttribute::Two(name, hint) => (name, hint, None),
            WireAttribute::Three(name, hint, after) => (name, hint, after),
        };
        Ok(Self { attribute: Attribute::parse(&name)?, hint, after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(text: &str) -> Attribute {
        Attribute::parse(text).unwrap()
    }

    #[test]
    fn every_action_of_the_clients_is_read() {
        let read = |json: &str| Action::from_json(json.as_bytes()).unwrap();
        assert_eq!(read(r#"{"RekeyAccessPolicy":"A::b"}"#), Action::Rekey("A::b".into()));
        assert_eq!(read(r#"{"PruneAccessPolicy":"A::b"}"#), Action::Prune("A::b".into()));
        assert_eq!(read(r#"{"RemoveAttribute":["A::b"]}"#), Action::Remove(vec![attribute("A::b")]));
        assert_eq!(read(r#"{"DeleteAttribute":["A::b"]}"#), Action::Remove(vec![attribute("A::b")]));
        assert_eq!(read(r#"{"DisableAttribute":["A::b"]}"#), Action::Disable(vec![attribute("A::b")]));
        let rename = Action::Rename(vec![(attribute("A::b"), "c".into())]);
        assert_eq!(read(r#"{"RenameAttribute":[["A::b","c"]]}"#), rename);
    }

    #[test]
    fn a_new_attribute_has_two_elements_or_three() {
        let new = |hint, after: Option<&str>| {
            Action::Add(vec![NewAttribute {
                attribute: attribute("A::b"),
                hint,
                after: after.map(Into::into),
            }])
        };
        let read = |json: &str| Action::from_json(json.as_bytes()).unwrap();
        assert_eq!(read(r#"{"AddAttribute":[["A::b","Classic"]]}"#), new(Hint::Classic, None));
        assert_eq!(read(r#"{"AddAttribute":[["A::b","Hybridized",null]]}"#), new(Hint::Hybridized, None));
        assert_eq!(
            read(r#"{"AddAttribute":[["A::b","PostQuantum","x"]]}"#),
            new(Hint::PostQuantum, Some("x"))
        );
    }

    #[test]
    fn rotating_attributes_renews_the_rights_of_each() {
        assert_eq!(Action::rotate(br#"["A::b","C::d"]"#).unwrap(), Action::Rekey("A::b || C::d".into()));
        for wrong in ["", "[]", "{}", r#"["b"]"#, r#"["A::b && C::d"]"#] {
            assert!(Action::rotate(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_action_is_refused() {
        for wrong in [
            "",
            "{}",
            "[]",
            r#"{"Rekey":"A::b"}"#,
            r#"{"RemoveAttribute":["b"]}"#,
            r#"{"AddAttribute":[["A::b"]]}"#,
            r#"{"RenameAttribute":[["A::b","c::d"]]}"#,
        ] {
            assert!(Action::from_json(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
