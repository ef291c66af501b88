//! What is said on a connection that is turned round.

use std::sync::Arc;

use claviger_kmip::attributes::{AttributeReference, Attributes};
use claviger_kmip::field::TtlvValue;
use claviger_kmip::identifier::UniqueIdentifier;
use claviger_kmip::legacy;
use claviger_kmip::message::{RequestMessage, ResponseBatchItem, ResponseMessage};
use claviger_kmip::payload::Payload;
use claviger_kmip::payloads::{
    DiscoverVersionsRequest, DiscoverVersionsResponse, GetAttributesRequest, GetAttributesResponse,
    GetRequest, GetResponse, NotifyRequest, PutRequest, QueryRequest, QueryResponse, SetEndpointRoleRequest,
    SetEndpointRoleResponse,
};
use claviger_kmip::tables::enumerations::{
    EndpointRole, OperationCode, PutFunction, QueryFunction, ResultReason, ResultStatus,
};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{Tag, Ttlv, Value};
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};

use super::Endpoint;
use super::notice::Notice;
use crate::pipeline::message;
use crate::{Caller, Core};

/// A client, and what it understands.
pub(super) struct Peer<'p> {
    endpoint: &'p mut dyn Endpoint,
    version: ProtocolVersion,
    /// Whether it takes objects.
    takes_objects: bool,
}

impl<'p> Peer<'p> {
    /// Learns what the client speaks (Discover Versions) and can do (Query).
    ///
    /// # Errors
    /// There is no version that both speak, or the client says that it cannot be told anything. The connection breaks.
    pub(super) async fn greet(endpoint: &'p mut dyn Endpoint) -> Result<Self> {
        let mut peer = Self { endpoint, version: ProtocolVersion::V2_1, takes_objects: false };
        peer.version = peer.discover_version().await?;
        if let Some(operations) = peer.query_operations().await? {
            if !operations.contains(&OperationCode::NOTIFY) {
                return Err(Error::unsupported("the client says that it does not support Notify"));
            }
            peer.takes_objects = operations.contains(&OperationCode::PUT);
        }
        Ok(peer)
    }

    /// Tells the client what has become of an object. What it answers to that is its own affair.
    ///
    /// # Errors
    /// The connection breaks.
    pub(super) async fn tell(&mut self, engine: &Arc<Core>, caller: &Caller, notice: &Notice) -> Result<()> {
        match notice.put {
            Some(function) if self.takes_objects => match put(engine, caller, notice, function).await {
                Ok(request) => self.ask(OperationCode::PUT, request.into_value()).await.map(drop),
                // What the owner is not given is not sent either; that it is there can be told.
                Err(error) => {
                    tracing::debug!(object = notice.object, ?error, "an object is not sent to its owner");
                    self.notify(engine, caller, notice).await
                }
            },
            _ => self.notify(engine, caller, notice).await,
        }
    }

    /// Whether the client is there.
    ///
    /// # Errors
    /// It is not.
    pub(super) async fn is_there(&mut self) -> Result<()> {
        self.discover_version().await.map(drop)
    }

    /// Asks the client to be a client again, and says whether it is.
    pub(super) async fn give_back(mut self) -> bool {
        let request = SetEndpointRoleRequest { endpoint_role: EndpointRole::CLIENT };
        let answer = self.ask(OperationCode::SET_ENDPOINT_ROLE, request.into_value()).await;
        let accepted = answer.and_then(|answer| payload::<SetEndpointRoleResponse>(answer.item));
        accepted.is_ok_and(|accepted| {
            accepted.is_some_and(|accepted| accepted.endpoint_role == EndpointRole::CLIENT)
        })
    }

    /// Returns when the client has gone.
    pub(super) async fn gone(&mut self) {
        self.endpoint.gone().await;
    }

    /// Whether the client still proves who it is.
    pub(super) async fn is_proven(&mut self) -> bool {
        self.endpoint.is_proven().await
    }

    async fn notify(&mut self, engine: &Arc<Core>, caller: &Caller, notice: &Notice) -> Result<()> {
        match attributes_to_tell(engine, caller, notice).await {
            Ok(request) => self.ask(OperationCode::NOTIFY, request.into_value()).await.map(drop),
            Err(error) => {
                // It was purged, say, or is somebody else's by now.
                tracing::debug!(object = notice.object, ?error, "a change is not told");
                Ok(())
            }
        }
    }

    /// The version to speak: the best one of those that the client names; if it does not know the question, the one of its
    /// answer.
    async fn discover_version(&mut self) -> Result<ProtocolVersion> {
        let ours = ProtocolVersion::SUPPORTED;
        let request = DiscoverVersionsRequest { protocol_version: ours.to_vec() };
        let answer = self.ask(OperationCode::DISCOVER_VERSIONS, request.into_value()).await?;
        let version = match payload::<DiscoverVersionsResponse>(answer.item)? {
            Some(theirs) => ours.iter().find(|version| theirs.protocol_version.contains(version)).copied(),
            None => Some(answer.version).filter(|version| ours.contains(version)),
        };
        version.ok_or_else(|| Error::unsupported("client and server have no version of KMIP in common"))
    }

