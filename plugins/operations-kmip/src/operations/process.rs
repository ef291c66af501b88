//! Process (KMIP 2.1 section 6.1.39).

use std::time::Duration;

use claviger_plugin_sdk::kmip::payloads::ProcessRequest;
use claviger_plugin_sdk::prelude::*;

/// Has an asynchronous request processed now, so that the next Poll of it is not answered by Operation Pending.
struct Process;

register_operation!(Process);

/// How long the client waits for its answer at most.
const PATIENCE: Duration = Duration::from_secs(60);

impl Operation for Process {
    type Request = ProcessRequest;
    type Response = Empty;

    const NAME: &'static str = "Process";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::PROCESS,
        since: ProtocolVersion::V2_1,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::Impossible,
    };

    fn targets(_: &ProcessRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: ProcessRequest) -> Result<Empty> {
        let correlation = &request.asynchronous_correlation_value;
        let job = cx.job(correlation).await?.ok_or_else(unknown)?;
        if job.end.is_some() {
            return Err(Error::new(
                ResultReason::DUPLICATE_PROCESS_REQUEST,
                ErrorClass::State,
                "the asynchronous request was processed already; poll it",
            ));
        }
        let job = cx.run_job(correlation, PATIENCE).await?.ok_or_else(unknown)?;
        match job.end {
            Some(_) => Ok(Empty {}),
            None => Err(Error::new(
                ResultReason::GENERAL_FAILURE,
                ErrorClass::State,
                "processing the asynchronous request takes longer; poll it later",
            )),
        }
    }
}

fn unknown() -> Error {
    Error::new(
        ResultReason::INVALID_ASYNCHRONOUS_CORRELATION_VALUE,
        ErrorClass::Request,
        "there is no asynchronous request of yours with this Asynchronous Correlation Value, or its result has expired",
    )
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(Process, ProcessRequest { asynchronous_correlation_value: vec![1; 16].into() },);
}
