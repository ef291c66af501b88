//! The generated KMIP tables: `kmip/tables/*.tsv` in, `kmip/src/tables/*.rs` out.
//!
//! `tags.tsv`, `enums.tsv` and `masks.tsv` hold what the specification prints; `additions.tsv` holds what it
//! leaves open: the names of Rust constants that no rule gives, the enumeration of a tag that has another
//! name, aliases, and item types that the tag table of the specification leaves out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::{fs, path::Path};

use crate::{Outcome, workspace};

/// What `cargo xtask tables` may be told.
#[derive(Default, clap::Args)]
pub(crate) struct Options {
    /// Only compare the committed files with what would be written
    #[arg(long)]
    check: bool,
}

/// Writes the generated tables, or compares them.
pub(crate) fn run(options: &Options) -> Outcome {
    if options.check { check() } else { generate() }
}

/// Writes the generated Rust files.
pub(crate) fn generate() -> Outcome {
    for (file, text) in render(workspace::root())? {
        fs::write(workspace::root().join(OUTPUT).join(file), text)?;
    }
    Ok(())
}

/// Fails if a committed file is not what the facts give.
pub(crate) fn check() -> Outcome {
    for (file, text) in render(workspace::root())? {
        let path = format!("{OUTPUT}/{file}");
        if fs::read_to_string(workspace::root().join(&path))? != text {
            return Err(format!("{path} is not what kmip/tables gives: run `cargo xtask tables`").into());
        }
    }
    Ok(())
}

const INPUT: &str = "kmip/tables";
const OUTPUT: &str = "kmip/src/tables";
const HEADER: &str = "// Written by `cargo xtask tables` from kmip/tables/*.tsv. Do not edit.\n";

fn render(root: &Path) -> Outcome<[(&'static str, String); 3]> {
    let read = |name: &str| -> Outcome<String> { Ok(fs::read_to_string(root.join(INPUT).join(name))?) };
    let additions = read("additions.tsv")?;
    let additions = Additions::parse(&additions)?;
    Ok([
        ("tags.rs", tags(&read("tags.tsv")?, &additions)?),
        ("enumerations.rs", enumerations(&read("enums.tsv")?, &additions)?),
        ("masks.rs", masks(&read("masks.tsv")?, &additions)?),
    ])
}

/// The values of an enumeration or mask: code to title and normalised name.
type Values<'a> = BTreeMap<u32, (&'a str, &'a str)>;

/// `additions.tsv`: (kind, group, name) to meaning.
struct Additions<'a>(BTreeMap<(&'a str, &'a str, &'a str), &'a str>);

impl<'a> Additions<'a> {
    fn parse(text: &'a str) -> Outcome<Self> {
        let rows = rows::<4>(text)?;
        Ok(Self(
            rows.into_iter().map(|[kind, group, name, meaning]| ((kind, group, name), meaning)).collect(),
        ))
    }

    fn get(&self, kind: &str, group: &str, name: &str) -> Option<&'a str> {
        self.0.get(&(kind, group, name)).copied()
    }

    fn of_kind(&self, wanted: &str) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
        self.0
            .iter()
            .filter(move |((kind, ..), _)| *kind == wanted)
            .map(|(&(_, group, name), &meaning)| (group, name, meaning))
    }

    /// `IV/Counter/Nonce` to `IV_COUNTER_NONCE`.
    fn constant(&self, title: &str) -> String {
        match self.get("constant", "", title) {
            Some(name) => name.to_owned(),
            None => words(title).join("_").to_uppercase(),
        }
    }

    /// `DRBG Algorithm` to `DrbgAlgorithm`; nothing if the enumeration has a Rust type of its own.
    fn type_name(&self, title: &str) -> Option<String> {
        match self.get("type", "", title) {
            Some("-") => None,
            Some(name) => Some(name.to_owned()),
            None => Some(words(title).iter().map(|word| capitalised(word)).collect()),
        }
    }
}

