//! One table of names and numbers, searched in both directions without allocating.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Names and numbers of one kind: the tags, one enumeration, or one mask.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Sorted by number.
    by_number: Vec<(u32, Cow<'static, str>)>,
    /// The normalised names.
    by_name: NameMap,
    /// Normalised names and aliases, folded.
    by_folded: NameMap,
}

type NameMap = HashMap<Cow<'static, str>, u32, BuildHasherDefault<NameHasher>>;

impl Names {
    /// A table of the standard, sorted by number.
    pub(super) fn of(entries: impl Iterator<Item = (u32, &'static str)>) -> Self {
        let mut names = Self::default();
        for (number, name) in entries {
            names.by_number.push((number, name.into()));
            names.by_name.insert(name.into(), number);
            names.by_folded.insert(folded(name).into(), number);
        }
        names
    }

    /// The name of a number.
    #[inline]
    pub(super) fn name(&self, number: u32) -> Option<&str> {
        // Most tables are dense and start near 1 (the tags at 0x420001), so the first guess is mostly right.
        let first = self.by_number.first()?.0;
        let guess =
            self.by_number.get(number.wrapping_sub(first) as usize).filter(|(known, _)| *known == number);
        let entry = guess.or_else(|| {
            let index = self.by_number.binary_search_by_key(&number, |(known, _)| *known).ok()?;
            self.by_number.get(index)
        })?;
        Some(&entry.1)
    }

    /// The number of a name, in any spelling.
    #[inline]
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied().or_else(|| self.number_of_folded(name))
    }

    /// All numbers and names, by rising number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        self.by_number.iter().map(|(number, name)| (*number, &**name))
    }

    /// Adds a number and its name, or gives back what the number or the name means already.
    pub(super) fn insert(&mut self, number: u32, name: Cow<'static, str>) -> Result<(), (u32, String)> {
        match (self.name(number), self.number(&name)) {
            (Some(known), _) if *known == *name => return Ok(()),
            (Some(known), _) => return Err((number, known.to_owned())),
            (None, Some(known)) => return Err((known, name.into_owned())),
            (None, None) => {}
        }
        let place = self.by_number.partition_point(|(known, _)| *known < number);
        self.by_number.insert(place, (number, name.clone()));
        self.by_folded.insert(folded(&name).into(), number);
        self.by_name.insert(name, number);
        Ok(())
    }

    /// Adds another spelling of a number, or gives back what the spelling means already.
    pub(super) fn insert_alias(&mut self, alias: &str, number: u32) -> Result<(), u32> {
        match self.number(alias) {
            Some(known) if known != number => Err(known),
            _ => {
                self.by_folded.insert(folded(alias).into(), number);
                Ok(())
            }
        }
    }

    #[cold]
    fn number_of_folded(&self, name: &str) -> Option<u32> {
        let mut buffer = [0; LONGEST_NAME];
        let mut length = 0;
        for letter in fold(name) {
            *buffer.get_mut(length)? = letter;
            length += 1;
        }
        let folded = std::str::from_utf8(buffer.get(..length)?).ok()?;
        self.by_folded.get(folded).copied()
    }
}

/// The longest folded name that is looked up, in letters; the longest of the standard has 51.
const LONGEST_NAME: usize = 96;

fn fold(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(u8::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase())
}

fn folded(name: &str) -> String {
    fold(name).map(char::from).collect()
}

/// A fast hash. The keys of the maps are fixed tables, so that nobody can choose them to collide.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NameHasher(u64);

impl NameHasher {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517C_C1B7_2722_0A95);
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        self.mix(u64::from_le_bytes(last) ^ bytes.len() as u64);
    }

    fn write_u8(&mut self, _: u8) {
        // The end mark of a string: `write` has mixed in the length already.
    }

    fn write_u32(&mut self, number: u32) {
        self.mix(number.into());
    }

    fn finish(&self) -> u64 {
        // The map takes its bucket from the low bits, which multiplication mixes least.
        self.0 ^ (self.0 >> 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_names_of_one_table_of_the_standard_fold_to_the_same() {
        use crate::tables::{enumerations::ENUMERATIONS, masks::MASKS, tags::TAGS};
        let tags = TAGS.iter().map(|entry| entry.name).collect();
        let others = ENUMERATIONS
            .iter()
            .chain(MASKS)
            .map(|(_, values)| values.iter().map(|(_, name)| *name).collect());
        for table in others.chain([tags]) {
            let names: Vec<&str> = table;
            let distinct: std::collections::BTreeSet<String> =
                names.iter().map(|name| folded(name)).collect();
            assert_eq!(distinct.len(), names.len(), "{names:?}");
            assert!(distinct.iter().all(|name| name.len() <= LONGEST_NAME));
        }
    }

    #[test]
    fn a_number_or_name_that_is_taken_is_refused() {
        let mut names = Names::of([(1, "One"), (2, "Two")].into_iter());
        assert_eq!(names.insert(1, "One".into()), Ok(()));
        assert_eq!(names.insert(1, "Uno".into()), Err((1, "One".into())));
        assert_eq!(names.insert(3, "t_w_o".into()), Err((2, "t_w_o".into())));
        assert_eq!(names.insert(3, "Three".into()), Ok(()));
        assert_eq!(names.insert_alias("Drei", 3), Ok(()));
        assert_eq!(names.insert_alias("Two", 3), Err(2));
        assert_eq!((names.number("DREI"), names.name(3)), (Some(3), Some("Three")));
    }
}