    /// What the client supports, if it tells.
    async fn query_operations(&mut self) -> Result<Option<Vec<OperationCode>>> {
        let request =
            QueryRequest { query_function: vec![QueryFunction::QUERY_OPERATIONS], object_groups: None };
        let answer = self.ask(OperationCode::QUERY, request.into_value()).await?;
        Ok(payload::<QueryResponse>(answer.item)?.map(|response| response.operation))
    }

    async fn ask(&mut self, operation: OperationCode, payload: Value) -> Result<Answer> {
        let request = RequestMessage::of_one(self.version, operation, payload);
        let request = Ttlv::new(Tag::REQUEST_MESSAGE, request.into_value());
        let response = self.endpoint.ask(legacy::request_from_2_1(request, self.version)).await?;
        if response.tag != Tag::RESPONSE_MESSAGE {
            return Err(no_answer("the client does not answer by a Response Message"));
        }
        let mut response = ResponseMessage::from_value(response.tag, response.value)?;
        let item = response.batch_item.pop().ok_or_else(|| no_answer("the client's answer is empty"))?;
        if item.result_status == ResultStatus::OPERATION_FAILED {
            let (reason, why) = (item.result_reason, item.result_message.as_deref());
            tracing::debug!(?operation, ?reason, why, "a client refuses what the server asks");
        }
        Ok(Answer { version: response.response_header.protocol_version, item })
    }
}

struct Answer {
    version: ProtocolVersion,
    item: ResponseBatchItem,
}

/// What a client answered; nothing if it failed.
fn payload<T: TtlvValue>(item: ResponseBatchItem) -> Result<Option<T>> {
    if item.result_status != ResultStatus::SUCCESS {
        return Ok(None);
    }
    let payload = item.response_payload.unwrap_or_else(Payload::empty).into_value();
    Ok(Some(T::from_value(Tag::RESPONSE_PAYLOAD, payload)?))
}

async fn put(
    engine: &Arc<Core>,
    caller: &Caller,
    notice: &Notice,
    put_function: PutFunction,
) -> Result<PutRequest> {
    let unique_identifier = Some(UniqueIdentifier::from(notice.object.as_str()));
    let request = GetRequest {
        unique_identifier,
        key_format_type: None,
        key_wrap_type: None,
        key_compression_type: None,
        key_wrapping_specification: None,
    };
    let got: GetResponse = ask_self(engine, caller, OperationCode::GET, request).await?;
    Ok(PutRequest {
        unique_identifier: got.unique_identifier,
        put_function,
        replaced_unique_identifier: notice.replaced.clone(),
        object: got.object,
        attributes: Some(attributes(engine, caller, notice, Vec::new()).await?),
    })
}

/// What is there now of what changed, and what is not there any more.
async fn attributes_to_tell(engine: &Arc<Core>, caller: &Caller, notice: &Notice) -> Result<NotifyRequest> {
    let is_whole = notice.put.is_some();
    let mut wanted = if is_whole { Vec::new() } else { notice.changed.clone() };
    if !is_whole {
        wanted.push(AttributeReference::Tagged(Tag::LAST_CHANGE_DATE));
    }
    let attributes = attributes(engine, caller, notice, wanted.clone()).await?;
    let deleted = wanted.into_iter().filter(|wanted| !attributes.contains(wanted)).collect();
    Ok(NotifyRequest {
        unique_identifier: notice.object.clone(),
        attributes: Some(attributes),
        attribute_reference: deleted,
    })
}

async fn attributes(
    engine: &Arc<Core>,
    caller: &Caller,
    notice: &Notice,
    attribute_reference: Vec<AttributeReference>,
) -> Result<Attributes> {
    let unique_identifier = Some(UniqueIdentifier::from(notice.object.as_str()));
    let request = GetAttributesRequest { unique_identifier, attribute_reference };
    let got: GetAttributesResponse = ask_self(engine, caller, OperationCode::GET_ATTRIBUTES, request).await?;
    Ok(got.attributes)
}

/// What the server answers when the owner asks.
async fn ask_self<T: TtlvValue>(
    engine: &Arc<Core>,
    caller: &Caller,
    operation: OperationCode,
    request: impl TtlvValue,
) -> Result<T> {
    let message = RequestMessage::of_one(ProtocolVersion::V2_1, operation, request.into_value());
    let mut outcomes = message::answer_in(engine, caller, &Standard, message).await?;
    let outcome = outcomes.pop().ok_or_else(|| Error::server("an item was not answered"))?;
    Ok(T::from_value(Tag::RESPONSE_PAYLOAD, outcome.result?.into_value())?)
}

fn no_answer(why: &'static str) -> Error {
    Error::new(ResultReason::INVALID_MESSAGE, ErrorClass::Malformed, why)
}
