//! What `--database-url` and the settings beside it may be.

use claviger_plugin_sdk::settings::Settings;

use crate::remote::address::Address;
use crate::remote::{mysql, postgresql};

fn settings(values: &[(&'static str, &str)]) -> Settings {
    Settings::new("/".into(), values.iter().map(|(flag, value)| (*flag, (*value).to_owned())))
}

fn read(url: &str) -> Result<Address, String> {
    Address::of(&settings(&[("database-url", url)]), &postgresql::FORM)
        .map_err(|error| error.message().to_owned())
}

fn refusal(url: &str) -> String {
    let refusal = read(url).err().unwrap();
    assert!(!refusal.contains("secret"), "{refusal}");
    refusal
}

#[test]
fn parts_of_the_url_are_decoded() {
    let address =
        read("postgresql://us%40er:p%2Fa%3Aß%25@db.example:6000/k%20s?application_name=a%26b").unwrap();
    assert_eq!(
        (address.host.as_str(), address.port, address.user.as_str()),
        ("db.example", Some(6000), "us@er")
    );
    assert_eq!((address.password.as_deref(), address.database.as_str()), (Some("p/a:ß%"), "k s"));
    assert_eq!(address.other("application_name"), Some("a&b"));
    let socket = read("postgres://user@%2Frun%2Fpostgresql/keys").unwrap();
    assert_eq!((socket.host.as_str(), socket.password), ("/run/postgresql", None));
}

#[test]
fn a_url_that_is_none_or_another_one_is_refused_with_what_to_write() {
    let example = "such as postgresql://USER:PASSWORD@HOST:5432/DATABASE";
    let none = Address::of(&settings(&[]), &postgresql::FORM).err().unwrap();
    assert_eq!(none.message(), format!("--database-type postgresql needs --database-url, {example}"));
    for (url, what) in [
        ("", "needs --database-url"),
        ("user:secret@host", "begins with postgresql:// or postgres://"),
        ("mysql://user:secret@host/keys", "begins with postgresql:// or postgres://"),
        ("postgresql://user:secret@/keys", "needs a --database-url"),
        ("postgresql://user:secret@host", "ends with the name of a database"),
        ("postgresql://user:secret@host/", "ends with the name of a database"),
        ("postgresql://:secret@host/keys", "with a user"),
        ("postgresql://user:secret@host:port/keys", "that is a URL"),
    ] {
        let refusal = refusal(url);
        assert!(refusal.contains(what) && refusal.ends_with(example), "{url}: {refusal}");
    }
    assert!(refusal("postgresql://user:secret%4@host/keys").contains("the password of --database-url"));
}

#[test]
fn parameters_that_are_unknown_or_wrong_are_refused_with_those_that_are_right() {
    let refused = refusal("postgresql://user:secret@host/keys?sslmod=require");
    assert!(
        refused.contains("sslmode, sslrootcert, sslcert, sslkey, application_name, options"),
        "{refused}"
    );
    let refused = refusal("postgresql://user:secret@host/keys?sslmode=yes");
    let modes = "disable, allow, prefer, require, verify-ca, verify-full";
    assert_eq!(refused, format!("sslmode in --database-url is one of {modes}"));
    let refused = refusal("postgresql://user:secret@host/keys?sslmode=require&sslmode=disable");
    assert!(refused.contains("sslmode twice"), "{refused}");
    let refused = refusal("postgresql://user:secret@host/keys?sslrootcert=/not/there.pem");
    assert!(
        refused.starts_with("sslrootcert in --database-url names a file that cannot be read"),
        "{refused}"
    );
    let mysql = settings(&[("database-url", "mysql://user:secret@host/keys?sslmode=require")]);
    let refused = Address::of(&mysql, &mysql::FORM).err().unwrap();
    assert!(refused.message().contains("ssl-mode, ssl-ca, ssl-cert, ssl-key"), "{refused}");
}

#[test]
fn certificates_turn_verification_on() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (pem, other) = (file("a.pem", "-----BEGIN CERTIFICATE-----"), file("b.pem", "none"));
    let read = |url: &str, values: &[(&'static str, &str)]| {
        let values: Vec<_> = values.iter().copied().chain([("database-url", url)]).collect();
        Address::of(&settings(&values), &postgresql::FORM).map_err(|error| error.message().to_owned())
    };
    let url = "postgresql://user:secret@host/keys";
    assert_eq!(read(url, &[]).unwrap().tls.mode, "prefer");
    assert_eq!(read(url, &[("database-ca-file", &pem)]).unwrap().tls.mode, "verify-full");
    assert_eq!(read(&format!("{url}?sslrootcert={pem}"), &[]).unwrap().tls.mode, "verify-full");
    let refused = read(&format!("{url}?sslmode=disable"), &[("database-ca-file", &pem)]).err().unwrap();
    assert!(refused.ends_with("write sslmode=verify-full"), "{refused}");
    let refused = read(url, &[("database-ca-file", &other)]).err().unwrap();
    assert_eq!(refused, "--database-ca-file names a file that is not PEM");
    let refused = read(url, &[("database-client-cert-file", &pem)]).err().unwrap();
    assert!(refused.contains("needs its private key"), "{refused}");
    let both = [("database-client-cert-file", pem.as_str()), ("database-client-key-file", pem.as_str())];
    assert!(read(url, &both).unwrap().tls.identity.is_some());
}
