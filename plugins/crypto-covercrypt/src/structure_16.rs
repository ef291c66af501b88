//! Access structures of generation 16 as clients write them: JSON of dimensions and their attributes.
//!
//! `{"Level::<":["Low","Top::+"],"Department":["HR","FIN"]}`: `::<` behind a dimension says that it is ordered, from the
//! lowest to the highest; `::+` behind an attribute that it is hybridized, `::pq` that it is post-quantum alone.

use std::collections::BTreeMap;

use claviger_plugin_sdk::{Error, Result};

use crate::access_policy::Attribute;
use crate::action::{Action, Hint, NewAttribute};
use crate::generation::{MOST_DIMENSIONS, MOST_RIGHTS, wrong};

/// A structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Structure {
    /// Its dimensions by name.
    pub(crate) dimensions: BTreeMap<String, Dimension>,
}

/// A dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dimension {
    /// Whether a higher attribute includes the lower ones.
    pub(crate) ordered: bool,
    /// Its attributes, the lowest first.
    pub(crate) attributes: Vec<(String, Hint)>,
}

impl Structure {
    /// Reads a structure.
    ///
    /// # Errors
    /// Invalid Attribute Value: it cannot be read, or has too many rights.
    pub(crate) fn from_json(json: &[u8]) -> Result<Self> {
        let wire: BTreeMap<String, Vec<String>> = serde_json::from_slice(json).map_err(|error| {
            wrong(
                "the access structure cannot be read; it is JSON such as {\"Level::<\":[\"Low\",\"Top::+\"]}",
            )
            .because(error)
        })?;
        let mut dimensions = BTreeMap::new();
        for (name, attributes) in wire {
            let (name, ordered) = match name.strip_suffix("::<") {
                Some(name) => (name.trim().to_owned(), true),
                None => (name.trim().to_owned(), false),
            };
            let attributes = attributes.iter().map(|one| hinted(&name, one)).collect::<Result<_>>()?;
            if dimensions.insert(name.clone(), Dimension { ordered, attributes }).is_some() {
                return Err(wrong(format!("the access structure has the dimension {name} twice")));
            }
        }
        let structure = Self { dimensions };
        structure.check()?;
        Ok(structure)
    }

    /// Writes the structure as [`Structure::from_json`] reads it.
    ///
    /// # Errors
    /// Internal Server Error: never.
    pub(crate) fn to_json(&self) -> Result<Vec<u8>> {
        let of_dimension = |(name, dimension): (&String, &Dimension)| {
            let name = format!("{name}{}", if dimension.ordered { "::<" } else { "" });
            let attributes =
                dimension.attributes.iter().map(|(name, hint)| format!("{name}{}", suffix(*hint)));
            (name, attributes.collect::<Vec<_>>())
        };
        let wire: BTreeMap<_, _> = self.dimensions.iter().map(of_dimension).collect();
        serde_json::to_vec(&wire)
            .map_err(|error| Error::server("a structure cannot be written").because(error))
    }

    /// Applies an action that changes the structure. Disabling leaves no trace here: the keys know of it.
    ///
    /// # Errors
    /// Invalid Attribute Value: it names what the structure does not have. Invalid Field: it has that already.
    pub(crate) fn edit(&mut self, action: &Action) -> Result<()> {
        match action {
            Action::Rekey(_) | Action::Prune(_) => Ok(()),
            Action::Disable(attributes) => attributes.iter().try_for_each(|one| self.place(one).map(drop)),
            Action::Remove(attributes) => attributes.iter().try_for_each(|attribute| {
                let place = self.place(attribute)?;
                self.dimension(attribute)?.attributes.remove(place);
                Ok(())
            }),
            Action::Rename(pairs) => {
                pairs.iter().try_for_each(|(attribute, name)| self.rename(attribute, name))
            }
            Action::Add(attributes) => attributes.iter().try_for_each(|new| self.add(new)),
        }?;
        self.check()
    }

    fn rename(&mut self, attribute: &Attribute, name: &str) -> Result<()> {
        let place = self.place(attribute)?;
        let dimension = self.dimension(attribute)?;
        if dimension.has(name) {
            return Err(Error::invalid(format!("{} has an attribute {name} already", attribute.dimension)));
        }
        if let Some((old, _)) = dimension.attributes.get_mut(place) {
            name.clone_into(old);
        }
        Ok(())
    }

    fn add(&mut self, new: &NewAttribute) -> Result<()> {
        let attribute = &new.attribute;
        let place = match &new.after {
            Some(after) => 1 + self.place(&Attribute { name: after.clone(), ..attribute.clone() })?,
            None => 0,
        };
        let dimension = self.dimension(attribute)?;
        if dimension.has(&attribute.name) {
            return Err(Error::invalid(format!("the access structure has {attribute} already")));
        }
        dimension.attributes.insert(place, (attribute.name.clone(), new.hint));
        Ok(())
    }

    fn dimension(&mut self, attribute: &Attribute) -> Result<&mut Dimension> {
        let name = &attribute.dimension;
        self.dimensions.get_mut(name).ok_or_else(|| wrong(format!("dimension not found: {name}")))
    }

    fn place(&mut self, attribute: &Attribute) -> Result<usize> {
        let attributes = &self.dimension(attribute)?.attributes;
        let place = attributes.iter().position(|(name, _)| *name == attribute.name);
        place.ok_or_else(|| wrong(format!("attribute not found: {attribute}")))
    }

