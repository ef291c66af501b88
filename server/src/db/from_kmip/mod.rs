//! `claviger-server db copy-from-kmip`: objects of another server, over KMIP, into this database.
//!
//! All that the other server shows is located ([`source`]), handed out there and imported here ([`here`]) under the same
//! identifier, by the same door as any request. What is here already and is the same is left alone, so that the command can
//! be interrupted and run again.

mod fetched;
mod here;
mod link;
mod options;
mod source;

use std::collections::BTreeSet;
use std::sync::Arc;

use claviger_engine::registry::Registry;
use claviger_plugin_sdk::settings::Settings;

pub(super) use options::{FromKmip, arguments, read};

use super::progress::Progress;
use crate::failure::Failure;
use fetched::Fetched;
use here::Here;
use source::{CallError, Source};

/// What became of one object.
enum Outcome {
    /// It is here now.
    Copied,
    /// It was here already.
    Present,
    /// It has no material any more, there.
    Destroyed,
}

/// Copies.
///
/// # Errors
/// Either side cannot be used, or some objects could not be copied; the others were.
pub(super) async fn run(
    settings: &Settings,
    registry: Arc<Registry>,
    options: &FromKmip,
) -> Result<String, Failure> {
    let owner = options.owner.as_deref().or_else(|| settings.text("default-username")).unwrap_or_default();
    let mut source = Source::connect(options, registry.clone()).await?;
    let ids = source.locate_all().await?;
    let here = Here::open(settings, registry, owner, source.dialect()).await?;
    let mut progress = Progress::start("objects copied", ids.len() as u64);
    let (mut copied, mut present, mut destroyed, mut left) = (0_u64, 0_u64, 0_u64, 0_u64);
    for id in &ids {
        match copy_one(&mut source, &here, id, options.wrapped_under.as_deref()).await? {
            Ok(Outcome::Copied) => copied += 1,
            Ok(Outcome::Present) => present += 1,
            Ok(Outcome::Destroyed) => destroyed += 1,
            Err(why) => {
                left += 1;
                progress.report(&format!("not copied: {id}: {why}"));
            }
        }
        progress.advance(1);
    }
    drop(progress);
    let summary = format!(
        "Of {} objects there, {copied} were copied for {owner}, {present} were here already, {destroyed} are destroyed, \
         and {left} could not be copied.\n",
        ids.len()
    );
    match left {
        0 => Ok(summary),
        _ => Err(Failure::new(format!(
            "{summary}What is said above of each tells what to do; then run this again"
        ))),
    }
}

/// Copies an object. The inner error says why it could not be, the outer one why nothing more can.
async fn copy_one(
    source: &mut Source,
    here: &Here,
    id: &str,
    wrapped_under: Option<&str>,
) -> Result<Result<Outcome, String>, Failure> {
    let fetched = match source.fetch(id, wrapped_under).await {
        Ok(fetched) => fetched,
        Err(CallError::Refused(refusal)) => return Ok(Err(format!("the other server says: {refusal}"))),
        Err(CallError::Broken(failure)) => return Err(failure),
    };
    if fetched.is_destroyed() {
        return Ok(Ok(Outcome::Destroyed));
    }
    let read_back = |found: Option<Fetched>| found.is_some_and(|found| found.is_same_object(&fetched));
    match here.fetch(id, &fetched).await {
        Ok(None) => {}
        Ok(found) if read_back(found.clone()) => return Ok(Ok(Outcome::Present)),
        Ok(Some(_)) => return Ok(Err("another object has this identifier here".to_owned())),
        Err(refusal) => return Ok(Err(format!("it cannot be looked for here: {refusal}"))),
    }
    if let Err(refusal) = here.import(id, &fetched).await {
        return Ok(Err(format!("it cannot be imported here: {refusal}")));
    }
    match here.fetch(id, &fetched).await {
        Ok(found) if read_back(found.clone()) => Ok(Ok(Outcome::Copied)),
        Ok(_) => Ok(Err("it was imported, and is not the same when it is read back".to_owned())),
        Err(refusal) => Ok(Err(format!("it was imported and cannot be read back: {refusal}"))),
    }
}

/// Adds identifiers that are not known yet; false if there is none.
fn add_new(to: &mut Vec<String>, known: &mut BTreeSet<String>, page: Vec<String>) -> bool {
    let before = to.len();
    to.extend(page.into_iter().filter(|id| known.insert(id.clone())));
    to.len() > before
}
