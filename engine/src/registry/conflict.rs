//! Why a registry cannot be built.

use claviger_plugin_sdk::plugin::API_VERSION;

/// Why the server does not start with these plugins. Each message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Two plugins claim what only one can have.
    #[error(
        "{first} and {second} both bring {entry}; name the one to use in the configuration: \
         [plugins] prefer = [\"{entry}={first}\"]"
    )]
    Conflict {
        /// What both claim.
        entry: String,
        /// One plugin.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A plugin is compiled in and nothing of it is linked.
    #[error(
        "{0} is compiled in but did not register: the linker dropped it, or it lacks `plugin!`. Name the crate with \
         `use … as _;` in the list of linked plugins"
    )]
    NotLinked(&'static str),
    /// Entries without a manifest.
    #[error("{0} registers {1} but has no `plugin!` manifest")]
    NoManifest(&'static str, String),
    /// Two manifests of one name.
    #[error("two plugins call themselves {0}; one of them must be left out")]
    TwoManifests(&'static str),
    /// A plugin for another API.
    #[error(
        "{name} was built for plugin API {}.{}, this server has {}.{}; build it against this server's SDK",
        api.0, api.1, API_VERSION.0, API_VERSION.1
    )]
    Api {
        /// The plugin.
        name: &'static str,
        /// Its API.
        api: (u16, u16),
    },
    /// The configuration names something that does not exist.
    #[error("plugins.{key} names {name:?}, which no linked plugin brings; known are: {known}")]
    Unknown {
        /// `disable` or `prefer` or `order`.
        key: &'static str,
        /// The unknown name.
        name: String,
        /// The known names.
        known: String,
    },
    /// Two plugins give one name or number of the vocabulary or attribute table two meanings.
    #[error("plugins disagree about names or attributes: {0}")]
    Names(String),
}
