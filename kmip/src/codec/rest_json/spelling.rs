//! How the family spells enumeration values.

use std::borrow::Cow;

use crate::ttlv::Tag;
use crate::vocabulary::Vocabulary;

/// The family's name of a value of the enumeration that `tag` uses, if it has a name: without the underscores
/// of the normalised name (`SHA256`), but for result reasons, which have one between any two words
/// (`Item_Not_Found`), for some that the family calls otherwise, and for vendors' names, which stay as they are.
pub fn spelling(vocabulary: &Vocabulary, tag: Tag, value: u32) -> Option<Cow<'_, str>> {
    let name = vocabulary.enumeration_name(tag, value)?;
    if tag == Tag::RESULT_REASON {
        return Some(words(name).into());
    }
    if !name.contains('_') && !UNLIKE.iter().any(|(normalised, _)| *normalised == name)
        || value >= 0x8000_0000
    {
        return Some(name.into());
    }
    match UNLIKE.iter().find(|(normalised, _)| *normalised == name) {
        Some((_, family)) => Some((*family).into()),
        None => Some(name.replace('_', "").into()),
    }
}

/// Names that are not the normalised ones without underscores.
const UNLIKE: [(&str, &str); 6] = [
    ("DES3", "THREE_DES"),
    ("DestroyedCompromised", "Destroyed_Compromised"),
    ("MGF1", "MFG1"),
    ("PKCS1V1_5", "PKCS1v15"),
    ("RIPEMD_160", "RIPEMD_160"),
    ("SPHINCS_256", "SPHINCS_256"),
];

/// `InvalidCSR` to `Invalid_CSR`.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 8);
    let mut previous = '_';
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && (previous.is_ascii_lowercase() || previous.is_ascii_digit()) {
            words.push('_');
        }
        words.push(letter);
        previous = letter;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Enumeration;
    use crate::tables::enumerations::{
        CryptographicAlgorithm, HashingAlgorithm, KeyFormatType, ResultReason, State,
    };

    #[test]
    fn values_are_spelled_as_the_family_spells_them() {
        let spelled = |tag, value| spelling(Vocabulary::standard(), tag, value).unwrap();
        assert_eq!(
            spelled(Tag::CRYPTOGRAPHIC_ALGORITHM, CryptographicAlgorithm::THREE_DES.code()),
            "THREE_DES"
        );
        assert_eq!(
            spelled(Tag::CRYPTOGRAPHIC_ALGORITHM, CryptographicAlgorithm::HMAC_SHA256.code()),
            "HMACSHA256"
        );
        assert_eq!(spelled(Tag::CRYPTOGRAPHIC_ALGORITHM, CryptographicAlgorithm::AES.code()), "AES");
        assert_eq!(spelled(Tag::HASHING_ALGORITHM, HashingAlgorithm::RIPEMD_160.code()), "RIPEMD_160");
        assert_eq!(spelled(Tag::HASHING_ALGORITHM, HashingAlgorithm::SHA_512_256.code()), "SHA512256");
        assert_eq!(spelled(Tag::KEY_FORMAT_TYPE, KeyFormatType::PKCS_8.code()), "PKCS8");
        assert_eq!(spelled(Tag::STATE, State::DESTROYED_COMPROMISED.code()), "Destroyed_Compromised");
        assert_eq!(spelled(Tag::RESULT_REASON, ResultReason::ITEM_NOT_FOUND.code()), "Item_Not_Found");
        assert_eq!(spelled(Tag::RESULT_REASON, ResultReason::INVALID_CSR.code()), "Invalid_CSR");
    }

    #[test]
    fn every_spelling_is_read_back() {
        let vocabulary = Vocabulary::standard();
        for (name, values) in crate::tables::enumerations::ENUMERATIONS {
            let tag = vocabulary.tag(name).unwrap();
            for (value, _) in *values {
                let spelled = spelling(vocabulary, tag, *value).unwrap();
                assert_eq!(vocabulary.enumeration_value(tag, &spelled), Some(*value), "{name} {spelled}");
            }
        }
    }
}
