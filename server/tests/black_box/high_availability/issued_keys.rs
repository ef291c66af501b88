//! Keys that several servers issue from one master key at once.

use std::thread;

use super::cluster::Cluster;
use super::database::Kind;
use crate::client::Client;
use crate::covercrypt_wrapped::is_in_this_build;
use crate::covercrypt_wrapped::requests::{GENERATIONS, decrypt, encrypt, master_pair, renew, user_key};

const AT_ONCE: usize = 50;

/// Two servers issue user keys of one master key at once: all of them work, and the master key knows all of them, so that all
/// work again when it is renewed.
pub(super) fn servers_issue_at_once(kind: &'static Kind) {
    if !is_in_this_build() {
        return;
    }
    let Some(cluster) = Cluster::start(kind) else { return };
    for (structure_name, structure, renewal_name, renewal) in GENERATIONS {
        let mut client = cluster.servers[0].client();
        let (private, public) = master_pair(&mut client, structure_name, structure);
        let keys: Vec<String> = thread::scope(|scope| {
            let making: Vec<_> = (0..AT_ONCE)
                .map(|n| {
                    let (server, private) = (&cluster.servers[n % 2], &private);
                    scope.spawn(move || user_key(&mut server.client(), private, "Department::HR"))
                })
                .collect();
            making.into_iter().map(|made| made.join().unwrap()).collect()
        });
        let mut others = cluster.servers[2].client();
        all_decrypt(&mut others, &public, &keys);
        renew(&mut client, &private, renewal_name, renewal);
        all_decrypt(&mut others, &public, &keys);
    }
}

fn all_decrypt(client: &mut Client, public: &str, keys: &[String]) {
    let ciphertext = encrypt(client, public, "Department::HR", b"for HR");
    for key in keys {
        // A length of metadata comes first, and there is none.
        assert_eq!(decrypt(client, key, &ciphertext), b"\0for HR", "{key}");
    }
}
