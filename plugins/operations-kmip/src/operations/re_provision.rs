//! Re-Provision (KMIP 2.1 section 6.1.48).
//!
//! The credential is the certificate by which the connection proves the caller. The new one is for the same subject, issued
//! by the same authority: that which `--client-issuer` names, of whose key the caller needs a grant for this operation.
//! A request for a certificate gives its key alone; what the certificate says is what the existing one says, or a client
//! could ask for the names and powers of others.
//!
//! The existing certificate is good for nothing from the next message on, so a client that has the server make its key gets
//! the key in the same batch.

use claviger_plugin_sdk::kmip::attributes::rules::Making;
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{Certificate, CertificateRequest, Key, ManagedObject};
use claviger_plugin_sdk::kmip::payloads::{ReProvisionRequest, ReProvisionResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::scheme::{CertificateDescription, CertificateScheme, Verdict};

use crate::born::{self, Newborn};
use crate::certification_path::{self, Known};
use crate::certified_key::{CertifiedKey, public_key_of_new};
use crate::defaults::{self, Origin};
use crate::issuing::{self, Issuer, Wanted};
use crate::{certificate, certified_pair, client_certificate, links};

/// Replaces the certificate by which a client proves itself.
struct ReProvision;

register_operation!(ReProvision);

impl Operation for ReProvision {
    type Request = ReProvisionRequest;
    type Response = ReProvisionResponse;

    const NAME: &'static str = "ReProvision";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::RE_PROVISION,
        since: ProtocolVersion::V2_0,
        access: Access::Creator,
        material: MaterialUse::Use,
        writes: Writes::NewObjectsAndDocuments,
        placeholder: Placeholder::Set,
        undo: Undo::ByNotWriting,
    };

    fn targets(_: &ReProvisionRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: ReProvisionRequest) -> Result<ReProvisionResponse> {
        let issuer = client_certificate::issuer(cx)?;
        let exchange = Exchange::begin(cx, &issuer).await?;
        let new = match (request.certificate_request, request.certificate) {
            (None, None) => exchange.with_new_pair(cx).await?,
            (Some(request), None) => exchange.with_request(cx, &request).await?,
            (None, Some(given)) => exchange.with_certificate(cx, given).await?,
            (Some(_), Some(_)) => {
                return Err(Error::invalid(
                    "a request has either a Certificate Request or a Certificate, or neither",
                ));
            }
        };
        client_certificate::retire(cx, &exchange.existing)?;
        Ok(ReProvisionResponse { unique_identifier: Some(new.to_string()) })
    }
}

/// A certificate that is to be replaced, and who issues the new one.
struct Exchange {
    scheme: &'static dyn CertificateScheme,
    existing: CertificateDescription,
    issuer: Issuer,
}

impl Exchange {
    /// Checks that the caller may have a new certificate.
    ///
    /// # Errors
    /// Permission Denied: something else than a certificate proves the caller; the certificate has expired, was revoked or
    /// replaced, or is of another issuer; the caller may not have the issuer issue it another.
    async fn begin(cx: &mut Context<'_>, issuer: &str) -> Result<Self> {
        let scheme = certificate::known_scheme(cx.catalogue(), certificate::USUAL_TYPE)?;
        let existing = certificate::only(scheme.read(&client_certificate::of_caller(cx)?)?)?;
        let issuer = Issuer::named(cx, OperationCode::RE_PROVISION, issuer).await.map_err(|error| {
            match error.class() {
                ErrorClass::NotFound | ErrorClass::Denied => Error::denied(
                    "the issuer of client certificates is not here, or not for this client: its private key needs a \
                     grant of Re-Provision",
                )
                .because(error),
                _ => error,
            }
        })?;
        let exchange = Self { scheme, existing, issuer };
        exchange.check_is_of_issuer(&exchange.existing)?;
        match exchange.judge(cx, &exchange.existing).await? {
            Verdict::Invalid(why) => {
                Err(Error::denied(format!("the certificate of the connection is not good any more: {why}")))
            }
            // The handshake knew its path to a root.
            Verdict::Valid | Verdict::Unknown(_) => Ok(exchange),
        }
    }

    /// The private key of a new pair like that of the existing certificate, which is certified in its place.
    async fn with_new_pair(&self, cx: &mut Context<'_>) -> Result<ObjectId> {
        let asked = like_key_of(cx.catalogue(), &self.existing, cx.now())?;
        let pair = certified_pair::new(cx, &asked).await?;
        let key = CertifiedKey::of_request(public_key_of_new(cx.catalogue(), &pair.public)?);
        let (public, private) = (pair.public.id.clone(), pair.private.id.clone());
        let (id, mut new, description) = self.issue(cx, &key).await?;
        issuing::link_to_key(&mut new.attributes, public.as_ref(), private.as_ref());
        certified_pair::create(cx, pair, &id, &description).await?;
        cx.create(new).await?;
        private.ok_or_else(|| Error::server("a new private key has no identifier"))
    }

    /// The certificate of the key in a request.
    async fn with_request(&self, cx: &mut Context<'_>, request: &CertificateRequest) -> Result<ObjectId> {
        let kind = request.certificate_request_type;
        let request = self.scheme.read_request(kind, &request.certificate_request_value)?;
        if request.subject != self.existing.subject {
            return Err(Error::denied("the certificate request is for another subject than the client"));
        }
        let (_, new, _) = self.issue(cx, &CertifiedKey::of_request(request.public_key)).await?;
        cx.create(new).await
    }

