//! Covercrypt over the wire against the library's bare call: how much of the server's processor time is the encapsulation
//! or the decapsulation.
//!
//! The server parses a key once and keeps it; so does the bare call. The plaintext is empty, so what the server does more
//! than encapsulate is to close a cipher over nothing.

use std::hint::black_box;
use std::path::Path;
use std::slice;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use xtask::Outcome;

use crate::connection::{Connection, Endpoint};
use crate::crypto::{Line, repeat};
use crate::database::Database;
use crate::load::measure;
use crate::message::{Ask, Requests, WireForm};
use crate::options::CommandLine;
use crate::population::Marks;
use crate::rest::{bytes, enumeration, field, structure, text};
use crate::session::Subject;

const CONNECTIONS: usize = 16;
const FORM: WireForm = WireForm::Rest;

/// For whom it is encrypted, and what the user key allows.
const POLICY: &str = "Department::HR && Level::Low";

/// A generation of keys: two dimensions of five attributes each.
struct Generation {
    name: &'static str,
    /// The attribute that holds the structure of a master key.
    attribute: &'static str,
    structure: fn() -> String,
    bare: fn(Duration) -> Outcome<[Duration; 2]>,
}

const GENERATIONS: [Generation; 3] = [
    Generation {
        name: "generation 12",
        attribute: "cover_crypt_policy",
        structure: structure_12,
        bare: bare_12,
    },
    Generation {
        name: "generation 14",
        attribute: "cover_crypt_policy",
        structure: structure_14,
        bare: bare_14,
    },
    Generation {
        name: "generation 16",
        attribute: "cover_crypt_access_structure",
        structure: structure_16,
        bare: bare_16,
    },
];

const DEPARTMENTS: [&str; 5] = ["HR", "FIN", "MKG", "RND", "OPS"];
const LEVELS: [&str; 5] = ["Low", "Medium", "High", "Secret", "Top"];

/// Compares and prints.
///
/// # Errors
/// The server or a request fails; the server has no Covercrypt.
pub(crate) async fn run(binary: &Path, options: &CommandLine) -> Outcome {
    let subject = Subject::start(binary, false, &Database::sqlite(), Marks::Tags)?;
    let endpoint = subject.endpoint(FORM)?;
    Line::head();
    for generation in GENERATIONS {
        let [encrypting, decrypting] = prepared(&endpoint, &generation).await?;
        let [encapsulation, decapsulation] = (generation.bare)(options.duration())?;
        for (what, request, bare) in
            [("encapsulate", encrypting, encapsulation), ("decapsulate", decrypting, decapsulation)]
        {
            let requests = Arc::new(Requests::new(FORM, endpoint.address, [Ask::Json(&request)])?);
            let pid = subject.server.pid();
            let found =
                measure(pid, slice::from_ref(&endpoint), &requests, CONNECTIONS, options.duration()).await;
            let found = found.map_err(|error| format!("{error}\n{}", subject.server.end_of_log()))?;
            let name = format!("{}, {what}", generation.name);
            println!("{}", Line { name: &name, server: found.processor, bare, target: None });
        }
    }
    Ok(())
}

/// The requests that encrypt for a policy, and decrypt what was encrypted.
async fn prepared(endpoint: &Endpoint, generation: &Generation) -> Outcome<[Value; 2]> {
    let mut connection = Connection::open(endpoint).await?;
    let attributes = secret_key(generation.attribute, &(generation.structure)());
    let pair = structure("CreateKeyPair", json!([structure("CommonAttributes", Value::Array(attributes))]));
    let made = exchange(&mut connection, endpoint, &pair).await?;
    let (private, public) =
        (field(&made, "PrivateKeyUniqueIdentifier")?, field(&made, "PublicKeyUniqueIdentifier")?);
    let link = json!([enumeration("LinkType", "ParentLink"), text("LinkedObjectIdentifier", &private)]);
    let mut attributes = secret_key("cover_crypt_access_policy", POLICY);
    attributes.push(structure("Link", json!([structure("Link", link)])));
    let create =
        json!([enumeration("ObjectType", "PrivateKey"), structure("Attributes", Value::Array(attributes))]);
    let made = exchange(&mut connection, endpoint, &structure("Create", create)).await?;
    let user = field(&made, "UniqueIdentifier")?;
    // The policy and the metadata behind their lengths, and no plaintext.
    let data = [&[u8::try_from(POLICY.len())?], POLICY.as_bytes(), &[0]].concat();
    let encrypt = structure("Encrypt", json!([text("UniqueIdentifier", &public), bytes("Data", &data)]));
    let encrypted = field(&exchange(&mut connection, endpoint, &encrypt).await?, "Data")?;
    let data = json!({"tag": "Data", "type": "ByteString", "value": encrypted});
    Ok([encrypt, structure("Decrypt", json!([text("UniqueIdentifier", &user), data]))])
}

async fn exchange(connection: &mut Connection, endpoint: &Endpoint, request: &Value) -> Outcome<Value> {
    let frame = FORM.frame(endpoint.address, &serde_json::to_vec(request)?);
    Ok(serde_json::from_slice(connection.exchange(&frame).await?)?)
}

