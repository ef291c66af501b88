//! Finding objects, and their attributes as PKCS#11 has them.

use claviger_plugin_sdk::filter::{Compare, FieldTest, Filter, IndexValue, Page};
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::tables::enumerations::CryptographicAlgorithm as Algorithm;
use claviger_plugin_sdk::prelude::*;

use crate::Shared;
use crate::code::{Fault, Rv};
use crate::codec::{Input, Output, error};
use crate::constants::{attribute, class};
use crate::library::Library;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Boolean(bool),
    Long(u64),
    Bytes(Vec<u8>),
    /// A CK_DATE.
    Date([u8; 8]),
}

/// How the values of an attribute are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Boolean,
    Long,
    Bytes,
    Date,
}

fn form(attribute: u64) -> Option<Form> {
    use crate::constants::attribute::*;
    Some(match attribute {
        TOKEN | PRIVATE | SENSITIVE | ENCRYPT | DECRYPT | WRAP | UNWRAP | SIGN | VERIFY | DERIVE
        | EXTRACTABLE | LOCAL | NEVER_EXTRACTABLE | ALWAYS_SENSITIVE | MODIFIABLE | COPYABLE
        | DESTROYABLE => Form::Boolean,
        CLASS | CERTIFICATE_TYPE | KEY_TYPE | MODULUS_BITS | VALUE_LEN => Form::Long,
        LABEL | VALUE | ID | PRIVATE_EXPONENT => Form::Bytes,
        START_DATE | END_DATE => Form::Date,
        _ => return None,
    })
}

/// A CK_ATTRIBUTE of a template: its type, and its value if it has one.
type Entry = (u64, Option<Content>);

/// Reads a template: the number of attributes; of each its type, whether it has a value and whether it has a length, the
/// length if it is an array, and the value.
fn template(input: &mut Input<'_>) -> Result<Vec<Entry>, Fault> {
    let count = input.count()?;
    // Each has ten bytes at least, so no more are made room for than there can be.
    let mut entries = Vec::with_capacity(count.min(input.len() / 10));
    for _ in 0..count {
        let code = input.long()?;
        let (has_value, has_length) = (input.boolean()?, input.boolean()?);
        let form = form(code);
        let length = match form {
            Some(Form::Bytes) | None if has_length => input.count()?,
            _ => 0,
        };
        let content = match form {
            _ if !has_value => None,
            Some(Form::Boolean) => Some(Content::Boolean(input.boolean()?)),
            Some(Form::Long) => Some(Content::Long(input.long()?)),
            Some(Form::Bytes) => Some(Content::Bytes(input.take(length)?.to_vec())),
            Some(Form::Date) => Some(Content::Date(fixed(input.take(8)?))),
            None => return Err(error(format!("the attribute {code:#x} is not one of this token's")).into()),
        };
        entries.push((code, content));
    }
    Ok(entries)
}

fn fixed(bytes: &[u8]) -> [u8; 8] {
    let mut date = [0; 8];
    for (place, byte) in date.iter_mut().zip(bytes) {
        *place = *byte;
    }
    date
}

/// C_FindObjectsInit.
pub(crate) async fn find_init(
    cx: &mut Context<'_>,
    library: &Shared,
    input: &mut Input<'_>,
) -> Result<Output, Fault> {
    let session = input.long()?;
    let template = template(input)?;
    input.end()?;
    Library::of(library).session(session)?;
    let most = u64::try_from(cx.limits().located_items).unwrap_or(0);
    let found = cx.search(filter(&template), Page::first(most)).await?;
    let matching = found.objects.iter().filter(|object| {
        template.iter().all(|(code, wanted)| {
            wanted.as_ref().is_none_or(|wanted| content(object, *code).as_ref() == Ok(wanted))
        })
    });
    let mut library = Library::of(library);
    let handles = matching.map(|object| library.handle(object.id())).collect();
    library.session(session)?.begin_found(handles)?;
    Ok(Output::default())
}

/// What the store can look for; the rest is compared with what it finds.
fn filter(template: &[Entry]) -> Filter {
    let types = vec![
        ObjectType::SYMMETRIC_KEY,
        ObjectType::PUBLIC_KEY,
        ObjectType::PRIVATE_KEY,
        ObjectType::SECRET_DATA,
        ObjectType::CERTIFICATE,
    ];
    let mut filters = vec![Filter::Type(types)];
    for (code, wanted) in template {
        if let (attribute::LABEL, Some(Content::Bytes(label))) = (*code, wanted)
            && let Ok(label) = String::from_utf8(label.clone())
            && !label.is_empty()
        {
            let compare = Compare::Equal(IndexValue::Text(label));
            let tests = vec![FieldTest { field: Some(Tag::NAME_VALUE), compare }];
            filters.push(Filter::Attribute { tag: Tag::NAME, tests });
        }
    }
    Filter::All(filters)
}

