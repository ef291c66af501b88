//! Certificates: made, imported, and used.
//!
//! The files in PEM are of the Python package `cryptography`, valid from 2023 to 2099.

use serde_json::{Value, json};

use crate::requests::{about, at, bytes, create, name, structure, text, text_at, vendor, vendors};
use crate::server::Server;

const RSA_CERTIFICATE: &str = include_str!("pem/rsa.crt");
const RSA_KEY: &str = include_str!("pem/rsa.key");
const P256_CERTIFICATE: &str = include_str!("pem/p256.crt");
const P256_KEY: &str = include_str!("pem/p256.key");

/// Certify as older clients send it.
fn certify(subject: &str, authorities: &str, tags: &str) -> Value {
    let said = [("certificate_subject", subject), ("certificate_ca", authorities), ("tag", tags)];
    structure(
        "Certify",
        vec![structure("Attributes", vec![name("ObjectType", "Certificate"), vendors(&said)])],
    )
}

/// Import of a certificate as older clients send it, and of what they call one.
fn import(id: &str, value: &str) -> Value {
    let hex: String = value.bytes().map(|byte| format!("{byte:02X}")).collect();
    structure(
        "Import",
        vec![
            text("UniqueIdentifier", id),
            name("ObjectType", "Certificate"),
            json!({"tag": "ReplaceExisting", "type": "Boolean", "value": false}),
            structure("Attributes", vec![vendor("tag", "[]")]),
            structure("Object", vec![name("CertificateType", "X509"), bytes("CertificateValue", &hex)]),
        ],
    )
}

async fn id_of(server: &Server, request: &Value) -> String {
    text_at(&server.post("ann", request).await.json(), &["UniqueIdentifier"])
}

/// The identifiers of the objects of a type with a tag, for a user.
async fn located(server: &Server, user: &str, object_type: &str, tag: &str) -> Vec<String> {
    let attributes = vec![name("ObjectType", object_type), vendor("tag", &json!([tag]).to_string())];
    let answer =
        server.post(user, &structure("Locate", vec![structure("Attributes", attributes)])).await.json();
    let ids = at(&answer, &["UniqueIdentifier"]).and_then(|ids| ids["value"].as_array());
    ids.into_iter().flatten().map(|id| id["value"].as_str().unwrap().to_owned()).collect()
}

fn revoke(id: &str) -> Value {
    about("Revoke", id, vec![text("RevocationReason", "left")])
}

#[tokio::test]
async fn a_subject_gets_its_certificate_with_the_authorities_that_lack() {
    let server = Server::new();
    let leaf = id_of(&server, &certify("leaf", "Root/Sub", "[\"mine\"]")).await;
    for object_type in ["Certificate", "PrivateKey", "PublicKey"] {
        assert_eq!(located(&server, "ann", object_type, "mine").await.len(), 3, "{object_type}");
        assert_eq!(located(&server, "ann", object_type, "_cert_ca=Sub").await.len(), 1, "{object_type}");
        assert_eq!(located(&server, "ann", object_type, "_ca_parent=Root").await.len(), 1, "{object_type}");
    }
    assert_eq!(located(&server, "ann", "Certificate", "_cert").await.len(), 3);
    assert!(located(&server, "ann", "Certificate", "_cert_ca=leaf").await.is_empty());
    // Encrypting needs the whole chain; decrypting goes by the private key.
    let encrypted = server.post("ann", &about("Encrypt", &leaf, vec![bytes("Data", "AABB")])).await.json();
    let data = text_at(&encrypted, &["Data"]);
    let key = located(&server, "ann", "PrivateKey", &format!("_cert_uid={leaf}")).await;
    let decrypted = server.post("ann", &about("Decrypt", &key[0], vec![bytes("Data", &data)])).await.json();
    assert_eq!(text_at(&decrypted, &["Data"]), "00AABB");
    // The next subject finds its authorities.
    let next = id_of(&server, &certify("next", "Root/Sub", "[\"other\"]")).await;
    assert_ne!(next, leaf);
    assert_eq!(located(&server, "ann", "Certificate", "_cert_ca=Root").await.len(), 1);
    assert_eq!(located(&server, "ann", "Certificate", "other").await, [next]);
}

