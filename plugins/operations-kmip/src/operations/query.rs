//! Query (KMIP 2.1 section 6.1.40). Everything is computed from the catalogue.

use claviger_plugin_sdk::kmip::payloads::{
    CapabilityInformation, ExtensionInformation, QueryRequest, QueryResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    ClientRegistrationMethod, DestroyAction, QueryFunction, RngMode, ShreddingAlgorithm, UnwrapMode,
};
use claviger_plugin_sdk::kmip::vocabulary::Extension;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;

use crate::{VENDOR, born, defaults, profiles, protection_storage};

/// Tells what the server is and what it can do.
struct Query;

register_operation!(Query);

impl Operation for Query {
    type Request = QueryRequest;
    type Response = QueryResponse;

    const NAME: &'static str = "Query";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::QUERY,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::NothingToUndo,
    };

    fn targets(_: &QueryRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: QueryRequest) -> Result<QueryResponse> {
        if request.query_function.is_empty() {
            return Err(
                Error::invalid("Query needs a Query Function").with_reason(ResultReason::INVALID_MESSAGE)
            );
        }
        let mut answer = NOTHING;
        let extension_map = request.query_function.contains(&QueryFunction::QUERY_EXTENSION_MAP);
        for function in &request.query_function {
            match *function {
                // The map says all that the list does (section 6.1.40).
                QueryFunction::QUERY_EXTENSION_LIST if extension_map => {}
                QueryFunction::QUERY_DEFAULTS_INFORMATION => {
                    let information = defaults::information(cx, request.object_groups.as_ref()).await?;
                    answer.defaults_information = Some(information);
                }
                QueryFunction::QUERY_ATTESTATION_TYPES => answer.attestation_type = cx.attestation_types(),
                QueryFunction::QUERY_CAPABILITIES => {
                    let attests = !cx.attestation_types().is_empty();
                    answer.capability_information = vec![capabilities(cx.version(), attests)];
                }
                function => tell(function, cx.catalogue(), cx.version(), &mut answer)?,
            }
        }
        Ok(answer)
    }
}

const NOTHING: QueryResponse = QueryResponse {
    operation: Vec::new(),
    object_type: Vec::new(),
    vendor_identification: None,
    server_information: None,
    application_namespace: Vec::new(),
    extension_information: Vec::new(),
    attestation_type: Vec::new(),
    rng_parameters: Vec::new(),
    profile_information: Vec::new(),
    validation_information: Vec::new(),
    capability_information: Vec::new(),
    client_registration_method: Vec::new(),
    defaults_information: None,
    protection_storage_masks: None,
};

fn tell(
    function: QueryFunction,
    catalogue: &dyn Catalogue,
    version: ProtocolVersion,
    answer: &mut QueryResponse,
) -> Result<()> {
    match function {
        QueryFunction::QUERY_OPERATIONS => answer.operation = operations(catalogue, version),
        QueryFunction::QUERY_OBJECTS => answer.object_type = catalogue.object_types(),
        QueryFunction::QUERY_SERVER_INFORMATION => {
            answer.vendor_identification = Some(VENDOR.to_owned());
            answer.server_information = Some(server_information(catalogue));
        }
        QueryFunction::QUERY_EXTENSION_LIST => answer.extension_information = extensions(catalogue, None),
        QueryFunction::QUERY_EXTENSION_MAP => {
            answer.extension_information = extensions(catalogue, Some(version))
        }
        QueryFunction::QUERY_RNGS => answer.rng_parameters = vec![born::RNG],
        QueryFunction::QUERY_CLIENT_REGISTRATION_METHODS => {
            answer.client_registration_method = vec![ClientRegistrationMethod::UNSPECIFIED];
        }
        QueryFunction::QUERY_STORAGE_PROTECTION_MASKS => {
            answer.protection_storage_masks = Some(protection_storage::offered());
        }
        QueryFunction::QUERY_PROFILES => answer.profile_information = profiles::claimed(catalogue, version),
        // The server generates no application data and asserts no validation.
        QueryFunction::QUERY_APPLICATION_NAMESPACES | QueryFunction::QUERY_VALIDATIONS => {}
        other => return Err(Error::invalid(format!("Query Function {other:?} is not known"))),
    }
    Ok(())
}

/// The operations that the client's version has.
fn operations(catalogue: &dyn Catalogue, version: ProtocolVersion) -> Vec<OperationCode> {
    let operations = catalogue.operations();
    operations.into_iter().filter(|(_, spec)| spec.since <= version).map(|(code, _)| code).collect()
}

/// Product, version and the plugins that make it up.
fn server_information(catalogue: &dyn Catalogue) -> Value {
    let plugins: Vec<String> =
        catalogue.plugins().iter().map(|plugin| format!("{} {}", plugin.name, plugin.version)).collect();
    let text = |tag, text: String| Ttlv::new(tag, Value::TextString(text));
    Value::Structure(vec![
        text(Tag::SERVER_VERSION, env!("CARGO_PKG_VERSION").to_owned()),
        text(Tag::PRODUCT_NAME, VENDOR.to_owned()),
        text(Tag::BUILD_LEVEL, plugins.join(", ")),
    ])
}

/// The tags that plugins add: their names and, in the map, their numbers and types. A type is an Integer until 2.0 and
/// an Enumeration in 2.1.
fn extensions(catalogue: &dyn Catalogue, map: Option<ProtocolVersion>) -> Vec<ExtensionInformation> {
    let of_plugins = catalogue.plugins().into_iter().flat_map(|plugin| plugin.vocabulary);
    let information = of_plugins.filter_map(|extension| match extension {
        Extension::Tag { tag, name, item_type, .. } => Some(ExtensionInformation {
            extension_name: name.clone().into_owned(),
            extension_tag: map.map(|_| tag.0.cast_signed()),
            extension_type: map.map(|version| {
                let number = *item_type as u8;
                if version >= ProtocolVersion::V2_1 {
                    Value::Enumeration(number.into())
                } else {
                    Value::Integer(number.into())
                }
            }),
        }),
        _ => None,
    });
    information.collect()
}

/// What the server can do. Clients of 2.0 do not read all fields of 2.1.
fn capabilities(version: ProtocolVersion, attests: bool) -> CapabilityInformation {
    CapabilityInformation {
        streaming_capability: Some(true),
        asynchronous_capability: Some(true),
        attestation_capability: Some(attests),
        batch_undo_capability: Some(true),
        batch_continue_capability: Some(true),
        unwrap_mode: Some(UnwrapMode::NOT_PROCESSED),
        destroy_action: Some(DestroyAction::KEY_MATERIAL_DELETED),
        shredding_algorithm: Some(ShreddingAlgorithm::UNSUPPORTED),
        rng_mode: Some(RngMode::SHARED_INSTANTIATION),
        quantum_safe_capability: (version >= ProtocolVersion::V2_1).then_some(true),
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::payloads::ObjectGroups;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Query,
        QueryRequest {
            query_function: vec![QueryFunction::QUERY_OPERATIONS, QueryFunction::QUERY_OBJECTS],
            object_groups: Some(ObjectGroups { object_group: vec!["a".into()] }),
        },
    );
}
