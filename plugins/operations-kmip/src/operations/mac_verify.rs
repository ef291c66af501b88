//! MAC Verify (KMIP 2.1 section 6.1.33).

use claviger_plugin_sdk::kmip::payloads::{MacVerifyRequest, MacVerifyResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::ValidityIndicator;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::MacStream;

use super::mac::KEYS;
use crate::key_use;
use crate::parts::{self, Absorbs, Part};

/// Tells whether a message authentication code is that of some data, at once or in parts.
struct MacVerify;

register_operation!(MacVerify);

/// A verification between two of its parts. The MAC may come with any of them.
struct VerifyStream {
    data: Box<dyn MacStream>,
    mac: Option<ByteString>,
}

impl Absorbs for VerifyStream {
    fn absorb(&mut self, part: &[u8]) -> Result<()> {
        self.data.update(part)
    }
}

impl Operation for MacVerify {
    type Request = MacVerifyRequest;
    type Response = MacVerifyResponse;

    const NAME: &'static str = "MACVerify";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::MAC_VERIFY,
        since: ProtocolVersion::V1_2,
        access: Access::Authenticated,
        material: MaterialUse::Use,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::UnlessInParts,
    };

    fn targets(request: &MacVerifyRequest) -> Targets {
        Targets::one(
            Target::subject(request.unique_identifier.clone(), OperationCode::MAC_VERIFY)
                .states(StateSet::PROCESSING)
                .types(KEYS)
                .usage(CryptographicUsageMask::MAC_VERIFY),
        )
    }

    async fn run(&self, cx: &mut Context<'_>, mut request: MacVerifyRequest) -> Result<MacVerifyResponse> {
        let key = cx.subject()?;
        let correlation = request.correlation_value.take();
        let part = Part::of(request.init_indicator, request.final_indicator, correlation)?;
        if part == Part::Whole {
            return whole(cx, &key, request).await;
        }
        let mut stream: VerifyStream = match &part {
            Part::Next(correlation) | Part::Last(correlation) => parts::resume(cx, Some(&key), correlation)?,
            Part::Whole | Part::First => {
                let parameters = key_use::parameters(&key, request.cryptographic_parameters);
                let data = key_use::mac(cx, &key, &parameters).await?.in_parts(&parameters)?;
                VerifyStream { data, mac: None }
            }
        };
        stream.mac = request.mac_data.or(stream.mac);
        let stream = parts::absorb(cx, stream, request.data).await?;
        if part.ends() {
            let mac = required(stream.mac)?;
            return Ok(told(&key, stream.data.verify(&mac)?));
        }
        let correlation = parts::keep(cx, Some(&key), part, stream)?;
        Ok(MacVerifyResponse { correlation_value: Some(correlation), ..nothing(&key) })
    }
}

async fn whole(
    cx: &mut Context<'_>,
    key: &Authorized,
    request: MacVerifyRequest,
) -> Result<MacVerifyResponse> {
    let data = parts::required(request.data)?;
    let mac = required(request.mac_data)?;
    let parameters = key_use::parameters(key, request.cryptographic_parameters);
    let maker = key_use::mac(cx, key, &parameters).await?;
    let cost = cx.cost_of_data(data.len());
    let valid = cx.compute(cost, move |_| maker.verify(&data, &mac, &parameters)).await?;
    Ok(told(key, valid))
}

fn required(mac: Option<ByteString>) -> Result<ByteString> {
    mac.ok_or_else(|| parts::missing("MAC Data is required to verify it"))
}

fn told(key: &Authorized, valid: bool) -> MacVerifyResponse {
    let validity = if valid { ValidityIndicator::VALID } else { ValidityIndicator::INVALID };
    MacVerifyResponse { validity_indicator: Some(validity), ..nothing(key) }
}

fn nothing(key: &Authorized) -> MacVerifyResponse {
    MacVerifyResponse {
        unique_identifier: key.id().as_str().to_owned(),
        validity_indicator: None,
        correlation_value: None,
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        MacVerify,
        MacVerifyRequest {
            unique_identifier: Some("a".into()),
            cryptographic_parameters: Some(CryptographicParameters::NONE),
            data: Some(vec![1].into()),
            mac_data: Some(vec![2].into()),
            correlation_value: Some(vec![3].into()),
            init_indicator: Some(false),
            final_indicator: Some(true),
        },
    );
}
