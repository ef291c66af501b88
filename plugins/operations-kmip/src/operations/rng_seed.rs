//! RNG Seed (KMIP 2.1 section 6.1.50). Touches no object.

use claviger_plugin_sdk::kmip::payloads::{RngSeedRequest, RngSeedResponse};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::settings::{Setting, SettingKind};

/// What becomes of a client's data.
pub(crate) const RNG_SEED: Setting = Setting {
    flag: FLAG,
    variable: "KMS_RNG_SEED",
    variable_aliases: &[],
    section: "randomness",
    kind: SettingKind::OneOf(&["use", IGNORE, REFUSE]),
    default: Some("use"),
    help: "What RNG Seed does with a client's data: mixes it in, answers that none was used, or refuses",
};

const FLAG: &str = "rng-seed";
const IGNORE: &str = "ignore";
const REFUSE: &str = "refuse";

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
        let used = match cx.catalogue().settings().text(FLAG) {
            Some(IGNORE) => 0,
            Some(REFUSE) => {
                return Err(Error::denied("this server takes no seed from clients (--rng-seed)"));
            }
            _ => cx.rng().seed(&request.data),
        };
        Ok(RngSeedResponse { data_length: i32::try_from(used).unwrap_or(i32::MAX) })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(RngSeed, RngSeedRequest { data: vec![1].into() },);
}
