//! The policies under which a certificate was issued.

use claviger_plugin_sdk::error::Result;
use der::asn1::{Any, ObjectIdentifier};
use der::{Decode, Encode};
use x509_cert::ext::pkix::certpolicy::{DisplayText, PolicyInformation, PolicyQualifierInfo};

use super::super::oids;
use super::super::structure::encoded;
use super::general_names::ia5;
use super::{Text, refused};

impl Text<'_> {
    /// The policies of a value: object identifiers, and sections that describe one each.
    pub(super) fn policies(&self, value: &str) -> Result<Vec<u8>> {
        let mut policies = Vec::new();
        for element in
            value.split(',').map(str::trim).filter(|element| !element.is_empty() && *element != "ia5org")
        {
            policies.push(match element.strip_prefix('@') {
                Some(section) => self.policy(section)?,
                None => PolicyInformation { policy_identifier: self.oid(element)?, policy_qualifiers: None },
            });
        }
        if policies.is_empty() {
            Err(refused("certificatePolicies", "names none"))
        } else {
            encoded(&policies)
        }
    }

    fn policy(&self, section: &str) -> Result<PolicyInformation> {
        let (mut identifier, mut qualifiers) = (None, Vec::new());
        for (name, value) in self.settings.section(section)? {
            match name.split('.').next().unwrap_or(name) {
                "policyIdentifier" => identifier = Some(self.oid(value)?),
                "CPS" => qualifiers.push(qualifier(oids::CPS, &ia5("CPS", value)?)?),
                "userNotice" => qualifiers.push(self.user_notice(value)?),
                other => return Err(refused(other, "is not known in a policy")),
            }
        }
        Ok(PolicyInformation {
            policy_identifier: identifier.ok_or_else(|| refused(section, "lacks its policyIdentifier"))?,
            policy_qualifiers: (!qualifiers.is_empty()).then_some(qualifiers),
        })
    }

    /// A text for users; references to notices, which hardly anybody shows, are not made.
    fn user_notice(&self, value: &str) -> Result<PolicyQualifierInfo> {
        let section = value.strip_prefix('@').unwrap_or(value);
        let mut texts = Vec::new();
        for (name, value) in self.settings.section(section)? {
            match name.as_str() {
                "explicitText" => {
                    let text = value.strip_prefix("UTF8:").unwrap_or(value);
                    texts.push(DisplayText::Utf8String(text.to_owned()));
                }
                other => return Err(refused(other, "is not known in a user notice")),
            }
        }
        qualifier(oids::USER_NOTICE, &texts)
    }
}

fn qualifier(oid: ObjectIdentifier, value: &impl Encode) -> Result<PolicyQualifierInfo> {
    let value = Any::from_der(&encoded(value)?)
        .map_err(|error| refused("certificatePolicies", "is malformed").because(error))?;
    Ok(PolicyQualifierInfo { policy_qualifier_id: oid, qualifier: Some(value) })
}
