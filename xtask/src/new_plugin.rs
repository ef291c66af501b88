//! `cargo xtask new-plugin`: starts a plugin as a copy of the example, which the gate keeps compiling.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Outcome, workspace};

const EXAMPLE: &str = "examples/plugins/hello";

#[derive(clap::Args)]
#[command(after_help = "Example:
  cargo xtask new-plugin key-ceremony     makes plugins/key-ceremony, with an operation to start from")]
pub(crate) struct Options {
    /// What to call it: lower-case words joined by hyphens, such as key-ceremony
    #[arg(value_parser = Name::parse)]
    name: Name,
    /// The folder to make it in
    #[arg(long, value_name = "FOLDER", default_value = "plugins")]
    into: PathBuf,
}

/// Makes the plugin and says what is left to do.
///
/// # Errors
/// The folder exists, or cannot be written.
pub(crate) fn run(options: &Options) -> Outcome {
    let folder = workspace::root().join(&options.into).join(options.name.kebab());
    if folder.exists() {
        return Err(format!("{} exists already; choose another name", folder.display()).into());
    }
    copy(&workspace::root().join(EXAMPLE), &folder, &options.name)?;
    let (kebab, snake) = (options.name.kebab(), options.name.snake());
    println!(
        "made {folder}

Next:
  1. choose an operation code of your own in its source; two operations with one code stop the server's start
  2. Cargo.toml and server/Cargo.toml: the dependency claviger-{kebab}, optional, and a feature {kebab} in `permissive`
     if its libraries' licences allow it, or else in `default`
  3. server/src/linked.rs: use claviger_{snake} as _; under that feature, or the linker drops the plugin; and its name
     in `expected`, so that the server notices if it is dropped all the same
  4. cargo test -p claviger-{kebab}; docs/cookbook/an-operation-of-your-own.md tells the rest",
        folder = folder.display(),
    );
    Ok(())
}

/// A plugin's name.
#[derive(Clone, Debug)]
struct Name(String);

impl Name {
    fn parse(text: &str) -> Result<Self, String> {
        let is_word = |word: &str| {
            word.starts_with(|first: char| first.is_ascii_lowercase())
                && word.chars().all(|each| each.is_ascii_lowercase() || each.is_ascii_digit())
        };
        if text.split('-').all(is_word) {
            Ok(Self(text.to_owned()))
        } else {
            Err("a name is lower-case words joined by hyphens, such as key-ceremony".to_owned())
        }
    }

    /// `key-ceremony`
    fn kebab(&self) -> &str {
        &self.0
    }

    /// `key_ceremony`
    fn snake(&self) -> String {
        self.0.replace('-', "_")
    }

    /// `KeyCeremony`
    fn camel(&self) -> String {
        let capital = |word: &str| {
            word.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(word.chars().skip(1)).collect()
        };
        self.0.split('-').map(capital).collect::<Vec<String>>().concat()
    }

    /// `KEY_CEREMONY`
    fn screaming(&self) -> String {
        self.snake().to_uppercase()
    }

    /// The text of the example with this name in place of its own.
    fn instead_of_hello(&self, text: &str) -> String {
        let text = text.replace("claviger-hello", &format!("claviger-{}", self.kebab()));
        text.replace("HELLO", &self.screaming())
            .replace("Hello", &self.camel())
            .replace("hello", &self.snake())
    }
}

fn copy(from: &Path, to: &Path, name: &Name) -> Outcome {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).map_err(|error| format!("{}: {error}", from.display()))? {
        let entry = entry?;
        let target = to.join(name.instead_of_hello(&entry.file_name().to_string_lossy()));
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target, name)?;
        } else {
            fs::write(target, name.instead_of_hello(&fs::read_to_string(entry.path())?))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_as_each_place_demands() {
        let name = Name::parse("key-ceremony2").unwrap();
        assert_eq!((name.snake().as_str(), name.camel().as_str()), ("key_ceremony2", "KeyCeremony2"));
        let text = "name = \"claviger-hello\"\nmod hello;\npub struct Hello;\nconst HELLO: u8 = 1;";
        let renamed = "name = \"claviger-key-ceremony2\"\nmod key_ceremony2;\npub struct KeyCeremony2;\nconst KEY_CEREMONY2: u8 = 1;";
        assert_eq!(name.instead_of_hello(text), renamed);
    }

    #[test]
    fn other_names_are_refused() {
        for name in ["", "Key", "key_ceremony", "-key", "key--x", "2key", "../key"] {
            assert!(Name::parse(name).is_err(), "{name}");
        }
    }

    #[test]
    fn the_example_is_copied_whole_and_renamed() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("hello");
        fs::create_dir_all(from.join("src")).unwrap();
        fs::write(from.join("src/hello.rs"), "pub struct Hello;").unwrap();
        copy(&from, &folder.path().join("seal"), &Name::parse("seal").unwrap()).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("seal/src/seal.rs")).unwrap(), "pub struct Seal;");
    }
}