/// C_FindObjects.
pub(crate) fn find(library: &Shared, input: &mut Input<'_>) -> Result<Output, Fault> {
    let session = input.long()?;
    let most = usize::try_from(input.last_long()?).unwrap_or(usize::MAX);
    input.end()?;
    let handles = Library::of(library).session(session)?.next_found(most)?;
    Ok(handles.iter().fold(Output::default().count(handles.len()), |output, handle| output.long(*handle)))
}

/// C_FindObjectsFinal.
pub(crate) fn find_final(library: &Shared, input: &mut Input<'_>) -> Result<Output, Fault> {
    let session = input.long()?;
    input.end()?;
    Library::of(library).session(session)?.end_found()?;
    Ok(Output::default())
}

/// C_GetAttributeValue: the template with the values that may be told.
pub(crate) async fn attribute_value(
    cx: &mut Context<'_>,
    library: &Shared,
    input: &mut Input<'_>,
) -> Result<Output, Fault> {
    let session = input.long()?;
    let handle = input.long()?;
    let template = template(input)?;
    input.end()?;
    let id = {
        let mut library = Library::of(library);
        library.session(session)?;
        library.object(handle).ok_or(Rv::OBJECT_HANDLE_INVALID)?
    };
    let target = Target::subject(Some(id.as_str().into()), OperationCode::GET_ATTRIBUTES)
        .states(StateSet::ALL)
        .cardinality(Cardinality::One);
    let loaded = cx.load(target).await.map_err(|error| match error.class() {
        ErrorClass::NotFound | ErrorClass::Denied => Rv::OBJECT_HANDLE_INVALID.into(),
        _ => Fault::Kmip(error),
    })?;
    let object = loaded.first().ok_or(Rv::OBJECT_HANDLE_INVALID)?;
    let mut fault = None;
    let mut output = Output::default().count(template.len());
    for (code, _) in template {
        output = match content(object, code) {
            Ok(content) => written(output.long(code), &content),
            Err(rv) => {
                fault.get_or_insert(rv);
                output.long(code).boolean(false).boolean(false)
            }
        };
    }
    match fault {
        None => Ok(output),
        Some(rv) => Err(Fault::with(rv, output)),
    }
}

fn written(output: Output, content: &Content) -> Output {
    match content {
        Content::Boolean(boolean) => output.boolean(true).boolean(true).boolean(*boolean),
        Content::Long(number) => output.boolean(true).boolean(true).long(*number),
        Content::Date(date) => output.boolean(true).boolean(true).raw(date),
        Content::Bytes(bytes) if bytes.is_empty() => output.boolean(false).boolean(false),
        Content::Bytes(bytes) => output.boolean(true).boolean(true).bytes(bytes),
    }
}

