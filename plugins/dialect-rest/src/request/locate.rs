//! Locate: what the family searches by. Other attributes that its clients send along are no criteria.

use claviger_plugin_sdk::prelude::*;

use crate::fields;

/// Reduces a Locate to its criteria.
pub(crate) fn keep_criteria(request: &mut [Ttlv]) {
    if let Some(attributes) = fields::inner_mut(request, Tag::ATTRIBUTES) {
        attributes.retain(|attribute| CRITERIA.contains(&attribute.tag));
    }
}

const CRITERIA: &[Tag] = &[
    Tag::CRYPTOGRAPHIC_ALGORITHM,
    Tag::CRYPTOGRAPHIC_LENGTH,
    Tag::KEY_FORMAT_TYPE,
    Tag::OBJECT_TYPE,
    Tag::LINK,
    Tag::ATTRIBUTE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_newer_clients_always_send_along_is_no_criterion() {
        let algorithm =
            Ttlv::new(Tag::CRYPTOGRAPHIC_ALGORITHM, Value::Enumeration(CryptographicAlgorithm::AES.0));
        let sensitive = Ttlv::new(Tag::SENSITIVE, Value::Boolean(false));
        let mut request = vec![Ttlv::structure(Tag::ATTRIBUTES, vec![sensitive, algorithm.clone()])];
        keep_criteria(&mut request);
        assert_eq!(request[0].children(), [algorithm]);
    }
}
