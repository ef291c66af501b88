//! Closed choices as numbers on the wire. Both sides are built with the same lists.

use crate::context::Effect;
use crate::error::{Error, ErrorClass, Result};
use crate::operation::{Access, MaterialUse, Placeholder, Undo, Writes};
use crate::target::{Cardinality, Role};

/// A closed choice as a number on the wire: its place in the list.
pub(super) trait Choice: Copy + PartialEq + 'static {
    const ALL: &'static [Self];

    fn number(self) -> u8 {
        Self::ALL
            .iter()
            .position(|known| *known == self)
            .and_then(|place| u8::try_from(place).ok())
            .unwrap_or(u8::MAX)
    }

    fn of(number: u8) -> Result<Self> {
        Self::ALL
            .get(usize::from(number))
            .copied()
            .ok_or_else(|| Error::server("a loaded plugin declares something that this server does not know"))
    }
}

impl Choice for Access {
    const ALL: &'static [Self] = &[Self::Anyone, Self::Authenticated, Self::Creator, Self::Operator];
}

impl Choice for MaterialUse {
    const ALL: &'static [Self] = &[Self::None, Self::Use, Self::Reveal];
}

impl Choice for Writes {
    const ALL: &'static [Self] = &[
        Self::Nothing,
        Self::NewObjects,
        Self::Targets,
        Self::NewObjectsAndTargets,
        Self::Grants,
        Self::DeclaredByScheme,
        Self::Documents,
        Self::NewObjectsAndDocuments,
        Self::TargetsAndDeclaredByScheme,
    ];
}

impl Choice for Placeholder {
    const ALL: &'static [Self] = &[Self::Keep, Self::Set, Self::SetIfOne];
}

impl Choice for Undo {
    const ALL: &'static [Self] =
        &[Self::NothingToUndo, Self::ByNotWriting, Self::Impossible, Self::UnlessInParts];
}

impl Choice for Cardinality {
    const ALL: &'static [Self] = &[Self::Dialect, Self::One, Self::First, Self::All];
}

impl Choice for Effect {
    const ALL: &'static [Self] = &[Self::Update, Self::Transition, Self::Destroy, Self::Purge];
}

impl Choice for Role {
    const ALL: &'static [Self] = &[Self::SUBJECT, Self::WRAPPING_KEY, Self::LINKED];
}

impl Choice for ErrorClass {
    const ALL: &'static [Self] = &[
        Self::Malformed,
        Self::Request,
        Self::Unsupported,
        Self::NotFound,
        Self::Denied,
        Self::State,
        Self::Conflict,
        Self::Cryptographic,
        Self::Server,
        Self::Certificate,
        Self::Storage,
    ];
}
