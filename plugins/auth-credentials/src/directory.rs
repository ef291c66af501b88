//! Users and devices, as an operator has listed them: checked, and ready to be looked up.

use std::collections::BTreeMap;
use std::sync::Arc;

use claviger_plugin_sdk::authentication::Principal;
use claviger_plugin_sdk::kmip::tables::enumerations::CredentialType;
use claviger_plugin_sdk::{Error, Result};

use crate::attestation::ExpectedQuote;
use crate::device::Device;
use crate::file::{DeviceEntry, File, UserEntry};
use crate::one_time_password::OneTimePassword;
use crate::operations::OnlyOperations;
use crate::password::PasswordHash;
use crate::{NAME, hashed_password};

/// Everybody who is known.
pub(crate) struct Directory {
    users: BTreeMap<String, User>,
    devices: Vec<Device>,
    attestations: BTreeMap<String, Vec<ExpectedQuote>>,
    nobody: PasswordHash,
}

/// Somebody who is known.
pub(crate) struct User {
    pub(crate) identity: Identity,
    pub(crate) password: Option<PasswordHash>,
    pub(crate) hashed_password: Option<hashed_password::Secret>,
    pub(crate) one_time_password: Option<OneTimePassword>,
    /// Credentials that each message has to bring.
    pub(crate) requires: Vec<CredentialType>,
}

/// As whom a credential acts, and on which connections.
pub(crate) struct Identity {
    name: String,
    groups: Vec<String>,
    /// The only operations that it is good for.
    only: Option<Arc<OnlyOperations>>,
    connections: Vec<String>,
}

impl Directory {
    /// Checks what a file says.
    ///
    /// # Errors
    /// Invalid Field: a name is none, or occurs twice; somebody has no credential; a credential is no good.
    pub(crate) fn of(file: File) -> Result<Self> {
        let mut users = BTreeMap::new();
        for entry in file.user {
            let name = entry.name.clone();
            let user = User::of(entry).map_err(|error| about(&name, &error))?;
            if users.insert(name.clone(), user).is_some() {
                return Err(invalid(format!("the user {name:?} is there twice")));
            }
        }
        let mut devices: Vec<Device> = Vec::new();
        for entry in file.device {
            let name = entry.user.clone();
            let device = device(entry).map_err(|error| about(&name, &error))?;
            if devices.iter().any(|other| other.is_like(&device)) {
                return Err(invalid(format!("the device of {name:?} cannot be told from another")));
            }
            devices.push(device);
        }
        let mut attestations: BTreeMap<String, Vec<ExpectedQuote>> = BTreeMap::new();
        for entry in file.attestation {
            let quote = ExpectedQuote::of(&entry).map_err(|error| about(&entry.user, &error))?;
            attestations.entry(entry.user).or_default().push(quote);
        }
        let hashes = users.values().filter_map(|user: &User| user.password.as_ref());
        let hashes = hashes.chain(devices.iter().filter_map(|device| device.password.as_ref()));
        let nobody = hashes.max_by_key(|hash| hash.cost()).cloned().or_else(PasswordHash::of_nobody);
        let nobody = nobody.ok_or_else(|| Error::server("the hash of nobody is no good"))?;
        Ok(Self { users, devices, attestations, nobody })
    }

    /// A user.
    pub(crate) fn user(&self, name: &str) -> Option<&User> {
        self.users.get(name)
    }

    /// The devices.
    pub(crate) fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// The quotes of which messages of a user must bring one; none if they need not.
    pub(crate) fn attestations(&self, user: &str) -> &[ExpectedQuote] {
        self.attestations.get(user).map_or(&[], Vec::as_slice)
    }

    /// What the passwords of those are compared with who are not there, so that it takes as long. It must not let anybody
    /// in.
    pub(crate) fn nobody(&self) -> &PasswordHash {
        &self.nobody
    }
}

impl User {
    fn of(entry: UserEntry) -> Result<Self> {
        let password = entry.password.as_deref().map(PasswordHash::parse).transpose()?;
        let hashed_password =
            entry.hashed_password.as_ref().map(|text| hashed_password::Secret::of(text)).transpose()?;
        let one_time_password = entry.one_time_password.as_ref().map(OneTimePassword::of).transpose()?;
        if password.is_none() && hashed_password.is_none() && one_time_password.is_none() {
            return Err(invalid("there is no credential".to_owned()));
        }
        Ok(Self {
            identity: Identity::of(entry.name, entry.groups, entry.operations, entry.connections)?,
            password,
            hashed_password,
            one_time_password,
            requires: entry.requires.iter().map(|name| credential_type(name)).collect::<Result<_>>()?,
        })
    }
}