#[tokio::test]
async fn an_authority_that_is_not_the_only_one_of_its_name_is_refused() {
    let server = Server::new();
    server.post("bob", &certify("leaf", "Root", "[]")).await.json();
    let key = located(&server, "bob", "PrivateKey", "_cert_ca=Root").await.remove(0);
    let grant = json!({"unique_identifier": key, "user_id": "ann", "operation_type": "certify"});
    id_of(&server, &certify("leaf", "Root", "[]")).await;
    server.access("bob", "POST", "/access/grant", "", &grant).await.json();
    let answer = server.post("ann", &certify("another", "Root", "[\"another\"]")).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert!(answer.body.starts_with("Invalid Request: too many"), "{}", answer.body);
    assert!(located(&server, "ann", "PrivateKey", "another").await.is_empty());
}

#[tokio::test]
async fn a_certificate_is_revoked_without_its_keys() {
    let server = Server::new();
    let leaf = id_of(&server, &certify("leaf", "Root", "[]")).await;
    let encrypt = about("Encrypt", &leaf, vec![bytes("Data", "00")]);
    let data = text_at(&server.post("ann", &encrypt).await.json(), &["Data"]);
    server.post("ann", &revoke(&leaf)).await.json();
    assert_eq!(server.post("ann", &encrypt).await.body, format!("Item not found: {leaf}"));
    let key = located(&server, "ann", "PrivateKey", &format!("_cert_uid={leaf}")).await;
    server.post("ann", &about("Decrypt", &key[0], vec![bytes("Data", &data)])).await.json();
}

#[tokio::test]
async fn an_older_client_s_certificate_needs_its_whole_chain_to_encrypt() {
    let server = Server::new();
    let leaf = id_of(&server, &certify("leaf", "Root", "[]")).await;
    let root = located(&server, "ann", "Certificate", "_cert_ca=Root").await.remove(0);
    let encrypt = about("Encrypt", &leaf, vec![bytes("Data", "00")]);
    server.post("ann", &encrypt).await.json();
    // What fails in a chain is a certificate error; an issuer that is not there is an item that is not found.
    server.post("ann", &revoke(&root)).await.json();
    let answer = server.post("ann", &encrypt).await;
    assert_eq!(
        (answer.status, &*answer.body),
        (500, "Certificate error: the certificate is not valid: the certificate of an issuer was revoked")
    );
    server.post("ann", &about("Destroy", &root, vec![])).await.json();
    let answer = server.post("ann", &encrypt).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert!(answer.body.starts_with("Item not found: "), "{}", answer.body);
}

#[tokio::test]
async fn a_private_key_in_pem_is_imported_as_the_key_of_its_certificate() {
    let server = Server::new();
    for (kind, certificate, key, format) in [
        ("rsa", RSA_CERTIFICATE, RSA_KEY, "TransparentRSAPrivateKey"),
        ("p256", P256_CERTIFICATE, P256_KEY, "TransparentECPrivateKey"),
    ] {
        let certificate = id_of(&server, &import(&format!("{kind} certificate"), certificate)).await;
        let key = id_of(&server, &import(&format!("{kind} key"), key)).await;
        let got = server.post("ann", &about("Get", &key, vec![])).await.json();
        assert_eq!(text_at(&got, &["ObjectType"]), "PrivateKey");
        assert_eq!(text_at(&got, &["Object", "KeyBlock", "KeyFormatType"]), format);
        let links = at(&got, &["Object", "KeyBlock", "KeyValue", "Attributes", "Link", "Link"]).unwrap();
        assert_eq!(text_at(links, &["LinkedObjectIdentifier"]), certificate);
        // More than one block of RSA.
        let plain = "5A".repeat(1000);
        let encrypted =
            server.post("ann", &about("Encrypt", &certificate, vec![bytes("Data", &plain)])).await;
        let data = text_at(&encrypted.json(), &["Data"]);
        let decrypted = server.post("ann", &about("Decrypt", &key, vec![bytes("Data", &data)])).await.json();
        assert_eq!(text_at(&decrypted, &["Data"]), format!("00{plain}"), "{kind}");
    }
    assert_eq!(located(&server, "ann", "PrivateKey", "_cert").await.len(), 2);
}

