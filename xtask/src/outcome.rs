//! How a developer command ends.

/// Success, or a text that tells the developer what is wrong and what to do.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;
