//! What admission would say, without anything being done. It is admission itself that says it.

use std::sync::Arc;

use claviger_kmip::Tag;
use claviger_kmip::identifier::UniqueIdentifier;
use claviger_kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::authentication::Principal;
use claviger_plugin_sdk::context::Authorized;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::explanation::{AskedAbout, AskedRule, Explanation};
use claviger_plugin_sdk::target::Target;

use super::admission::{self, Question};
use super::host::ItemHost;
use super::item;
use super::notes::Protocol;

/// Whether somebody may call an operation on an object, as it is now.
///
/// # Errors
/// Operation Not Supported: it is not in this server. Feature Not Supported: its request has to say more than which object
/// it is about. Object Not Found: the object has gone.
pub(crate) async fn explain(
    host: &ItemHost<'_, '_>,
    object: &Authorized,
    about: &AskedAbout,
    code: OperationCode,
) -> Result<Explanation> {
    let message = host.message();
    let principal: Arc<Principal> = match about {
        AskedAbout::Caller => message.principal.clone(),
        AskedAbout::User { name, groups } => {
            let groups: Vec<&str> = groups.iter().map(|group| &**group).collect();
            message.engine.options.authenticators.acting(Principal::new(name, &groups, None))
        }
    };
    let operation = message.engine.registry.operation(code).ok_or_else(|| item::unknown(message, code))?;
    let mut notes = Protocol::default();
    if let Err(refusal) = admission::admit_call(&principal, operation, &mut notes) {
        return Ok(explanation(notes, Some(refusal)));
    }
    let Some(targets) = operation.targets_about(object.id().as_str()) else {
        // What has no room for an identifier is about no object, and the access rule has said all.
        return match operation.request_fields().contains(&Tag::UNIQUE_IDENTIFIER) {
            false => Ok(explanation(notes, None)),
            true => Err(Error::unsupported(format!(
                "what {} needs of an object depends on more of its request, so it cannot be told beforehand",
                operation.name()
            ))),
        };
    };
    let loaded = host.load_for(object.id(), principal.subjects()).await?;
    let loaded = loaded.ok_or_else(|| Error::not_found(object.id().as_str()))?;
    for target in targets.iter().filter(|target| is_about(target, object)) {
        let question = Question {
            principal: &principal,
            operation: code,
            reads_metadata: operation.spec().reads_metadata(),
            target,
            asked: object.id().as_str(),
            is_child: false,
        };
        if let Err(refusal) = admission::admit(message, &question, &loaded, 0, &mut notes) {
            return Ok(explanation(notes, Some(refusal)));
        }
    }
    Ok(explanation(notes, None))
}

fn is_about(target: &Target, object: &Authorized) -> bool {
    matches!(&target.id, Some(UniqueIdentifier::Text(id)) if id == object.id().as_str())
}

fn explanation(notes: Protocol, refusal: Option<Error>) -> Explanation {
    let mut refusal = refusal;
    let steps = notes.into_steps().into_iter().filter_map(|(rule, said)| {
        let verdict = match said {
            Some(why) => Ok(why),
            None => Err(refusal.take()?),
        };
        Some(AskedRule { rule: rule.name(), verdict })
    });
    Explanation(steps.collect())
}
