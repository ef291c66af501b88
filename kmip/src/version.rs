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
