//! Exchanges that are not compared, each with the reason. The lists shrink; an entry that matches nothing fails.

use super::exchange::Exchange;

/// Why an exchange is not compared.
#[derive(Clone, Copy)]
pub(super) enum Exception {
    /// It is sent, and the answer is another one on purpose, with this status.
    Better(u16, &'static str),
    /// It is not sent: what it asks for depends on what the recorded server chose.
    Chance(&'static str),
}

use Exception::{Better, Chance};

const OF_A_RECORDED_KEY: Exception =
    Chance("a ciphertext that the client made for a key of the recorded server");

/// Recording, beginning of the label, operation (empty for any), exception. The first that matches counts.
const EXCEPTIONS: &[(&str, &str, &str, Exception)] = &[
    (
        "ckms-4.8.2",
        "cert.decrypt",
        "",
        Chance("a client that tries one located identifier after the other; they come in no order"),
    ),
    (
        "ckms-4.8.2",
        "cert.import.ttlv",
        "Import",
        Better(
            200,
            "a certificate is taken in the encoding in which it is handed out; the recorded server took PEM only",
        ),
    ),
    (
        "ckms-4.8.2",
        "cc.policy.",
        "Get",
        Better(
            200,
            "a key that is to be unwrapped and is not wrapped is handed out; the recorded server failed",
        ),
    ),
    ("cosmian-kms-4.22.1", "interop.server_decrypts", "", OF_A_RECORDED_KEY),
    ("cosmian-kms-4.8.2", "interop.server_decrypts", "", OF_A_RECORDED_KEY),
    (
        "cosmian-kms-4.22.1",
        "import.same_id_without_replace",
        "Import",
        Better(500, "the recorded server told what its database said"),
    ),
    (
        "cosmian-kms-4.22.1",
        "sym.AES_192",
        "Encrypt",
        Better(200, "this server has AES-192 in GCM, the recorded one had not"),
    ),
    (
        "cosmian-kms-4.22.1",
        "sym.bad_length",
        "Create",
        Better(422, "AES has no keys of 100 bits; the recorded server made one"),
    ),
];

/// The exception for an exchange, if there is one.
pub(super) fn of(recording: &str, exchange: &Exchange) -> Option<Exception> {
    EXCEPTIONS.iter().find(|entry| matches(entry, recording, exchange)).map(|entry| entry.3)
}

/// Fails if an entry for this recording has become unnecessary.
pub(super) fn assert_needed(recording: &str, exchanges: &[Exchange]) {
    for entry in EXCEPTIONS.iter().filter(|entry| entry.0 == recording) {
        let is_needed = exchanges.iter().any(|exchange| matches(entry, recording, exchange));
        assert!(is_needed, "no exchange of {recording} begins with {:?}: take the entry out", entry.1);
    }
}

fn matches(entry: &(&str, &str, &str, Exception), recording: &str, exchange: &Exchange) -> bool {
    let (file, label, operation, _) = entry;
    *file == recording
        && exchange.label.starts_with(label)
        && (operation.is_empty() || *operation == exchange.operation())
}
