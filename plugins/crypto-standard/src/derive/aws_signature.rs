//! AWS Signature Version 4: the signing key of a date, a region and a service, from a secret access key.

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::tables::enumerations::{DerivationMethod, HashingAlgorithm};
use claviger_plugin_sdk::scheme::{Capability, Cost, DeriveInput, DeriveScheme, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use zeroize::Zeroizing;

use super::input::{Field, beginning, only_key, takes_only};
use super::prf::Prf;
use crate::digest::naming_hash;

struct AwsSignature;

const AWS_SIGNATURE: SchemeEntry = SchemeEntry {
    name: "AWS Signature Version 4",
    algorithms: &[],
    claims: |_, _| true,
    effective: |_, parameters| naming_hash(parameters, HashingAlgorithm::SHA_256),
    scheme: Scheme::Derive(DerivationMethod::AWS_SIGNATURE_VERSION_4, &AwsSignature),
};
register_scheme!(AWS_SIGNATURE);

impl DeriveScheme for AwsSignature {
    fn builds_on(&self) -> Option<Capability> {
        None
    }

    fn cost(&self, _: &DeriveInput) -> Cost {
        Cost::Light
    }

    fn derive(&self, input: &DeriveInput) -> Result<ByteString> {
        let method = "AWS Signature Version 4";
        takes_only(input, method, &[Field::DerivationData])?;
        let [date, region, service] = &input.parameters.derivation_data[..] else {
            return Err(Error::invalid(
                "AWS Signature Version 4 takes three Derivation Data: the date, the region and the service",
            ));
        };
        let mut key = Zeroizing::new([b"AWS4", only_key(input, method)?].concat());
        for step in [&date[..], region, service, b"aws4_request"] {
            key = Prf::hmac(HashingAlgorithm::SHA_256, &key)?.at(&[step])?;
        }
        beginning(&key, input.length, method)
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::DeriveSubject;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn from(key: &[u8], steps: [&[u8]; 3], length: usize) -> DeriveInput {
        let mut input = derive_input(key, length);
        input.parameters.derivation_data = steps.map(Into::into).to_vec();
        input
    }

    fn sound(rng: &mut SeededRandom) -> DeriveInput {
        from(&random(rng, 40), [b"20261126", b"eu-central-1", b"s3"], 0)
    }

    scheme_conformance!(derive conformance: DeriveSubject {
        entry: AWS_SIGNATURE,
        input: sound,
        least: 1,
        most: 32,
        counts: &[
            |input| input.parameters.derivation_data[0] = b"20261127"[..].into(),
            |input| input.parameters.derivation_data[1] = b"eu-west-1"[..].into(),
            |input| input.parameters.derivation_data[2] = b"iam"[..].into(),
        ],
        refused: &[
            |input| input.parameters.derivation_data.truncate(2),
            |input| input.parameters.derivation_data.push(b"aws4_request"[..].into()),
            |input| input.parameters.salt = Some(b"salt"[..].into()),
        ],
    });

    /// AWS General Reference, "Examples of how to derive a signing key for Signature Version 4" and "Calculate the signature".
    #[test]
    fn it_gives_the_answers_of_the_reference() {
        let key = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let answers: [(&[u8], &str); 2] = [
            (b"20120215", "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"),
            (b"20150830", "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"),
        ];
        for (date, derived) in answers {
            check_derive(&AWS_SIGNATURE, &from(key, [date, b"us-east-1", b"iam"], 32), derived);
        }
    }

    proptest! {
        #[test]
        fn openssl_derives_the_same(key in prop::collection::vec(any::<u8>(), 1..60), date in "[0-9]{8}", region in "[a-z0-9-]{1,20}", service in "[a-z0-9]{1,10}") {
            let steps = [date.as_bytes(), region.as_bytes(), service.as_bytes()];
            let start = [b"AWS4", &key[..]].concat();
            let of_service = steps.iter().fold(start, |key, step| openssl_hmac_sha256(&key, step));
            let expected = openssl_hmac_sha256(&of_service, b"aws4_request");
            check_derive(&AWS_SIGNATURE, &from(&key, steps, 32), &hex::encode(expected));
        }
    }
}
