//! Throw-away certificates, and TLS clients that use them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use xtask::certificates::Certificates;

use crate::client::tcp;

/// Certificates in the folder `certificates` below this one.
pub(crate) fn make(folder: &Path) -> Certificates {
    let folder = folder.join("certificates");
    std::fs::create_dir(&folder).unwrap();
    Certificates::make(&folder).unwrap()
}

/// The settings that turn HTTPS on with PEM files, and TTLV on a free port.
pub(crate) fn pem_settings(certificates: &Certificates) -> Vec<String> {
    let mut settings = https_settings(certificates);
    settings.extend(["--ttlv-port".into(), "0".into()]);
    settings
}

/// The settings that turn HTTPS on with PEM files, and TTLV on its usual port.
pub(crate) fn https_settings(certificates: &Certificates) -> Vec<String> {
    let server = certificates.server();
    let text = |path: PathBuf| path.display().to_string();
    vec!["--https-cert-file".into(), text(server.certificate), "--https-key-file".into(), text(server.key)]
}

/// Writes the server's certificate and key as PKCS#12, made by `openssl` with these further arguments.
pub(crate) fn make_pkcs12(certificates: &Certificates, password: &str, arguments: &[&str]) -> PathBuf {
    let server = certificates.server();
    let file = server.key.with_extension("p12");
    let status = Command::new("openssl")
        .args(["pkcs12", "-export", "-passout", &format!("pass:{password}"), "-out"])
        .arg(&file)
        .arg("-inkey")
        .arg(&server.key)
        .arg("-in")
        .arg(&server.certificate)
        .arg("-certfile")
        .arg(certificates.authority())
        .args(arguments)
        .status()
        .unwrap();
    assert!(status.success());
    file
}

/// A TLS connection to `localhost` at this address, with the certificate of a user or without one, offering these
/// protocols.
pub(crate) fn connect(
    address: SocketAddr,
    certificates: &Certificates,
    user: Option<&str>,
    protocols: &[&str],
) -> StreamOwned<ClientConnection, std::net::TcpStream> {
    connect_with(address, Arc::new(client_config(certificates, user, protocols)))
}

/// A TLS connection to `localhost` at this address, by a configuration that may remember sessions.
pub(crate) fn connect_with(
    address: SocketAddr,
    config: Arc<ClientConfig>,
) -> StreamOwned<ClientConnection, std::net::TcpStream> {
    let name = ServerName::try_from("localhost").unwrap();
    StreamOwned::new(ClientConnection::new(config, name).unwrap(), tcp(address))
}

/// The first message of a TLS client that has no certificate.
pub(crate) fn client_hello(certificates: &Certificates) -> Vec<u8> {
    let config = Arc::new(client_config(certificates, None, &[]));
    let name = ServerName::try_from("localhost").unwrap();
    let (mut client, mut hello) = (ClientConnection::new(config, name).unwrap(), Vec::new());
    client.write_tls(&mut hello).unwrap();
    hello
}

/// What a TLS client of this user offers and trusts.
pub(crate) fn client_config(
    certificates: &Certificates,
    user: Option<&str>,
    protocols: &[&str],
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificates.authority()).unwrap()).unwrap();
    let builder =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
    let mut config = match user {
        None => builder.with_no_client_auth(),
        Some(user) => {
            let identity = certificates.user(user);
            let chain = CertificateDer::pem_file_iter(identity.certificate).unwrap();
            let chain = chain.collect::<Result<_, _>>().unwrap();
            let key = PrivateKeyDer::from_pem_file(identity.key).unwrap();
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    };
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    config
}
