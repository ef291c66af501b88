//! MAC (KMIP 2.1 section 6.1.32).

use claviger_plugin_sdk::kmip::payloads::{MacRequest, MacResponse};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::MacStream;

use crate::key_use;
use crate::parts::{self, Part};

/// Makes a message authentication code with a key that stays on the server, at once or in parts.
struct Mac;

register_operation!(Mac);

/// What a MAC may be made with.
pub(super) const KEYS: &[ObjectType] = &[ObjectType::SYMMETRIC_KEY, ObjectType::SECRET_DATA];

impl Operation for Mac {
    type Request = MacRequest;
    type Response = MacResponse;

    const NAME: &'static str = "MAC";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::MAC,
        since: ProtocolVersion::V1_2,
        access: Access::Authenticated,
        material: MaterialUse::Use,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::UnlessInParts,
    };

    fn targets(request: &MacRequest) -> Targets {
        let bytes = request.data.as_ref().map_or(0, |data| data.len());
        Targets::one(
            Target::subject(request.unique_identifier.clone(), OperationCode::MAC)
                .states(StateSet::ACTIVE)
                .types(KEYS)
                .usage(CryptographicUsageMask::MAC_GENERATE)
                .consumes(bytes),
        )
    }

    async fn run(&self, cx: &mut Context<'_>, mut request: MacRequest) -> Result<MacResponse> {
        let key = cx.subject()?;
        let correlation = request.correlation_value.take();
        let part = Part::of(request.init_indicator, request.final_indicator, correlation)?;
        if part == Part::Whole {
            return whole(cx, &key, request).await;
        }
        let stream: Box<dyn MacStream> = match &part {
            Part::Next(correlation) | Part::Last(correlation) => parts::resume(cx, Some(&key), correlation)?,
            Part::Whole | Part::First => {
                let parameters = key_use::parameters(&key, request.cryptographic_parameters);
                key_use::mac(cx, &key, &parameters).await?.in_parts(&parameters)?
            }
        };
        let stream = parts::absorb(cx, stream, request.data).await?;
        if part.ends() {
            return Ok(MacResponse { mac_data: Some(stream.finish(cx.rng())?), ..nothing(&key) });
        }
        let correlation = parts::keep(cx, Some(&key), part, stream)?;
        Ok(MacResponse { correlation_value: Some(correlation), ..nothing(&key) })
    }
}

async fn whole(cx: &mut Context<'_>, key: &Authorized, request: MacRequest) -> Result<MacResponse> {
    let data = parts::required(request.data)?;
    let parameters = key_use::parameters(key, request.cryptographic_parameters);
    let maker = key_use::mac(cx, key, &parameters).await?;
    let cost = cx.cost_of_data(data.len());
    let mac = cx.compute(cost, move |rng| maker.mac(&data, &parameters, rng)).await?;
    Ok(MacResponse { mac_data: Some(mac), ..nothing(key) })
}

fn nothing(key: &Authorized) -> MacResponse {
    MacResponse { unique_identifier: key.id().as_str().to_owned(), mac_data: None, correlation_value: None }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Mac,
        MacRequest {
            unique_identifier: Some("a".into()),
            cryptographic_parameters: Some(CryptographicParameters::NONE),
            data: Some(vec![1].into()),
            correlation_value: Some(vec![2].into()),
            init_indicator: Some(false),
            final_indicator: Some(true),
        },
    );
}
