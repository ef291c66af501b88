//! Signature Verify (KMIP 2.1 section 6.1.56).

use claviger_plugin_sdk::kmip::payloads::{SignatureVerifyRequest, SignatureVerifyResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::ValidityIndicator;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::{Cost, SignStream};

use crate::key_use;
use crate::parts::{self, Absorbs, Part};
use crate::signed::{self, Signed};

/// Tells whether a signature is one of a key over some data, at once or in parts.
struct SignatureVerify;

register_operation!(SignatureVerify);

/// A verification between two of its parts. The signature may come with any of them.
struct VerifyStream {
    data: Box<dyn SignStream>,
    signature: Option<ByteString>,
}

impl Absorbs for VerifyStream {
    fn absorb(&mut self, part: &[u8]) -> Result<()> {
        self.data.update(part)
    }
}

impl Operation for SignatureVerify {
    type Request = SignatureVerifyRequest;
    type Response = SignatureVerifyResponse;

    const NAME: &'static str = "SignatureVerify";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::SIGNATURE_VERIFY,
        since: ProtocolVersion::V1_2,
        access: Access::Authenticated,
        material: MaterialUse::Use,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::UnlessInParts,
    };

    fn targets(request: &SignatureVerifyRequest) -> Targets {
        Targets::one(
            Target::subject(request.unique_identifier.clone(), OperationCode::SIGNATURE_VERIFY)
                .states(StateSet::PROCESSING)
                .types(&[ObjectType::PUBLIC_KEY, ObjectType::CERTIFICATE, ObjectType::PRIVATE_KEY])
                .usage(CryptographicUsageMask::VERIFY),
        )
    }

    async fn run(
        &self,
        cx: &mut Context<'_>,
        mut request: SignatureVerifyRequest,
    ) -> Result<SignatureVerifyResponse> {
        let key = cx.subject()?;
        let correlation = request.correlation_value.take();
        let part = Part::of(request.init_indicator, request.final_indicator, correlation)?;
        if part == Part::Whole {
            return whole(cx, &key, request).await;
        }
        signed::no_digest_in_parts(request.digested_data.as_ref())?;
        let mut stream: VerifyStream = match &part {
            Part::Next(correlation) | Part::Last(correlation) => parts::resume(cx, Some(&key), correlation)?,
            Part::Whole | Part::First => {
                let parameters = key_use::parameters(&key, request.cryptographic_parameters);
                let data = key_use::sign(cx, &key, &parameters).await?.in_parts(&parameters)?;
                VerifyStream { data, signature: None }
            }
        };
        stream.signature = request.signature_data.or(stream.signature);
        let stream = parts::absorb(cx, stream, request.data).await?;
        if part.ends() {
            let signature = required(stream.signature)?;
            let valid = cx.compute(Cost::Heavy, move |_| stream.data.verify(&signature)).await?;
            return Ok(told(&key, valid));
        }
        let correlation = parts::keep(cx, Some(&key), part, stream)?;
        Ok(SignatureVerifyResponse { correlation_value: Some(correlation), ..nothing(&key) })
    }
}

async fn whole(
    cx: &mut Context<'_>,
    key: &Authorized,
    request: SignatureVerifyRequest,
) -> Result<SignatureVerifyResponse> {
    let signed = Signed::of(request.data, request.digested_data)?;
    let signature = required(request.signature_data)?;
    let parameters = key_use::parameters(key, request.cryptographic_parameters);
    let verifier = key_use::sign(cx, key, &parameters).await?;
    let cost = verifier.cost().max(cx.cost_of_data(signed.len()));
    let valid =
        cx.compute(cost, move |_| verifier.verify(signed.as_input(), &signature, &parameters)).await?;
    Ok(told(key, valid))
}

fn required(signature: Option<ByteString>) -> Result<ByteString> {
    signature.ok_or_else(|| parts::missing("Signature Data is required to verify it"))
}

fn told(key: &Authorized, valid: bool) -> SignatureVerifyResponse {
    let validity = if valid { ValidityIndicator::VALID } else { ValidityIndicator::INVALID };
    SignatureVerifyResponse { validity_indicator: Some(validity), ..nothing(key) }
}

fn nothing(key: &Authorized) -> SignatureVerifyResponse {
    SignatureVerifyResponse {
        unique_identifier: key.id().as_str().to_owned(),
        validity_indicator: None,
        data: None,
        correlation_value: None,
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        SignatureVerify,
        SignatureVerifyRequest {
            unique_identifier: Some("a".into()),
            cryptographic_parameters: Some(CryptographicParameters::NONE),
            data: Some(vec![1].into()),
            digested_data: Some(vec![2].into()),
            signature_data: Some(vec![3].into()),
            correlation_value: Some(vec![4].into()),
            init_indicator: Some(false),
            final_indicator: Some(true),
        },
    );
}
