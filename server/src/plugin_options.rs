//! What the configuration says about plugins.

use claviger_engine::dynamic::{self, LibraryOptions};
use claviger_engine::registry::{Registry, RegistryOptions};
use claviger_plugin_sdk::settings::Settings;

use crate::failure::Failure;
use crate::linked;

/// The registry of what is linked into this binary and what the configuration loads.
///
/// # Errors
/// A required library cannot be loaded; plugins claim the same entry, or miss; a configured name is unknown.
pub(crate) fn registry(settings: &Settings, libraries: &[LibraryOptions]) -> Result<Registry, Failure> {
    let mut entries = claviger_plugin_sdk::plugin::linked();
    for library in libraries {
        match dynamic::load(library) {
            Ok(loaded) => {
                let library = library.path.display();
                tracing::info!(
                    "{library} is loaded: its operations are in use, and nothing else that its plugin has"
                );
                entries.extend(loaded);
            }
            Err(error) if library.required => return Err(Failure::new(error.to_string())),
            Err(error) => tracing::warn!("going on without a plugin: {error}"),
        }
    }
    Ok(Registry::build(entries, &registry_options(settings)?)?)
}

/// The options of the registry.
///
/// # Errors
/// `plugins.prefer` has something else than ENTRY=PLUGIN.
fn registry_options(settings: &Settings) -> Result<RegistryOptions, Failure> {
    let prefer = list(settings, "plugins-prefer").map(|item| match item.rsplit_once('=') {
        Some((entry, plugin)) => Ok((entry.trim().to_owned(), plugin.trim().to_owned())),
        None => Err(Failure::usage(format!("--plugins-prefer takes ENTRY=PLUGIN, not `{item}`"))),
    });
    Ok(RegistryOptions {
        disabled: list(settings, "plugins-disable").map(str::to_owned).collect(),
        prefer: prefer.collect::<Result<_, _>>()?,
        order: list(settings, "plugins-order").map(str::to_owned).collect(),
        settings: settings.clone(),
        expected: linked::expected(),
    })
}

/// The items of a setting whose items are separated by commas.
pub(crate) fn list<'s>(settings: &'s Settings, flag: &str) -> impl Iterator<Item = &'s str> {
    settings.text(flag).unwrap_or_default().split(',').map(str::trim).filter(|item| !item.is_empty())
}
