//! RNG Seed (KMIP 2.1 section 6.1.50). Touches no object.

use claviger_plugin_sdk::kmip::payloads::{RngSeedRequest, RngSeedResponse};
use claviger_plugin_sdk::prelude::*;

/// Lets the server's generator take a client's data into account. What it makes is no less random for it, whatever the
/// data.
struct RngSeed;

register_operation!(RngSeed);

impl Operation for RngSeed {
    type Request = RngSeedRequest;
    type Response = RngSeedResponse;

    const NAME: &'static str = "RNGSeed";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::RNG_SEED,
        since: ProtocolVersion::V1_2,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::Impossible,
    };

    fn targets(_: &RngSeedRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: RngSeedRequest) -> Result<RngSeedResponse> {
        let used = cx.rng().seed(&request.data);
        Ok(RngSeedResponse { data_length: i32::try_from(used).unwrap_or(i32::MAX) })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(RngSeed, RngSeedRequest { data: vec![1].into() },);
}
