//! What an object inherits from those that it is made of: Sensitive, Extractable and their histories (KMIP 2.1 sections
//! 4.3, 4.23, 4.33 and 4.55).

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};

/// Makes an object at least as secret as those that it comes from, now and in its history.
pub(crate) fn inherit<'a>(attributes: &mut Attributes, from: impl Iterator<Item = &'a Attributes> + Clone) {
    let any_sensitive = from.clone().any(|of| of.one::<kinds::Sensitive>() == Some(true));
    let all_extractable = from.clone().all(|of| of.one::<kinds::Extractable>() != Some(false));
    if any_sensitive {
        attributes.put::<kinds::Sensitive>(true);
    }
    if !all_extractable {
        attributes.put::<kinds::Extractable>(false);
    }
    let always_sensitive = from.clone().all(|of| of.one::<kinds::AlwaysSensitive>() == Some(true));
    let never_extractable = from.clone().all(|of| of.one::<kinds::NeverExtractable>() == Some(true));
    attributes.put::<kinds::AlwaysSensitive>(always_sensitive);
    attributes.put::<kinds::NeverExtractable>(never_extractable);
}
