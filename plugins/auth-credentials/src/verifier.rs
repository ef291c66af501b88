//! Checking credentials against the directory.

use std::hash::{BuildHasher as _, RandomState};
use std::path::PathBuf;
use std::sync::Arc;

use claviger_plugin_sdk::attempts::Attempts;
use claviger_plugin_sdk::authentication::{Authentication, Principal};
use claviger_plugin_sdk::credentials::{CredentialContext, CredentialVerifier};
use claviger_plugin_sdk::kmip::credentials::{
    CredentialValue, Device, HashedPassword, OneTimePassword, SecretText,
};
use claviger_plugin_sdk::kmip::message::Credential;
use claviger_plugin_sdk::kmip::tables::enumerations::{AttestationType, CredentialType, ResultReason};
use claviger_plugin_sdk::kmip::{Tag, Value};
use claviger_plugin_sdk::{BoxFuture, Error, Result};
use tokio::sync::{Mutex, MutexGuard};

use crate::attempts::{Kind, PATIENCE};
use crate::directory::{Directory, Identity};
use crate::file::WatchedFile;
use crate::password::PasswordHash;
use crate::remembered::Remembered;
use crate::{attestation, device, hashed_password, one_time_password};

/// Names whose passwords are verified at a time; those of one name, one after the other.
const LANES: usize = 64;
/// Bytes that a name or a number may have; what is longer is nobody's, and costs nothing.
const LONGEST_TEXT: usize = 1_024;
/// Bytes that a password may have; `hash-password` takes no longer ones.
const LONGEST_PASSWORD: usize = 4_096;

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
            attempts: Attempts::new(PATIENCE),
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
                let counted = (Kind::Password, &*presented.username);
                self.password(cx, directory, counted, hash, presented.password.as_ref()).await?;
                Verdict::of(cx, user.map(|user| &user.identity))
            }
            CredentialValue::Device(presented) => self.device(cx, directory, &presented).await,
            CredentialValue::OneTimePassword(presented) => {
                self.one_time_password(cx, directory, &presented).await
            }
            CredentialValue::HashedPassword(presented) => {
                self.hashed_password(cx, directory, &presented).await
            }
            CredentialValue::Attestation(presented) => {
                Ok(Verdict::Says(attestation::verify(cx, directory, &presented).await?))
            }
            CredentialValue::Ticket(_) => Ok(Verdict::Says(Authentication::NotMine)),
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
            // Numbers that it does not have are not looked at, so they must not begin a count of their own either.
            let name = device.map_or_else(|| device::name_of(presented), device::Device::counted_as);
            let counted = (Kind::Device, &*name);
            self.password(cx, directory, counted, hash, presented.password.as_ref()).await?;
        }
        Verdict::of(cx, device.map(|device| &device.identity))
    }

    /// A user who has a password must show it with the one-time password, which has few digits.
    async fn one_time_password(
        &self,
        cx: &mut CredentialContext<'_>,
        directory: &Directory,
        presented: &OneTimePassword,
    ) -> Result<Verdict, Refusal> {
        let user = directory.user(&presented.username);
        let hash = user.and_then(|user| user.password.as_ref());
        let mut kind = Kind::OneTimePasswordAlone;
        if let shown @ Some(_) = presented.password.as_ref() {
            let counted = (Kind::Password, &*presented.username);
            self.password(cx, directory, counted, hash, shown).await?;
            kind = Kind::OneTimePassword;
        }
        // Where a password is due and not shown, it goes as with somebody who is not there.
        let is_enough = hash.is_none() || presented.password.is_some();
        let own = user.and_then(|user| user.one_time_password.as_ref()).filter(|_| is_enough);
        let nobody = one_time_password::OneTimePassword::of_nobody();
        let counted = (kind, &*presented.username);
        let _lane = self.enter(cx, counted).await?;
        let shown = presented.one_time_password.expose();
        let compared = own.unwrap_or(&nobody);
        let is_right = compared.redeem(cx, &presented.username, shown, own.is_some()).await?;
        self.leave(cx, counted, is_right, "the one-time password is wrong, or was used")?;
        Verdict::of(cx, user.map(|user| &user.identity))
    }

    async fn hashed_password(
        &self,
        cx: &mut CredentialContext<'_>,
        directory: &Directory,
        presented: &HashedPassword,
    ) -> Result<Verdict, Refusal> {
        let user = directory.user(&presented.username);
        let own = user.and_then(|user| user.hashed_password.as_ref());
        let nobody = hashed_password::Secret::of_nobody();
        let counted = (Kind::HashedPassword, &*presented.username);
        let _lane = self.enter(cx, counted).await?;
        let is_right = own.unwrap_or(&nobody).redeem(cx, presented, own.is_some()).await?;
        self.leave(cx, counted, is_right, "the hashed password is wrong, or not later than the one before")?;
        Verdict::of(cx, user.map(|user| &user.identity))
    }

    /// Waits for those who are before in the lane of a name.
    ///
    /// # Errors
    /// The name has failed too often.
    async fn enter(
        &self,
        cx: &mut CredentialContext<'_>,
        (kind, name): (Kind, &str),
    ) -> Result<MutexGuard<'_, ()>, Refusal> {
        let lane = usize::try_from(self.lane_of.hash_one((kind, name)) % LANES as u64).unwrap_or_default();
        let lane = self.lanes.get(lane).ok_or_else(|| Error::server("a name has no lane"))?;
        let entered = lane.lock().await;
        if self.attempts.wait((kind, name), cx.now_millis()).is_some() {
            return Err(Refusal::Wrong("too many failures; the next attempt has to wait"));
        }
        Ok(entered)
    }

    /// Notes how an attempt of a name has ended.
    ///
    /// # Errors
    /// It was wrong.
    fn leave(
        &self,
        cx: &CredentialContext<'_>,
        (kind, name): (Kind, &str),
        is_right: bool,
        why: &'static str,
    ) -> Result<(), Refusal> {
        if is_right {
            self.attempts.succeed((kind, name));
            return Ok(());
        }
        self.attempts.fail((kind, name), cx.now_millis());
        Err(Refusal::Wrong(why))
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
        counted: (Kind, &str),
        hash: Option<&PasswordHash>,
        presented: Option<&SecretText>,
    ) -> Result<(), Refusal> {
        let presented = presented.ok_or(Refusal::Wrong("there is no password"))?;
        let compared = hash.unwrap_or_else(|| directory.nobody());
        let digest = self.remembered.digest(compared, presented.expose(), cx.rng());
        if hash.is_some() && self.remembered.knows(&digest, cx.now_millis()) {
            return Ok(());
        }
        let entered = self.enter(cx, counted).await;
        if hash.is_some() && self.remembered.knows(&digest, cx.now_millis()) {
            return Ok(());
        }
        let _lane = entered?;
        let (compared, password) = (compared.clone(), presented.clone());
        let is_right = cx.compute(move |_| Ok(compared.verify(password.expose()))).await?;
        let is_right = is_right && hash.is_some();
        if is_right {
            self.remembered.keep(digest, cx.now_millis());
        }
        self.leave(cx, counted, is_right, "the password is wrong, or nobody has the name")
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
            if has_long_text(Tag::CREDENTIAL_VALUE, &credential.credential_value) {
                return Ok(Authentication::Rejected(
                    "a text of it is longer than any that is known".to_owned(),
                ));
            }
            let directory: Arc<Directory> = self.file.directory(cx.now_millis());
            match self.check(cx, &directory, value).await {
                Ok(Verdict::Is(principal)) => Ok(Authentication::Accepted(principal)),
                Ok(Verdict::Says(answer)) => Ok(answer),
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
            // Whoever has a ticket has brought the others to get it.
            if brought.contains(&CredentialType::TICKET) {
                return Ok(());
            }
            let user = directory.user(&principal.user);
            let mut required = user.into_iter().flat_map(|user| &user.requires);
            if required.any(|required| !brought.contains(required)) {
                return Err(Error::unproven().because("a credential that the user must bring is not there"));
            }
            let must_attest = !directory.attestations(&principal.user).is_empty();
            if !must_attest || brought.contains(&CredentialType::ATTESTATION) {
                return Ok(());
            }
            if !cx.can_attest() {
                return Err(Error::denied(
                    "an attestation is required, which the client says that it cannot make",
                ));
            }
            attestation::ask(cx, &principal.user).await?;
            let required = "an attestation is required, over the nonce in the header of this response";
            Err(Error::denied(required).with_reason(ResultReason::ATTESTATION_REQUIRED))
        })
    }

    fn attestation_types(&self) -> Vec<AttestationType> {
        attestation::TYPES.to_vec()
    }
}

/// Whether a text in it is longer than any may be.
fn has_long_text(tag: Tag, value: &Value) -> bool {
    match value {
        Value::TextString(text) if tag == Tag::PASSWORD => text.len() > LONGEST_PASSWORD,
        Value::TextString(text) => text.len() > LONGEST_TEXT,
        Value::Structure(fields) => fields.iter().any(|field| has_long_text(field.tag, &field.value)),
        _ => false,
    }
}

/// What becomes of a credential that is not refused.
enum Verdict {
    Is(Principal),
    Says(Authentication),
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
