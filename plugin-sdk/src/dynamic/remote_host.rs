//! The plugin's side of a running operation: `Context` over the C table.

use std::sync::Arc;

use claviger_kmip::field::{DateTime, TtlvValue as _};
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::objects::{CryptographicParameters, ManagedObject};
use claviger_kmip::tables::enumerations::{AttestationType, LinkType, OperationCode};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{ByteString, Value};

use super::server::Server;
use super::standard_catalogue::StandardCatalogue;
use super::wire;
use crate::BoxFuture;
use crate::audit::Detail;
use crate::authentication::Principal;
use crate::context::{
    Authorized, Effect, Found, GrantsOf, HeavyWork, Host, Jobs, NewObject, OperationLimits, Protection,
    Stream, Tickets,
};
use crate::error::{Error, Result};
use crate::explanation::{AskedAbout, Explanation};
use crate::filter::{Filter, Page};
use crate::plugin::Catalogue;
use crate::random::RandomSource;
use crate::record::{KeyFacts, Material, ObjectId, Record, Revision};
use crate::scheme::{Capability, PreparedKey, Scheme};
use crate::store::{Document, DocumentPage, DocumentPut, FoundIds, Grant, Subject};
use crate::target::{Role, Target};

/// One operation while its handler runs in a loaded plugin.
pub(super) struct RemoteHost {
    server: Server,
    random: RemoteRandom,
    principal: Principal,
    now: DateTime,
    version: ProtocolVersion,
    limits: OperationLimits,
    targets: Vec<(Role, Vec<Authorized>)>,
    loaded: Vec<Authorized>,
    records: Vec<Record>,
    created: Vec<Record>,
    changed: Vec<(Record, Effect)>,
    details: Vec<Detail>,
}

struct RemoteRandom(Server);

impl RandomSource for RemoteRandom {
    fn fill(&mut self, buffer: &mut [u8]) {
        self.0.random(buffer);
    }
}

impl RemoteHost {
    pub(super) fn new(server: Server, facts: wire::Facts) -> Result<Self> {
        let groups: Vec<&str> = facts.groups.iter().map(String::as_str).collect();
        let limit = |place: usize| facts.limits.get(place).copied().unwrap_or(0);
        let mut host = Self {
            server,
            random: RemoteRandom(server),
            principal: Principal::new(&facts.user, &groups, facts.proven_by.as_deref()),
            now: facts.now,
            version: facts.version,
            limits: OperationLimits {
                random_bytes: i32::try_from(limit(0)).unwrap_or(i32::MAX),
                located_items: i32::try_from(limit(1)).unwrap_or(i32::MAX),
                heavy_from: usize::try_from(limit(2)).unwrap_or(usize::MAX),
                visible_states: StateSet::ALL,
            },
            targets: Vec::new(),
            loaded: Vec::new(),
            records: Vec::new(),
            created: Vec::new(),
            changed: Vec::new(),
            details: Vec::new(),
        };
        for admitted in &facts.targets {
            let role = admitted.to_role()?;
            let authorized = host.take(admitted)?;
            match host.targets.iter_mut().find(|(known, _)| *known == role) {
                Some((_, of_role)) => of_role.push(authorized),
                None => host.targets.push((role, vec![authorized])),
            }
        }
        Ok(host)
    }

    fn take(&mut self, admitted: &wire::Admitted) -> Result<Authorized> {
        let record = Record::from_bytes(&admitted.record)?;
        self.records.push(record.clone());
        let revision = Revision(u64::try_from(admitted.revision).unwrap_or(0));
        Ok(Authorized::engine_only(record.into(), revision, admitted.state))
    }

