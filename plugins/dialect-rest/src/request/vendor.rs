//! What the family's clients say in vendor attributes and KMIP has a place for.

use claviger_plugin_sdk::kmip::attributes::AttributeKey;
use claviger_plugin_sdk::prelude::*;

use crate::fields;
use crate::vocabulary::VENDOR;

/// Takes a vendor attribute of the family out, as text; nothing if it is not there or has no text.
pub(super) fn take_text(attributes: &mut Vec<Ttlv>, name: &str) -> Option<String> {
    match take(attributes, name)? {
        Value::ByteString(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Value::TextString(text) => Some(text),
        _ => None,
    }
}

/// Takes a vendor attribute of the family out, as a whole number that may also be written in digits.
///
/// # Errors
/// Invalid Field: it is neither.
pub(super) fn take_number(attributes: &mut Vec<Ttlv>, name: &str) -> Result<Option<i64>> {
    let number = match take(attributes, name) {
        None => return Ok(None),
        Some(Value::Integer(n)) => Some(i64::from(n)),
        Some(Value::LongInteger(n)) => Some(n),
        Some(Value::TextString(digits)) => digits.parse().ok(),
        Some(Value::ByteString(digits)) => {
            std::str::from_utf8(&digits).ok().and_then(|text| text.parse().ok())
        }
        Some(_) => None,
    };
    match number {
        Some(number) => Ok(Some(number)),
        None => Err(Error::invalid(format!("the vendor attribute {name} is a whole number"))),
    }
}

fn take(attributes: &mut Vec<Ttlv>, name: &str) -> Option<Value> {
    let wanted = AttributeKey::Vendor { vendor: VENDOR, name };
    let position = attributes
        .iter()
        .position(|attribute| AttributeKey::of(attribute.tag, &attribute.value) == wanted)?;
    match attributes.remove(position).value {
        Value::Structure(mut parts) => fields::take(&mut parts, Tag::ATTRIBUTE_VALUE),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use claviger_plugin_sdk::kmip::attributes::VendorAttribute;

    use super::*;

    /// A vendor attribute of the family.
    pub(in crate::request) fn attribute(name: &str, value: Value) -> Ttlv {
        Ttlv::new(Tag::ATTRIBUTE, VendorAttribute::value_of(VENDOR, name, value))
    }

    #[test]
    fn an_attribute_is_taken_by_its_name_and_others_stay() {
        let other = attribute("other", Value::TextString("stays".into()));
        let mut attributes =
            vec![other.clone(), attribute("one", Value::ByteString(b"text".to_vec().into()))];
        assert_eq!(take_text(&mut attributes, "one"), Some("text".into()));
        assert_eq!(take_text(&mut attributes, "one"), None);
        assert_eq!(attributes, [other]);
    }

    #[test]
    fn a_number_comes_as_one_or_in_digits() {
        for value in [
            Value::Integer(30),
            Value::LongInteger(30),
            Value::TextString("30".into()),
            Value::ByteString(b"30".to_vec().into()),
        ] {
            assert_eq!(take_number(&mut vec![attribute("days", value)], "days").unwrap(), Some(30));
        }
        assert_eq!(take_number(&mut vec![], "days").unwrap(), None);
        for value in
            [Value::Boolean(true), Value::TextString("many".into()), Value::ByteString(vec![0xFF].into())]
        {
            assert!(take_number(&mut vec![attribute("days", value)], "days").is_err());
        }
    }
}