#[tokio::test]
async fn the_key_that_an_older_client_got_is_imported_again() {
    let server = Server::new();
    for key in [RSA_KEY, P256_KEY] {
        let first = id_of(&server, &import("", key)).await;
        let got = server.post("ann", &about("Get", &first, vec![])).await.json();
        let request = structure(
            "Import",
            vec![
                text("UniqueIdentifier", ""),
                name("ObjectType", "PrivateKey"),
                structure("Attributes", vec![name("ObjectType", "PrivateKey")]),
                at(&got, &["Object"]).unwrap().clone(),
            ],
        );
        let second = id_of(&server, &request).await;
        let again =
            server.post("ann", &about("Get", &second, vec![name("KeyFormatType", "PKCS8")])).await.json();
        let once =
            server.post("ann", &about("Get", &first, vec![name("KeyFormatType", "PKCS8")])).await.json();
        let material = |answer| text_at(answer, &["Object", "KeyBlock", "KeyValue", "KeyMaterial"]);
        assert_eq!(material(&again), material(&once));
    }
}

#[tokio::test]
async fn what_is_no_certificate_is_a_certificate_error() {
    let server = Server::new();
    let encrypted_key = P256_KEY.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    for value in ["garbage", "", &P256_KEY.replace("PRIVATE KEY", "CERTIFICATE"), &encrypted_key] {
        let answer = server.post("ann", &import("k", value)).await;
        assert_eq!(answer.status, 500, "{value}: {}", answer.body);
        assert!(answer.body.starts_with("Certificate error: "), "{}", answer.body);
    }
}

#[tokio::test]
async fn to_older_clients_a_certificate_has_no_attributes() {
    let server = Server::new();
    let leaf = id_of(&server, &certify("leaf", "Root", "[]")).await;
    for operation in ["Export", "GetAttributes"] {
        let answer = server.post("ann", &about(operation, &leaf, vec![])).await;
        let expected = "Invalid_Object_Type: This object does not have a key block".to_owned();
        assert_eq!((answer.status, answer.body), (422, expected), "{operation}");
    }
    let got =
        server.post("ann", &about("Get", &leaf, vec![name("KeyWrapType", "AsRegistered")])).await.json();
    assert_eq!(text_at(&got, &["Object", "CertificateType"]), "X509");
}

/// Attributes of a newer client: a subject, of which it sends all parts that there are, and more.
fn subject(common_name: &str, mut more: Vec<Value>) -> Value {
    let parts =
        ["Cn", "O", "Ou", "Email", "C", "St", "L", "Uid", "SerialNumber", "Title", "Dc", "DnQualifier"];
    let part = |of: &str, part: &str| {
        let said = if of == "Subject" && part == "Cn" { common_name } else { "" };
        text(&format!("Certificate{of}{part}"), said)
    };
    let all = ["Subject", "Issuer"].iter().flat_map(|of| parts.iter().map(|one| part(of, one)));
    more.push(structure("CertificateAttributes", all.collect()));
    more.push(name("ObjectType", "Certificate"));
    more.push(json!({"tag": "Sensitive", "type": "Boolean", "value": false}));
    structure("Attributes", more)
}

fn link(kind: &str, id: &str) -> Value {
    let one = vec![name("LinkType", kind), text("LinkedObjectIdentifier", id)];
    structure("Link", vec![structure("Link", one)])
}

fn p256() -> Vec<Value> {
    let curve = vec![name("RecommendedCurve", "P256")];
    vec![name("CryptographicAlgorithm", "EC"), structure("CryptographicDomainParameters", curve)]
}