    /// The response payload with the recorded effects.
    pub(super) fn finish(self, payload: Value) -> wire::RunResult {
        let created = self.created.into_iter().map(|record| wire::Created {
            id: record.id.to_string(),
            attributes: record.attributes.into_value(),
            object: Value::Structure(vec![record.object.into_item()]),
        });
        let changed = self.changed.into_iter().map(|(record, effect)| wire::Changed {
            id: record.id.to_string(),
            effect: wire::Changed::effect_of(effect),
            attributes: record.attributes.into_value(),
        });
        let details = self.details.into_iter();
        wire::RunResult {
            payload,
            created: created.collect(),
            changed: changed.collect(),
            details: details.map(|Detail { name, text }| wire::Detail { name: name.into(), text }).collect(),
        }
    }
}

fn not_here<T>(what: &str) -> Result<T> {
    Err(Error::unsupported(format!(
        "{what} cannot be used by a loaded plugin yet; link the plugin into the server"
    )))
}

impl Host for RemoteHost {
    fn principal(&self) -> &Principal {
        &self.principal
    }

    fn now(&self) -> DateTime {
        self.now
    }

    fn version(&self) -> ProtocolVersion {
        self.version
    }

    fn limits(&self) -> &OperationLimits {
        &self.limits
    }

    fn catalogue(&self) -> &dyn Catalogue {
        &StandardCatalogue
    }

    fn shared_catalogue(&self) -> Arc<dyn Catalogue> {
        Arc::new(StandardCatalogue)
    }

    fn rng(&mut self) -> &mut dyn RandomSource {
        &mut self.random
    }

    fn targets(&self, role: Role) -> &[Authorized] {
        self.targets.iter().find(|(known, _)| *known == role).map_or(&[], |(_, targets)| targets)
    }

