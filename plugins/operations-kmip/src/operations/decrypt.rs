//! Decrypt (KMIP 2.1 section 6.1.11).

use claviger_plugin_sdk::kmip::payloads::{DecryptRequest, DecryptResponse};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::{CipherInput, CipherStream, Cost};

use crate::key_use;
use crate::parts::{self, Part};

/// Decrypts data with a key that stays on the server, at once or in parts.
struct Decrypt;

register_operation!(Decrypt);

/// A decryption between two of its parts.
struct DecryptStream(Box<dyn CipherStream>);

impl Operation for Decrypt {
    type Request = DecryptRequest;
    type Response = DecryptResponse;

    const NAME: &'static str = "Decrypt";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::DECRYPT,
        since: ProtocolVersion::V1_2,
        access: Access::Authenticated,
        material: MaterialUse::Use,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::UnlessInParts,
    };

    fn targets(request: &DecryptRequest) -> Targets {
        Targets::one(
            Target::subject(request.unique_identifier.clone(), OperationCode::DECRYPT)
                .states(StateSet::PROCESSING)
                .types(&[ObjectType::SYMMETRIC_KEY, ObjectType::PRIVATE_KEY])
                .usage(CryptographicUsageMask::DECRYPT),
        )
    }

    async fn run(&self, cx: &mut Context<'_>, mut request: DecryptRequest) -> Result<DecryptResponse> {
        let key = cx.subject()?;
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
        let tag = request.authenticated_encryption_tag;
        let cost = cipher.cost().max(cx.cost_of_data(data.len()));
        let plain = cx
            .compute(cost, move |_| {
                cipher.decrypt(CipherInput {
                    parameters: &parameters,
                    data: &data,
                    nonce: nonce.as_deref(),
                    additional_data: additional.as_deref().unwrap_or_default(),
                    tag: tag.as_deref(),
                })
            })
            .await?;
        Ok(DecryptResponse { data: Some(plain), ..nothing(&key) })
    }
}

async fn in_parts(
    cx: &mut Context<'_>,
    key: &Authorized,
    part: Part,
    request: DecryptRequest,
) -> Result<DecryptResponse> {
    match part {
        Part::Whole | Part::First => first(cx, key, request).await,
        Part::Next(correlation) => next(cx, key, correlation, request).await,
        Part::Last(correlation) => last(cx, key, &correlation, request).await,
    }
}

async fn first(cx: &mut Context<'_>, key: &Authorized, request: DecryptRequest) -> Result<DecryptResponse> {
    let parameters = key_use::parameters(key, request.cryptographic_parameters);
    let cipher = key_use::cipher(cx, key, &parameters).await?;
    let stream = cipher.decrypt_in_parts(CipherInput {
        parameters: &parameters,
        data: &[],
        nonce: request.iv_counter_nonce.as_deref(),
        additional_data: request.authenticated_encryption_additional_data.as_deref().unwrap_or_default(),
        tag: request.authenticated_encryption_tag.as_deref(),
    })?;
    go_on(cx, key, Part::First, stream, request.data).await
}

async fn next(
    cx: &mut Context<'_>,
    key: &Authorized,
    correlation: ByteString,
    request: DecryptRequest,
) -> Result<DecryptResponse> {
    let stream = take(cx, key, &correlation, request.authenticated_encryption_tag.as_deref())?;
    go_on(cx, key, Part::Next(correlation), stream, request.data).await
}

async fn last(
    cx: &mut Context<'_>,
    key: &Authorized,
    correlation: &[u8],
    request: DecryptRequest,
) -> Result<DecryptResponse> {
    let stream = take(cx, key, correlation, request.authenticated_encryption_tag.as_deref())?;
    let (stream, before) = parts::update(cx, stream, request.data).await?;
    // An authenticated mode has held all parts back until now.
    let (rest, _) = cx.compute(Cost::Heavy, move |_| stream.finish()).await?;
    Ok(DecryptResponse { data: parts::of_part(parts::joined(before, rest)), ..nothing(key) })
}

/// Takes in a part and keeps the stream for the next one.
async fn go_on(
    cx: &mut Context<'_>,
    key: &Authorized,
    part: Part,
    stream: Box<dyn CipherStream>,
    data: Option<ByteString>,
) -> Result<DecryptResponse> {
    let (stream, out) = parts::update(cx, stream, data).await?;
    let correlation = parts::keep(cx, Some(key), part, DecryptStream(stream))?;
    Ok(DecryptResponse { data: parts::of_part(out), correlation_value: Some(correlation), ..nothing(key) })
}

/// The stream, told the tag if the client gives it only now: the specification wants it with the first part, encryption
/// yields it with the last.
fn take(
    cx: &mut Context<'_>,
    key: &Authorized,
    correlation: &[u8],
    tag: Option<&[u8]>,
) -> Result<Box<dyn CipherStream>> {
    let DecryptStream(mut stream) = parts::resume(cx, Some(key), correlation)?;
    if let Some(tag) = tag {
        stream.expect_tag(tag);
    }
    Ok(stream)
}

fn nothing(key: &Authorized) -> DecryptResponse {
    DecryptResponse { unique_identifier: key.id().as_str().to_owned(), data: None, correlation_value: None }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Decrypt,
        DecryptRequest {
            unique_identifier: Some("a".into()),
            cryptographic_parameters: Some(CryptographicParameters::NONE),
            data: Some(vec![1].into()),
            iv_counter_nonce: Some(vec![2].into()),
            correlation_value: Some(vec![3].into()),
            init_indicator: Some(false),
            final_indicator: Some(true),
            authenticated_encryption_additional_data: Some(vec![4].into()),
            authenticated_encryption_tag: Some(vec![5].into()),
        },
    );
}
