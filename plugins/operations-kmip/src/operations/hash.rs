//! Hash (KMIP 2.1 section 6.1.24). Touches no object.

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::payloads::{HashRequest, HashResponse};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::scheme::{Capability, DigestScheme, DigestStream, Scheme};

use crate::parts::{self, Part};

/// Hashes data, at once or in parts.
struct Hash;

register_operation!(Hash);

impl Operation for Hash {
    type Request = HashRequest;
    type Response = HashResponse;

    const NAME: &'static str = "Hash";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::HASH,
        since: ProtocolVersion::V1_2,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::UnlessInParts,
    };

    fn targets(_: &HashRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: HashRequest) -> Result<HashResponse> {
        let HashRequest { cryptographic_parameters: parameters, data, .. } = request;
        let part = Part::of(request.init_indicator, request.final_indicator, request.correlation_value)?;
        if part == Part::Whole {
            let data = parts::required(data)?;
            let scheme = scheme(cx, &parameters)?;
            let cost = cx.cost_of_data(data.len());
            let digest = cx.compute(cost, move |_| scheme.digest(&data, &parameters)).await?;
            return Ok(HashResponse { data: Some(digest), correlation_value: None });
        }
        let stream: Box<dyn DigestStream> = match &part {
            Part::Next(correlation) | Part::Last(correlation) => parts::resume(cx, None, correlation)?,
            Part::Whole | Part::First => scheme(cx, &parameters)?.in_parts(&parameters)?,
        };
        let stream = parts::absorb(cx, stream, data).await?;
        if part.ends() {
            return Ok(HashResponse { data: Some(stream.finish()?), correlation_value: None });
        }
        let correlation = parts::keep(cx, None, part, stream)?;
        Ok(HashResponse { data: None, correlation_value: Some(correlation) })
    }
}

fn scheme(cx: &Context<'_>, parameters: &CryptographicParameters) -> Result<&'static dyn DigestScheme> {
    // KMIP names some hash functions as Cryptographic Algorithms alone.
    if parameters.hashing_algorithm.is_none() && parameters.cryptographic_algorithm.is_none() {
        return Err(Error::invalid("Cryptographic Parameters need the Hashing Algorithm")
            .with_reason(ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS));
    }
    // There is no key, so nothing is known of one.
    let nothing = Attributes::new();
    let facts = KeyFacts::of(ObjectType::OPAQUE_OBJECT, None, &nothing);
    match cx.scheme(Capability::Digest, &facts, parameters)? {
        Scheme::Digest(scheme) => Ok(*scheme),
        _ => Err(Error::server("a scheme that hashes does something else")),
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Hash,
        HashRequest {
            cryptographic_parameters: CryptographicParameters::NONE,
            data: Some(vec![1].into()),
            correlation_value: Some(vec![2].into()),
            init_indicator: Some(false),
            final_indicator: Some(true),
        },
    );
}
