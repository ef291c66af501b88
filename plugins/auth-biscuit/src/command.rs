//! What `claviger-server token …` does.

use std::path::Path;

use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::{Error, Result};

use crate::attenuation::Attenuation;
use crate::configuration::Configuration;
use crate::keys::RootKey;
use crate::token::Token;
use crate::{form, mint, moment, token};

/// Writes a new private root key into a new file, and gives the public one as text.
///
/// # Errors
/// Invalid Field: there is such a file, or it cannot be written.
pub fn keygen(file: &Path) -> Result<String> {
    let key = RootKey::generate();
    key.write(file)?;
    Ok(key.public_text())
}

/// Makes a token for a user by the root key of the settings. `narrowed` without an end is given the usual one.
///
/// # Errors
/// Invalid Field: the settings name no root key, or one that is no good; nobody is called so; as for [`Attenuation`].
pub fn mint_token(
    settings: &Settings,
    user: &str,
    groups: &[String],
    narrowed: Attenuation,
    now: i64,
) -> Result<String> {
    let configured = Configuration::of(settings)?;
    let mint = configured.as_ref().and_then(|configured| configured.mint.as_ref()).ok_or_else(|| {
        Error::invalid("name the file of the root key by --biscuit-root-key-file; `token keygen` writes one")
    })?;
    let until = narrowed.until.unwrap_or_else(|| now.saturating_add(mint.lifetime));
    let narrowed = Attenuation { until: Some(until), ..narrowed };
    mint::token(mint, user, groups, &narrowed).map(|minted| form::encode(&minted.token))
}

/// Says what a token is: the Datalog of each block with its revocation identifier, and what the server makes of it. The
/// signatures are not verified.
///
/// # Errors
/// Invalid Field: it is no token.
pub fn inspect(text: &str) -> Result<String> {
    let wrong = |why: String| Error::invalid(format!("the token is no good: {why}"));
    let bytes = form::decode(text.trim()).map_err(|why| wrong(why.to_owned()))?;
    let token = token::parsed(&bytes).map_err(wrong)?;
    let mut told = match token.root_key_id() {
        Some(id) => format!("root key {id}, {} bytes; signatures are not verified\n", bytes.len()),
        None => format!("root key without a number, {} bytes; signatures are not verified\n", bytes.len()),
    };
    for (place, id) in token.revocation_identifiers().iter().enumerate() {
        let source = token.print_block_source(place).map_err(|error| wrong(error.to_string()))?;
        let source: String = source.lines().map(|line| format!("  {}\n", escaped(line))).collect();
        told.push_str(&format!("block {place}, revocation identifier {}\n{source}", hex::encode(id)));
    }
    told.push_str(&match Token::unverified(&token) {
        Ok(read) => match crate::restriction::span(&read.caveats).to {
            i64::MAX => "good without end\n".to_owned(),
            to => format!("good until {}\n", moment::text(to.saturating_add(1))),
        },
        Err(why) => format!("the server refuses it: {}\n", escaped(&why)),
    });
    Ok(told)
}

/// A token can hold what would steer a terminal.
fn escaped(line: &str) -> String {
    line.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}
