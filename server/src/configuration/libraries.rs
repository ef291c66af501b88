//! `[[plugins.libraries]]`: libraries that are loaded at start. They are named in the file alone, since path, hash and
//! necessity belong together.

use claviger_engine::dynamic::LibraryOptions;
use toml::{Table, Value};

use super::merge::ConfigurationError;

/// The key below `[plugins]`.
pub(super) const KEY: &str = "libraries";

/// What an example file says of it.
pub(super) const EXAMPLE: &str = "
# A plugin that is loaded at start: the absolute path of its library, and the SHA-256 of the file. It has all rights of
# the server. Unless `required` is false the server does not start without it.
#[[plugins.libraries]]
#path = \"/usr/lib/claviger/libmy_plugin.so\"
#sha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"
#required = true
";

/// Reads the tables.
///
/// # Errors
/// It is no array of tables, or a table lacks `path` or `sha256`, or has another key.
pub(super) fn read(value: Value) -> Result<Vec<LibraryOptions>, ConfigurationError> {
    let Value::Array(tables) = value else { return Err(wrong("is written as [[plugins.libraries]]")) };
    tables
        .into_iter()
        .map(|table| match table {
            Value::Table(table) => library(table),
            _ => Err(wrong("is written as [[plugins.libraries]]")),
        })
        .collect()
}

fn library(mut table: Table) -> Result<LibraryOptions, ConfigurationError> {
    let mut text = |key: &str| match table.remove(key) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(wrong(&format!("needs `{key}`, as text in quotation marks"))),
    };
    let (path, sha256) = (text("path")?, text("sha256")?);
    if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong("has as `sha256` 64 hexadecimal digits, as sha256sum prints them"));
    }
    let required = match table.remove("required") {
        None => true,
        Some(Value::Boolean(required)) => required,
        Some(_) => return Err(wrong("has as `required` true or false, without quotation marks")),
    };
    match table.keys().next() {
        None => Ok(LibraryOptions { path: path.into(), sha256, required }),
        Some(key) => Err(wrong(&format!("has no key `{key}`; known are path, sha256, required"))),
    }
}

fn wrong(why: &str) -> ConfigurationError {
    ConfigurationError::new(format!("an entry of [[plugins.libraries]] {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<LibraryOptions>, String> {
        let mut sections: Table = text.parse().unwrap();
        let Some(Value::Table(mut plugins)) = sections.remove("plugins") else { panic!() };
        read(plugins.remove(KEY).unwrap()).map_err(|error| error.to_string())
    }

    const HASH: &str = "ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12";

    #[test]
    fn a_library_is_required_unless_the_file_says_otherwise() {
        let text = format!(
            "[[plugins.libraries]]\npath = \"/a.so\"\nsha256 = \"{HASH}\"\n\
             [[plugins.libraries]]\npath = \"/b.so\"\nsha256 = \"{HASH}\"\nrequired = false\n"
        );
        let libraries = parse(&text).unwrap();
        let expected =
            |path: &str, required| LibraryOptions { path: path.into(), sha256: HASH.to_owned(), required };
        assert_eq!(libraries, [expected("/a.so", true), expected("/b.so", false)]);
    }

    #[test]
    fn what_is_wrong_with_an_entry_is_said() {
        let with = |rest: &str| parse(&format!("[[plugins.libraries]]\n{rest}")).unwrap_err();
        assert!(with(&format!("sha256 = \"{HASH}\"")).contains("needs `path`"));
        assert!(with("path = \"/a.so\"").contains("needs `sha256`"));
        assert!(with("path = \"/a.so\"\nsha256 = \"12\"").contains("64 hexadecimal digits"));
        let more = |line: &str| with(&format!("path = \"/a.so\"\nsha256 = \"{HASH}\"\n{line}"));
        assert!(more("required = \"yes\"").contains("true or false"));
        assert!(more("pth = 1").contains("no key `pth`"));
        assert!(parse("[plugins]\nlibraries = \"/a.so\"").unwrap_err().contains("[[plugins.libraries]]"));
    }
}
