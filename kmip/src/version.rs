//! Protocol versions.

use std::fmt;

use crate::structure;

structure! {
    /// A version of the protocol (KMIP 2.1 section 8, Protocol Version).
    pub struct ProtocolVersion {
        /// The first number.
        major: i32 = PROTOCOL_VERSION_MAJOR,
        /// The second number.
        minor: i32 = PROTOCOL_VERSION_MINOR,
    }
}

impl Copy for ProtocolVersion {}

impl PartialOrd for ProtocolVersion {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ProtocolVersion {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.major, self.minor).cmp(&(other.major, other.minor))
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl ProtocolVersion {
    /// The version in which to answer a message of this one: the same, if the server speaks it, else the newest before it
    /// that the server speaks, else the oldest.
    pub fn nearest_supported(self) -> Self {
        let before = Self::SUPPORTED.iter().find(|supported| **supported <= self);
        *before.unwrap_or(&Self::V1_0)
    }
}

macro_rules! versions {
    ($($name:ident = $major:literal . $minor:literal;)*) => {
        impl ProtocolVersion {
            $(
                #[doc = concat!("KMIP ", $major, ".", $minor, ".")]
                pub const $name: Self = Self { major: $major, minor: $minor };
            )*
            /// Every version that the server speaks, newest first as Discover Versions lists them.
            pub const SUPPORTED: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

versions! {
    V2_1 = 2 . 1;
    V2_0 = 2 . 0;
    V1_4 = 1 . 4;
    V1_3 = 1 . 3;
    V1_2 = 1 . 2;
    V1_1 = 1 . 1;
    V1_0 = 1 . 0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_is_not_spoken_is_answered_in_the_newest_before_it() {
        let of = |major, minor| ProtocolVersion { major, minor }.nearest_supported();
        for supported in ProtocolVersion::SUPPORTED {
            assert_eq!(supported.nearest_supported(), *supported);
        }
        assert_eq!([of(2, 2), of(3, 0)], [ProtocolVersion::V2_1; 2]);
        assert_eq!(of(1, 9), ProtocolVersion::V1_4);
        assert_eq!([of(0, 9), of(-1, 0)], [ProtocolVersion::V1_0; 2]);
    }
}
