//! What is wrong with a single object.

use std::collections::BTreeSet;

use claviger_engine::registry::Registry;
use claviger_kmip::attributes::kinds;
use claviger_kmip::field::TtlvValue as _;
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::tables::enumerations::HashingAlgorithm;
use claviger_kmip::{Tag, Ttlv, Value};
use claviger_plugin_sdk::plugin::Catalogue as _;
use claviger_plugin_sdk::record::{KeyFacts, ObjectId, Record};
use claviger_plugin_sdk::scheme::{Capability, Scheme};
use claviger_plugin_sdk::upkeep::KeptObject;

/// Everything that is wrong with an object by itself.
pub(super) fn faults(registry: &Registry, kept: &KeptObject, record: &Record) -> Vec<String> {
    let mut faults = digest_faults(registry, record);
    faults.extend(name_faults(kept, record));
    faults.extend(usage_fault(kept, record));
    faults
}

/// Compares the Digests of an object with what they are digests of. Those of formats that the object is not kept in are
/// left alone.
pub(super) fn digest_faults(registry: &Registry, record: &Record) -> Vec<String> {
    let object_type = record.object.object_type();
    let Some(kind) = registry.object_kind(object_type) else {
        return vec![format!("this build does not know objects of type {object_type:?}")];
    };
    let Some(input) = kind.digest_input(&record.object) else { return Vec::new() };
    let format = record.object.key_block().map(|block| block.key_format_type);
    let mut faults = Vec::new();
    for digest in record.attributes.all::<kinds::Digest>().filter(|digest| digest.key_format_type == format) {
        let Some(stored) = &digest.digest_value else { continue };
        match hash(registry, record, digest.hashing_algorithm, &input) {
            Some(computed) if computed == **stored => {}
            Some(_) => {
                faults.push(format!("it is not what its Digest ({:?}) says", digest.hashing_algorithm))
            }
            // No scheme of this build has the algorithm: the Digest proves nothing, and no fault either.
            None => {}
        }
    }
    faults
}

fn hash(registry: &Registry, record: &Record, algorithm: HashingAlgorithm, input: &[u8]) -> Option<Vec<u8>> {
    let named = Ttlv::new(Tag::HASHING_ALGORITHM, algorithm.into_value());
    let named = Value::Structure(vec![named]);
    let parameters = CryptographicParameters::from_value(Tag::CRYPTOGRAPHIC_PARAMETERS, named).ok()?;
    let facts = KeyFacts::of(record.object.object_type(), None, &record.attributes);
    match registry.scheme(Capability::Digest, &facts, &parameters)? {
        Scheme::Digest(scheme) => scheme.digest(input, &parameters).ok().map(|digest| digest.to_vec()),
        _ => None,
    }
}

/// Names that are claimed for the object and are not its. Those that are not claimed may belong to a client of KMIP 1.x,
/// for which they need not be unique.
fn name_faults(kept: &KeptObject, record: &Record) -> Vec<String> {
    let destroyed = StateSet::DESTROYED.contains(record.state_dates().stored);
    let own: BTreeSet<String> = match destroyed {
        true => BTreeSet::new(),
        false => record.attributes.all::<kinds::Name>().map(|name| name.value).collect(),
    };
    let mut faults = Vec::new();
    for claims in &kept.claims {
        if claims.owner != record.owner {
            faults.push("names are claimed for it by someone who is not its owner".to_owned());
        }
        let foreign = claims.names.iter().filter(|name| !own.contains(*name)).count();
        if foreign > 0 {
            faults.push(format!("{foreign} names are claimed for it that it does not have"));
        }
    }
    faults
}

fn usage_fault(kept: &KeptObject, record: &Record) -> Option<String> {
    let limits = record.attributes.one::<kinds::UsageLimits>();
    match (limits, kept.usage_left) {
        (None, None) => None,
        (None, Some(_)) => Some("uses of it are counted and it has no Usage Limits".to_owned()),
        (Some(_), None) => Some("it has Usage Limits and its uses are not counted".to_owned()),
        (Some(limits), Some(left)) => {
            let most = limits.total.max(limits.count.unwrap_or_default());
            (left < 0 || left > most)
                .then(|| format!("{left} uses are left of it, and {most} is all that it may have"))
        }
    }
}

/// The objects that an object has links to.
pub(super) fn linked(record: &Record) -> Vec<ObjectId> {
    let links = record.attributes.all::<kinds::Link>();
    links.filter_map(|link| ObjectId::new(link.linked_object_identifier.as_text()?).ok()).collect()
}
