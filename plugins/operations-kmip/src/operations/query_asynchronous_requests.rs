//! Query Asynchronous Requests (KMIP 2.1 section 6.1.41).

use claviger_plugin_sdk::context::Job;
use claviger_plugin_sdk::kmip::payloads::{
    AsynchronousRequest, QueryAsynchronousRequestsRequest, QueryAsynchronousRequestsResponse,
};
use claviger_plugin_sdk::prelude::*;

/// Lists the caller's asynchronous requests whose results were not asked for, the oldest first.
struct QueryAsynchronousRequests;

register_operation!(QueryAsynchronousRequests);

impl Operation for QueryAsynchronousRequests {
    type Request = QueryAsynchronousRequestsRequest;
    type Response = QueryAsynchronousRequestsResponse;

    const NAME: &'static str = "QueryAsynchronousRequests";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::QUERY_ASYNCHRONOUS_REQUESTS,
        since: ProtocolVersion::V2_1,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::NothingToUndo,
    };

    fn targets(_: &QueryAsynchronousRequestsRequest) -> Targets {
        Targets::none()
    }

    async fn run(
        &self,
        cx: &mut Context<'_>,
        request: QueryAsynchronousRequestsRequest,
    ) -> Result<QueryAsynchronousRequestsResponse> {
        let jobs = cx.jobs().await?.into_iter();
        let asked = jobs.filter(|job| !job.fetched && is_asked_for(job, &request));
        Ok(QueryAsynchronousRequestsResponse { asynchronous_request: asked.map(told).collect() })
    }
}

/// Whether a job has one of the values and one of the operations, as far as the request states any.
fn is_asked_for(job: &Job, request: &QueryAsynchronousRequestsRequest) -> bool {
    let QueryAsynchronousRequestsRequest { asynchronous_correlation_values: values, operations } = request;
    values.as_ref().is_none_or(|values| values.asynchronous_correlation_value.contains(&job.correlation))
        && operations.as_ref().is_none_or(|operations| operations.operation.contains(&job.operation))
}

fn told(job: Job) -> AsynchronousRequest {
    AsynchronousRequest {
        asynchronous_correlation_value: job.correlation,
        operation: job.operation,
        submission_date: job.submitted,
        processing_stage: job.stage,
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::payloads::{AsynchronousCorrelationValues, Operations};
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        QueryAsynchronousRequests,
        QueryAsynchronousRequestsRequest { asynchronous_correlation_values: None, operations: None },
        QueryAsynchronousRequestsRequest {
            asynchronous_correlation_values: Some(AsynchronousCorrelationValues {
                asynchronous_correlation_value: vec![vec![1; 16].into()],
            }),
            operations: Some(Operations { operation: vec![OperationCode::LOCATE] }),
        },
    );
}
