//! Encrypt (KMIP 2.1 section 6.1.17).

use claviger_plugin_sdk::kmip::payloads::{EncryptRequest, EncryptResponse};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::{CipherInput, CipherStream};

use crate::parts::{self, Part};
use crate::{certification_path, key_use};

/// Encrypts data with a key that stays on the server, at once or in parts.
struct Encrypt;

register_operation!(Encrypt);

/// An encryption between two of its parts.
struct EncryptStream(Box<dyn CipherStream>);

impl Operation for Encrypt {
    type Request = EncryptRequest;
    type Response = EncryptResponse;

    const NAME: &'static str = "Encrypt";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::ENCRYPT,
        since: ProtocolVersion::V1_2,
        access: Access::Authenticated,
        material: MaterialUse::Use,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::UnlessInParts,
    };

    fn targets(request: &EncryptRequest) -> Targets {
        let bytes = request.data.as_ref().map_or(0, |data| data.len());
        Targets::one(
            Target::subject(request.unique_identifier.clone(), OperationCode::ENCRYPT)
                .states(StateSet::ACTIVE)
                .types(&[ObjectType::SYMMETRIC_KEY, ObjectType::PUBLIC_KEY, ObjectType::CERTIFICATE])
                .usage(CryptographicUsageMask::ENCRYPT)
                .consumes(bytes),
        )
    }

    async fn run(&self, cx: &mut Context<'_>, mut request: EncryptRequest) -> Result<EncryptResponse> {
        let key = cx.subject()?;
        if key.object_type() == ObjectType::CERTIFICATE {
            Box::pin(certification_path::check_before_use(cx, &key)).await?;
        }
        let correlation = request.correlation_value.take();
        let part = Part::of(request.init_indicator, request.final_indicator, correlation)?;
        if part != Part::Whole {
            // Boxed, so that the usual case has not its size.
            return Box::pin(in_parts(cx, &key, part, request)).await;
        }
        let data = parts::required(request.data)?;
        let parameters = key_use::parameters(&key, request.cryptographic_parameters);
        let cipher = key_use::cipher(cx, &key, &parameters).await?;
        let (nonce, additional) =
            (request.iv_counter_nonce, request.authenticated_encryption_additional_data);
        let cost = cipher.cost().max(cx.cost_of_data(data.len()));
        let encrypted = cx
            .compute(cost, move |rng| {
                let input = CipherInput {
                    parameters: &parameters,
                    data: &data,
                    nonce: nonce.as_deref(),
                    additional_data: additional.as_deref().unwrap_or_default(),
                    tag: None,
                };
                cipher.encrypt(input, rng)
            })
            .await?;
        Ok(EncryptResponse {
            data: Some(encrypted.data),
            iv_counter_nonce: encrypted.nonce,
            authenticated_encryption_tag: encrypted.tag,
            ..nothing(&key)
        })
    }
}

async fn in_parts(
    cx: &mut Context<'_>,
    key: &Authorized,
    part: Part,
    request: EncryptRequest,
) -> Result<EncryptResponse> {
    match part {
        Part::Whole | Part::First => first(cx, key, request).await,
        Part::Next(correlation) => next(cx, key, correlation, request.data).await,
        Part::Last(correlation) => last(cx, key, &correlation, request.data).await,
    }
}

async fn first(cx: &mut Context<'_>, key: &Authorized, request: EncryptRequest) -> Result<EncryptResponse> {
    let parameters = key_use::parameters(key, request.cryptographic_parameters);
    let cipher = key_use::cipher(cx, key, &parameters).await?;
    let input = CipherInput {
        parameters: &parameters,
        data: &[],
        nonce: request.iv_counter_nonce.as_deref(),
        additional_data: request.authenticated_encryption_additional_data.as_deref().unwrap_or_default(),
        tag: None,
    };
    let (stream, nonce) = cipher.encrypt_in_parts(input, cx.rng())?;
    let answer = go_on(cx, key, Part::First, stream, request.data).await?;
    Ok(EncryptResponse { iv_counter_nonce: nonce, ..answer })
}

async fn next(
    cx: &mut Context<'_>,
    key: &Authorized,
    correlation: ByteString,
    data: Option<ByteString>,
) -> Result<EncryptResponse> {
    let stream = take(cx, key, &correlation)?;
    go_on(cx, key, Part::Next(correlation), stream, data).await
}

async fn last(
    cx: &mut Context<'_>,
    key: &Authorized,
    correlation: &[u8],
    data: Option<ByteString>,
) -> Result<EncryptResponse> {
    let stream = take(cx, key, correlation)?;
    let (stream, before) = parts::update(cx, stream, data).await?;
    let (rest, tag) = stream.finish()?;
    Ok(EncryptResponse {
        data: parts::of_part(parts::joined(before, rest)),
        authenticated_encryption_tag: tag,
        ..nothing(key)
    })
}

/// Takes in a part and keeps the stream for the next one.
async fn go_on(
    cx: &mut Context<'_>,
    key: &Authorized,
    part: Part,
    stream: Box<dyn CipherStream>,
    data: Option<ByteString>,
) -> Result<EncryptResponse> {
    let (stream, out) = parts::update(cx, stream, data).await?;
    let correlation = parts::keep(cx, Some(key), part, EncryptStream(stream))?;
    Ok(EncryptResponse { data: parts::of_part(out), correlation_value: Some(correlation), ..nothing(key) })
}

fn take(cx: &mut Context<'_>, key: &Authorized, correlation: &[u8]) -> Result<Box<dyn CipherStream>> {
    parts::resume::<EncryptStream>(cx, Some(key), correlation).map(|stream| stream.0)
}

fn nothing(key: &Authorized) -> EncryptResponse {
    EncryptResponse {
        unique_identifier: key.id().as_str().to_owned(),
        data: None,
        iv_counter_nonce: None,
        correlation_value: None,
        authenticated_encryption_tag: None,
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Encrypt,
        EncryptRequest {
            unique_identifier: Some("a".into()),
            cryptographic_parameters: Some(CryptographicParameters::NONE),
            data: Some(vec![1].into()),
            iv_counter_nonce: Some(vec![2].into()),
            correlation_value: Some(vec![3].into()),
            init_indicator: Some(false),
            final_indicator: Some(true),
            authenticated_encryption_additional_data: Some(vec![4].into()),
        },
    );
}