    fn load(&mut self, target: Target) -> BoxFuture<'_, Result<Vec<Authorized>>> {
        Box::pin(async move {
            let question = wire::encode(wire::Question { load: target.into() });
            let answer: wire::Loaded = wire::decode(&self.server.ask(question).await?)?;
            let objects: Vec<Authorized> =
                answer.objects.iter().map(|admitted| self.take(admitted)).collect::<Result<_>>()?;
            self.loaded.extend(objects.iter().cloned());
            Ok(objects)
        })
    }

    fn search(&mut self, _: Filter, _: Page) -> BoxFuture<'_, Result<Found>> {
        Box::pin(async { not_here("searching") })
    }

    fn locate(&mut self, _: Filter, _: Page) -> BoxFuture<'_, Result<FoundIds>> {
        Box::pin(async { not_here("searching") })
    }

    fn locate_everywhere(&mut self, _: Filter, _: Page) -> BoxFuture<'_, Result<FoundIds>> {
        Box::pin(async { not_here("searching") })
    }

    fn grants<'a>(&'a mut self, _: GrantsOf<'a>) -> BoxFuture<'a, Result<Vec<Grant>>> {
        Box::pin(async { not_here("listing grants") })
    }

    fn material<'a>(&'a mut self, _: &'a Authorized) -> BoxFuture<'a, Result<Material>> {
        Box::pin(async { not_here("key material") })
    }

    fn reveal(&mut self, _: &Authorized, _: Protection) -> Result<ManagedObject> {
        not_here("key material")
    }

    fn prepared<'a>(
        &'a mut self,
        _: &'a Authorized,
        _: Capability,
        _: &'a CryptographicParameters,
    ) -> BoxFuture<'a, Result<PreparedKey>> {
        Box::pin(async { not_here("a cryptographic scheme") })
    }

    fn scheme(
        &self,
        _: Capability,
        _: &KeyFacts<'_>,
        _: &CryptographicParameters,
    ) -> Result<&'static Scheme> {
        not_here("a cryptographic scheme")
    }

    fn heavy(&mut self, work: HeavyWork) -> BoxFuture<'_, Result<()>> {
        let mut random = RemoteRandom(self.server);
        Box::pin(async move {
            let task = tokio::task::spawn_blocking(move || work(&mut random));
            task.await.map_err(|error| Error::server("work of a plugin was interrupted").because(error))
        })
    }

    fn create(&mut self, new: NewObject) -> BoxFuture<'_, Result<ObjectId>> {
        Box::pin(async move {
            let id = new.id.unwrap_or_else(|| ObjectId::random(&mut self.random));
            self.created.push(Record {
                id: id.clone(),
                owner: self.principal.user.clone(),
                object: new.object,
                attributes: new.attributes,
                tags: Default::default(),
            });
            Ok(id)
        })
    }

    fn create_in_place_of<'a>(
        &'a mut self,
        _: &'a Authorized,
        _: NewObject,
    ) -> BoxFuture<'a, Result<ObjectId>> {
        Box::pin(async { not_here("creating an object in the place of another") })
    }

    fn replace<'a>(&'a mut self, _: &'a Authorized, _: NewObject) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { not_here("replacing an object") })
    }

    fn edit(&mut self, target: &Authorized, effect: Effect) -> Result<&mut Record> {
        match effect {
            Effect::Owner => return not_here("a change of owner"),
            Effect::Rekey => return not_here("a change of keys"),
            Effect::Update | Effect::Transition | Effect::Destroy | Effect::Purge => {}
        }
        let record =
            match self.changed.iter().position(|(record, _)| record.id == *target.id()) {
                Some(position) => self.changed.remove(position).0,
                None => self.records.iter().find(|record| record.id == *target.id()).cloned().ok_or_else(
                    || Error::server("a plugin changes an object that was not admitted for it"),
                )?,
            };
        self.changed.push((record, effect));
        match self.changed.last_mut() {
            Some((record, _)) => Ok(record),
            None => Err(Error::server("a plugin lost a change")),
        }
    }

    fn dependents<'a>(
        &'a mut self,
        _: &'a Authorized,
        _: LinkType,
    ) -> BoxFuture<'a, Result<Vec<Authorized>>> {
        Box::pin(async { not_here("changing keys that depend on others") })
    }

    fn named_by_scheme(&mut self, _: &Authorized) -> Result<()> {
        not_here("changing keys that depend on others")
    }

    fn remark(&mut self, _: String) -> Result<()> {
        not_here("a Result Message")
    }

    /// They go to the server with what the handler returns: with an error they do not.
    fn audit_detail(&mut self, detail: Detail) {
        self.details.push(detail);
    }

    fn change_grants(&mut self, _: &Authorized, _: Subject, _: &[OperationCode], _: bool) -> Result<()> {
        not_here("changing grants")
    }

    fn explain<'a>(
        &'a mut self,
        _: &'a Authorized,
        _: &'a AskedAbout,
        _: OperationCode,
    ) -> BoxFuture<'a, Result<Explanation>> {
        Box::pin(async { not_here("explaining rights") })
    }

    fn document<'a>(&'a mut self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        Box::pin(async { not_here("a document") })
    }

    fn documents<'a>(
        &'a mut self,
        _: &'a str,
        _: &'a DocumentPage,
    ) -> BoxFuture<'a, Result<Vec<(String, Document)>>> {
        Box::pin(async { not_here("a document") })
    }

    fn put_document(&mut self, _: DocumentPut) -> Result<()> {
        not_here("a document")
    }

    fn jobs(&mut self) -> Result<&mut dyn Jobs> {
        not_here("an asynchronous request")
    }

    fn attestation_types(&self) -> Vec<AttestationType> {
        Vec::new()
    }

    fn tickets(&mut self) -> Result<&mut dyn Tickets> {
        not_here("a ticket")
    }

    fn become_client(&mut self) -> Result<()> {
        not_here("a change of roles")
    }

    fn open_stream(&mut self, _: Option<&Authorized>, _: Stream) -> Result<ByteString> {
        not_here("a multi-part operation")
    }

    fn take_stream(&mut self, _: Option<&Authorized>, _: &[u8]) -> Result<Stream> {
        not_here("a multi-part operation")
    }

    fn put_back_stream(&mut self, _: Option<&Authorized>, _: &[u8], _: Stream) -> Result<()> {
        not_here("a multi-part operation")
    }
}
