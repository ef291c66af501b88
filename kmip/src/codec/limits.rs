//! What a decoder accepts at most.

use super::error::CodecErrorKind;

/// The largest message that a decoder accepts. Every bound is checked before memory is taken for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Structures inside one another; the message itself counts as one. JSON stops at 63 whatever is set here.
    pub depth: u8,
    /// Bytes of the encoded message.
    pub length: usize,
    /// Items of the message, structures included.
    pub items: u32,
}

impl Limits {
    /// For what this program wrote itself, such as stored records: only depth is bounded, because decoding
    /// and dropping a tree are recursive.
    pub const fn trusted() -> Self {
        Self { depth: 64, length: usize::MAX, items: u32::MAX }
    }

    /// Whether a message of so many bytes may be read.
    pub(super) fn check_length(&self, length: usize) -> Result<(), CodecErrorKind> {
        if length > self.length { Err(CodecErrorKind::TooLong { limit: self.length }) } else { Ok(()) }
    }
}

impl Default for Limits {
    /// 32 levels, 64 MiB, a million items.
    fn default() -> Self {
        Self { depth: 32, length: 64 << 20, items: 1_000_000 }
    }
}

/// Counts depth and items while a message is decoded.
#[derive(Debug)]
pub(super) struct Meter {
    limits: Limits,
    depth: u8,
    items: u32,
}

impl Meter {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, depth: 0, items: 0 }
    }

    /// How many structures are open.
    pub(super) fn depth(&self) -> u8 {
        self.depth
    }

    /// One more item.
    #[inline]
    pub(super) fn item(&mut self) -> Result<(), CodecErrorKind> {
        if self.items >= self.limits.items {
            return Err(CodecErrorKind::TooManyItems { limit: self.limits.items });
        }
        self.items += 1;
        Ok(())
    }

    /// A structure begins.
    #[inline]
    pub(super) fn enter(&mut self) -> Result<(), CodecErrorKind> {
        if self.depth >= self.limits.depth {
            return Err(CodecErrorKind::TooDeep { limit: self.limits.depth });
        }
        self.depth += 1;
        Ok(())
    }

    /// A structure ends.
    #[inline]
    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}
