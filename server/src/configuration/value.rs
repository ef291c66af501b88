//! Whether a text is a value that a setting takes.

use claviger_plugin_sdk::settings::{KeyToMake, Setting, SettingKind};

/// The value in the form in which plugins read it.
///
/// # Errors
/// What the setting takes instead. The text itself is only repeated where it is no secret.
pub(super) fn check(setting: &Setting, text: &str) -> Result<String, String> {
    match setting.kind {
        SettingKind::Text | SettingKind::Secret => Ok(text.to_owned()),
        SettingKind::Path if text.is_empty() => Err("takes a path, not an empty text".to_owned()),
        SettingKind::Path => Ok(text.to_owned()),
        SettingKind::Switch => switch(text),
        SettingKind::Number(least, most) => match text.parse::<i64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(number.to_string()),
            _ => Err(format!("takes a whole number from {least} to {most}, not `{text}`")),
        },
        SettingKind::OneOf(words) if words.contains(&text) => Ok(text.to_owned()),
        SettingKind::Key if KeyToMake::parse(text).is_some() => Ok(text.to_owned()),
        SettingKind::Key => {
            Err(format!("takes an algorithm of KMIP and a length in bits, such as AES-256, not `{text}`"))
        }
        SettingKind::OneOf(words) => Err(format!("takes one of {}, not `{text}`", words.join(", "))),
    }
}

fn switch(text: &str) -> Result<String, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok("true".to_owned()),
        "false" | "0" | "no" | "off" => Ok("false".to_owned()),
        _ => Err(format!("takes true or false, not `{text}`")),
    }
}
