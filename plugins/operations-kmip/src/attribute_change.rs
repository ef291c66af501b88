//! What follows when a client changes an attribute: the view that the rules take of an object, and the attributes that
//! the server changes with it.

use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::attributes::rules::{SetEffect, Subject};
use claviger_plugin_sdk::kmip::attributes::{Attributes, NewAttribute};
use claviger_plugin_sdk::prelude::*;

use crate::protection;

/// The object as the rules see it.
pub(crate) fn subject<'a>(target: &'a Authorized, now: DateTime) -> Subject<'a> {
    Subject { object_type: target.object_type(), state: target.state(), attributes: target.attributes(), now }
}

/// An attribute that every object may have.
pub(crate) fn example() -> NewAttribute {
    NewAttribute { tag: Tag::COMMENT, value: Value::TextString(String::new()) }
}

/// The attribute as it is stored: Usage Limits count down from their total (KMIP 2.1 section 4.59).
///
/// # Errors
/// Application Namespace Not Supported: the server is to make Application Data and makes none.
pub(crate) fn as_stored(new: NewAttribute) -> Result<NewAttribute> {
    let NewAttribute { tag, value } = new;
    let value = match tag {
        Tag::USAGE_LIMITS => crate::born::full_limits(value)?,
        Tag::APPLICATION_SPECIFIC_INFORMATION => crate::born::with_application_data(value)?,
        _ => value,
    };
    Ok(NewAttribute { tag, value })
}

/// Gives an attribute the value that Set Attribute or Adjust Attribute was allowed to give it.
///
/// # Errors
/// As [`as_stored`] and [`follow`].
pub(crate) fn set(
    cx: &mut Context<'_>,
    target: &Authorized,
    new: NewAttribute,
    effect: SetEffect,
) -> Result<()> {
    let new = as_stored(new)?;
    cx.update(target, |attributes| {
        match effect {
            SetEffect::Add => {
                attributes.add(new.tag, new.value);
            }
            SetEffect::Replace(index) => {
                let reference = new.key().to_reference();
                attributes.replace(&reference, index, new.value);
            }
        }
        follow(attributes)
    })
}

/// Changes what follows from the change of an attribute.
///
/// # Errors
/// Permission Denied: the object stays in the server.
pub(crate) fn follow(attributes: &mut Attributes) -> Result<()> {
    protection::check_stays(attributes)?;
    lower_history(attributes);
    Ok(())
}

/// Lowers Always Sensitive and Never Extractable when the attribute that they watch loses its protection (KMIP 2.1
/// sections 4.3 and 4.33).
fn lower_history(attributes: &mut Attributes) {
    if attributes.one::<kinds::Sensitive>() == Some(false) {
        attributes.put::<kinds::AlwaysSensitive>(false);
    }
    if attributes.one::<kinds::Extractable>() == Some(true) {
        attributes.put::<kinds::NeverExtractable>(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_once_unprotected_was_not_always_protected() {
        let mut attributes = Attributes::new();
        attributes.put::<kinds::Sensitive>(true);
        attributes.put::<kinds::AlwaysSensitive>(true);
        attributes.put::<kinds::Extractable>(false);
        attributes.put::<kinds::NeverExtractable>(true);
        lower_history(&mut attributes);
        assert_eq!(attributes.one::<kinds::AlwaysSensitive>(), Some(true));
        assert_eq!(attributes.one::<kinds::NeverExtractable>(), Some(true));
        attributes.put::<kinds::Sensitive>(false);
        attributes.put::<kinds::Extractable>(true);
        lower_history(&mut attributes);
        attributes.put::<kinds::Sensitive>(true);
        attributes.put::<kinds::Extractable>(false);
        lower_history(&mut attributes);
        assert_eq!(attributes.one::<kinds::AlwaysSensitive>(), Some(false));
        assert_eq!(attributes.one::<kinds::NeverExtractable>(), Some(false));
    }
}
