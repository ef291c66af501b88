//! The configuration file.

use claviger_engine::dynamic::LibraryOptions;
use claviger_plugin_sdk::settings::{Setting, SettingKind};
use toml::{Table, Value};

use super::libraries;
use super::merge::ConfigurationError;
use super::suggestion::nearest;
use super::table::SettingsTable;

/// What a file says.
#[derive(Default)]
pub(super) struct FileContent {
    /// The settings that it gives values to.
    pub(super) values: Vec<(&'static Setting, String)>,
    /// The libraries that it names.
    pub(super) libraries: Vec<LibraryOptions>,
}

/// Reads the text of a file.
///
/// # Errors
/// It is not TOML, or holds a section, key or type that no setting has. The error names line, section or key and
/// what is known instead; it never repeats a value, which may be a secret.
pub(super) fn read(table: &SettingsTable, text: &str) -> Result<FileContent, ConfigurationError> {
    let sections: Table = text.parse().map_err(|error| not_toml(text, &error))?;
    let mut file = FileContent::default();
    for (name, content) in sections {
        section(table, &name, content, &mut file)?;
    }
    Ok(file)
}

/// Reads a section and those below it: `[auth.mtls]` stands in `[auth]`.
fn section(
    table: &SettingsTable,
    name: &str,
    content: Value,
    file: &mut FileContent,
) -> Result<(), ConfigurationError> {
    if !is_section(table, name) {
        if !content.is_table()
            && let Some(row) = table.rows().iter().find(|row| row.has_key(name))
        {
            let message = format!("`{name}` stands in no section: write it below [{}]", row.setting.section);
            return Err(ConfigurationError::new(message));
        }
        return Err(unknown("section", &format!("[{name}]"), name, &table.sections()));
    }
    let Value::Table(mut entries) = content else {
        let message = format!("`{name}` is a section: write [{name}] and its keys below");
        return Err(ConfigurationError::new(message));
    };
    if name == "plugins"
        && let Some(value) = entries.remove(libraries::KEY)
    {
        file.libraries = libraries::read(value)?;
    }
    for (key, value) in entries {
        let below = format!("{name}.{key}");
        match value {
            Value::Table(_) if is_section(table, &below) => section(table, &below, value, file)?,
            value => file.values.push(entry(table, name, &key, value)?),
        }
    }
    Ok(())
}

/// Whether settings stand in a section of this name or below it.
fn is_section(table: &SettingsTable, name: &str) -> bool {
    let below = |section: &str| {
        section.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    table.sections().into_iter().any(below)
}

fn entry(
    table: &SettingsTable,
    section: &str,
    key: &str,
    value: Value,
) -> Result<(&'static Setting, String), ConfigurationError> {
    let Some(row) = table.section(section).find(|row| row.has_key(key)) else {
        let known: Vec<String> = table.section(section).map(|row| row.key()).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        return Err(unknown("key", &format!("`{key}` in [{section}]"), key, &known));
    };
    let text = text(row.setting, value).ok_or_else(|| {
        let takes = takes(row.setting.kind);
        ConfigurationError::new(format!("`{key}` in [{section}] takes {takes}"))
    })?;
    Ok((row.setting, text))
}

/// The text of a value whose TOML type suits the setting. Lists of texts are written with commas elsewhere.
fn text(setting: &Setting, value: Value) -> Option<String> {
    match (setting.kind, value) {
        (SettingKind::Switch, Value::Boolean(on)) => Some(on.to_string()),
        (SettingKind::Number(..), Value::Integer(number)) => Some(number.to_string()),
        (SettingKind::Switch | SettingKind::Number(..), _) => None,
        (_, Value::String(text)) => Some(text),
        (SettingKind::Text, Value::Array(items)) => {
            let items: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            items.map(|items| items.join(","))
        }
        _ => None,
    }
}

fn takes(kind: SettingKind) -> &'static str {
    match kind {
        SettingKind::Switch => "true or false, without quotation marks",
        SettingKind::Number(..) => "a whole number, without quotation marks",
        SettingKind::Text => "text in quotation marks, or a list of such",
        SettingKind::Path | SettingKind::Secret | SettingKind::OneOf(_) | SettingKind::Key => {
            "text in quotation marks"
        }
    }
}

fn unknown(what: &str, shown: &str, name: &str, known: &[&str]) -> ConfigurationError {
    let suggestion = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? "),
        None => String::new(),
    };
    ConfigurationError::new(format!("unknown {what} {shown}: {suggestion}known are {}", known.join(", ")))
}

fn not_toml(text: &str, error: &toml::de::Error) -> ConfigurationError {
    let offset = error.span().map_or(0, |span| span.start);
    let line = 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
    ConfigurationError::new(format!("line {line} is not TOML: {}", error.message()))
}
