//! Checking credentials against the directory.

use std::hash::{BuildHasher as _, RandomState};
use std::path::PathBuf;
use std::sync::Arc;

use claviger_plugin_sdk::authentication::{Authentication, Principal};
use claviger_plugin_sdk::credentials::{CredentialContext, CredentialVerifier};
use claviger_plugin_sdk::kmip::credentials::{CredentialValue, Device, SecretText};
use claviger_plugin_sdk::kmip::message::Credential;
use claviger_plugin_sdk::kmip::tables::enumerations::{AttestationType, CredentialType, ResultReason};
use claviger_plugin_sdk::{BoxFuture, Error, ErrorClass, Result};
use tokio::sync::Mutex;

use crate::attempts::Attempts;
use crate::device;
use crate::directory::{Directory, Identity};
use crate::file::WatchedFile;
use crate::password::PasswordHash;
use crate::remembered::Remembered;

/// Names whose passwords are verified at a time; those of one name, one after the other.
const LANES: usize = 64;

/// Checks the credentials that it has in its file.
pub(crate) struct Verifier {
    file: WatchedFile,
    remembered: Remembered,
    attempts: Attempts,
    lanes: [Mutex<()>; LANES],
    lane_of: RandomState,
}

impl Verifier {
    /// Reads the file.
    ///
    /// # Errors
    /// Invalid Field: it is no good.
    pub(crate) fn start(path: PathBuf, seconds_remembered: i64) -> Result<Self> {
        Ok(Self {
            file: WatchedFile::open(path)?,
            remembered: Remembered::new(seconds_remembered),
            attempts: Attempts::new(),
            lanes: std::array::from_fn(|_| Mutex::new(())),
            lane_of: RandomState::new(),
        })
    }

    async fn check(
        &self,
        cx: &mut CredentialContext<'_>,
        directory: &Directory,
        value: CredentialValue,
    ) -> Result<Verdict, Refusal> {
        match value {
            CredentialValue::UsernameAndPassword(presented) => {
                let user = directory.user(&presented.username);
                let hash = user.and_then(|user| user.password.as_ref());
                self.password(cx, directory, &presented.username, hash, presented.password.as_ref()).await?;
                Verdict::of(cx, user.map(|user| &user.identity))
            }
            CredentialValue::Device(presented) => self.device(cx, directory, &presented).await,
            CredentialValue::Attestation(_)
            | CredentialValue::OneTimePassword(_)
            | CredentialValue::HashedPassword(_)
            | CredentialValue::Ticket(_) => Ok(Verdict::NotMine),
        }
    }

    async fn device(
        &self,
        cx: &mut CredentialContext<'_>,
        directory: &Directory,
        presented: &Device,
    ) -> Result<Verdict, Refusal> {
        let device = device::find(directory.devices(), presented);
        let hash = device.and_then(|device| device.password.as_ref());
        let is_known_without = device.is_some_and(|device| device.password.is_none());
        if !(is_known_without && presented.password.is_none()) {
            let name = device::name_of(presented);
            self.password(cx, directory, &name, hash, presented.password.as_ref()).await?;
        }
        Verdict::of(cx, device.map(|device| &device.identity))
    }

    /// Verifies a password; without a hash it takes as long and fails. Those of one name are verified one after the other,
    /// so that failures are counted before the next attempt, and many requests with a good one cost one hash.
    ///
    /// # Errors
    /// `Rejected`, or what keeps it from being verified.
    async fn password(
        &self,
        cx: &mut CredentialContext<'_>,
        directory: &Directory,
        name: &str,
        hash: Option<&PasswordHash>,
        presented: Option<&SecretText>,
    ) -> Result<(), Refusal> {
        let presented = presented.ok_or(Refusal::Wrong("there is no password"))?;
        let compared = hash.unwrap_or_else(|| directory.nobody());
        let digest = self.remembered.digest(compared, presented.expose(), cx.rng());
        if hash.is_some() && self.remembered.knows(&digest, cx.now_millis()) {
            return Ok(());
        }
        let lane = usize::try_from(self.lane_of.hash_one(name) % LANES as u64).unwrap_or_default();
        let _lane = match self.lanes.get(lane) {
            Some(lane) => lane.lock().await,
            None => return Err(Error::server("a name has no lane").into()),
        };
        let now = cx.now_millis();
        if hash.is_some() && self.remembered.knows(&digest, now) {
            return Ok(());
        }
        if self.attempts.must_wait(name, now) {
            return Err(Refusal::Wrong("too many failures; the next attempt has to wait"));
        }
        let (compared, password) = (compared.clone(), presented.clone());
        let is_right = cx.compute(move |_| Ok(compared.verify(password.expose()))).await?;
        if is_right && hash.is_some() {
            self.attempts.succeed(name);
            self.remembered.keep(digest, now);
            return Ok(());
        }
        self.attempts.fail(name, now);
        Err(Refusal::Wrong("the password is wrong, or nobody has the name"))
    }
}

impl CredentialVerifier for Verifier {
    fn credential<'a>(
        &'a self,
        cx: &'a mut CredentialContext<'_>,
        credential: &'a Credential,
    ) -> BoxFuture<'a, Result<Authentication>> {
        Box::pin(async move {
            let Some(value) = CredentialValue::read(credential.clone())? else {
                return Ok(Authentication::NotMine);
            };
            let directory: Arc<Directory> = self.file.directory(cx.now_millis());
            match self.check(cx, &directory, value).await {
                Ok(Verdict::Is(principal)) => Ok(Authentication::Accepted(principal)),
                Ok(Verdict::NotMine) => Ok(Authentication::NotMine),
                Err(Refusal::Wrong(why)) => Ok(Authentication::Rejected(why.to_owned())),
                Err(Refusal::Failed(error)) => Err(error),
            }
        })
    }

    fn suffices<'a>(
        &'a self,
        cx: &'a mut CredentialContext<'_>,
        principal: &'a Principal,
        brought: &'a [CredentialType],
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let directory = self.file.directory(cx.now_millis());
            let Some(user) = directory.user(&principal.user) else { return Ok(()) };
            // Whoever has a ticket has brought the others to get it.
            if brought.contains(&CredentialType::TICKET)
                || user.requires.iter().all(|required| brought.contains(required))
            {
                return Ok(());
            }
            let reason = ResultReason::AUTHENTICATION_NOT_SUCCESSFUL;
            Err(Error::new(reason, ErrorClass::Denied, "authentication was not successful")
                .because("a credential that the user must bring is not there"))
        })
    }

    fn attestation_types(&self) -> Vec<AttestationType> {
        Vec::new()
    }
}

/// What becomes of a credential that is not refused.
enum Verdict {
    Is(Principal),
    NotMine,
}

impl Verdict {
    /// Nobody gets here without a good credential; the connection is looked at last, so that a wrong one tells nothing.
    fn of(cx: &CredentialContext<'_>, identity: Option<&Identity>) -> Result<Self, Refusal> {
        let identity = identity.ok_or(Refusal::Wrong("nobody has the name"))?;
        if !identity.is_good_on(cx.proven()) {
            return Err(Refusal::Wrong("the credential is bound to other connections"));
        }
        Ok(Self::Is(identity.principal()))
    }
}

/// Why a credential is not accepted.
pub(crate) enum Refusal {
    /// It is wrong; the text is for the log.
    Wrong(&'static str),
    /// It could not be checked.
    Failed(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}