    fn check(&self) -> Result<()> {
        // A right has an attribute of each dimension, or none of it.
        let sizes = self.dimensions.values().map(|dimension| dimension.attributes.len() + 1);
        let rights = sizes.fold(1usize, usize::saturating_mul);
        if self.dimensions.len() > MOST_DIMENSIONS || rights > MOST_RIGHTS {
            return Err(wrong(format!(
                "an access structure has at most {MOST_RIGHTS} combinations of attributes"
            )));
        }
        if let Some((name, _)) = self.dimensions.iter().find(|(_, dimension)| dimension.has_twins()) {
            return Err(wrong(format!(
                "the dimension {name} of the access structure has an attribute twice"
            )));
        }
        match self.dimensions.iter().find(|(_, dimension)| dimension.attributes.is_empty()) {
            Some((name, _)) => {
                Err(wrong(format!("the dimension {name} of the access structure has no attribute")))
            }
            None if self.dimensions.is_empty() => Err(wrong("the access structure has no dimension")),
            None => Ok(()),
        }
    }
}

impl Dimension {
    fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|(one, _)| one == name)
    }

    fn has_twins(&self) -> bool {
        let mut names: Vec<_> = self.attributes.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.windows(2).any(|pair| matches!(pair, [one, next] if one == next))
    }
}

/// Reads an attribute with the mark that follows it.
fn hinted(dimension: &str, text: &str) -> Result<(String, Hint)> {
    let marks = [("::+", Hint::Hybridized), ("::pq", Hint::PostQuantum)];
    let marked = marks.into_iter().find_map(|(mark, hint)| Some((text.strip_suffix(mark)?, hint)));
    let (name, hint) = marked.unwrap_or((text, Hint::Classic));
    Ok((Attribute::parse(&format!("{dimension}::{name}"))?.name, hint))
}

fn suffix(hint: Hint) -> &'static str {
    match hint {
        Hint::Classic => "",
        Hint::Hybridized => "::+",
        Hint::PostQuantum => "::pq",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"Department":["HR","FIN::pq"],"Level::<":["Low","Top::+"]}"#;

    fn structure() -> Structure {
        Structure::from_json(TEXT.as_bytes()).unwrap()
    }

    fn edited(json: &str) -> Result<String> {
        let mut structure = structure();
        structure.edit(&Action::from_json(json.as_bytes())?)?;
        Ok(String::from_utf8(structure.to_json()?).unwrap())
    }

    #[test]
    fn the_marks_of_the_clients_are_read_and_written() {
        let structure = structure();
        assert!(structure.dimensions["Level"].ordered && !structure.dimensions["Department"].ordered);
        assert_eq!(structure.dimensions["Level"].attributes[1], ("Top".into(), Hint::Hybridized));
        assert_eq!(structure.to_json().unwrap(), TEXT.as_bytes());
    }

    #[test]
    fn actions_change_the_structure() {
        let level =
            |attributes: &str| format!(r#"{{"Department":["HR","FIN::pq"],"Level::<":[{attributes}]}}"#);
        let done = |json: &str| edited(json).unwrap();
        assert_eq!(
            done(r#"{"AddAttribute":[["Level::Mid","Classic","Low"]]}"#),
            level(r#""Low","Mid","Top::+""#)
        );
        assert_eq!(
            done(r#"{"AddAttribute":[["Level::Least","Hybridized"]]}"#),
            level(r#""Least::+","Low","Top::+""#)
        );
        assert_eq!(done(r#"{"DeleteAttribute":["Level::Low"]}"#), level(r#""Top::+""#));
        assert_eq!(done(r#"{"RenameAttribute":[["Level::Top","Best"]]}"#), level(r#""Low","Best::+""#));
        assert_eq!(done(r#"{"DisableAttribute":["Level::Top"]}"#), TEXT);
    }

    #[test]
    fn actions_that_the_structure_does_not_allow_are_refused() {
        for json in [
            r#"{"AddAttribute":[["Level::Low","Classic"]]}"#,
            r#"{"AddAttribute":[["Level::Mid","Classic","None"]]}"#,
            r#"{"AddAttribute":[["Country::FR","Classic"]]}"#,
            r#"{"RemoveAttribute":["Level::None"]}"#,
            r#"{"RemoveAttribute":["Level::Low","Level::Top"]}"#,
            r#"{"DisableAttribute":["Level::None"]}"#,
            r#"{"RenameAttribute":[["Level::Low","Top"]]}"#,
        ] {
            assert!(edited(json).is_err(), "{json}");
        }
    }

    #[test]
    fn what_is_no_structure_is_refused() {
        let dimension = (0..90).map(|name| format!("\"a{name}\"")).collect::<Vec<_>>().join(",");
        let large = format!(r#"{{"A":[{dimension}],"B":[{dimension}]}}"#);
        for json in [
            "",
            "{}",
            "[]",
            r#"{"A":[]}"#,
            r#"{"A":["a","a"]}"#,
            r#"{"A":["a"],"A::<":["b"]}"#,
            r#"{"A":["b::c"]}"#,
            &large,
        ] {
            assert!(Structure::from_json(json.as_bytes()).is_err(), "{json}");
        }
    }
}
