//! Sign (KMIP 2.1 section 6.1.55).

use claviger_plugin_sdk::kmip::payloads::{SignRequest, SignResponse};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::{Cost, SignStream};

use crate::key_use;
use crate::parts::{self, Part};
use crate::signed::{self, Signed};

/// Signs data with a private key that stays on the server, at once or in parts.
struct Sign;

register_operation!(Sign);

impl Operation for Sign {
    type Request = SignRequest;
    type Response = SignResponse;

    const NAME: &'static str = "Sign";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::SIGN,
        since: ProtocolVersion::V1_2,
        access: Access::Authenticated,
        material: MaterialUse::Use,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::UnlessInParts,
    };

    fn targets(request: &SignRequest) -> Targets {
        let bytes = request.data.as_ref().or(request.digested_data.as_ref()).map_or(0, |data| data.len());
        Targets::one(
            Target::subject(request.unique_identifier.clone(), OperationCode::SIGN)
                .states(StateSet::ACTIVE)
                .types(&[ObjectType::PRIVATE_KEY])
                .usage(CryptographicUsageMask::SIGN)
                .consumes(bytes),
        )
    }

    async fn run(&self, cx: &mut Context<'_>, mut request: SignRequest) -> Result<SignResponse> {
        let key = cx.subject()?;
        let correlation = request.correlation_value.take();
        let part = Part::of(request.init_indicator, request.final_indicator, correlation)?;
        if part == Part::Whole {
            return whole(cx, &key, request).await;
        }
        signed::no_digest_in_parts(request.digested_data.as_ref())?;
        let stream: Box<dyn SignStream> = match &part {
            Part::Next(correlation) | Part::Last(correlation) => parts::resume(cx, Some(&key), correlation)?,
            Part::Whole | Part::First => {
                let parameters = key_use::parameters(&key, request.cryptographic_parameters);
                key_use::sign(cx, &key, &parameters).await?.in_parts(&parameters)?
            }
        };
        let stream = parts::absorb(cx, stream, request.data).await?;
        if part.ends() {
            let signature = cx.compute(Cost::Heavy, move |rng| stream.sign(rng)).await?;
            return Ok(SignResponse { signature_data: Some(signature), ..nothing(&key) });
        }
        let correlation = parts::keep(cx, Some(&key), part, stream)?;
        Ok(SignResponse { correlation_value: Some(correlation), ..nothing(&key) })
    }
}

async fn whole(cx: &mut Context<'_>, key: &Authorized, request: SignRequest) -> Result<SignResponse> {
    let signed = Signed::of(request.data, request.digested_data)?;
    let parameters = key_use::parameters(key, request.cryptographic_parameters);
    let signer = key_use::sign(cx, key, &parameters).await?;
    let cost = signer.cost().max(cx.cost_of_data(signed.len()));
    let signature = cx.compute(cost, move |rng| signer.sign(signed.as_input(), &parameters, rng)).await?;
    Ok(SignResponse { signature_data: Some(signature), ..nothing(key) })
}

fn nothing(key: &Authorized) -> SignResponse {
    SignResponse {
        unique_identifier: key.id().as_str().to_owned(),
        signature_data: None,
        correlation_value: None,
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Sign,
        SignRequest {
            unique_identifier: Some("a".into()),
            cryptographic_parameters: Some(CryptographicParameters::NONE),
            data: Some(vec![1].into()),
            digested_data: Some(vec![2].into()),
            correlation_value: Some(vec![3].into()),
            init_indicator: Some(false),
            final_indicator: Some(true),
        },
    );
}
