//! Puts the sources together.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use claviger_engine::dynamic::LibraryOptions;
use claviger_plugin_sdk::settings::{Setting, SettingKind, Settings};
use zeroize::Zeroizing;

use super::file::FileContent;
use super::suggestion::nearest;
use super::table::{Row, SettingsTable};
use super::{file, value};

const ROOT: &str = "root-data-path";

/// Everything that a configuration is read from. Nothing here is looked up: the caller hands it in.
#[derive(Default)]
pub struct Sources {
    /// Flags that were given, without dashes, and their values.
    pub flags: BTreeMap<&'static str, String>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// The configuration file: its name for messages, and its text.
    pub file: Option<(String, String)>,
}

/// A configuration whose values were checked, and whose secrets were not yet read from their files.
pub struct Configuration {
    values: Vec<(&'static Setting, Zeroizing<String>)>,
    libraries: Vec<LibraryOptions>,
    root: PathBuf,
    warnings: Vec<String>,
}

/// What is wrong with a configuration and what to write instead. It holds no value of a secret.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigurationError(String);

impl Configuration {
    /// Merges and checks: a flag wins over a variable, a variable over the file, the file over the default. An empty
    /// variable counts as not set.
    ///
    /// # Errors
    /// An unknown section or key, or a value that its setting does not take; the message says where it stands.
    pub fn read(table: &SettingsTable, sources: &Sources) -> Result<Self, ConfigurationError> {
        let file = match &sources.file {
            Some((name, text)) => file::read(table, text).map_err(|error| error.within(name))?,
            None => FileContent::default(),
        };
        let mut values = Vec::new();
        for row in table.rows() {
            if let Some((origin, text)) = first(row, sources, &file.values) {
                let value = value::check(row.setting, &text)
                    .map_err(|problem| ConfigurationError(format!("{origin} {problem}")))?;
                values.push((row.setting, Zeroizing::new(value)));
            }
        }
        let home = sources.environment.get("HOME").map(String::as_str).unwrap_or_default();
        let root = values.iter().find(|(setting, _)| setting.flag == ROOT);
        let root = Path::new(home).join(root.map(|(_, text)| text.as_str()).unwrap_or_default());
        let root = root.components().collect();
        Ok(Self { values, libraries: file.libraries, root, warnings: unknown_variables(table, sources) })
    }

    /// The libraries that are to be loaded.
    pub fn libraries(&self) -> &[LibraryOptions] {
        &self.libraries
    }

    /// What is worth telling the operator though it is no error.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The settings that the server and its plugins read, with `@FILE` secrets read from their files.
    ///
    /// # Errors
    /// A file that is to hold a secret cannot be read.
    pub fn into_settings(mut self) -> Result<Settings, ConfigurationError> {
        for (setting, value) in &mut self.values {
            if let (SettingKind::Secret, Some(path)) = (setting.kind, value.strip_prefix('@')) {
                let path = self.root.join(path);
                let text = std::fs::read_to_string(&path).map(Zeroizing::new).map_err(|error| {
                    let message = format!("--{}: cannot read {}: {error}", setting.flag, path.display());
                    ConfigurationError(message)
                })?;
                *value = Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned());
            }
        }
        let values =
            self.values.into_iter().map(|(setting, mut value)| (setting.flag, std::mem::take(&mut *value)));
        Ok(Settings::new(self.root, values))
    }
}

impl ConfigurationError {
    /// An error with this message.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    pub(super) fn same_setting_twice(first: &Row, second: &Row) -> Self {
        Self(format!(
            "{} declares --{} ({}) and {} declares --{} ({}): leave one of them out of the build",
            first.owner,
            first.setting.flag,
            first.setting.variable,
            second.owner,
            second.setting.flag,
            second.setting.variable,
        ))
    }

    fn within(self, file: &str) -> Self {
        Self(format!("{file}: {}", self.0))
    }
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigurationError {}

