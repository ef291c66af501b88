//! An authority that issues certificates as one likes, and takes them back: `openssl ca`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// Extensions of certificates, by the names of their sections.
const CONFIGURATION: &str = "\
[ca]
default_ca = this
[this]
certificate = NAME.pem
private_key = NAME.key
database = NAME.index
serial = NAME.serial
crlnumber = NAME.number
new_certs_dir = .
default_md = sha256
default_days = 30
default_crl_days = 30
unique_subject = no
policy = any
[any]
commonName = optional
organizationName = optional
[list]
authorityKeyIdentifier = keyid
[client]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
[server_only]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
";

/// The authority whose certificate is `NAME.pem` in a folder.
pub(super) struct Authority {
    folder: PathBuf,
    name: &'static str,
}

impl Authority {
    /// The authority of this name, of which the folder has certificate and key.
    pub(super) fn new(folder: &Path, name: &'static str) -> Self {
        let write = |ending: &str, text: &str| {
            std::fs::write(folder.join(format!("{name}.{ending}")), text).unwrap();
        };
        write("cnf", &CONFIGURATION.replace("NAME", name));
        write("index", "");
        write("serial", "1000\n");
        write("number", "01\n");
        Self { folder: folder.to_owned(), name }
    }

    /// Issues a certificate, in `NAME.pem` with its key in `NAME.key`. Dates are further arguments.
    pub(super) fn issue(&self, name: &str, subject: &str, extensions: &str, dates: &[&str]) {
        let [certificate, key, request] = ["pem", "key", "csr"].map(|ending| format!("{name}.{ending}"));
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
        let request_of = ["req", "-noenc", "-subj", subject, "-keyout", &key, "-out", &request];
        self.openssl(&[&request_of[..], &curve].concat());
        let issue = ["-notext", "-extensions", extensions, "-in", &request, "-out", &certificate];
        self.ca(&[&issue[..], dates].concat());
    }

    /// Takes a certificate back. That is known by the next list.
    pub(super) fn revoke(&self, name: &str) {
        self.ca(&["-revoke", &format!("{name}.pem")]);
    }

    /// Puts a list of what was taken back into a file, at once and whole. Dates are further arguments.
    pub(super) fn list(&self, file: &str, dates: &[&str]) -> PathBuf {
        let unfinished = format!("{file}.new");
        self.ca(&[&["-gencrl", "-crlexts", "list", "-out", &unfinished][..], dates].concat());
        let path = self.folder.join(file);
        std::fs::rename(self.folder.join(unfinished), &path).unwrap();
        path
    }

    /// Another form of a list.
    pub(super) fn to_der(&self, file: &str) -> PathBuf {
        let converted = format!("{file}.der");
        self.openssl(&["crl", "-in", file, "-outform", "DER", "-out", &converted]);
        self.folder.join(converted)
    }

    fn ca(&self, arguments: &[&str]) {
        let configuration = format!("{}.cnf", self.name);
        self.openssl(&[&["ca", "-batch", "-config", &configuration][..], arguments].concat());
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl").current_dir(&self.folder).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A time so many seconds from now, as `openssl ca` takes it.
pub(super) fn seconds_from_now(seconds: u64) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let time = format!("@{}", now + seconds);
    let output = Command::new("date").args(["-u", "-d", &time, "+%Y%m%d%H%M%SZ"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
