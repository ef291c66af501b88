//! A key pair that is made together with its certificate: what Certify and Re-Provision share (KMIP 2.1 sections 6.1.6 and
//! 6.1.48).

use claviger_plugin_sdk::certificate_attributes::AUTHORITY_NAME;
use claviger_plugin_sdk::kmip::attributes::{AttributeTable, Attributes, kinds};
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::scheme::CertificateDescription;

use crate::key_pair::{self, Pair};
use crate::{certificate, links};

/// Makes a key pair for a certificate with these attributes.
///
/// # Errors
/// What making and completing key pairs says.
pub(crate) async fn new(cx: &mut Context<'_>, asked: &Attributes) -> Result<Pair<NewObject>> {
    let mut wanted = pair_attributes(cx.catalogue().attribute_table(), asked);
    key_pair::check_asked(cx.catalogue(), &mut wanted)?;
    key_pair::check_templates(cx.catalogue(), &wanted)?;
    let (objects, attributes) = key_pair::generate(cx, wanted).await?;
    key_pair::complete(cx, objects, attributes, Pair { private: None, public: None })
}

/// Records the pair, linked to its certificate.
///
/// # Errors
/// As [`Context::create`].
pub(crate) async fn create(
    cx: &mut Context<'_>,
    pair: Pair<NewObject>,
    certificate: &ObjectId,
    description: &CertificateDescription,
) -> Result<()> {
    for mut key in [pair.private, pair.public] {
        links::add(&mut key.attributes, LinkType::CERTIFICATE_LINK, certificate);
        certificate::put_authority(description, &mut key.attributes);
        cx.create(key).await?;
    }
    Ok(())
}

/// What the keys get of the attributes of a certificate: all that keys can have, too, but for what belongs to one object
/// alone; and the uses that go with those of the certificate. A Key Format Type is that of the private key.
fn pair_attributes(table: &AttributeTable, asked: &Attributes) -> Pair<Attributes> {
    const OF_ONE: [Tag; 7] = [
        Tag::UNIQUE_IDENTIFIER,
        Tag::NAME,
        Tag::ALTERNATIVE_NAME,
        Tag::OBJECT_TYPE,
        Tag::LINK,
        Tag::CRYPTOGRAPHIC_USAGE_MASK,
        Tag::DEACTIVATION_DATE,
    ];
    let mut common = asked.clone();
    common.retain(|instance| {
        let rule = table.rule(instance.tag);
        !OF_ONE.contains(&instance.tag)
            && rule.is_some_and(|rule| rule.objects.contains(ObjectType::PRIVATE_KEY))
    });
    let mask = asked.one::<kinds::CryptographicUsageMask>().map(i32::cast_unsigned);
    let with = |mask: u32, format: Option<KeyFormatType>| {
        let mut attributes = common.clone();
        attributes.put::<kinds::CryptographicUsageMask>(mask.cast_signed());
        if let Some(format) = format {
            attributes.put::<kinds::KeyFormatType>(format);
        }
        attributes
    };
    let format = asked.one::<kinds::KeyFormatType>();
    let public = mask.unwrap_or(PUBLIC_USES);
    let private = with_counterparts(public) | if asked.contains(AUTHORITY_NAME) { AUTHORITY_USES } else { 0 };
    Pair { private: with(private, format), public: with(public, format.map(of_public_key)) }
}

/// What a public key is for if nobody says it.
const PUBLIC_USES: u32 = CryptographicUsageMask::VERIFY.0
    | CryptographicUsageMask::ENCRYPT.0
    | CryptographicUsageMask::WRAP_KEY.0
    | CryptographicUsageMask::KEY_AGREEMENT.0;

/// The format of a public key that goes with that of its private key.
fn of_public_key(format: KeyFormatType) -> KeyFormatType {
    match format {
        KeyFormatType::PKCS_8 | KeyFormatType::EC_PRIVATE_KEY => KeyFormatType::X_509,
        KeyFormatType::TRANSPARENT_RSA_PRIVATE_KEY => KeyFormatType::TRANSPARENT_RSA_PUBLIC_KEY,
        KeyFormatType::TRANSPARENT_DSA_PRIVATE_KEY => KeyFormatType::TRANSPARENT_DSA_PUBLIC_KEY,
        KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY => KeyFormatType::TRANSPARENT_EC_PUBLIC_KEY,
        either => either,
    }
}

/// What the private key of an authority is for.
const AUTHORITY_USES: u32 = CryptographicUsageMask::CERTIFICATE_SIGN.0 | CryptographicUsageMask::CRL_SIGN.0;

/// The uses of a public key, and those of the private key that go with them.
fn with_counterparts(mask: u32) -> u32 {
    use CryptographicUsageMask as Mask;
    let pairs = [
        (Mask::VERIFY.0, Mask::SIGN.0),
        (Mask::ENCRYPT.0, Mask::DECRYPT.0),
        (Mask::WRAP_KEY.0, Mask::UNWRAP_KEY.0),
    ];
    pairs.iter().filter(|(public, _)| mask & public != 0).fold(mask, |mask, (_, private)| mask | private)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_get_what_keys_can_have_and_the_uses_that_go_with_the_certificates() {
        let mut asked = Attributes::new();
        asked.push::<kinds::ObjectGroup>("group".into());
        asked.put::<kinds::CertificateType>(certificate::USUAL_TYPE);
        asked.put::<kinds::CryptographicUsageMask>(CryptographicUsageMask::VERIFY.0.cast_signed());
        links::add(&mut asked, LinkType::CERTIFICATE_LINK, &ObjectId::new("issuer").unwrap());
        let pair = pair_attributes(AttributeTable::standard(), &asked);
        assert_eq!(pair.private.one::<kinds::CryptographicUsageMask>(), Some(3));
        assert_eq!(pair.public.one::<kinds::CryptographicUsageMask>(), Some(2));
        assert_eq!(pair.public.len(), 2);
        assert_eq!(pair.public.one::<kinds::ObjectGroup>(), Some("group".into()));
        asked.put::<kinds::KeyFormatType>(KeyFormatType::PKCS_8);
        let pair = pair_attributes(AttributeTable::standard(), &asked);
        assert_eq!(pair.private.one::<kinds::KeyFormatType>(), Some(KeyFormatType::PKCS_8));
        assert_eq!(pair.public.one::<kinds::KeyFormatType>(), Some(KeyFormatType::X_509));
    }
}
