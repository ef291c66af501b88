//! PKCS#7 bundles of certificates, which hold no keys and know no password.

use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::Material;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{ContainerScheme, Contents, Cost, Scheme, SchemeEntry};

use crate::x509;

/// The Key Format Type of PKCS#7: KMIP has none, so it is one of those left to vendors.
const PKCS_7: KeyFormatType = KeyFormatType(0x8880_0002);

/// PKCS#7.
struct Pkcs7;

register_scheme!(SchemeEntry {
    name: "PKCS#7",
    algorithms: &[],
    claims: |key, _| key.format == Some(PKCS_7),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Container(&Pkcs7),
});

impl ContainerScheme for Pkcs7 {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn is_hidden_in(&self, _: &Material) -> bool {
        false
    }

    fn seal(&self, contents: &Contents, _: Option<&str>, _: &mut dyn RandomSource) -> Result<ByteString> {
        if contents.private_key.is_some() {
            return Err(Error::unsupported("a PKCS#7 bundle holds certificates, and no private keys")
                .with_reason(ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED));
        }
        let certificates = contents.certificate.iter().chain(&contents.further).cloned();
        x509::bundle(&certificates.collect::<Vec<_>>()).map(ByteString::from)
    }

    fn open(&self, container: &[u8], _: Option<&str>, _: Option<&str>) -> Result<Contents> {
        let further = x509::bundled(container)?.into_iter().map(ByteString::from).collect();
        Ok(Contents { further, ..Contents::default() })
    }
}

#[cfg(test)]
mod tests {
    use openssl::pkcs7;

    use super::*;
    use crate::x509::examples::self_signed;

    #[test]
    fn openssl_reads_what_is_bundled() {
        let certificates = vec![self_signed("a"), self_signed("b")];
        let contents = Contents {
            certificate: Some(certificates[0].clone()),
            further: certificates[1..].to_vec(),
            ..Contents::default()
        };
        let sealed =
            Pkcs7.seal(&contents, None, &mut claviger_plugin_sdk::testkit::SeededRandom::new(1)).unwrap();
        let read = pkcs7::Pkcs7::from_der(&sealed).unwrap();
        let found: Vec<_> =
            read.signed().unwrap().certificates().unwrap().iter().map(|one| one.to_der().unwrap()).collect();
        assert_eq!(found, certificates.iter().map(|one| one.to_vec()).collect::<Vec<_>>());
        assert_eq!(Pkcs7.open(&sealed, None, None).unwrap().further, certificates);
    }

    #[test]
    fn a_bundle_takes_no_private_key_and_what_is_no_bundle_is_not_opened() {
        let contents = Contents { private_key: Some(vec![1].into()), ..Contents::default() };
        let random = &mut claviger_plugin_sdk::testkit::SeededRandom::new(1);
        assert_eq!(
            Pkcs7.seal(&contents, None, random).unwrap_err().reason(),
            ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED
        );
        for bytes in [&b""[..], b"0\x00", b"plain text"] {
            assert!(Pkcs7.open(bytes, None, None).is_err());
        }
    }
}
