//! Discover Versions (KMIP 2.1 section 6.1.16).

use claviger_plugin_sdk::kmip::payloads::{DiscoverVersionsRequest, DiscoverVersionsResponse};
use claviger_plugin_sdk::prelude::*;

/// Tells which versions of the protocol the server speaks.
struct DiscoverVersions;

register_operation!(DiscoverVersions);

impl Operation for DiscoverVersions {
    type Request = DiscoverVersionsRequest;
    type Response = DiscoverVersionsResponse;

    const NAME: &'static str = "DiscoverVersions";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::DISCOVER_VERSIONS,
        since: ProtocolVersion::V1_1,
        access: Access::Anyone,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::NothingToUndo,
    };

    fn targets(_: &DiscoverVersionsRequest) -> Targets {
        Targets::none()
    }

    async fn run(
        &self,
        _: &mut Context<'_>,
        request: DiscoverVersionsRequest,
    ) -> Result<DiscoverVersionsResponse> {
        Ok(DiscoverVersionsResponse { protocol_version: common(&request.protocol_version) })
    }
}

/// The versions that both sides speak; all of the server's if the client names none.
fn common(clients: &[ProtocolVersion]) -> Vec<ProtocolVersion> {
    let speaks = |version: &&ProtocolVersion| clients.is_empty() || clients.contains(version);
    ProtocolVersion::SUPPORTED.iter().filter(speaks).copied().collect()
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        DiscoverVersions,
        DiscoverVersionsRequest { protocol_version: vec![ProtocolVersion::V2_1] },
    );

    #[test]
    fn common_versions_are_listed_newest_first_and_none_named_means_all() {
        assert_eq!(common(&[]), ProtocolVersion::SUPPORTED);
        let named = [ProtocolVersion::V1_0, ProtocolVersion { major: 9, minor: 9 }, ProtocolVersion::V2_1];
        assert_eq!(common(&named), [ProtocolVersion::V2_1, ProtocolVersion::V1_0]);
        assert_eq!(common(&[ProtocolVersion { major: 3, minor: 0 }]), []);
    }
}
