//! The operations of KMIP, one file each.

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::lifecycle::has_state;
use claviger_plugin_sdk::prelude::*;

mod activate;
mod add_attribute;
mod adjust_attribute;
mod archive;
mod cancel;
mod certify;
mod check;
mod create;
mod create_key_pair;
mod create_split_key;
mod decrypt;
mod delegated_login;
mod delete_attribute;
mod derive_key;
mod destroy;
mod discover_versions;
mod encrypt;
mod export;
mod get;
mod get_attribute_list;
mod get_attributes;
mod get_constraints;
mod get_usage_allocation;
mod hash;
mod import;
mod interop;
mod join_split_key;
mod locate;
mod log;
mod login;
mod logout;
mod mac;
mod mac_verify;
mod modify_attribute;
mod obtain_lease;
mod ping;
mod poll;
mod process;
mod query;
mod query_asynchronous_requests;
mod re_certify;
mod re_key;
mod re_key_key_pair;
mod re_provision;
mod recover;
mod register;
mod revoke;
mod rng_retrieve;
mod rng_seed;
mod set_attribute;
mod set_constraints;
mod set_defaults;
mod set_endpoint_role;
mod sign;
mod signature_verify;
mod validate;

pub(crate) use rng_seed::RNG_SEED;

/// The identifier that an operation on several objects answers with: that of the object that the client named, which
/// comes before those that are linked to it.
///
/// # Errors
/// Internal Server Error: the operation has no target.
fn first_identifier(targets: &[Authorized]) -> Result<String> {
    targets
        .first()
        .map(|target| target.id().to_string())
        .ok_or_else(|| Error::server("an operation on objects ran without one"))
}

/// The attributes of an object as clients see them: its effective state, and nothing that is the server's own. Operators
/// are not told the digest, by which they could try what a password or another short secret is.
pub(crate) fn visible_attributes(cx: &Context<'_>, target: &Authorized) -> Attributes {
    let table = cx.catalogue().attribute_table();
    let mut attributes = target.attributes().clone();
    let is_hidden = |tag| tag == Tag::DIGEST && target.is_for_operator();
    attributes.retain(|instance| table.is_visible(instance.tag) && !is_hidden(instance.tag));
    if has_state(target.object_type()) {
        attributes.put::<kinds::State>(target.state());
    }
    attributes
}