fn tags(text: &str, additions: &Additions<'_>) -> Outcome<String> {
    let mut constants = format!(
        "{HEADER}\n//! Every tag of KMIP 1.0 to 2.1 (KMIP 2.1 section 11.60).\n\nuse super::TagEntry;\nuse crate::ttlv::{{ItemType, Tag}};\n\nimpl Tag {{\n"
    );
    let mut entries =
        String::from("\n/// The tags in the order of their codes.\npub static TAGS: &[TagEntry] = &[\n");
    let mut rows = rows::<5>(text)?;
    rows.sort_by_key(|row| row[2].to_uppercase());
    for [title, name, code, item_type, version] in rows {
        let constant = additions.constant(title);
        writeln!(constants, "    /// {title}.\n    pub const {constant}: Tag = Tag({code});")?;
        let item_type = match additions.get("item", name, "").unwrap_or(item_type) {
            "-" => "None".to_owned(),
            one if one.contains('|') => {
                return Err(format!("additions.tsv must choose one type for {name}: {one}").into());
            }
            one => format!("Some(ItemType::{one})"),
        };
        let since = since(version)?;
        writeln!(
            entries,
            "    TagEntry {{ tag: Tag::{constant}, name: \"{name}\", title: \"{title}\", item_type: {item_type}, {since} }},"
        )?;
    }
    Ok(format!("{constants}}}\n{entries}];\n"))
}

fn enumerations(text: &str, additions: &Additions<'_>) -> Outcome<String> {
    let mut groups: BTreeMap<(&str, &str), Values<'_>> = BTreeMap::new();
    for [title, name, value_title, value_name, code, _] in rows::<6>(text)? {
        let values = groups.entry((title, name)).or_default();
        if let Some((_, earlier)) = values.insert(number(code)?, (value_title, value_name)) {
            return Err(format!("{name}: {code} is both {earlier} and {value_name}").into());
        }
    }
    for (_, title, name) in additions.of_kind("type").filter(|(_, _, name)| *name != "-") {
        if !groups.keys().any(|(known, _)| *known == title) {
            groups.insert((title, name), BTreeMap::new());
        }
    }
    let mut out = format!(
        "{HEADER}\n//! Every enumeration of KMIP 1.0 to 2.1 (KMIP 2.1 section 11), as open types.\n\nuse super::open_enumeration;\n"
    );
    let mut all = String::from(
        "\n/// Every enumeration: its normalised name, and its values in the order of their codes.\npub static ENUMERATIONS: &[(&str, &[(u32, &str)])] = &[\n",
    );
    for ((title, name), values) in &groups {
        let Some(type_name) = additions.type_name(title) else { continue };
        writeln!(out, "\nopen_enumeration! {{\n    /// {title}.\n    {type_name}, \"{name}\" {{")?;
        let mut seen = BTreeSet::new();
        for (code, (value_title, value_name)) in values {
            let constant = additions.constant(value_title);
            if !seen.insert(constant.clone()) {
                return Err(format!("{name}: two values would be called {constant}").into());
            }
            writeln!(
                out,
                "        /// {value_title}.\n        {constant} = {code:#010X}, \"{value_name}\";"
            )?;
        }
        out.push_str("    }\n}\n");
        writeln!(all, "    (\"{name}\", <{type_name} as super::Enumeration>::VALUES),")?;
    }
    out.push_str(&all);
    out.push_str("];\n\n/// Tags whose enumeration has another name; `Tag` means that the values are tags.\npub static ENUMERATION_OF_TAG: &[(&str, &str)] = &[\n");
    for (tag, _, enumeration) in additions.of_kind("enumeration") {
        writeln!(out, "    (\"{tag}\", \"{enumeration}\"),")?;
    }
    out.push_str("];\n\n/// Other spellings that are read: the enumeration (or `Tag`), the spelling, the normalised name.\npub static ALIASES: &[(&str, &str, &str)] = &[\n");
    for (group, alias, name) in additions.of_kind("alias") {
        writeln!(out, "    (\"{group}\", \"{alias}\", \"{name}\"),")?;
    }
    out.push_str("];\n");
    Ok(out)
}

