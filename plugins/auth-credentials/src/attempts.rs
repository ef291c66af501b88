//! Failed attempts of names: people mistype, and whoever guesses has to wait.

use claviger_plugin_sdk::attempts::Patience;

/// What failures in a row cost a name. Success forgets them.
pub(crate) const PATIENCE: Patience = Patience {
    free: 5,
    first_pause: 1_000,
    longest_pause: 60_000,
    forgotten: 15 * 60_000,
    one_forgotten: None,
};

/// What an attempt shows.
#[derive(Clone, Copy, Hash)]
pub(crate) enum Kind {
    /// The password of a user.
    Password,
    /// The password of a device.
    Device,
    /// A one-time password without another one.
    OneTimePasswordAlone,
    /// A one-time password beside another one.
    OneTimePassword,
    /// A hashed password.
    HashedPassword,
}
