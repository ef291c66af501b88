//! What the registry decided, and why: the text of `plugins list`, `explain` and `check`.

use std::fmt;

use claviger_plugin_sdk::plugin::Manifest;

/// Every decision, in the order of plugins and entries.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub(super) plugins: Vec<(&'static Manifest, Verdict)>,
    pub(super) decisions: Vec<Decision>,
}

/// What happened to one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What the entry is: `operation Create`, `store memory`, `scheme AES-GCM`.
    pub entry: String,
    /// The crate that brought it.
    pub plugin: &'static str,
    /// What became of it.
    pub verdict: Verdict,
}

/// What became of an entry or a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is in use.
    Enabled,
    /// The configuration switches it off, by this name.
    Disabled(String),
    /// The configuration prefers this plugin's entry.
    Overruled(String),
}

impl Report {
    /// All decisions.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// The decisions on a plugin or an entry, by its name or a part of it; empty if nothing has such a name.
    pub fn explain(&self, name: &str) -> Vec<&Decision> {
        let name = name.to_lowercase();
        self.decisions
            .iter()
            .filter(|decision| {
                decision.plugin.to_lowercase().contains(&name)
                    || decision.entry.to_lowercase().contains(&name)
            })
            .collect()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enabled => f.write_str("enabled"),
            Self::Disabled(by) => write!(f, "disabled by the configuration (plugins.disable has {by:?})"),
            Self::Overruled(by) => write!(f, "not used: the configuration prefers {by}"),
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {}: {}", self.entry, self.plugin, self.verdict)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (manifest, verdict) in &self.plugins {
            writeln!(
                f,
                "{} {} ({}): {}",
                manifest.name, manifest.version, manifest.licence, manifest.summary
            )?;
            if *verdict != Verdict::Enabled {
                writeln!(f, "  {verdict}")?;
            }
            for decision in self.decisions.iter().filter(|decision| decision.plugin == manifest.name) {
                match &decision.verdict {
                    Verdict::Enabled => writeln!(f, "  {}", decision.entry)?,
                    other => writeln!(f, "  {}: {other}", decision.entry)?,
                }
            }
        }
        Ok(())
    }
}
