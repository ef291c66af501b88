//! Which versions, ciphers and key exchanges of TLS the server takes.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rustls::crypto::aws_lc_rs::{default_provider, kx_group};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::version::TLS13;
use rustls::{ClientConfig, ClientConnection, NamedGroup, RootCertStore};
use xtask::certificates::Certificates;

use crate::certificates::{client_config, connect_with};
use crate::ttlv_socket::start;

/// What `openssl s_client` says of a connection with these arguments; `None` if there is none.
fn openssl(address: SocketAddr, certificates: &Certificates, arguments: &[&str]) -> Option<String> {
    let user = certificates.user("alice");
    let output = Command::new("openssl")
        .args(["s_client", "-brief", "-connect", &address.to_string(), "-CAfile"])
        .arg(certificates.authority())
        .arg("-cert")
        .arg(user.certificate)
        .arg("-key")
        .arg(user.key)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    output.status.success().then_some(said)
}

#[test]
fn tls_1_2_and_1_3_are_taken_with_modern_ciphers_and_nothing_older_is() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) = start(folder.path());
    for address in [server.http, server.ttlv.unwrap()] {
        let said = |arguments: &[&str]| openssl(address, &certificates, arguments);
        let named = |arguments: &[&str], version: &str| {
            said(arguments).is_some_and(|said| said.contains(&format!("Protocol version: {version}")))
        };
        assert!(named(&["-tls1_3"], "TLSv1.3"), "{:?}", said(&["-tls1_3"]));
        assert!(named(&["-tls1_2"], "TLSv1.2"), "{:?}", said(&["-tls1_2"]));
        // The client is told to offer what it would not by itself.
        let old = "DEFAULT:@SECLEVEL=0";
        assert_eq!(said(&["-tls1_1", "-cipher", old]), None);
        assert_eq!(said(&["-tls1", "-cipher", old]), None);
        // CBC, and a key exchange without forward secrecy.
        assert_eq!(said(&["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"]), None);
        assert_eq!(said(&["-tls1_2", "-cipher", "AES128-GCM-SHA256"]), None);
        assert!(said(&["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"]).is_some());
    }
}

#[test]
fn a_client_that_takes_hybrid_key_exchange_alone_is_served_and_others_that_know_it_use_it() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) = start(folder.path());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificates.authority()).unwrap()).unwrap();
    let mut hybrid = default_provider();
    hybrid.kx_groups = vec![kx_group::X25519MLKEM768];
    let user = certificates.user("alice");
    let chain = vec![CertificateDer::from_pem_file(user.certificate).unwrap()];
    let key = rustls::pki_types::PrivateKeyDer::from_pem_file(user.key).unwrap();
    let hybrid_alone = ClientConfig::builder_with_provider(Arc::new(hybrid))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .unwrap();
    let any = client_config(&certificates, Some("alice"), &[]);
    for config in [hybrid_alone, any].map(Arc::new) {
        for address in [server.http, server.ttlv.unwrap()] {
            let mut stream = connect_with(address, config.clone());
            while stream.conn.is_handshaking() {
                stream.conn.complete_io(&mut stream.sock).unwrap();
            }
            assert_eq!(key_exchange(&stream.conn), NamedGroup::X25519MLKEM768);
        }
    }
}

fn key_exchange(connection: &ClientConnection) -> NamedGroup {
    connection.negotiated_key_exchange_group().unwrap().name()
}