/// The value of the strongest source that has one, and where it stands.
fn first(row: &Row, sources: &Sources, file: &[(&'static Setting, String)]) -> Option<(String, String)> {
    let setting = row.setting;
    let flag = || sources.flags.get(setting.flag).map(|value| (format!("--{}", setting.flag), value.clone()));
    let variable = || {
        row.variables().find_map(|name| {
            let value = sources.environment.get(name).filter(|value| !value.is_empty())?;
            Some((name.to_owned(), value.clone()))
        })
    };
    let in_file = || {
        let (_, value) = file.iter().find(|(known, _)| known.flag == setting.flag)?;
        Some((format!("`{}` in [{}]", row.key(), setting.section), value.clone()))
    };
    let default =
        || setting.default.map(|value| (format!("the default of --{}", setting.flag), value.to_owned()));
    flag().or_else(variable).or_else(in_file).or_else(default)
}

/// Variables that look like ours and are not: a misspelt one would otherwise do nothing, silently.
fn unknown_variables(table: &SettingsTable, sources: &Sources) -> Vec<String> {
    let known: Vec<&str> = table.rows().iter().flat_map(Row::variables).chain(["KMS_CONFIG"]).collect();
    let unknown = sources.environment.keys().filter(|name| name.starts_with("KMS_"));
    unknown
        .filter(|name| !known.contains(&name.as_str()))
        .map(|name| match nearest(name, known.iter().copied()) {
            Some(near) => format!("the variable {name} is not known and ignored; did you mean {near}?"),
            None => format!("the variable {name} is not known in this build and ignored"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::plugin::{API_VERSION, Manifest};

    use super::*;

    fn table() -> SettingsTable {
        SettingsTable::of(&[]).unwrap()
    }

    fn settings(sources: &Sources) -> Settings {
        Configuration::read(&table(), sources).unwrap().into_settings().unwrap()
    }

    fn problem(sources: &Sources) -> String {
        Configuration::read(&table(), sources).err().unwrap().to_string()
    }

    fn file(text: &str) -> Sources {
        Sources { file: Some(("claviger.toml".to_owned(), text.to_owned())), ..Sources::default() }
    }

    #[test]
    fn a_flag_wins_over_a_variable_over_the_file_over_the_default() {
        let mut sources = Sources::default();
        assert_eq!(settings(&sources).text("port"), Some("9998"));
        sources.file = file("[server]\nport = 1\n").file;
        assert_eq!(settings(&sources).text("port"), Some("1"));
        sources.environment.insert("KMS_PORT".to_owned(), "2".to_owned());
        assert_eq!(settings(&sources).text("port"), Some("2"));
        sources.flags.insert("port", "3".to_owned());
        assert_eq!(settings(&sources).text("port"), Some("3"));
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        let sources = Sources {
            environment: BTreeMap::from([("KMS_PORT".to_owned(), String::new())]),
            ..Sources::default()
        };
        assert_eq!(settings(&sources).text("port"), Some("9998"));
    }

    #[test]
    fn an_unknown_key_is_an_error_with_a_suggestion_and_the_known_ones() {
        let problem = problem(&file("[server]\nprot = 1\n"));
        assert!(
            problem.contains("claviger.toml: unknown key `prot` in [server]: did you mean `port`?"),
            "{problem}"
        );
        assert!(problem.contains("hostname"), "{problem}");
    }

    #[test]
    fn a_section_may_stand_in_another() {
        const NESTED: Setting = Setting {
            flag: "nested-flag",
            variable: "KMS_NESTED_FLAG",
            variable_aliases: &[],
            section: "server.nested",
            kind: SettingKind::Text,
            default: None,
            help: "Something.",
        };
        static MANIFEST: Manifest = Manifest {
            name: "nesting",
            version: "1.0.0",
            api: API_VERSION,
            licence: "Apache-2.0",
            summary: "",
            settings: &[NESTED],
            vocabulary: &[],
            attributes: &[],
        };
        let table = SettingsTable::of(&[(&MANIFEST, MANIFEST.settings)]).unwrap();
        let sources = file("[server]\nport = 1\n[server.nested]\nnested_flag = \"a\"\n");
        let settings = Configuration::read(&table, &sources).unwrap().into_settings().unwrap();
        assert_eq!((settings.text("port"), settings.text("nested-flag")), (Some("1"), Some("a")));
    }

    #[test]
    fn an_unknown_section_is_an_error_with_the_known_ones() {
        let problem = problem(&file("[sever]\nport = 1\n"));
        assert!(problem.contains("[sever]") && problem.contains("`server`") && problem.contains("plugins"));
    }

    #[test]
    fn a_key_before_the_first_section_is_told_where_it_belongs() {
        assert_eq!(
            problem(&file("port = 1\n")),
            "claviger.toml: `port` stands in no section: write it below [server]"
        );
    }

    #[test]
    fn what_is_not_toml_is_reported_by_line_and_without_its_text() {
        let problem = problem(&file("[server]\nhttps_p12_password = geheim\n"));
        assert!(problem.contains("line 2") && !problem.contains("geheim"), "{problem}");
    }

    #[test]
    fn values_are_checked_wherever_they_come_from() {
        assert!(
            problem(&file("[server]\nport = 65536\n")).contains("`port` in [server] takes a whole number")
        );
        assert!(problem(&file("[server]\nport = \"1\"\n")).contains("without quotation marks"));
        let flags = BTreeMap::from([("log-format", "xml".to_owned())]);
        let problem = problem(&Sources { flags, ..Sources::default() });
        assert_eq!(problem, "--log-format takes one of human, json, not `xml`");
    }

    #[test]
    fn lists_are_arrays_in_the_file_and_commas_elsewhere() {
        let settings = settings(&file("[plugins]\ndisable = [\"a\", \"b\"]\n"));
        assert_eq!(settings.text("plugins-disable"), Some("a,b"));
    }

    #[test]
    fn the_root_is_below_home_and_paths_are_below_the_root() {
        let environment = BTreeMap::from([("HOME".to_owned(), "/home/ann".to_owned())]);
        let mut sources = Sources { environment, ..Sources::default() };
        assert_eq!(settings(&sources).path("audit-file"), Some("/home/ann/claviger/audit.jsonl".into()));
        sources.flags.insert("root-data-path", "/srv/keys".to_owned());
        assert_eq!(settings(&sources).path("audit-file"), Some("/srv/keys/audit.jsonl".into()));
        sources.flags.insert("audit-file", "/var/log/audit".to_owned());
        assert_eq!(settings(&sources).path("audit-file"), Some("/var/log/audit".into()));
    }

    #[test]
    fn a_secret_is_read_from_its_file_without_the_line_end() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("password"), "geheim\n").unwrap();
        let flags = BTreeMap::from([
            ("root-data-path", folder.path().display().to_string()),
            ("https-p12-password", "@password".to_owned()),
        ]);
        let settings = settings(&Sources { flags, ..Sources::default() });
        assert_eq!(settings.text("https-p12-password"), Some("geheim"));
        assert!(!format!("{settings:?}").contains("geheim"));
    }

    #[test]
    fn a_secret_whose_file_is_missing_stops_the_start() {
        let flags = BTreeMap::from([("https-p12-password", "@/no/such/file".to_owned())]);
        let configuration = Configuration::read(&table(), &Sources { flags, ..Sources::default() }).unwrap();
        let problem = configuration.into_settings().err().unwrap().to_string();
        assert!(problem.starts_with("--https-p12-password: cannot read /no/such/file"), "{problem}");
    }

    #[test]
    fn a_misspelt_variable_is_noticed() {
        let environment = BTreeMap::from([("KMS_PROT".to_owned(), "1".to_owned())]);
        let configuration =
            Configuration::read(&table(), &Sources { environment, ..Sources::default() }).unwrap();
        let expected = "the variable KMS_PROT is not known and ignored; did you mean KMS_PORT?";
        assert_eq!(configuration.warnings(), [expected]);
    }
}
