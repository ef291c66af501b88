//! Making keys: master pairs, and user keys from them.

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::tables::enumerations::{LinkType, ObjectType, OperationCode, ResultReason};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::scheme::{
    Change, Cost, GenerateFrom, GeneratePair, Input, KeyPair, PairTemplates, Produced, Scheme, SchemeEntry,
    Source,
};
use claviger_plugin_sdk::{Error, ErrorClass, Result, register_scheme};

use crate::key::{self, COVERCRYPT, PUBLIC_KEY, SECRET_KEY, StructureOf};

pub(crate) const PAIR: SchemeEntry = SchemeEntry {
    name: "Covercrypt",
    algorithms: &[COVERCRYPT],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::GeneratePair(&Masters),
};
register_scheme!(PAIR);

pub(crate) const USER_KEY: SchemeEntry = SchemeEntry {
    name: "Covercrypt",
    algorithms: &[COVERCRYPT],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::GenerateFrom(&UserKeys),
};
register_scheme!(USER_KEY);

struct Masters;

impl GeneratePair for Masters {
    fn cost(&self, _: PairTemplates<'_>) -> Cost {
        Cost::Heavy
    }

    fn generate_pair(&self, templates: PairTemplates<'_>, _: &mut dyn RandomSource) -> Result<KeyPair> {
        let structure = match StructureOf::of(templates.private)? {
            Some(structure) => structure,
            None => StructureOf::demanded(templates.public)?,
        };
        let master = structure.generation.setup(structure.bytes)?;
        Ok(KeyPair {
            private: key::block(SECRET_KEY, master.private),
            public: key::block(PUBLIC_KEY, master.public),
            attributes: structure.replaced(&master.structure),
        })
    }
}

struct UserKeys;

impl GenerateFrom for UserKeys {
    fn inputs(&self, template: &Attributes) -> Result<Vec<Input>> {
        policy_of(template)?;
        Ok(vec![Input {
            link: LinkType::PARENT_LINK,
            right: OperationCode::GET,
            types: &[ObjectType::PRIVATE_KEY],
        }])
    }

    fn cost(&self, _: &Attributes) -> Cost {
        Cost::Heavy
    }

    fn generate_from(
        &self,
        template: &Attributes,
        inputs: &[Source],
        _: &mut dyn RandomSource,
    ) -> Result<Produced> {
        let [parent] = inputs else { return Err(Error::server("a user key is made from one master key")) };
        let structure = StructureOf::demanded(&parent.attributes)?;
        let private = key::bytes(parent.material()?)?;
        let issued = structure.generation.user_key(private, structure.bytes, policy_of(template)?)?;
        // Written back even as it was: so who is about to change or revoke it and has looked for its user keys looks again.
        let parent = Change {
            id: parent.id.clone(),
            key: issued.private.map(|private| key::block(SECRET_KEY, private)),
            attributes: Attributes::new(),
        };
        Ok(Produced {
            key: key::block(SECRET_KEY, issued.user),
            attributes: Attributes::new(),
            updated: vec![parent],
        })
    }
}

fn policy_of(template: &Attributes) -> Result<&str> {
    key::access_policy(template)?.ok_or_else(|| {
        let message = "a Covercrypt user key needs an access policy; a master key is made as a pair";
        Error::new(ResultReason::MISSING_DATA, ErrorClass::Request, message)
    })
}
