//! HAProxy.

use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::Command;

use super::account::program;
use super::recipe::{Place, Recipe};
use crate::Outcome;

/// HAProxy with the configuration that a page of the documentation shows, and other addresses.
pub struct Haproxy {
    /// The text of its configuration file.
    configuration: String,
    /// Files that it names, in the same folder.
    files: Vec<(&'static str, Vec<u8>)>,
    /// Where it listens, so that it can be seen to.
    address: SocketAddr,
}

impl Haproxy {
    /// HAProxy with this configuration, which has it listen at that address, and with the files that it names.
    pub fn new(configuration: String, files: Vec<(&'static str, Vec<u8>)>, address: SocketAddr) -> Self {
        Self { configuration, files, address }
    }
}

impl Recipe for Haproxy {
    fn name(&self) -> &'static str {
        "haproxy"
    }

    fn program(&self) -> Option<PathBuf> {
        program("haproxy")
    }

    fn prepare(&self, place: &Place) -> Outcome {
        self.files.iter().try_for_each(|(name, content)| place.write(name, content))?;
        place.write(CONFIGURATION, &self.configuration)
    }

    fn command(&self, place: &Place) -> Outcome<Command> {
        let program = self.program().ok_or("HAProxy is not installed (./dev setup installs it)")?;
        let mut command = place.run(&program);
        command.args(["-db", "-f", CONFIGURATION]);
        Ok(command)
    }

    fn answers(&self, _: &Place) -> bool {
        TcpStream::connect(self.address).is_ok()
    }

    fn variables(&self, _: &Place) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

const CONFIGURATION: &str = "haproxy.cfg";