fn secret_key(name: &str, value: &str) -> Vec<Value> {
    let attribute = json!([
        text("VendorIdentification", "cosmian"),
        text("AttributeName", name),
        bytes("AttributeValue", value.as_bytes())
    ]);
    vec![
        enumeration("CryptographicAlgorithm", "CoverCrypt"),
        enumeration("KeyFormatType", "CoverCryptSecretKey"),
        enumeration("ObjectType", "PrivateKey"),
        structure("VendorAttributes", json!([structure("VendorAttributes", attribute)])),
    ]
}

fn structure_12() -> String {
    let names =
        |dimension: &'static str, names: [&'static str; 5]| names.map(|name| format!("{dimension}::{name}"));
    let all = names("Department", DEPARTMENTS).into_iter().chain(names("Level", LEVELS));
    let attributes: serde_json::Map<String, Value> = all
        .zip(1..)
        .map(|(name, value)| (name, json!({"values": [value], "encryption_hint": "Classic"})))
        .collect();
    json!({
        "version": "V1", "last_attribute_value": 10, "max_attribute_creations": 1000,
        "axes": {
            "Department": {"attribute_names": DEPARTMENTS, "is_hierarchical": false},
            "Level": {"attribute_names": LEVELS, "is_hierarchical": true},
        },
        "attributes": attributes,
    })
    .to_string()
}

fn structure_14() -> String {
    let attributes = |names: [&'static str; 5], first: usize| -> Value {
        let described = |(name, id): (&'static str, usize)| {
            let description =
                json!({"id": id, "encryption_hint": "Classic", "write_status": "EncryptDecrypt"});
            (name.to_owned(), description)
        };
        Value::Object(names.into_iter().zip(first..).map(described).collect())
    };
    json!({
        "version": "V2", "last_attribute_value": 10,
        "dimensions": {
            "Department": {"Unordered": attributes(DEPARTMENTS, 1)},
            "Level": {"Ordered": attributes(LEVELS, 6)},
        },
    })
    .to_string()
}

fn structure_16() -> String {
    json!({"Department": DEPARTMENTS, "Level::<": LEVELS}).to_string()
}

/// Both libraries that know policies are called alike.
macro_rules! bare_with_policies {
    ($name:ident, $library:ident, $structure:ident) => {
        fn $name(duration: Duration) -> Outcome<[Duration; 2]> {
            use $library::Covercrypt;
            use $library::abe_policy::{AccessPolicy, Policy};

            let structure = $structure();
            let policy = Policy::parse_and_convert(structure.as_bytes()).map_err(text_of)?;
            let wanted = AccessPolicy::from_boolean_expression(POLICY).map_err(text_of)?;
            let library = Covercrypt::default();
            let (private, public) = library.generate_master_keys(&policy).map_err(text_of)?;
            let user = library.generate_user_secret_key(&private, &wanted, &policy).map_err(text_of)?;
            let (_, encapsulation) = library.encaps(&policy, &public, &wanted).map_err(text_of)?;
            Ok([
                repeat(duration, || black_box(library.encaps(&policy, &public, &wanted)).is_ok())?,
                repeat(duration, || black_box(library.decaps(&user, &encapsulation)).is_ok())?,
            ])
        }
    };
}

bare_with_policies!(bare_12, cover_crypt_12, structure_12);
bare_with_policies!(bare_14, cover_crypt_14, structure_14);

fn bare_16(duration: Duration) -> Outcome<[Duration; 2]> {
    use cover_crypt_16::traits::KemAc;
    use cover_crypt_16::{AccessPolicy, Covercrypt, EncryptionHint, QualifiedAttribute};

    let library = Covercrypt::default();
    let (mut private, _) = library.setup().map_err(text_of)?;
    let structure = &mut private.access_structure;
    structure.add_anarchy("Department".to_owned()).map_err(text_of)?;
    structure.add_hierarchy("Level".to_owned()).map_err(text_of)?;
    for (dimension, names) in [("Department", DEPARTMENTS), ("Level", LEVELS)] {
        let mut before = None;
        for name in names {
            let attribute = QualifiedAttribute::new(dimension, name);
            let after = before.filter(|_| dimension == "Level");
            structure.add_attribute(attribute, EncryptionHint::Classic, after).map_err(text_of)?;
            before = Some(name);
        }
    }
    let public = library.update_msk(&mut private).map_err(text_of)?;
    let wanted = AccessPolicy::parse(POLICY).map_err(text_of)?;
    let user = library.generate_user_secret_key(&mut private, &wanted).map_err(text_of)?;
    let (_, encapsulation) = library.encaps(&public, &wanted).map_err(text_of)?;
    Ok([
        repeat(duration, || black_box(library.encaps(&public, &wanted)).is_ok())?,
        repeat(duration, || matches!(black_box(library.decaps(&user, &encapsulation)), Ok(Some(_))))?,
    ])
}

fn text_of(error: impl std::fmt::Display) -> String {
    error.to_string()
}
