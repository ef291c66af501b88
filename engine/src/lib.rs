//! Claviger.
