//! Changing a master key in its place, and refreshing the user keys that it issued.

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::tables::enumerations::{LinkType, ResultReason};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::scheme::{
    Change, Concerned, Cost, Rekey, RekeySources, Rekeyed, Scheme, SchemeEntry, Skipped, Source,
};
use claviger_plugin_sdk::{Error, Result, register_scheme};

use crate::access_policy::AccessPolicy;
use crate::action::Action;
use crate::generation::{Master, Refresher, User, wrong};
use crate::key::{self, COVERCRYPT, PUBLIC_KEY, SECRET_KEY, StructureOf};

pub(crate) const REKEY: SchemeEntry = SchemeEntry {
    name: "Covercrypt",
    algorithms: &[COVERCRYPT],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Rekey(&InPlace),
};
register_scheme!(REKEY);

struct InPlace;

impl Rekey for InPlace {
    fn concerns(&self, _: &KeyFacts<'_>, asked: &Attributes) -> Result<Option<Concerned>> {
        Ok(key::action(asked)?.map(|action| match action {
            Action::Rekey(_) | Action::Prune(_) | Action::Remove(_) | Action::Rename(_) => {
                Concerned { dependents: Some(LinkType::PARENT_LINK) }
            }
            // Nobody has the secrets of a new attribute, and nobody loses those of a disabled one.
            Action::Add(_) | Action::Disable(_) => Concerned { dependents: None },
        }))
    }

    fn cost(&self, _: &Attributes, _: usize) -> Cost {
        Cost::Heavy
    }

    fn rekey(&self, asked: &Attributes, keys: &RekeySources, _: &mut dyn RandomSource) -> Result<Rekeyed> {
        let action =
            key::action(asked)?.ok_or_else(|| wrong("nothing is asked of the Covercrypt master key"))?;
        let structure = StructureOf::demanded(&keys.private.attributes)?;
        let before = Master {
            private: key::bytes(keys.private.material()?)?.clone(),
            public: key::bytes(keys.public.material()?)?.clone(),
            structure: structure.bytes.to_vec(),
        };
        let mut after = structure.generation.change(&before, &action).map_err(not_of_this_key)?;
        let (mut dependents, mut skipped) = (Vec::new(), Vec::new());
        let mut refresh = Refresh {
            action: &action,
            issuer: structure.generation.refresher(&after.private, &after.structure).ok(),
        };
        for dependent in &keys.dependents {
            match refresh.of(dependent) {
                Outcome::Changed(change) => dependents.push(*change),
                Outcome::Skipped(why) => skipped.push(Skipped { id: dependent.id.clone(), why }),
                Outcome::Left => {}
            }
        }
        let private = refresh.issuer.as_ref().map(|issuer| issuer.changed()).transpose()?.flatten();
        drop(refresh);
        if let Some(private) = private {
            after.private = private;
        }
        let attributes = structure.replaced(&after.structure);
        let changed = |source: &Source, format, bytes| Change {
            id: source.id.clone(),
            key: Some(key::block(format, bytes)),
            attributes: attributes.clone(),
        };
        let updated = vec![
            changed(&keys.private, SECRET_KEY, after.private),
            changed(&keys.public, PUBLIC_KEY, after.public),
        ];
        Ok(Rekeyed { updated, dependents, skipped })
    }
}

/// The refreshing of user keys after an action.
struct Refresh<'a> {
    action: &'a Action,
    /// The changed master key; nothing if it cannot tell its user keys from others.
    issuer: Option<Box<dyn Refresher + 'a>>,
}

/// What became of a dependent key.
enum Outcome {
    /// It has changed.
    Changed(Box<Change>),
    /// It should have changed and could not.
    Skipped(&'static str),
    /// It stays as it is: the action does not concern it.
    Left,
}

/// Why no key is refreshed of a master key that cannot tell its own from others.
pub(crate) const UNSIGNED: &str = "issued by a master key that does not sign";

impl Refresh<'_> {
    fn of(&mut self, dependent: &Source) -> Outcome {
        // Without a policy the keys of later generations are refreshed, too: they prove their rights themselves. Those of
        // generation 12 are not, which prove no more than secrets of what their policy names.
        let policy = key::access_policy(&dependent.attributes).ok().flatten().unwrap_or_default();
        let renamed = self.renamed(policy);
        match self.refreshed(dependent, renamed.as_deref().unwrap_or(policy)) {
            // Names do not tell what else a key loses: one that missed a renaming has a name that may be another attribute's now.
            Err(_) if matches!(self.action, Action::Rename(_)) && renamed.is_none() => Outcome::Left,
            Err(why) => Outcome::Skipped(why),
            Ok(None) if renamed.is_none() => Outcome::Left,
            Ok(refreshed) => Outcome::Changed(Box::new(Change {
                id: dependent.id.clone(),
                key: refreshed.map(|user| key::block(SECRET_KEY, user)),
                attributes: renamed.as_deref().map(key::with_access_policy).unwrap_or_default(),
            })),
        }
    }

    /// The key as it is from now on, nothing if that is as before; or why it cannot be refreshed.
    fn refreshed(&mut self, dependent: &Source, policy: &str) -> Result<Option<ByteString>, &'static str> {
        let material = dependent.material.as_ref().ok_or(Skipped::WRAPPED)?;
        let issuer = self.issuer.as_mut().ok_or(UNSIGNED)?;
        let refreshed = key::bytes(material).and_then(|key| issuer.refresh(&User { key, policy }));
        refreshed.map_err(|_| issuer.unproven())
    }

    /// The access policy with the new names of its attributes, if it has any that got one.
    fn renamed(&self, policy: &str) -> Option<String> {
        let Action::Rename(pairs) = self.action else { return None };
        let mut policy = AccessPolicy::parse(policy).ok()?;
        let renamed = pairs.iter().fold(false, |renamed, (from, to)| policy.rename(from, to) | renamed);
        renamed.then(|| policy.to_string())
    }
}

/// An action that names what the master key does not have.
fn not_of_this_key(error: Error) -> Error {
    match error.reason() {
        ResultReason::INVALID_ATTRIBUTE_VALUE => {
            error.with_reason(ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS)
        }
        _ => error,
    }
}