#[tokio::test]
async fn a_newer_client_certifies_a_subject_a_public_key_and_a_certificate() {
    let server = Server::new();
    let root = {
        let mut more = p256();
        more.push(vendors(&[
            ("tag", "[\"root\"]"),
            (
                "x509-extension",
                "[v3_ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign",
            ),
            ("requested_validity_days", "1000"),
        ]));
        id_of(&server, &structure("Certify", vec![subject("Root", more)])).await
    };
    let root_key = located(&server, "ann", "PrivateKey", "root").await.remove(0);
    let pair = structure(
        "CreateKeyPair",
        vec![structure("CommonAttributes", {
            let mut more = p256();
            more.push(json!({"tag": "Sensitive", "type": "Boolean", "value": false}));
            more
        })],
    );
    let public = text_at(&server.post("ann", &pair).await.json(), &["PublicKeyUniqueIdentifier"]);
    let by_key = about("Certify", &public, vec![subject("leaf", vec![link("PrivateKeyLink", &root_key)])]);
    let leaf = id_of(&server, &by_key).await;
    let again = about("Certify", &leaf, vec![subject("again", vec![link("CertificateLink", &root)])]);
    let again = id_of(&server, &again).await;
    for (id, common_name) in [(&leaf, "leaf"), (&again, "again")] {
        let attributes = server.post("ann", &about("GetAttributes", id, vec![])).await.json();
        let told = |field| text_at(&attributes, &["Attributes", "CertificateAttributes", field]);
        assert_eq!(
            (told("CertificateSubjectCn"), told("CertificateIssuerCn")),
            (common_name.into(), "Root".into())
        );
        assert_eq!(text_at(&attributes, &["Attributes", "CertificateType"]), "X509");
        let ids = structure(
            "UniqueIdentifier",
            vec![text("UniqueIdentifier", id), text("UniqueIdentifier", &root)],
        );
        let validate = structure("Validate", vec![structure("Certificate", vec![]), ids]);
        let validated = server.post("ann", &validate).await.json();
        assert_eq!(text_at(&validated, &["ValidityIndicator"]), "Valid", "{common_name}");
    }
    // Encrypting does not need the chain, but what is known of it has to be valid.
    server.post("ann", &about("Encrypt", &leaf, vec![bytes("Data", "00")])).await.json();
    let exported = server.post("ann", &about("Export", &leaf, vec![])).await.json();
    assert!(at(&exported, &["Attributes", "CertificateAttributes"]).is_some());
}

#[tokio::test]
async fn a_validity_is_judged_at_the_time_that_is_asked_for() {
    let server = Server::new();
    let mut more = p256();
    more.push(vendor("requested_validity_days", "10"));
    let root = id_of(&server, &structure("Certify", vec![subject("Root", more)])).await;
    let validate = |at: &str| {
        let ids = structure("UniqueIdentifier", vec![text("UniqueIdentifier", &root)]);
        structure("Validate", vec![ids, text("ValidityTime", at)])
    };
    // The clock stands at 2023-11-14T22:13:20Z.
    for (at, expected) in [("20231115000000Z", "Valid"), ("2023-11-25T00:00:00Z", "Invalid")] {
        let validated = server.post("ann", &validate(at)).await.json();
        assert_eq!(text_at(&validated, &["ValidityIndicator"]), expected, "{at}");
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_certified_is_refused() {
    let server = Server::new();
    let secret = text_at(&server.post("ann", &create(true, "[]")).await.json(), &["UniqueIdentifier"]);
    let answer = server.post("ann", &about("Certify", &secret, vec![subject("leaf", vec![])])).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    let masked = structure(
        "Certify",
        vec![
            subject("leaf", p256()),
            json!({"tag": "ProtectionStorageMasks", "type": "Integer", "value": 1}),
        ],
    );
    let answer = server.post("ann", &masked).await;
    assert_eq!(
        (answer.status, &*answer.body),
        (422, "This KMIP server does not yet support place holder id")
    );
}