    /// The certificate that the client has already.
    async fn with_certificate(&self, cx: &mut Context<'_>, given: Certificate) -> Result<ObjectId> {
        let scheme = certificate::known_scheme(cx.catalogue(), given.certificate_type)?;
        let description = certificate::only(scheme.read(&given.certificate_value)?)?;
        if description.subject != self.existing.subject {
            return Err(Error::denied("the certificate is for another subject than the client"));
        }
        if description.value == self.existing.value {
            return Err(Error::certificate("the certificate is the one that is to be replaced"));
        }
        self.check_is_of_issuer(&description)?;
        match self.judge(cx, &description).await? {
            Verdict::Valid => {}
            Verdict::Invalid(why) => {
                return Err(Error::certificate(format!("the certificate is not valid: {why}")));
            }
            Verdict::Unknown(why) => {
                return Err(Error::certificate(format!("the certificate cannot be verified: {why}")));
            }
        }
        let mut attributes = from_now(cx.now());
        defaults::complete(cx, ObjectType::CERTIFICATE, Origin::Object, &mut attributes).await?;
        let certificate_value = description.value;
        let object = ManagedObject::Certificate(Certificate { certificate_value, ..given });
        let newborn = Newborn { making: Making::Registered, object, attributes, storage: None };
        let mut new = newborn.completed(cx).await?;
        if let Some((issuer, _)) = &self.issuer.certificate {
            links::set(&mut new.attributes, LinkType::CERTIFICATE_LINK, issuer);
        }
        cx.create(new).await
    }

    /// A certificate of a key that says what the existing one says, from now on and for as long.
    async fn issue(
        &self,
        cx: &mut Context<'_>,
        key: &CertifiedKey,
    ) -> Result<(ObjectId, NewObject, CertificateDescription)> {
        let mut asked = from_now(cx.now());
        defaults::complete(cx, ObjectType::CERTIFICATE, Origin::Object, &mut asked).await?;
        let attributes = issuing::asked_of_object(cx, asked)?;
        let id = ObjectId::random(cx.rng());
        let wanted = Wanted {
            scheme: self.scheme,
            certificate_type: certificate::USUAL_TYPE,
            asked: &Attributes::new(),
            request: None,
            renewed: Some(&self.existing),
            key,
            validity: issuing::as_long_as(&self.existing, cx.now().0),
            id: &id,
        };
        let (object, description) = issuing::issue(cx, wanted, &self.issuer).await?;
        let new = issuing::complete(cx, object, attributes, None, (&id, &self.issuer))?;
        Ok((id, new, description))
    }

    /// Whether a certificate names the issuer, and issues none itself.
    fn check_is_of_issuer(&self, one: &CertificateDescription) -> Result<()> {
        let by_issuer =
            self.issuer.certificate.as_ref().is_some_and(|(_, issuer)| issuer.subject == one.issuer);
        match (by_issuer, &one.authority) {
            (true, None) => Ok(()),
            (true, Some(_)) => Err(Error::denied("the certificate of an authority is no client's")),
            (false, _) => {
                Err(Error::denied("the certificate is of another authority than --client-issuer names"))
            }
        }
    }

    /// Whether a certificate is valid now, with all that the caller has of its issuers and their revocation lists.
    async fn judge(&self, cx: &mut Context<'_>, one: &CertificateDescription) -> Result<Verdict> {
        let (chain, now) = ([one.clone()], cx.now());
        if certification_path::has_revoked(cx, &chain, now).await? {
            return Ok(Verdict::Invalid("it was revoked or replaced".into()));
        }
        let issuer = self.issuer.certificate.iter().map(|(_, issuer)| issuer);
        let path: Vec<CertificateDescription> = chain.iter().chain(issuer.clone()).cloned().collect();
        let mut known = issuer.map(Known::with_issuer).next().unwrap_or_default();
        known.find(cx, self.scheme, &path, now).await?;
        known.judge(cx, self.scheme, &chain, now).await
    }
}

/// What is in use at once.
fn from_now(now: DateTime) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::ActivationDate>(now);
    attributes
}

/// What makes a pair like that of a certificate: algorithm, length, curve and uses.
fn like_key_of(
    catalogue: &dyn Catalogue,
    existing: &CertificateDescription,
    now: DateTime,
) -> Result<Attributes> {
    const LIKE: [Tag; 3] =
        [Tag::CRYPTOGRAPHIC_ALGORITHM, Tag::CRYPTOGRAPHIC_LENGTH, Tag::CRYPTOGRAPHIC_DOMAIN_PARAMETERS];
    let key = ManagedObject::PublicKey(Key { key_block: existing.public_key.clone() });
    let mut found = Attributes::new();
    born::kind(catalogue, ObjectType::PUBLIC_KEY)?.check_object(catalogue, &key, &mut found)?;
    found.retain(|instance| LIKE.contains(&instance.tag));
    found.put::<kinds::CryptographicUsageMask>(existing.usage);
    found.extend(from_now(now));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::tables::enumerations::{CertificateRequestType, CertificateType};
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        ReProvision,
        ReProvisionRequest {
            certificate_request: Some(CertificateRequest {
                certificate_request_type: CertificateRequestType::PKCS_10,
                certificate_request_value: vec![1].into(),
            }),
            certificate: Some(Certificate {
                certificate_type: CertificateType::X_509,
                certificate_value: vec![1].into(),
            }),
        },
    );
}
