//! How an object leaves the server: what Get and Export share (KMIP 2.1 sections 6.1.18 and 6.1.19).

use claviger_plugin_sdk::kmip::objects::{KeyWrappingSpecification, ManagedObject};
use claviger_plugin_sdk::kmip::tables::enumerations::{KeyCompressionType, KeyWrapType, WrappingMethod};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::Encoding;

use crate::{born, container, wrapping};

/// The form in which a client wants an object.
pub(crate) struct Form {
    /// The format; as stored if absent.
    pub(crate) format: Option<KeyFormatType>,
    /// What happens to a key that is stored wrapped.
    pub(crate) wrap_type: Option<KeyWrapType>,
    /// How an elliptic-curve point is compressed.
    pub(crate) compression: Option<KeyCompressionType>,
    /// How the key is to be wrapped.
    pub(crate) wrapping: Option<KeyWrappingSpecification>,
}

/// The object and the keys that are to wrap it.
pub(crate) fn targets(subject: Target, wrapping: Option<&KeyWrappingSpecification>) -> Targets {
    std::iter::once(subject).chain(wrapping.into_iter().flat_map(wrapping::targets)).collect()
}

/// The object in this form.
///
/// # Errors
/// Sensitive, Not Extractable, Key Value Not Present, Key Format Type Not Supported, Key Compression Type Not
/// Supported, Key Wrap Type Not Supported, Bad Password, and what wrapping says.
pub(crate) async fn object(cx: &mut Context<'_>, target: &Authorized, form: Form) -> Result<ManagedObject> {
    if StateSet::DESTROYED.contains(target.state()) {
        return cx.reveal_for_wrapping(target);
    }
    let encoding = (form.format, form.compression);
    match (form.wrapping, form.wrap_type) {
        (Some(_), Some(_)) => {
            Err(Error::invalid("a request has either a Key Wrap Type or a Key Wrapping Specification"))
        }
        (Some(specification), None) => {
            // A MAC or a signature hides nothing.
            let object = match specification.wrapping_method {
                WrappingMethod::MAC_SIGN => cx.reveal(target)?,
                _ => cx.reveal_for_wrapping(target)?,
            };
            let object = in_format(cx, target, object, encoding).await?;
            let keys = wrapping::Keys::declared(cx, &specification)?;
            wrapping::wrap(cx, &keys, specification, object, target.attributes()).await
        }
        (None, Some(KeyWrapType::NOT_WRAPPED)) if target.is_wrapped() => {
            let object = cx.reveal_unwrapped(target).await?;
            in_format(cx, target, object, encoding).await
        }
        (None, _) => {
            let object = cx.reveal(target)?;
            in_format(cx, target, object, encoding).await
        }
    }
}

/// Converts the object, if it is asked for in another format than its own. A key that is managed without its value (KMIP
/// 2.1 section 4.28) is handed out as it is.
async fn in_format(
    cx: &mut Context<'_>,
    target: &Authorized,
    object: ManagedObject,
    (format, compression): (Option<KeyFormatType>, Option<KeyCompressionType>),
) -> Result<ManagedObject> {
    let own = object.key_block().map(|block| block.key_format_type);
    if let Some(format) = format.filter(|format| own != Some(*format) && compression.is_none())
        && let Some(scheme) = container::scheme(cx.catalogue(), format)
    {
        return container::sealed(cx, scheme, target, object, format).await;
    }
    match own {
        None if compression.is_none() && format.is_none_or(|format| is_of(cx, target, format)) => Ok(object),
        None => Err(Error::unsupported(format!(
            "an object of type {:?} is not to be had in this format",
            object.object_type()
        ))
        .with_reason(ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED)),
        Some(own) => {
            let format = format.unwrap_or_else(|| usual(cx, target, own));
            if format == own && compression.is_none() {
                return Ok(object);
            }
            born::convert(cx, object, target.attributes(), Encoding { format, compression }).await
        }
    }
}

/// The format of a key whose client names none: the one in which it is kept, unless that is for the server alone.
fn usual(cx: &Context<'_>, target: &Authorized, own: KeyFormatType) -> KeyFormatType {
    let kind = cx.catalogue().object_kind(target.object_type());
    let formats = kind.map_or(&[][..], |kind| kind.formats(cx.catalogue(), &target.key_facts()));
    match formats.first() {
        Some(first) if !formats.contains(&own) => *first,
        _ => own,
    }
}

/// Whether an object without a key block is in this format as it is: a certificate in the one of its type.
fn is_of(cx: &Context<'_>, target: &Authorized, format: KeyFormatType) -> bool {
    let kind = cx.catalogue().object_kind(target.object_type());
    kind.is_some_and(|kind| kind.formats(cx.catalogue(), &target.key_facts()).contains(&format))
}

#[cfg(test)]
pub(crate) mod examples {
    //! Requests for tests.

    use claviger_plugin_sdk::kmip::objects::KeyInformation;

    use super::*;

    /// Wrapping with a key called `kek`.
    pub(crate) fn specification() -> KeyWrappingSpecification {
        KeyWrappingSpecification {
            wrapping_method: WrappingMethod::ENCRYPT,
            encryption_key_information: Some(KeyInformation {
                unique_identifier: "kek".into(),
                cryptographic_parameters: None,
            }),
            mac_signature_key_information: None,
            attribute_name: Vec::new(),
            encoding_option: None,
        }
    }
}
