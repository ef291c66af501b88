//! Throw-away certificates for a server on loopback and two users, made with the `openssl` command.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;

const ANY_CURVE: [&str; 4] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

/// An authority, and the certificates that it issued, as PEM files in one folder.
pub struct Certificates {
    folder: PathBuf,
}

/// A certificate and its private key, as PEM files.
pub struct Identity {
    /// The certificate.
    pub certificate: PathBuf,
    /// Its private key, PKCS#8 and not encrypted.
    pub key: PathBuf,
}

impl Certificates {
    /// Makes an authority, a certificate for a server on 127.0.0.1 and `localhost`, and one for each of the users
    /// `alice` and `bob`.
    ///
    /// # Errors
    /// The folder cannot be written, or `openssl` is missing or fails.
    pub fn make(folder: &Path) -> Outcome<Self> {
        let this = Self::in_folder(folder);
        this.openssl(
            ["req", "-x509", "-noenc", "-days", "30", "-subj", "/CN=Claviger test authority"]
                .into_iter()
                .chain(ANY_CURVE)
                .chain([
                    "-keyout",
                    "ca.key",
                    "-out",
                    "ca.pem",
                    "-addext",
                    "keyUsage=critical,keyCertSign,cRLSign",
                ]),
        )?;
        this.issue("server", "localhost", "serverAuth", "DNS:localhost,IP:127.0.0.1")?;
        this.issue("alice", "alice", "clientAuth", "email:alice@example.org")?;
        this.issue("bob", "bob", "clientAuth", "email:bob@example.org")?;
        Ok(this)
    }

    /// The certificates that [`Certificates::make`] made in this folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Issues another client certificate, the files `name.pem` and `name.key` in the folder.
    ///
    /// # Errors
    /// As [`Certificates::make`].
    pub fn issue_client(&self, name: &str, common_name: &str) -> Outcome<Identity> {
        self.issue(name, common_name, "clientAuth", &format!("email:{common_name}@example.org"))?;
        Ok(self.identity(name))
    }

    /// The authority's certificate.
    pub fn authority(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// The authority's private key.
    pub fn authority_key(&self) -> PathBuf {
        self.folder.join("ca.key")
    }

    /// The server's certificate.
    pub fn server(&self) -> Identity {
        self.identity("server")
    }

    /// The certificate of the user `alice` or `bob`, or of another one that was issued one.
    pub fn user(&self, name: &str) -> Identity {
        self.identity(name)
    }

    fn identity(&self, name: &str) -> Identity {
        let file = |ending: &str| self.folder.join(format!("{name}.{ending}"));
        Identity { certificate: file("pem"), key: file("key") }
    }

    fn issue(&self, name: &str, common_name: &str, usage: &str, alternative: &str) -> Outcome {
        let (key, request) = (format!("{name}.key"), format!("{name}.csr"));
        let (certificate, extensions) = (format!("{name}.pem"), format!("{name}.ext"));
        let subject = format!("/CN={common_name}");
        self.openssl(
            ["req", "-noenc", "-subj", &subject, "-keyout", &key, "-out", &request]
                .into_iter()
                .chain(ANY_CURVE),
        )?;
        let lines = ["basicConstraints=CA:FALSE", "keyUsage=critical,digitalSignature"].join("\n");
        let text = format!("{lines}\nextendedKeyUsage={usage}\nsubjectAltName={alternative}\n");
        fs::write(self.folder.join(&extensions), text)?;
        let authority =
            ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", &extensions];
        self.openssl(["x509", "-req", "-in", &request, "-out", &certificate].into_iter().chain(authority))
    }

    fn openssl<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Outcome {
        let mut command = Command::new("openssl");
        let output = command.current_dir(&self.folder).args(arguments).output();
        let output =
            output.map_err(|error| format!("cannot start openssl (./dev setup installs it): {error}"))?;
        if !output.status.success() {
            return Err(format!("openssl failed: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_vouches_for_the_server_and_both_users() {
        let folder = tempfile::tempdir().unwrap();
        let certificates = Certificates::make(folder.path()).unwrap();
        let all = [certificates.server(), certificates.user("alice"), certificates.user("bob")];
        for identity in all {
            let verified = Command::new("openssl")
                .args(["verify", "-CAfile"])
                .args([certificates.authority(), identity.certificate])
                .output()
                .unwrap();
            assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
            assert!(fs::read_to_string(identity.key).unwrap().contains("BEGIN PRIVATE KEY"));
        }
    }
}