fn masks(text: &str, additions: &Additions<'_>) -> Outcome<String> {
    let mut groups: BTreeMap<(&str, &str), Values<'_>> = BTreeMap::new();
    for [title, name, bit_title, bit_name, code, _] in rows::<6>(text)? {
        groups.entry((title, name)).or_default().insert(number(code)?, (bit_title, bit_name));
    }
    let mut out = format!(
        "{HEADER}\n//! Every bit mask of KMIP 1.0 to 2.1 (KMIP 2.1 section 12).\n\nuse super::bit_mask;\n"
    );
    let mut all = String::from(
        "\n/// Every mask: its normalised name, and its bits in rising order.\npub static MASKS: &[(&str, &[(u32, &str)])] = &[\n",
    );
    for ((title, name), bits) in &groups {
        writeln!(out, "\nbit_mask! {{\n    /// {title}.\n    {name}, \"{name}\" {{")?;
        for (code, (bit_title, bit_name)) in bits {
            let constant = additions.constant(bit_title);
            writeln!(out, "        /// {bit_title}.\n        {constant} = {code:#010X}, \"{bit_name}\";")?;
        }
        out.push_str("    }\n}\n");
        writeln!(all, "    (\"{name}\", <{name} as super::Mask>::BITS),")?;
    }
    Ok(format!("{out}{all}];\n"))
}

/// The rows below the header of a table, each of `N` columns.
fn rows<const N: usize>(text: &str) -> Outcome<Vec<[&str; N]>> {
    let row = |line: &str| format!("a row needs {N} columns: {line}");
    text.lines()
        .skip(1)
        .map(|line| line.split('\t').collect::<Vec<_>>().try_into().map_err(|_| row(line).into()))
        .collect()
}

fn number(hex: &str) -> Outcome<u32> {
    let digits = hex.strip_prefix("0x").ok_or_else(|| format!("{hex} is not hexadecimal"))?;
    Ok(u32::from_str_radix(digits, 16)?)
}

/// The version column says in which of the two specifications the row was found.
fn since(version: &str) -> Outcome<&'static str> {
    match version {
        "2.1" => Ok("removed_in_2: false"),
        "1.4" => Ok("removed_in_2: true"),
        other => Err(format!("unknown version {other}").into()),
    }
}

/// `TLS v1.2` to `TLS`, `v1`, `2`; `AESKeyWrapPadding` to `AES`, `Key`, `Wrap`, `Padding`.
fn words(title: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
        let letters: Vec<char> = part.chars().collect();
        let mut word = String::new();
        for (i, letter) in letters.iter().enumerate() {
            let before = i.checked_sub(1).and_then(|i| letters.get(i));
            let starts = letter.is_ascii_uppercase()
                && before.is_some_and(|before| {
                    before.is_ascii_lowercase()
                        || (before.is_ascii_uppercase()
                            && letters.get(i + 1).is_some_and(char::is_ascii_lowercase))
                });
            if starts {
                words.push(std::mem::take(&mut word));
            }
            word.push(*letter);
        }
        words.push(word);
    }
    words
}

fn capitalised(word: &str) -> String {
    let lower = word.to_lowercase();
    let mut letters = lower.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_words() {
        assert_eq!(words("IV/Counter/Nonce"), ["IV", "Counter", "Nonce"]);
        assert_eq!(words("ECPrivateKey"), ["EC", "Private", "Key"]);
        assert_eq!(words("X9.102 AESKW"), ["X9", "102", "AESKW"]);
        assert_eq!(words("NIST800-108-DPI"), ["NIST800", "108", "DPI"]);
    }

    #[test]
    fn the_committed_tables_are_what_the_facts_give() -> Outcome {
        check()
    }
}
