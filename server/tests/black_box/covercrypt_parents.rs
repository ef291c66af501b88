//! Parent Links to a master key of Covercrypt that is another's.

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::covercrypt_wrapped::is_in_this_build;
use crate::covercrypt_wrapped::requests::*;
use crate::rights::tokens::Tokens;
use crate::server_process::ServerProcess;
use crate::symmetric_key::about;

const POLICY: &str = "Department::HR";

/// Somebody who talks to the server.
struct Caller {
    client: Client,
    token: String,
}

impl Caller {
    fn send(&mut self, request: &Value) -> Answer {
        let headers = ["content-type: application/json", &self.token];
        self.client.send("POST", "/kmip_2_1", &headers, request.to_string().as_bytes())
    }

    fn done(&mut self, request: &Value) -> Value {
        let answer = self.send(request);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    fn refused(&mut self, request: &Value) -> String {
        let answer = self.send(request);
        assert_ne!(answer.status, 200, "{}", answer.text());
        answer.text()
    }

    fn master_pair(&mut self, name: &str, structure: &str) -> (String, String) {
        let made = self.done(&new_master_pair(name, structure));
        (text(&made, "PrivateKeyUniqueIdentifier"), text(&made, "PublicKeyUniqueIdentifier"))
    }

    fn user_key(&mut self, master: &str) -> String {
        text(&self.done(&new_user_key(master, POLICY)), "UniqueIdentifier")
    }

    fn encrypted(&mut self, public: &str) -> String {
        let data = [&[POLICY.len() as u8], POLICY.as_bytes(), &[0], b"plain"].concat();
        text(&self.done(&about("Encrypt", public, vec![bytes("Data", &hex::encode(data))])), "Data")
    }
}

/// A request that imports an object as a user key of a master key.
fn import(object: Value, master: &str) -> Value {
    let request = vec![
        string("UniqueIdentifier", "forged"),
        enumeration("ObjectType", "PrivateKey"),
        enumeration("KeyWrapType", "NotWrapped"),
        user_key_attributes(master, POLICY),
        object,
    ];
    structure_of("Import", request)
}

/// A request that gives a key of one's own a Parent Link.
fn link(key: &str, master: &str) -> Value {
    let link = vec![enumeration("LinkType", "ParentLink"), string("LinkedObjectIdentifier", master)];
    let new = structure_of("NewAttribute", vec![structure_of("Link", link)]);
    about("AddAttribute", key, vec![new])
}

#[test]
fn nobody_makes_a_key_one_of_a_master_key_that_he_might_not_get() {
    if !is_in_this_build() {
        return;
    }
    let (folder, tokens) = (tempfile::tempdir().unwrap(), Tokens::start());
    let settings = tokens.settings();
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let server = ServerProcess::start(folder.path(), &settings);
    let caller = |user| Caller { client: server.client(), token: tokens.header(user, &[]) };
    let (mut alice, mut mallory) = (caller("alice"), caller("mallory"));
    for (name, structure, renewal_name, asked) in GENERATIONS {
        let (private, public) = alice.master_pair(name, structure);
        let hers = alice.user_key(&private);
        let own_master = mallory.master_pair(name, structure).0;
        let own = mallory.user_key(&own_master);
        let exported = mallory.done(&about("Export", &own, Vec::new()));
        let fields = exported["value"].as_array().unwrap();
        let object = fields.iter().find(|field| field["tag"] == "Object").unwrap();

        let forgeries =
            [new_user_key(&private, POLICY), import(object.clone(), &private), link(&own, &private)];
        for forgery in &forgeries {
            let refused = mallory.refused(forgery);
            assert!(refused.starts_with("Item not found"), "{refused}");
        }
        // What he may do with it does not let him either.
        let right = json!({"unique_identifier": private, "user_id": "mallory", "operation_type": "encrypt"});
        let headers = ["content-type: application/json", &alice.token];
        let granted = alice.client.send("POST", "/access/grant", &headers, right.to_string().as_bytes());
        assert_eq!(granted.status, 200, "{}", granted.text());
        for forgery in &forgeries {
            mallory.refused(forgery);
        }

        alice.done(&renewal(&private, renewal_name, asked));
        let message = bytes("Data", &alice.encrypted(&public));
        alice.done(&about("Decrypt", &hers, vec![message.clone()]));
        mallory.refused(&about("Decrypt", &own, vec![message]));
        alice.refused(&about("Get", &own, Vec::new()));
    }
}
