//! Import (KMIP 2.1 section 6.1.25).

use claviger_plugin_sdk::kmip::attributes::rules::Making;
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::payloads::{ImportRequest, ImportResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::KeyWrapType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;

use crate::born::{self, Newborn};
use crate::{bundle, certificate, certified_key, container, wrapping};

/// Takes in an object with its history: the attributes that the client supplies are those that it gets, but for what
/// follows from the object itself (digest, type, length) and what only the server can vouch for.
struct Import;

register_operation!(Import);

impl Operation for Import {
    type Request = ImportRequest;
    type Response = ImportResponse;

    const NAME: &'static str = "Import";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::IMPORT,
        since: ProtocolVersion::V1_4,
        access: Access::Creator,
        material: MaterialUse::Use,
        writes: Writes::NewObjectsAndTargets,
        placeholder: Placeholder::Set,
        undo: Undo::ByNotWriting,
    };

    fn targets(_: &ImportRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: ImportRequest) -> Result<ImportResponse> {
        let unwraps = unwraps(&request);
        let ImportRequest {
            unique_identifier,
            object_type,
            replace_existing,
            mut attributes,
            mut object,
            ..
        } = request;
        let id = wanted_identifier(&unique_identifier)?;
        born::kind(cx.catalogue(), object_type)?;
        born::check_same_type(object_type, &object)?;
        born::check_attributes(cx.catalogue(), Making::Imported, object_type, &attributes)?;
        check_history(&attributes)?;
        if unwraps {
            object = wrapping::unwrap(cx, object, &attributes).await?;
        }
        born::drop_enclosed_attributes(&mut object);
        let (mut object, of_container) = container::opened(cx, object, &mut attributes).await?;
        certified_key::in_stated_format(cx.catalogue(), &mut object, &attributes)?;
        let (object, of_chain) = certificate::taken_apart(cx, object).await?;
        let further = of_chain.unwrap_or(of_container);
        let newborn = Newborn { making: Making::Imported, object, attributes, storage: None };
        let mut new = newborn.completed(cx).await?;
        certified_key::complete_imported(cx, &mut new).await?;
        if replace_existing == Some(true)
            && let Some(existing) = existing(cx, id.as_ref()).await?
        {
            let unique_identifier = existing.id().to_string();
            let beside = bundle::beside(cx, existing.id(), &mut new, further, Making::Imported).await?;
            cx.replace(&existing, new).await?;
            for object in beside {
                cx.create(object).await?;
            }
            return Ok(ImportResponse { unique_identifier });
        }
        new.id = id;
        let id = bundle::create(cx, new, further, Making::Imported).await?;
        Ok(ImportResponse { unique_identifier: id.to_string() })
    }
}

/// Whether the object is wrapped and is to be stored in plain.
fn unwraps(request: &ImportRequest) -> bool {
    request.key_wrap_type == Some(KeyWrapType::NOT_WRAPPED)
        && request.object.key_block().is_some_and(|block| block.key_wrapping_data.is_some())
}

/// The identifier that the client chose; empty text leaves the choice to the server.
fn wanted_identifier(identifier: &UniqueIdentifier) -> Result<Option<ObjectId>> {
    match identifier {
        UniqueIdentifier::Text(text) if text.is_empty() => Ok(None),
        UniqueIdentifier::Text(text) => ObjectId::new(text).map(Some),
        _ => Err(Error::invalid("Import needs the Unique Identifier of the new object as text")),
    }
}

/// The object that is to be replaced: only its owner may do that.
async fn existing(cx: &mut Context<'_>, id: Option<&ObjectId>) -> Result<Option<Authorized>> {
    let Some(id) = id else { return Ok(None) };
    let target =
        Target::subject(Some(id.as_str().into()), OperationCode::IMPORT).owner_only().states(StateSet::ALL);
    match cx.load(target).await {
        Ok(found) => Ok(found.into_iter().next()),
        // An object that the caller may not know of is found when the new one is created.
        Err(error) if error.class() == ErrorClass::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// An object that is imported with its key value is not one whose key value was destroyed.
fn check_history(attributes: &Attributes) -> Result<()> {
    match attributes.one::<kinds::State>() {
        Some(state) if StateSet::DESTROYED.contains(state) => {
            Err(Error::invalid("a destroyed object cannot be imported")
                .with_reason(ResultReason::INVALID_ATTRIBUTE_VALUE))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;
    use crate::kinds::examples::{symmetric, wrapped};

    operation_conformance!(
        Import,
        ImportRequest {
            unique_identifier: "a".into(),
            object_type: ObjectType::SYMMETRIC_KEY,
            replace_existing: Some(true),
            key_wrap_type: Some(KeyWrapType::NOT_WRAPPED),
            attributes: Attributes::new(),
            object: wrapped(),
        },
    );

    #[test]
    fn empty_text_leaves_the_identifier_to_the_server_and_a_placeholder_is_refused() {
        assert_eq!(wanted_identifier(&"".into()).unwrap(), None);
        assert_eq!(wanted_identifier(&"mine".into()).unwrap(), Some(ObjectId::new("mine").unwrap()));
        assert!(wanted_identifier(&UniqueIdentifier::Nth(0)).is_err());
    }

    #[test]
    fn a_destroyed_object_is_not_imported() {
        let mut attributes = Attributes::new();
        attributes.put::<kinds::State>(State::DEACTIVATED);
        assert!(check_history(&attributes).is_ok());
        attributes.put::<kinds::State>(State::DESTROYED);
        assert_eq!(check_history(&attributes).unwrap_err().reason(), ResultReason::INVALID_ATTRIBUTE_VALUE);
    }

    #[test]
    fn a_plain_key_needs_no_wrapping_key_whatever_the_wrap_type() {
        let request = ImportRequest {
            unique_identifier: "a".into(),
            object_type: ObjectType::SYMMETRIC_KEY,
            replace_existing: None,
            key_wrap_type: Some(KeyWrapType::NOT_WRAPPED),
            attributes: Attributes::new(),
            object: symmetric(&[1; 16]),
        };
        assert!(!unwraps(&request));
    }
}
