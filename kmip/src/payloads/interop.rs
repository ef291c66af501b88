//! Interop (KMIP 2.1 section 6.1.26).

use crate::structure;
use crate::tables::enumerations::InteropFunction;

structure! {
    /// What an interoperability test does now.
    pub struct InteropRequest {
        /// It begins, ends, or wants the server reset.
        interop_function: InteropFunction = INTEROP_FUNCTION,
        /// Which test case.
        interop_identifier: String = INTEROP_IDENTIFIER,
    }
}
