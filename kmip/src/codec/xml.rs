//! OASIS XML (message encoding profile 1.0 section 6, as KMIP 2.1 carries it on).

mod reader;
mod writer;

pub use reader::decode;
pub use writer::{encode, encode_into};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::error::{CodecError, CodecErrorKind};
    use crate::codec::limits::Limits;
    use crate::ttlv::{BigInteger, Tag, Ttlv, Value};
    use crate::vocabulary::Vocabulary;

    fn read(text: &str) -> Result<Ttlv, CodecError> {
        decode(text.as_bytes(), &Limits::default(), Vocabulary::standard())
    }

    fn written(item: &Ttlv) -> String {
        String::from_utf8(encode(item)).unwrap()
    }

    /// Items as the OASIS test cases write them, and what they stand for.
    fn examples() -> Vec<(&'static str, Ttlv)> {
        vec![
            (r#"<BatchCount type="Integer" value="10"/>"#, Ttlv::new(Tag::BATCH_COUNT, Value::Integer(10))),
            (
                r#"<CryptographicUsageMask type="Integer" value="Encrypt Decrypt"/>"#,
                Ttlv::new(Tag::CRYPTOGRAPHIC_USAGE_MASK, Value::Integer(12)),
            ),
            (
                r#"<UsageLimitsTotal type="LongInteger" value="500"/>"#,
                Ttlv::new(Tag::USAGE_LIMITS_TOTAL, Value::LongInteger(500)),
            ),
            (
                r#"<PublicExponent type="BigInteger" value="0000000000010001"/>"#,
                Ttlv::new(Tag::PUBLIC_EXPONENT, Value::BigInteger(BigInteger::from_signed_be(&[1, 0, 1]))),
            ),
            (
                r#"<ObjectType type="Enumeration" value="SymmetricKey"/>"#,
                Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(2)),
            ),
            (
                r#"<BatchOrderOption type="Boolean" value="true"/>"#,
                Ttlv::new(Tag::BATCH_ORDER_OPTION, Value::Boolean(true)),
            ),
            (
                r#"<NameValue type="TextString" value="a &lt;b&gt; &amp; &quot;c&quot;&#10;"/>"#,
                Ttlv::new(Tag::NAME_VALUE, Value::TextString("a <b> & \"c\"\n".into())),
            ),
            (
                r#"<Data type="ByteString" value="01ff"/>"#,
                Ttlv::new(Tag::DATA, Value::ByteString(vec![1, 0xFF].into())),
            ),
            (
                r#"<ActivationDate type="DateTime" value="2012-04-27T08:12:24+00:00"/>"#,
                Ttlv::new(Tag::ACTIVATION_DATE, Value::DateTime(1_335_514_344)),
            ),
            (
                r#"<LeaseTime type="Interval" value="3600"/>"#,
                Ttlv::new(Tag::LEASE_TIME, Value::Interval(3600)),
            ),
            (
                r#"<Attributes><TTLV tag="0x540001" type="TextString" value="na"/></Attributes>"#,
                Ttlv::structure(
                    Tag::ATTRIBUTES,
                    vec![Ttlv::new(Tag(0x54_0001), Value::TextString("na".into()))],
                ),
            ),
        ]
    }

    #[test]
    fn items_are_read_and_written_as_the_oasis_test_cases_have_them() {
        for (text, item) in examples() {
            assert_eq!(read(text).unwrap(), item, "{text}");
            assert_eq!(written(&item), text);
        }
    }

    #[test]
    fn what_else_the_profile_allows_is_read() {
        for (text, item) in [
            (
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a -->\n<k:Attributes xmlns:k=\"urn:oasis\" type=\"Structure\">\n</k:Attributes>\n",
                Ttlv::structure(Tag::ATTRIBUTES, vec![]),
            ),
            (
                r#"<TTLV tag="0x42000D" name="Count" type="Integer" value="0xffffffff"/>"#,
                Ttlv::new(Tag::BATCH_COUNT, Value::Integer(-1)),
            ),
            (
                r#"<ObjectType type="Enumeration" value="0x00000002"></ObjectType>"#,
                Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(2)),
            ),
            (
                r#"<X type="BigInteger" value="0xff80"/>"#,
                Ttlv::new(Tag::X, Value::BigInteger(BigInteger::from_signed_be(&[0x80]))),
            ),
            (
                r#"<NameValue type="TextString" value=""/>"#,
                Ttlv::new(Tag::NAME_VALUE, Value::TextString(String::new())),
            ),
        ] {
            assert_eq!(read(text).unwrap(), item, "{text}");
        }
    }

    #[test]
    fn an_attribute_value_of_kmip_1_is_named_by_the_attribute() {
        let text = concat!(
            r#"<Attribute><AttributeName type="TextString" value="Cryptographic Usage Mask"/>"#,
            r#"<AttributeValue type="Integer" value="Sign Verify"/></Attribute>"#
        );
        let item = read(text).unwrap();
        assert_eq!(item.child(Tag::ATTRIBUTE_VALUE).unwrap().value, Value::Integer(3));
        assert_eq!(written(&item), text);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_without_the_value() {
        for (text, reason) in [
            ("", "the message is missing"),
            ("<Attributes>", "the message ends inside an element"),
            ("<Fish/>", "\"Fish\" is not the name of a tag"),
            ("<TTLV type=\"Integer\" value=\"1\"/>", "the tag is missing"),
            (
                "<Attributes>text</Attributes>",
                "Attributes: an element holds elements only; values stand in the attribute \"value\"",
            ),
            ("<Attributes/><Attributes/>", "a second element follows the message"),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]><Attributes/>", "a document type is not allowed"),
            (
                "<State type=\"Enumeration\" value=\"Alive\"/>",
                "State: \"Alive\" is not the name of a value of State",
            ),
            (
                "<Attributes><Salt type=\"ByteString\" value=\"5ecre7\"/></Attributes>",
                "Attributes/Salt: the value must be an even number of hexadecimal digits",
            ),
            ("<Salt type=\"ByteString\"/>", "Salt: the value is missing"),
            ("<State type=\"Enumeration\" value=\"Active\" value=\"Active\"/>", "value is given twice"),
            (
                "<State type=\"Enumeration\" value=\"Active\"><State/></State>",
                "State: only a Structure has children",
            ),
            (
                "<NameValue type=\"TextString\" value=\"&bomb;\"/>",
                "a value uses an unknown entity or is not well formed",
            ),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.starts_with(reason), "{text}\n{error}\n{reason}");
        }
    }

    #[test]
    fn depth_length_and_number_of_items_are_bounded() {
        let text = "<Attributes><Link><Link/></Link></Attributes>";
        let limits = Limits { depth: 3, length: text.len(), items: 3 };
        let read = |limits| decode(text.as_bytes(), &limits, Vocabulary::standard());
        let refusal = |limits| read(limits).unwrap_err().kind().clone();
        assert!(read(limits).is_ok());
        assert_eq!(refusal(Limits { depth: 2, ..limits }), CodecErrorKind::TooDeep { limit: 2 });
        assert_eq!(refusal(Limits { length: 40, ..limits }), CodecErrorKind::TooLong { limit: 40 });
        assert_eq!(refusal(Limits { items: 2, ..limits }), CodecErrorKind::TooManyItems { limit: 2 });
    }
}
