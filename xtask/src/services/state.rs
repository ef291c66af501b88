//! What `services up` remembers: which servers it started, as which processes, and where they are.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::process::Identity;
use super::{FOLDER, absent, open_folder};
use crate::Outcome;
use crate::certificates::Certificates;

/// The content of the file.
pub(super) struct State {
    file: PathBuf,
    folder: Option<PathBuf>,
    services: Vec<Started>,
}

/// A server that was started.
pub(super) struct Started {
    pub(super) name: String,
    pub(super) identity: Identity,
    /// What asks it to end.
    signal: String,
    variables: Vec<(String, String)>,
}

impl State {
    /// Reads the file; one that is not there says that nothing was started.
    pub(super) fn read(file: PathBuf) -> Outcome<Self> {
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) => absent(error).map(|()| "{}".to_owned())?,
        };
        let value: Value = serde_json::from_str(&text)?;
        let folder = value.get("folder").and_then(Value::as_str).map(PathBuf::from);
        // A folder for temporary files may have been emptied.
        let folder = folder.filter(|folder| folder.is_dir());
        let services = value.get("services").and_then(Value::as_array).into_iter().flatten();
        Ok(Self { file, folder, services: services.filter_map(Started::read).collect() })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.services.iter().any(|service| service.name == name)
    }

    pub(super) fn services(&self) -> &[Started] {
        &self.services
    }

    /// The folder of all servers. It is not in the checkout, which other accounts may not be able to enter.
    pub(super) fn folder(&mut self) -> Outcome<PathBuf> {
        if let Some(folder) = &self.folder {
            return Ok(folder.clone());
        }
        let folder = tempfile::Builder::new().prefix("claviger-services-").tempdir()?.keep();
        self.folder = Some(folder.clone());
        self.write()?;
        Ok(folder)
    }

    /// The certificates in that folder, made when they are first asked for.
    pub(super) fn certificates(&mut self) -> Outcome<Certificates> {
        let folder = self.folder()?;
        if folder.join("client.pem").is_file() {
            return Ok(Certificates::in_folder(&folder));
        }
        open_folder(&folder)
    }

    /// Remembers a server.
    pub(super) fn add(
        &mut self,
        (name, signal): (&str, &str),
        identity: Identity,
        variables: Vec<(&'static str, String)>,
    ) -> Outcome {
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let (name, signal) = (name.to_owned(), signal.to_owned());
        self.services.push(Started { name, identity, signal, variables });
        self.write()
    }

    /// All variables for tests, without their prefix.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, String)> {
        let folder = self.folder.iter().map(|folder| (FOLDER, folder.display().to_string()));
        let of_services = self.services.iter().flat_map(|service| &service.variables);
        folder.chain(of_services.map(|(name, value)| (name.as_str(), value.clone())))
    }

    /// Forgets servers whose processes have ended, and names them.
    pub(super) fn forget_the_dead(&mut self) -> Outcome<Vec<String>> {
        let (alive, dead): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.services).into_iter().partition(|service| service.identity.is_alive());
        self.services = alive;
        if !dead.is_empty() {
            self.write()?;
        }
        Ok(dead.into_iter().map(|service| service.name).collect())
    }

    /// Stops those of the servers that run, and removes their data and the file.
    pub(super) fn stop_all(self) -> Outcome {
        for service in &self.services {
            eprintln!("stopping {}", service.name);
            service.identity.stop(&service.signal)?;
        }
        if let Some(folder) = &self.folder {
            fs::remove_dir_all(folder).or_else(absent)?;
        }
        Ok(fs::remove_file(&self.file).or_else(absent)?)
    }

    fn write(&self) -> Outcome {
        let services: Vec<Value> = self.services.iter().map(Started::written).collect();
        let folder = self.folder.as_ref().map(|folder| folder.display().to_string());
        write_closed(&self.file, &json!({"folder": folder, "services": services}).to_string())
    }
}

impl Started {
    fn read(value: &Value) -> Option<Self> {
        let text = |name| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let pid = u32::try_from(value.get("pid")?.as_u64()?).ok()?;
        let variables = value.get("variables")?.as_object()?.iter();
        let variables =
            variables.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        let identity = Identity { pid, since: text("since")? };
        let (name, signal) = (text("name")?, text("signal")?);
        Some(Self { name, identity, signal, variables: variables.collect() })
    }

    fn written(&self) -> Value {
        let variables = self.variables.iter().map(|(name, value)| (name.clone(), json!(value)));
        json!({
            "name": self.name,
            "pid": self.identity.pid,
            "since": self.identity.since,
            "signal": self.signal,
            "variables": Value::Object(variables.collect()),
        })
    }
}

/// Replaces the file as a whole by one that only its owner reads: it holds passwords.
fn write_closed(file: &Path, text: &str) -> Outcome {
    let folder = file.parent().ok_or("the file has no folder")?;
    let new = tempfile::NamedTempFile::new_in(folder)?;
    fs::write(new.path(), text)?;
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_started_is_remembered_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state.json");
        let mut state = State::read(file.clone()).unwrap();
        assert!(!state.has("one"));
        let this = Identity::of(std::process::id()).unwrap();
        let before_the_machine_was_started_anew = Identity { since: "another run".into(), ..this.clone() };
        let url = "redis://127.0.0.1:1/".to_owned();
        state.add(("one", "TERM"), this, vec![("ONE", url.clone())]).unwrap();
        state.add(("two", "TERM"), before_the_machine_was_started_anew, vec![("TWO", url.clone())]).unwrap();

        let mut state = State::read(file.clone()).unwrap();
        assert_eq!(state.forget_the_dead().unwrap(), ["two"]);
        let state = State::read(file).unwrap();
        assert!(state.has("one") && !state.has("two"));
        assert_eq!(state.variables().collect::<Vec<_>>(), [("ONE", url)]);
    }
}
