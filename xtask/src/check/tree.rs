//! What the rules look at: the files under version control and the packages of the workspace.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::{Outcome, step, workspace};

/// The project's files and packages.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) files: Vec<SourceFile>,
    pub(super) packages: Vec<Package>,
}

/// A text file, with its path relative to the root of the checkout.
pub(super) struct SourceFile {
    pub(super) path: String,
    pub(super) text: String,
}

/// A package of the workspace.
pub(super) struct Package {
    pub(super) name: String,
    /// Its folder relative to the root of the checkout, such as `plugins/storage-sql`.
    pub(super) folder: String,
    /// What it needs to be built and run; what only its tests need is left out.
    pub(super) dependencies: Vec<String>,
    /// Which of them are packages of the workspace, and not others of the same name.
    pub(super) inside: Vec<String>,
}

impl Tree {
    /// Reads the checkout.
    pub(super) fn read() -> Outcome<Self> {
        Ok(Self { files: files()?, packages: packages()? })
    }

    /// The Rust files.
    pub(super) fn rust_files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }
}

impl SourceFile {
    /// The numbered lines for which the test holds, as `path:line: text`.
    pub(super) fn lines_where(&self, test: impl Fn(&str) -> bool) -> Vec<String> {
        let numbered = self.text.lines().enumerate().filter(|(_, line)| test(line));
        numbered.map(|(index, line)| format!("{}:{}: {}", self.path, index + 1, line.trim())).collect()
    }

    /// The file up to the module of tests at its end.
    pub(super) fn before_its_tests(&self) -> Self {
        let starts = self.text.match_indices("#[cfg(test)]\n").map(|(start, _)| start);
        let of_module = |start: &usize| {
            let declared = self.text.get(*start..).and_then(|rest| rest.lines().nth(1)).unwrap_or_default();
            declared.contains("mod ") && declared.ends_with('{')
        };
        let end = starts.into_iter().find(of_module).unwrap_or(self.text.len());
        Self { path: self.path.clone(), text: self.text.get(..end).unwrap_or_default().to_owned() }
    }
}

/// Whether the line contains the word, not as a part of a longer one.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    let part_of_word = |character: Option<char>| character.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(start, _)| {
        let before = line.get(..start).and_then(|text| text.chars().next_back());
        let after = line.get(start + word.len()..).and_then(|text| text.chars().next());
        !part_of_word(before) && !part_of_word(after)
    })
}

/// A line of Rust without its comment.
pub(super) fn code_of(line: &str) -> &str {
    line.split("//").next().unwrap_or(line)
}

fn files() -> Outcome<Vec<SourceFile>> {
    let mut git = Command::new("git");
    git.current_dir(workspace::root()).args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
    let listing = git.output().map_err(|error| format!("cannot start git: {error}"))?;
    if !listing.status.success() {
        return Err("git ls-files failed: the rules are checked in a git checkout".into());
    }
    let paths = String::from_utf8(listing.stdout)?;
    // A file that is not text, or was deleted and not yet committed, has no text to check.
    let text_files = paths.split_terminator('\0').filter_map(|path| {
        let text = fs::read_to_string(workspace::root().join(path)).ok()?;
        Some(SourceFile { path: path.to_owned(), text })
    });
    Ok(text_files.collect())
}

fn packages() -> Outcome<Vec<Package>> {
    let output = step::cargo(["metadata", "--format-version", "1", "--no-deps", "--offline"]).output()?;
    if !output.status.success() {
        return Err(format!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages =
        metadata.get("packages").and_then(Value::as_array).ok_or("cargo metadata lists no packages")?;
    packages.iter().map(package).collect()
}

fn package(metadata: &Value) -> Outcome<Package> {
    let text = |key: &str| metadata.get(key).and_then(Value::as_str).ok_or(format!("a package has no {key}"));
    let root = format!("{}/", workspace::root().display());
    let manifest = text("manifest_path")?;
    let folder = manifest.strip_prefix(&root).and_then(|path| path.strip_suffix("/Cargo.toml"));
    let dependencies =
        metadata.get("dependencies").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let needed = || {
        dependencies.iter().filter(|dependency| dependency.get("kind").and_then(Value::as_str) != Some("dev"))
    };
    let name = |dependency: &Value| dependency.get("name")?.as_str().map(str::to_owned);
    let is_inside = |dependency: &&Value| dependency.get("path").is_some_and(Value::is_string);
    Ok(Package {
        name: text("name")?.to_owned(),
        folder: folder.ok_or(format!("{manifest} is outside the checkout"))?.to_owned(),
        dependencies: needed().filter_map(name).collect(),
        inside: needed().filter(is_inside).filter_map(name).collect(),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A tree of one file.
    pub(in crate::check) fn tree_with(path: &str, text: &str) -> Tree {
        let file = SourceFile { path: path.to_owned(), text: text.to_owned() };
        Tree { files: vec![file], ..Tree::default() }
    }

    #[test]
    fn a_word_is_not_found_inside_a_longer_one() {
        assert!(has_word("an unsafe block", "unsafe"));
        assert!(has_word("#[unsafe(no_mangle)]", "unsafe"));
        assert!(!has_word("unsafe_code = \"deny\"", "unsafe"));
        assert!(!has_word("this is unsafely", "unsafe"));
    }

    #[test]
    fn the_checkout_has_the_packages_of_the_design() {
        let tree = Tree::read().unwrap();
        for folder in ["kmip", "plugin-sdk", "engine", "server", "plugins/operations-kmip", "xtask"] {
            assert!(tree.packages.iter().any(|package| package.folder == folder), "{folder}");
        }
        assert!(tree.files.iter().any(|file| file.path == "Cargo.toml"));
    }
}
