//! Making tokens.

use biscuit_auth::builder::{fact, string};
use biscuit_auth::{Biscuit, BlockBuilder};
use claviger_plugin_sdk::{Error, Result};

use crate::attenuation::{Attenuation, not_made};
use crate::configuration::Mint;
use crate::token::is_name;

/// A token that was made.
pub(crate) struct Minted {
    /// The token in bytes.
    pub(crate) token: Vec<u8>,
    /// The identifier by which it and all that are made from it can be revoked.
    pub(crate) revocation_id: Vec<u8>,
}

/// Makes a token that acts as a user with these groups, narrowed from the start.
///
/// # Errors
/// Invalid Field: nobody is called so; as for [`Attenuation`].
pub(crate) fn token(
    mint: &Mint,
    user: &str,
    groups: &[impl AsRef<str>],
    narrowed: &Attenuation,
) -> Result<Minted> {
    let mut block = BlockBuilder::new().fact(named("user", user)?).map_err(not_made)?;
    for group in groups {
        block = block.fact(named("group", group.as_ref())?).map_err(not_made)?;
    }
    let mut token = Biscuit::builder().merge(narrowed.add_to(block)?);
    if let Some(id) = mint.id {
        token = token.root_key_id(id);
    }
    let token = token.build(mint.key.pair()).map_err(not_made)?;
    let revocation_id = token.revocation_identifiers().into_iter().next().unwrap_or_default();
    Ok(Minted { token: token.to_vec().map_err(not_made)?, revocation_id })
}

fn named(what: &str, name: &str) -> Result<biscuit_auth::builder::Fact> {
    if is_name(name) {
        return Ok(fact(what, &[string(name)]));
    }
    Err(Error::invalid(format!("nobody is called {name:?}: a name has 1 to 255 letters and is not *")))
}
