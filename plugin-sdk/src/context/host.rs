//! What stands behind a context.

use std::sync::Arc;

use claviger_kmip::ByteString;
use claviger_kmip::field::DateTime;
use claviger_kmip::objects::{CryptographicParameters, ManagedObject};
use claviger_kmip::tables::enumerations::{AttestationType, LinkType, OperationCode};
use claviger_kmip::version::ProtocolVersion;

use super::{
    Authorized, Effect, Found, GrantsOf, HeavyWork, Jobs, NewObject, OperationLimits, Protection, Stream,
    Tickets,
};
use crate::BoxFuture;
use crate::audit::Detail;
use crate::authentication::Principal;
use crate::error::Result;
use crate::explanation::{AskedAbout, Explanation};
use crate::filter::{Filter, Page};
use crate::plugin::Catalogue;
use crate::random::RandomSource;
use crate::record::{KeyFacts, Material, ObjectId, Record};
use crate::scheme::{Capability, PreparedKey, Scheme};
use crate::store::{Document, DocumentPage, DocumentPut, FoundIds, Grant, Subject};
use crate::target::{Role, Target};

/// What the engine does for a context. Handlers use [`Context`](super::Context).
#[allow(missing_docs)] // each method is documented on `Context`
pub trait Host: Send {
    fn principal(&self) -> &Principal;
    fn now(&self) -> DateTime;
    fn version(&self) -> ProtocolVersion;
    fn limits(&self) -> &OperationLimits;
    fn catalogue(&self) -> &dyn Catalogue;
    fn shared_catalogue(&self) -> Arc<dyn Catalogue>;
    fn rng(&mut self) -> &mut dyn RandomSource;
    fn targets(&self, role: Role) -> &[Authorized];
    fn load(&mut self, target: Target) -> BoxFuture<'_, Result<Vec<Authorized>>>;
    fn search(&mut self, filter: Filter, page: Page) -> BoxFuture<'_, Result<Found>>;
    fn locate(&mut self, filter: Filter, page: Page) -> BoxFuture<'_, Result<FoundIds>>;
    fn locate_everywhere(&mut self, filter: Filter, page: Page) -> BoxFuture<'_, Result<FoundIds>>;
    fn grants<'a>(&'a mut self, query: GrantsOf<'a>) -> BoxFuture<'a, Result<Vec<Grant>>>;
    fn material<'a>(&'a mut self, target: &'a Authorized) -> BoxFuture<'a, Result<Material>>;
    fn reveal(&mut self, target: &Authorized, protection: Protection) -> Result<ManagedObject>;
    fn prepared<'a>(
        &'a mut self,
        target: &'a Authorized,
        capability: Capability,
        parameters: &'a CryptographicParameters,
    ) -> BoxFuture<'a, Result<PreparedKey>>;
    fn scheme(
        &self,
        capability: Capability,
        facts: &KeyFacts<'_>,
        parameters: &CryptographicParameters,
    ) -> Result<&'static Scheme>;
    fn heavy(&mut self, work: HeavyWork) -> BoxFuture<'_, Result<()>>;
    fn create(&mut self, object: NewObject) -> BoxFuture<'_, Result<ObjectId>>;
    fn create_in_place_of<'a>(
        &'a mut self,
        target: &'a Authorized,
        object: NewObject,
    ) -> BoxFuture<'a, Result<ObjectId>>;
    fn replace<'a>(&'a mut self, target: &'a Authorized, object: NewObject) -> BoxFuture<'a, Result<()>>;
    fn edit(&mut self, target: &Authorized, effect: Effect) -> Result<&mut Record>;
    fn dependents<'a>(
        &'a mut self,
        of: &'a Authorized,
        link: LinkType,
    ) -> BoxFuture<'a, Result<Vec<Authorized>>>;
    fn named_by_scheme(&mut self, target: &Authorized) -> Result<()>;
    fn remark(&mut self, text: String) -> Result<()>;
    fn audit_detail(&mut self, detail: Detail);
    fn change_grants(
        &mut self,
        target: &Authorized,
        subject: Subject,
        operations: &[OperationCode],
        give: bool,
    ) -> Result<()>;
    fn explain<'a>(
        &'a mut self,
        target: &'a Authorized,
        about: &'a AskedAbout,
        operation: OperationCode,
    ) -> BoxFuture<'a, Result<Explanation>>;
    fn document<'a>(&'a mut self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>>;
    fn documents<'a>(
        &'a mut self,
        kind: &'a str,
        page: &'a DocumentPage,
    ) -> BoxFuture<'a, Result<Vec<(String, Document)>>>;
    fn put_document(&mut self, put: DocumentPut) -> Result<()>;
    fn attestation_types(&self) -> Vec<AttestationType>;
    fn jobs(&mut self) -> Result<&mut dyn Jobs>;
    fn tickets(&mut self) -> Result<&mut dyn Tickets>;
    fn become_client(&mut self) -> Result<()>;
    fn open_stream(&mut self, target: Option<&Authorized>, stream: Stream) -> Result<ByteString>;
    fn take_stream(&mut self, target: Option<&Authorized>, correlation: &[u8]) -> Result<Stream>;
    fn put_back_stream(
        &mut self,
        target: Option<&Authorized>,
        correlation: &[u8],
        stream: Stream,
    ) -> Result<()>;
}
