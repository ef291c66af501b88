//! Log (KMIP 2.1 section 6.1.29).

use crate::structure;

structure! {
    /// What to write to the server's log.
    pub struct LogRequest {
        /// The message.
        log_message: String = LOG_MESSAGE,
    }
}