impl Identity {
    fn of(
        name: String,
        groups: Vec<String>,
        operations: Option<Vec<String>>,
        connections: Vec<String>,
    ) -> Result<Self> {
        let names = std::iter::once(&name).chain(&groups).chain(&connections);
        for name in names {
            if name.is_empty() || name == "*" || name.contains(char::is_control) {
                return Err(invalid(format!("{name:?} is no name")));
            }
        }
        let only = operations.as_deref().map(OnlyOperations::of).transpose()?.map(Arc::new);
        Ok(Self { name, groups, only, connections })
    }

    /// The user's name.
    #[cfg(test)]
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether a connection that proves this user may bring the credential.
    pub(crate) fn is_good_on(&self, proven: Option<&Principal>) -> bool {
        let proves = |name: &String| proven.is_some_and(|proven| **name == *proven.user);
        self.connections.is_empty() || self.connections.iter().any(proves)
    }

    /// Whether it is bound to certain connections.
    pub(crate) fn is_bound(&self) -> bool {
        !self.connections.is_empty()
    }

    /// As whom the credential acts.
    pub(crate) fn principal(&self) -> Principal {
        let groups: Vec<&str> = self.groups.iter().map(String::as_str).collect();
        let mut principal = Principal::new(&self.name, &groups, Some(NAME));
        principal.bound = self.is_bound();
        principal.restriction = self.only.clone().map(|only| only as _);
        principal
    }
}

fn device(entry: DeviceEntry) -> Result<Device> {
    let device = Device {
        identity: Identity::of(entry.user, entry.groups, entry.operations, entry.connections)?,
        serial_number: entry.serial_number,
        identifier: entry.identifier,
        network: entry.network,
        machine: entry.machine,
        media: entry.media,
        password: entry.password.as_deref().map(PasswordHash::parse).transpose()?,
    };
    if !device.has_identifier() {
        return Err(invalid(
            "a device has a serial number, an identifier, a network, a machine or a medium".to_owned(),
        ));
    }
    if device.password.is_none() && !device.identity.is_bound() {
        let why =
            "a device without a password, whose numbers anybody can read off it, is bound to `connections`";
        return Err(invalid(why.to_owned()));
    }
    Ok(device)
}

fn credential_type(name: &str) -> Result<CredentialType> {
    match name {
        "password" => Ok(CredentialType::USERNAME_AND_PASSWORD),
        "hashed_password" => Ok(CredentialType::HASHED_PASSWORD),
        "one_time_password" => Ok(CredentialType::ONE_TIME_PASSWORD),
        "device" => Ok(CredentialType::DEVICE),
        other => Err(invalid(format!(
            "`requires` takes `password`, `hashed_password`, `one_time_password` and `device`, not {other:?}"
        ))),
    }
}

fn about(name: &str, error: &Error) -> Error {
    Error::invalid(format!("--{}, about {name:?}: {}", crate::FILE, error.message()))
}

fn invalid(why: String) -> Error {
    Error::invalid(why)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::password::tests::PASSWORD1;

    /// What a file says, in which `PASSWORD1` stands for a hash of that password.
    pub(crate) fn directory(text: &str) -> Result<Directory> {
        Directory::of(File::parse(&text.replace("PASSWORD1", PASSWORD1))?)
    }

    #[test]
    fn users_have_names_and_credentials_and_are_there_once() {
        let ann = "[[user]]\nname = \"ann\"\npassword = \"PASSWORD1\"\n";
        assert!(directory(ann).unwrap().user("ann").is_some());
        for wrong in [
            &ann.repeat(2),
            "[[user]]\nname = \"ann\"\n",
            "[[user]]\nname = \"ann\"\npassword = \"password1\"\n",
            "[[user]]\nname = \"\"\npassword = \"PASSWORD1\"\n",
            "[[user]]\nname = \"*\"\npassword = \"PASSWORD1\"\n",
            "[[user]]\nname = \"a\\nb\"\npassword = \"PASSWORD1\"\n",
            "[[user]]\nname = \"ann\"\ngroups = [\"*\"]\npassword = \"PASSWORD1\"\n",
            "[[user]]\nname = \"ann\"\nrequires = [\"luck\"]\npassword = \"PASSWORD1\"\n",
        ] {
            assert!(directory(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn devices_can_be_told_apart_and_are_not_known_by_their_numbers_alone() {
        let tape = "[[device]]\nuser = \"tape\"\nserial_number = \"1\"\n";
        let good = [
            format!("{tape}password = \"PASSWORD1\"\n"),
            format!("{tape}connections = [\"gateway\"]\n"),
            format!("{tape}password = \"PASSWORD1\"\n{tape}machine = \"m\"\npassword = \"PASSWORD1\"\n"),
        ];
        for good in good {
            assert!(directory(&good).is_ok(), "{good}");
        }
        let wrong = [
            tape.to_owned(),
            "[[device]]\nuser = \"tape\"\npassword = \"PASSWORD1\"\n".to_owned(),
            format!("{tape}password = \"PASSWORD1\"\n").repeat(2),
        ];
        for wrong in wrong {
            assert!(directory(&wrong).is_err(), "{wrong}");
        }
    }
}
