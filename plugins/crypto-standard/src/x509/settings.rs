//! The form of OpenSSL's configuration files: sections of names with values.
//!
//! Only what stands in the text counts: nothing is included, looked up in files or in the environment, and no variables
//! are expanded, since the text comes from clients.

use claviger_plugin_sdk::error::{Error, Result};

/// A text in sections.
#[derive(Debug)]
pub(super) struct Settings {
    sections: Vec<Section>,
}

/// A section: its name, which is empty for what stands before the first, and its settings in their order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) name: String,
    pub(super) settings: Vec<(String, String)>,
}

impl Settings {
    /// Reads a text.
    ///
    /// # Errors
    /// Invalid Field: a line is neither a setting nor the name of a section; it names a variable.
    pub(super) fn read(text: &str) -> Result<Self> {
        let mut sections = vec![Section::default()];
        for line in joined_lines(text) {
            let line = line.trim();
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                sections.push(Section { name: name.trim().to_owned(), settings: Vec::new() });
            } else if !line.is_empty() {
                let (name, value) = line.split_once('=').ok_or_else(|| malformed(line))?;
                let (name, value) = (name.trim(), unquoted(value.trim()));
                if name.is_empty() || value.contains('$') {
                    return Err(malformed(line));
                }
                if let Some(section) = sections.last_mut() {
                    section.settings.push((name.to_owned(), value.to_owned()));
                }
            }
        }
        Ok(Self { sections })
    }

    /// The settings of a section.
    ///
    /// # Errors
    /// Invalid Field: there is no such section.
    pub(super) fn section(&self, name: &str) -> Result<&[(String, String)]> {
        let found = self.sections.iter().find(|section| section.name == name);
        found
            .map(|section| section.settings.as_slice())
            .ok_or_else(|| Error::certificate(format!("the extension text has no section called {name}")))
    }

    /// The settings that are extensions: those of the section `v3_ca`, which clients of the REST family write; else those of
    /// the section that `extensions` or `x509_extensions` names before the first section; else those before the first
    /// section; else those of the first.
    ///
    /// # Errors
    /// Invalid Field: the section that is named is not there.
    pub(super) fn extensions(&self) -> Result<&[(String, String)]> {
        if let Ok(settings) = self.section("v3_ca") {
            return Ok(settings);
        }
        let top = self.section("")?;
        if let Some((_, named)) =
            top.iter().find(|(name, _)| name == "extensions" || name == "x509_extensions")
        {
            return self.section(named);
        }
        let first = self.sections.iter().find(|section| !section.settings.is_empty());
        Ok(first.map(|section| section.settings.as_slice()).unwrap_or_default())
    }
}

/// Lines without comments; a line that ends in a backslash goes on in the next.
fn joined_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        let line = if is_comment(line) { "" } else { line };
        let (line, more) = match line.strip_suffix('\\') {
            Some(line) => (line, true),
            None => (line, false),
        };
        match lines.last_mut().filter(|_| goes_on) {
            Some(last) => last.push_str(line),
            None => lines.push(line.to_owned()),
        }
        goes_on = more;
    }
    lines
}

/// A number sign begins a comment at the beginning of a line only: a semicolon may stand in a value.
fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with(['#', ';'])
}

/// A value without a trailing comment, and without the quotes around it.
fn unquoted(value: &str) -> &str {
    let value = value.split(" #").next().unwrap_or(value).trim();
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value)
}

fn malformed(line: &str) -> Error {
    Error::certificate(format!("the extension text has a line that is no plain setting: {line:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_openssl_reads_it() {
        let text = "# a comment\n; another\na = 1 # behind a value\n\n[ one ]\nb=critical, \\\n  CA:TRUE\nc = \"x;y\"\n";
        let settings = Settings::read(text).unwrap();
        assert_eq!(settings.section("").unwrap(), [("a".into(), "1".into())]);
        let one = settings.section("one").unwrap();
        assert_eq!(one, [("b".into(), "critical,   CA:TRUE".into()), ("c".into(), "x;y".into())]);
        assert!(settings.section("two").is_err());
    }

    #[test]
    fn the_section_with_the_extensions_is_found() {
        for text in [
            "[v3_ca]\na = 1\n[other]\nb = 2",
            "extensions = x\n[other]\nb = 2\n[x]\na = 1",
            "a = 1\n[other]\nb = 2",
            "[only]\na = 1",
        ] {
            assert_eq!(
                Settings::read(text).unwrap().extensions().unwrap(),
                [("a".into(), "1".into())],
                "{text}"
            );
        }
        assert!(Settings::read("extensions = nowhere").unwrap().extensions().is_err());
        assert!(Settings::read("").unwrap().extensions().unwrap().is_empty());
    }

    #[test]
    fn variables_and_lines_without_a_value_are_refused() {
        for text in ["a = $ENV::HOME", "a", ".include /etc/passwd", "= 1"] {
            assert!(Settings::read(text).is_err(), "{text}");
        }
    }
}
