//! All settings that this build knows.

use std::collections::BTreeMap;

use claviger_plugin_sdk::plugin::Manifest;
use claviger_plugin_sdk::settings::Setting;

use super::limit_settings::LIMIT_SETTINGS;
use super::merge::ConfigurationError;
use super::own_settings::OWN_SETTINGS;

/// The settings of the server and of the plugins that are compiled in, in the order in which help shows them.
pub struct SettingsTable {
    rows: Vec<Row>,
}

/// A setting and whose it is.
#[derive(Clone, Copy)]
pub struct Row {
    /// The crate that owns the setting.
    pub owner: &'static str,
    /// The setting.
    pub setting: &'static Setting,
}

impl SettingsTable {
    /// The table of this build.
    ///
    /// # Errors
    /// Two owners declare the same flag or variable with different meanings. Declaring the same setting twice is
    /// no conflict: it is then shared.
    pub fn of(plugins: &[(&'static Manifest, &'static [Setting])]) -> Result<Self, ConfigurationError> {
        let own = OWN_SETTINGS.iter().chain(LIMIT_SETTINGS);
        let own = own.map(|setting| Row { owner: env!("CARGO_PKG_NAME"), setting });
        let theirs = plugins.iter().flat_map(|(manifest, settings)| {
            settings.iter().map(|setting| Row { owner: manifest.name, setting })
        });
        let mut table = Self { rows: Vec::new() };
        let mut taken: BTreeMap<&'static str, Row> = BTreeMap::new();
        for row in own.chain(theirs) {
            match row.names().find_map(|name| taken.get(name)) {
                Some(first) if first.setting == row.setting => {}
                Some(first) => return Err(ConfigurationError::same_setting_twice(first, &row)),
                None => {
                    taken.extend(row.names().map(|name| (name, row)));
                    table.rows.push(row);
                }
            }
        }
        Ok(table)
    }

    /// Every setting.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The sections of the configuration file, in order of appearance.
    pub fn sections(&self) -> Vec<&'static str> {
        let mut sections = Vec::new();
        for row in &self.rows {
            if !sections.contains(&row.setting.section) {
                sections.push(row.setting.section);
            }
        }
        sections
    }

    /// The settings of one section.
    pub fn section<'t>(&'t self, section: &'t str) -> impl Iterator<Item = &'t Row> {
        self.rows.iter().filter(move |row| row.setting.section == section)
    }
}

impl Row {
    /// The key in the section of the file: the flag with underscores, without the name of the section in front.
    pub fn key(&self) -> String {
        let flag = self.setting.flag;
        let short = flag.strip_prefix(self.setting.section).and_then(|rest| rest.strip_prefix('-'));
        short.unwrap_or(flag).replace('-', "_")
    }

    /// Whether a key of the file means this setting: its short name, or the flag with underscores.
    pub fn has_key(&self, key: &str) -> bool {
        self.key() == key || self.setting.flag.replace('-', "_") == key
    }

    /// The variables that set it, the preferred one first.
    pub fn variables(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.setting.variable).chain(self.setting.variable_aliases.iter().copied())
    }

    fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.setting.flag).chain(self.variables())
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::plugin::API_VERSION;
    use claviger_plugin_sdk::settings::SettingKind;

    use super::*;

    const SHARED: Setting = Setting {
        flag: "shared-url",
        variable: "KMS_SHARED_URL",
        variable_aliases: &[],
        section: "shared",
        kind: SettingKind::Text,
        default: None,
        help: "Where it is.",
    };
    const OTHER: Setting = Setting { kind: SettingKind::Path, ..SHARED };

    const fn manifest(name: &'static str) -> Manifest {
        Manifest {
            name,
            version: "1.0.0",
            api: API_VERSION,
            licence: "Apache-2.0",
            summary: "",
            settings: &[],
            vocabulary: &[],
            attributes: &[],
        }
    }
    static FIRST: Manifest = manifest("first");
    static SECOND: Manifest = manifest("second");

    #[test]
    fn a_setting_that_two_plugins_share_is_one_row() {
        let table = SettingsTable::of(&[(&FIRST, &[SHARED]), (&SECOND, &[SHARED])]).unwrap();
        assert_eq!(table.rows().iter().filter(|row| row.setting.flag == "shared-url").count(), 1);
    }

    #[test]
    fn one_flag_with_two_meanings_names_both_owners() {
        let error = SettingsTable::of(&[(&FIRST, &[SHARED]), (&SECOND, &[OTHER])]).err().unwrap().to_string();
        assert!(
            error.contains("first") && error.contains("second") && error.contains("shared-url"),
            "{error}"
        );
    }

    #[test]
    fn the_key_in_the_file_does_not_repeat_the_section() {
        let row = Row { owner: "first", setting: &SHARED };
        assert_eq!(row.key(), "url");
        assert!(row.has_key("url") && row.has_key("shared_url") && !row.has_key("shared-url"));
    }
}
