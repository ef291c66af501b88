//! What the settings say about plugins.

use claviger_engine::registry::RegistryOptions;
use claviger_plugin_sdk::settings::Settings;

use crate::failure::Failure;
use crate::linked;

/// The options of the registry.
///
/// # Errors
/// `plugins.prefer` has something else than ENTRY=PLUGIN.
pub(crate) fn registry_options(settings: &Settings) -> Result<RegistryOptions, Failure> {
    let prefer = list(settings, "plugins-prefer").map(|item| match item.rsplit_once('=') {
        Some((entry, plugin)) => Ok((entry.trim().to_owned(), plugin.trim().to_owned())),
        None => Err(Failure::usage(format!("--plugins-prefer takes ENTRY=PLUGIN, not `{item}`"))),
    });
    Ok(RegistryOptions {
        disabled: list(settings, "plugins-disable").map(str::to_owned).collect(),
        prefer: prefer.collect::<Result<_, _>>()?,
        order: list(settings, "plugins-order").map(str::to_owned).collect(),
        expected: linked::expected(),
    })
}

/// The items of a setting whose items are separated by commas.
pub(crate) fn list<'s>(settings: &'s Settings, flag: &str) -> impl Iterator<Item = &'s str> {
    settings.text(flag).unwrap_or_default().split(',').map(str::trim).filter(|item| !item.is_empty())
}
