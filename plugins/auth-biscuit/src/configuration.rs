//! The settings of the plugin.

use std::sync::Arc;

use claviger_plugin_sdk::settings::{Setting, SettingKind, Settings};
use claviger_plugin_sdk::{Error, Result};

use crate::keys::{RootKey, RootKeys};

const ROOT_KEY: &str = "biscuit-root-key-file";
const ROOT_KEY_ID: &str = "biscuit-root-key-id";
const PUBLIC_KEYS: &str = "biscuit-public-keys";
const LIFETIME: &str = "biscuit-lifetime";
const LONGEST: &str = "biscuit-longest-lifetime";

const BISCUIT: Setting = Setting {
    flag: "",
    variable: "",
    variable_aliases: &[],
    section: "auth.biscuit",
    kind: SettingKind::Text,
    default: None,
    help: "",
};

/// All settings.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        flag: ROOT_KEY,
        variable: "KMS_BISCUIT_ROOT_KEY_FILE",
        kind: SettingKind::Path,
        help: "File with the private root key that makes tokens (biscuits) for users, as `token keygen` writes it, such as \
               ./biscuit.key; tokens that it made are accepted",
        ..BISCUIT
    },
    Setting {
        flag: ROOT_KEY_ID,
        variable: "KMS_BISCUIT_ROOT_KEY_ID",
        kind: SettingKind::Number(0, u32::MAX as i64),
        help: "Number by which tokens name the root key that made them; none when absent",
        ..BISCUIT
    },
    Setting {
        flag: PUBLIC_KEYS,
        variable: "KMS_BISCUIT_PUBLIC_KEYS",
        help: "Public root keys whose tokens are accepted, too, separated by commas, each as ed25519/HEX or, if tokens name \
               it by a number, as NUMBER=ed25519/HEX",
        ..BISCUIT
    },
    Setting {
        flag: LIFETIME,
        variable: "KMS_BISCUIT_LIFETIME",
        kind: SettingKind::Number(1, i64::MAX),
        default: Some("3600"),
        help: "Seconds for which a token is good when nobody says how long",
        ..BISCUIT
    },
    Setting {
        flag: LONGEST,
        variable: "KMS_BISCUIT_LONGEST_LIFETIME",
        kind: SettingKind::Number(1, i64::MAX),
        default: Some("86400"),
        help: "Seconds for which a user may ask for a token; `token mint` is not bound by it",
        ..BISCUIT
    },
];

/// What the settings say.
pub(crate) struct Configuration {
    /// The keys that tokens are verified by.
    pub(crate) keys: RootKeys,
    /// What makes tokens.
    pub(crate) mint: Option<Mint>,
}

/// What makes tokens, and for how long.
pub(crate) struct Mint {
    /// The private root key.
    pub(crate) key: RootKey,
    /// How tokens name it.
    pub(crate) id: Option<u32>,
    /// Seconds for which a token is good when nobody says how long.
    pub(crate) lifetime: i64,
    /// Seconds for which it may be.
    pub(crate) longest: i64,
}

impl Configuration {
    /// What the settings say, which is read when it is asked for first; nothing if they name no key.
    ///
    /// # Errors
    /// Invalid Field: they cannot be meant, or a file that they name is no good.
    pub(crate) fn of(settings: &Settings) -> Result<Option<Arc<Self>>> {
        let configured = settings.once(Self::read)?;
        Ok(Some(configured).filter(|configured| !configured.keys.is_empty()))
    }

    fn read(settings: &Settings) -> Result<Self> {
        let mint = mint(settings)?;
        let mut keys = RootKeys::default();
        if let Some(mint) = &mint {
            keys.add(mint.id, mint.key.public())?;
        }
        for text in settings.text(PUBLIC_KEYS).into_iter().flat_map(|list| list.split(',')) {
            keys.add_text(text.trim()).map_err(|error| about(PUBLIC_KEYS, &error))?;
        }
        Ok(Self { keys, mint })
    }
}

fn mint(settings: &Settings) -> Result<Option<Mint>> {
    let id = settings.number(ROOT_KEY_ID)?;
    let Some(file) = settings.path(ROOT_KEY) else {
        return match id {
            Some(_) => Err(Error::invalid(format!("--{ROOT_KEY_ID} needs --{ROOT_KEY}"))),
            None => Ok(None),
        };
    };
    let id = id.map(u32::try_from).transpose();
    let id = id.map_err(|_| Error::invalid(format!("--{ROOT_KEY_ID} takes a number of 32 bits")))?;
    let number = |flag: &str, default: i64| settings.number(flag).map(|number| number.unwrap_or(default));
    let longest = number(LONGEST, 86_400)?;
    Ok(Some(Mint {
        key: RootKey::read(&file)?,
        id,
        lifetime: number(LIFETIME, 3_600)?.min(longest),
        longest,
    }))
}

fn about(flag: &str, error: &Error) -> Error {
    Error::invalid(format!("--{flag}: {}", error.message()))
}
