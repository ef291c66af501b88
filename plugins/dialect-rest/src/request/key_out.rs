//! Get and Export: in which form a key leaves.

use claviger_plugin_sdk::kmip::tables::enumerations::EncodingOption;
use claviger_plugin_sdk::prelude::*;

use crate::fields;
use crate::key_value_json;
use crate::request::cipher;

/// Completes a Get or an Export and notes whether the client named a format.
///
/// A Key Wrap Type puts a wrapping specification out of force; a specification without Encoding Option wraps the bare
/// key, while KMIP would wrap its TTLV encoding.
pub(crate) fn asked(request: &mut Vec<Ttlv>) -> Value {
    if fields::has(request, Tag::KEY_WRAP_TYPE) {
        fields::take(request, Tag::KEY_WRAPPING_SPECIFICATION);
    }
    if let Some(specification) = fields::inner_mut(request, Tag::KEY_WRAPPING_SPECIFICATION) {
        fields::default(
            specification,
            Tag::ENCODING_OPTION,
            Value::Enumeration(EncodingOption::NO_ENCODING.0),
        );
        key_value_json::in_request(specification);
        let key = fields::inner_mut(specification, Tag::ENCRYPTION_KEY_INFORMATION);
        if let Some(parameters) = key.and_then(|key| fields::inner_mut(key, Tag::CRYPTOGRAPHIC_PARAMETERS)) {
            cipher::translate_mode(parameters);
        }
    }
    Value::Boolean(fields::has(request, Tag::KEY_FORMAT_TYPE))
}

/// The format in which the family's symmetric keys are stored.
pub(crate) fn transparent() -> Value {
    Value::Enumeration(KeyFormatType::TRANSPARENT_SYMMETRIC_KEY.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_plugin_sdk::kmip::tables::enumerations::KeyWrapType;

    #[test]
    fn a_key_wrap_type_puts_the_specification_out_of_force() {
        let specification = Ttlv::structure(Tag::KEY_WRAPPING_SPECIFICATION, vec![]);
        let mut request = vec![specification];
        assert_eq!(asked(&mut request), Value::Boolean(false));
        let no_encoding = Value::Enumeration(EncodingOption::NO_ENCODING.0);
        assert_eq!(request[0].children(), [Ttlv::new(Tag::ENCODING_OPTION, no_encoding)]);
        request.push(Ttlv::new(Tag::KEY_WRAP_TYPE, Value::Enumeration(KeyWrapType::AS_REGISTERED.0)));
        asked(&mut request);
        assert_eq!(request.len(), 1);
    }
}
