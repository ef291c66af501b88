//! Bulk data: one request, many plaintexts.

use crate::requests::{about, bytes, create, text_at};
use crate::server::Server;

/// The contract's envelope around `aa`, nothing, and `bbcc`: 0x87 0x87, the count, and each item behind its length.
const PLAIN: &str = "87870301AA0002BBCC";

#[tokio::test]
async fn every_item_of_bulk_data_is_encrypted_for_itself_and_comes_back() {
    let server = Server::new();
    let id = text_at(&server.post("ann", &create(true, "[]")).await.json(), &["UniqueIdentifier"]);
    let encrypted = server.post("ann", &about("Encrypt", &id, vec![bytes("Data", PLAIN)])).await.json();
    let data = text_at(&encrypted, &["Data"]);
    // Nonce and tag are 28 bytes an item.
    assert!(data.starts_with("8787031D"), "{data}");
    assert_eq!(data.len(), 2 * (2 + 1 + 3 * (1 + 28) + 3));
    assert_eq!(encrypted["value"].as_array().unwrap().len(), 2);
    let decrypted = server.post("ann", &about("Decrypt", &id, vec![bytes("Data", &data)])).await.json();
    assert_eq!(text_at(&decrypted, &["Data"]), PLAIN);
}

#[tokio::test]
async fn one_damaged_item_fails_the_whole_request() {
    let server = Server::new();
    let id = text_at(&server.post("ann", &create(true, "[]")).await.json(), &["UniqueIdentifier"]);
    let encrypted = server.post("ann", &about("Encrypt", &id, vec![bytes("Data", PLAIN)])).await.json();
    let mut data = text_at(&encrypted, &["Data"]);
    let last = if data.ends_with('0') { "1" } else { "0" };
    data.replace_range(data.len() - 1.., last);
    let answer = server.post("ann", &about("Decrypt", &id, vec![bytes("Data", &data)])).await;
    assert_eq!(answer.status, 500);
    assert!(answer.body.starts_with("Cryptographic error: "), "{}", answer.body);
}
