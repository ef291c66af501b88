//! RNG Retrieve (KMIP 2.1 section 6.1.49).

use claviger_plugin_sdk::kmip::payloads::{RngRetrieveRequest, RngRetrieveResponse};
use claviger_plugin_sdk::prelude::*;

/// Gives random bytes. Touches no object.
struct RngRetrieve;

register_operation!(RngRetrieve);

impl Operation for RngRetrieve {
    type Request = RngRetrieveRequest;
    type Response = RngRetrieveResponse;

    const NAME: &'static str = "RNGRetrieve";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::RNG_RETRIEVE,
        since: ProtocolVersion::V1_2,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::NothingToUndo,
    };

    fn targets(_: &RngRetrieveRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: RngRetrieveRequest) -> Result<RngRetrieveResponse> {
        let length = bounded(request.data_length, cx.limits().random_bytes)?;
        Ok(RngRetrieveResponse { data: cx.rng().bytes(length) })
    }
}

fn bounded(length: i32, most: i32) -> Result<usize> {
    match usize::try_from(length) {
        Ok(bytes) if length <= most => Ok(bytes),
        _ => Err(Error::invalid(format!(
            "Data Length is {length}; this server gives 0 to {most} bytes at a time"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(RngRetrieve, RngRetrieveRequest { data_length: 16 },);

    #[test]
    fn lengths_are_bounded() {
        assert_eq!(bounded(0, 32).unwrap(), 0);
        assert_eq!(bounded(32, 32).unwrap(), 32);
        assert_eq!(bounded(33, 32).unwrap_err().reason(), ResultReason::INVALID_FIELD);
        assert!(bounded(-1, 32).is_err());
    }
}
