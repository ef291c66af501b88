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
    /// Where it listens, so that it can be seen to.
    address: SocketAddr,
}

impl Haproxy {
    /// HAProxy with this configuration, which has it listen at that address.
    pub fn new(configuration: String, address: SocketAddr) -> Self {
        Self { configuration, address }
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
