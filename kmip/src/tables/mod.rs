//! The tags, enumerations and masks of KMIP 1.0 to 2.1, generated from the specification's tables.
//!
//! An enumeration is an open type, a newtype over its code: a value that the tables do not name (a vendor's,
//! or a later version's) is carried like any other.

#[rustfmt::skip]
pub mod enumerations;
#[rustfmt::skip]
pub mod masks;
#[rustfmt::skip]
pub mod tags;

use std::fmt::Debug;
use std::hash::Hash;

use crate::ttlv::{ItemType, Tag};

/// What the specification says about one tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagEntry {
    /// The tag.
    pub tag: Tag,
    /// Its normalised name, as XML and JSON write it: `ActivationDate`.
    pub name: &'static str,
    /// Its name in the text of the specification, which is also how KMIP 1.x names attributes: `Activation Date`.
    pub title: &'static str,
    /// The type of its items, where the specification gives one; for a tag that allows several, the usual one.
    pub item_type: Option<ItemType>,
    /// Whether KMIP 2.0 removed the tag.
    pub removed_in_2: bool,
}

/// One of the enumerations of KMIP 2.1 section 11, as an open type.
pub trait Enumeration: Copy + Eq + Ord + Hash + Debug + Send + Sync + 'static {
    /// The normalised name of the enumeration.
    const NAME: &'static str;
    /// The codes of the standard and their normalised names, in rising order.
    const VALUES: &'static [(u32, &'static str)];

    /// The value with this code, known or not.
    fn from_code(code: u32) -> Self;

    /// The code that travels.
    fn code(self) -> u32;

    /// The normalised name, if the standard has one.
    fn name(self) -> Option<&'static str> {
        name_of(Self::VALUES, self.code())
    }
}

/// One of the bit masks of KMIP 2.1 section 12.
pub trait Mask: Copy + Eq + Debug + Send + Sync + 'static {
    /// The normalised name of the mask.
    const NAME: &'static str;
    /// The bits of the standard and their normalised names, in rising order.
    const BITS: &'static [(u32, &'static str)];

    /// The mask with these bits, known or not.
    fn from_bits(bits: u32) -> Self;

    /// The bits that travel.
    fn bits(self) -> u32;
}

/// The name of a code in a table that is sorted by code.
pub(crate) fn name_of(table: &'static [(u32, &'static str)], code: u32) -> Option<&'static str> {
    let index = table.binary_search_by_key(&code, |(known, _)| *known).ok()?;
    table.get(index).map(|(_, name)| *name)
}

macro_rules! open_enumeration {
    ($(#[$doc:meta])* $type:ident, $name:literal { $($(#[$value_doc:meta])* $constant:ident = $code:literal, $value:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub u32);

        impl $type {
            $($(#[$value_doc])* pub const $constant: Self = Self($code);)*
        }

        impl super::Enumeration for $type {
            const NAME: &'static str = $name;
            const VALUES: &'static [(u32, &'static str)] = &[$(($code, $value)),*];

            fn from_code(code: u32) -> Self {
                Self(code)
            }

            fn code(self) -> u32 {
                self.0
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match super::Enumeration::name(*self) {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{:#010X}", self.0),
                }
            }
        }
    };
}
use open_enumeration;

macro_rules! bit_mask {
    ($(#[$doc:meta])* $type:ident, $name:literal { $($(#[$bit_doc:meta])* $constant:ident = $code:literal, $bit:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub u32);

        impl $type {
            $($(#[$bit_doc])* pub const $constant: Self = Self($code);)*

            /// Whether every bit of `other` is set.
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether any bit of `other` is set.
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// The bits of both.
            #[must_use]
            pub const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl super::Mask for $type {
            const NAME: &'static str = $name;
            const BITS: &'static [(u32, &'static str)] = &[$(($code, $bit)),*];

            fn from_bits(bits: u32) -> Self {
                Self(bits)
            }

            fn bits(self) -> u32 {
                self.0
            }
        }

        impl std::ops::BitOr for $type {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                self.union(other)
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut rest = self.0;
                let mut list = f.debug_set();
                for (bit, name) in <Self as super::Mask>::BITS.iter().filter(|(bit, _)| self.0 & bit != 0) {
                    list.entry(&format_args!("{name}"));
                    rest &= !bit;
                }
                if rest != 0 {
                    list.entry(&format_args!("{rest:#010X}"));
                }
                list.finish()
            }
        }
    };
}
use bit_mask;

#[cfg(test)]
mod tests {
    use super::enumerations::{CryptographicAlgorithm, ObjectType};
    use super::masks::CryptographicUsageMask;
    use super::tags::TAGS;
    use super::*;

    #[test]
    fn tables_are_sorted_by_code_without_repetition() {
        assert!(TAGS.is_sorted_by(|a, b| a.tag < b.tag));
        for (name, values) in enumerations::ENUMERATIONS.iter().chain(masks::MASKS) {
            assert!(values.is_sorted_by(|a, b| a.0 < b.0), "{name}");
        }
    }

    #[test]
    fn known_values_show_their_names_and_unknown_ones_their_codes() {
        assert_eq!(format!("{:?}", CryptographicAlgorithm::THREE_DES), "DES3");
        assert_eq!(format!("{:?}", ObjectType(0x8000_0001)), "0x80000001");
        let mask = CryptographicUsageMask::ENCRYPT | CryptographicUsageMask(0x8000_0000);
        assert_eq!(format!("{mask:?}"), "{Encrypt, 0x80000000}");
    }

    #[test]
    fn a_mask_contains_another_when_it_has_all_its_bits() {
        let both = CryptographicUsageMask::ENCRYPT | CryptographicUsageMask::DECRYPT;
        assert!(both.contains(CryptographicUsageMask::DECRYPT));
        assert!(!CryptographicUsageMask::DECRYPT.contains(both));
        assert!(CryptographicUsageMask::DECRYPT.intersects(both));
    }
}
