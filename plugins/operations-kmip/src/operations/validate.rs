//! Validate (KMIP 2.1 section 6.1.57).
//!
//! The chain is completed with certificates that the caller has on the server; those that issued themselves are its roots,
//! whether they are there or come with the request. Revocation lists count that the caller keeps as opaque objects, or
//! hands over among the certificates. A certificate that was revoked on the server is not valid from then on, whether the
//! request names it or hands it over.

use claviger_plugin_sdk::kmip::payloads::{ValidateRequest, ValidateResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::{CertificateType, ValidityIndicator};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::{CertificateDescription, Verdict};

use crate::certificate;
use crate::certification_path::{self, Known};

/// Certificates that one request may ask about, and revocation lists that it may hand over; a certificate counts once.
const MOST: usize = 64;

/// Tells whether a chain of certificates is valid.
struct Validate;

register_operation!(Validate);

impl Operation for Validate {
    type Request = ValidateRequest;
    type Response = ValidateResponse;

    const NAME: &'static str = "Validate";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::VALIDATE,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::Use,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::NothingToUndo,
    };

    fn targets(request: &ValidateRequest) -> Targets {
        let target = |id: &UniqueIdentifier| {
            Target::subject(Some(id.clone()), OperationCode::VALIDATE).types(&[ObjectType::CERTIFICATE])
        };
        request.unique_identifier.iter().map(target).collect()
    }

    async fn run(&self, cx: &mut Context<'_>, request: ValidateRequest) -> Result<ValidateResponse> {
        let at = request.validity_date.unwrap_or_else(|| cx.now());
        let scheme = certificate::known_scheme(cx.catalogue(), one_type(&request)?)?;
        let stored = cx.targets(Role::SUBJECT);
        let (mut chain, mut lists) = (Vec::new(), Vec::new());
        for target in &stored {
            extend(&mut chain, [certificate::describe(cx.catalogue(), target)?])?;
        }
        for given in &request.certificate {
            match scheme.read_revocation_list(&given.certificate_value) {
                Some(_) if lists.len() == MOST => return Err(too_many("revocation lists")),
                Some(list) => lists.push(list),
                None => extend(&mut chain, scheme.read(&given.certificate_value)?)?,
            }
        }
        if chain.is_empty() {
            return Err(Error::invalid("Validate needs a Certificate, or the Unique Identifier of one"));
        }
        let mut known = Known::with_lists(lists);
        known.find(cx, scheme, &chain, at).await?;
        let revoked = stored.iter().any(|target| certification_path::is_revoked(target, at))
            || certification_path::has_revoked(cx, &chain, at).await?;
        let verdict = if revoked {
            Verdict::Invalid("a certificate was revoked".into())
        } else {
            known.judge(cx, scheme, &chain, at).await?
        };
        tracing::debug!(%verdict, "certificates judged");
        let validity_indicator = match verdict {
            Verdict::Valid => ValidityIndicator::VALID,
            Verdict::Invalid(_) => ValidityIndicator::INVALID,
            Verdict::Unknown(_) => ValidityIndicator::UNKNOWN,
        };
        Ok(ValidateResponse { validity_indicator })
    }
}

/// Adds those that are not there yet.
fn extend(
    chain: &mut Vec<CertificateDescription>,
    more: impl IntoIterator<Item = CertificateDescription>,
) -> Result<()> {
    for one in more {
        if chain.iter().any(|known| known.value == one.value) {
            continue;
        }
        if chain.len() == MOST {
            return Err(too_many("different certificates"));
        }
        chain.push(one);
    }
    Ok(())
}

fn too_many(what: &str) -> Error {
    Error::invalid(format!("Validate takes at most {MOST} {what}"))
}

/// The type of the certificates that come with the request.
fn one_type(request: &ValidateRequest) -> Result<CertificateType> {
    let mut types = request.certificate.iter().map(|given| given.certificate_type);
    let first = types.next().unwrap_or(certificate::USUAL_TYPE);
    if types.all(|other| other == first) {
        Ok(first)
    } else {
        Err(Error::invalid("the certificates of a chain have one Certificate Type"))
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::objects::Certificate;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Validate,
        ValidateRequest {
            certificate: vec![Certificate {
                certificate_type: CertificateType::X_509,
                certificate_value: vec![1].into(),
            }],
            unique_identifier: vec!["a".into()],
            validity_date: Some(DateTime(1)),
        },
    );
}