/// An attribute of an object.
///
/// # Errors
/// CKR_ATTRIBUTE_SENSITIVE: it is material. CKR_ATTRIBUTE_TYPE_INVALID: the object has no such attribute.
fn content(object: &Authorized, code: u64) -> Result<Content, Rv> {
    use crate::constants::attribute::*;
    let attributes = object.attributes();
    let is_certificate = object.object_type() == ObjectType::CERTIFICATE;
    let is_public = is_certificate || object.object_type() == ObjectType::PUBLIC_KEY;
    let usage = |usage: CryptographicUsageMask| {
        let mask = attributes.one::<kinds::CryptographicUsageMask>().unwrap_or(0).cast_unsigned();
        Content::Boolean(mask & (usage.0 | CryptographicUsageMask::UNRESTRICTED.0) != 0)
    };
    let is = |known: Option<bool>| Content::Boolean(known.unwrap_or(false));
    let absent = Rv::ATTRIBUTE_TYPE_INVALID;
    Ok(match code {
        CLASS => Content::Long(match object.object_type() {
            ObjectType::CERTIFICATE => class::CERTIFICATE,
            ObjectType::PUBLIC_KEY => class::PUBLIC_KEY,
            ObjectType::PRIVATE_KEY => class::PRIVATE_KEY,
            _ => class::SECRET_KEY,
        }),
        TOKEN => Content::Boolean(true),
        PRIVATE => Content::Boolean(!is_public),
        MODIFIABLE | COPYABLE | DESTROYABLE => Content::Boolean(false),
        LABEL => Content::Bytes(
            attributes.one::<kinds::Name>().map(|name| name.value.into_bytes()).unwrap_or_default(),
        ),
        ID => Content::Bytes(object.id().as_str().as_bytes().to_vec()),
        // X.509.
        CERTIFICATE_TYPE if is_certificate => Content::Long(0),
        _ if is_certificate => return Err(absent),
        KEY_TYPE => Content::Long(key_type(attributes.one::<kinds::CryptographicAlgorithm>())),
        SENSITIVE if !is_public => is(attributes.one::<kinds::Sensitive>().or(Some(true))),
        ALWAYS_SENSITIVE if !is_public => is(attributes.one::<kinds::AlwaysSensitive>()),
        // No function of the slot takes a key out of it.
        EXTRACTABLE if !is_public => Content::Boolean(false),
        NEVER_EXTRACTABLE if !is_public => is(attributes.one::<kinds::NeverExtractable>()),
        ENCRYPT => usage(CryptographicUsageMask::ENCRYPT),
        DECRYPT => usage(CryptographicUsageMask::DECRYPT),
        WRAP | UNWRAP | DERIVE => Content::Boolean(false),
        SIGN => usage(CryptographicUsageMask(
            CryptographicUsageMask::SIGN.0 | CryptographicUsageMask::MAC_GENERATE.0,
        )),
        VERIFY => usage(CryptographicUsageMask(
            CryptographicUsageMask::VERIFY.0 | CryptographicUsageMask::MAC_VERIFY.0,
        )),
        LOCAL => is(attributes.one::<kinds::NeverExtractable>()),
        START_DATE => date(attributes.one::<kinds::ActivationDate>()),
        END_DATE => date(attributes.one::<kinds::DeactivationDate>()),
        VALUE_LEN if object.object_type() == ObjectType::SYMMETRIC_KEY => {
            let bits = attributes.one::<kinds::CryptographicLength>().ok_or(absent)?;
            Content::Long(u64::try_from(bits / 8).map_err(|_| absent)?)
        }
        MODULUS_BITS
            if is_public && attributes.one::<kinds::CryptographicAlgorithm>() == Some(Algorithm::RSA) =>
        {
            let bits = attributes.one::<kinds::CryptographicLength>().ok_or(absent)?;
            Content::Long(u64::try_from(bits).map_err(|_| absent)?)
        }
        VALUE | PRIVATE_EXPONENT if !is_public => return Err(Rv::ATTRIBUTE_SENSITIVE),
        _ => return Err(absent),
    })
}

/// The CKK of an algorithm.
fn key_type(algorithm: Option<Algorithm>) -> u64 {
    const GENERIC_SECRET: u64 = 0x10;
    const VENDOR_DEFINED: u64 = 0x8000_0000;
    match algorithm {
        None => GENERIC_SECRET,
        Some(Algorithm::RSA) => 0x00,
        Some(Algorithm::DSA) => 0x01,
        Some(Algorithm::EC | Algorithm::ECDSA | Algorithm::ECDH) => 0x03,
        Some(Algorithm::THREE_DES) => 0x15,
        Some(Algorithm::AES) => 0x1F,
        Some(Algorithm::HMAC_SHA1) => 0x28,
        Some(Algorithm::HMAC_SHA256) => 0x2B,
        Some(Algorithm::HMAC_SHA384) => 0x2C,
        Some(Algorithm::HMAC_SHA512) => 0x2D,
        Some(Algorithm::HMAC_SHA224) => 0x2E,
        Some(Algorithm::CHACHA20) => 0x33,
        Some(Algorithm::ED25519 | Algorithm::ED448) => 0x40,
        Some(other) => VENDOR_DEFINED | u64::from(other.0),
    }
}

/// A CK_DATE: year, month and day in digits; nothing without a date.
fn date(date: Option<DateTime>) -> Content {
    const DAY: i64 = 24 * 60 * 60;
    match date.and_then(|DateTime(seconds)| calendar(seconds.div_euclid(DAY))) {
        Some((year, month, day)) => Content::Date(fixed(format!("{year:04}{month:02}{day:02}").as_bytes())),
        None => Content::Bytes(Vec::new()),
    }
}

/// Year, month and day of a day since 1970 in the Gregorian calendar; only of years with four digits.
fn calendar(days: i64) -> Option<(i64, i64, i64)> {
    // Eras of 400 years that begin with March, so that the leap day is the last of a year.
    let days = days.checked_add(719_468)?;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era.checked_mul(400)?.checked_add(year_of_era)? + i64::from(month <= 2);
    (0..=9999).contains(&year).then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates_of_the_gregorian_calendar() {
        // Compared with `date -u -d @SECONDS +%Y%m%d`.
        for (seconds, written) in [
            (0, *b"19700101"),
            (951_782_400, *b"20000229"),
            (1_700_000_000, *b"20231114"),
            (4_107_542_400, *b"21000301"),
            (-1, *b"19691231"),
        ] {
            assert_eq!(date(Some(DateTime(seconds))), Content::Date(written));
        }
        assert_eq!(date(Some(DateTime(i64::MAX))), Content::Bytes(Vec::new()));
    }
}
