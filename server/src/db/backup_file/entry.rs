//! What stands in a backup, as binary TTLV.

use aws_lc_rs::digest::{SHA256, digest};
use claviger_kmip::field::{DateTime, DecodeError, Field, Fields, TtlvValue};
use claviger_kmip::tables::enumerations::OperationCode;
use claviger_kmip::{ByteString, Tag, Ttlv, Value};
use claviger_plugin_sdk::record::{ObjectId, Revision};
use claviger_plugin_sdk::store::{Document, Grant, NameClaims, Subject};
use claviger_plugin_sdk::upkeep::{KeptDocument, KeptObject, SnapshotCounts};

/// One entry of a backup.
#[derive(Debug, PartialEq)]
pub(crate) enum Entry {
    /// The first: what the backup is of.
    Begin(Begin),
    /// A document.
    Document(KeptDocument),
    /// An object.
    Object(KeptObject),
    /// The last.
    End(End),
}

/// What a backup is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Begin {
    /// When it was made, in seconds since 1970.
    pub(crate) made: i64,
    /// The version of the server that made it.
    pub(crate) software: String,
    /// The type of the database.
    pub(crate) database: String,
    /// How much is in it.
    pub(crate) counts: SnapshotCounts,
}

/// What was in a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// How much.
    pub(crate) counts: SnapshotCounts,
    /// SHA-256 of every byte of the file before this entry, as it is before it is encrypted.
    pub(crate) digest: Vec<u8>,
}

/// Tags of the entries and of what has no tag in KMIP, from the range for extensions (KMIP 2.1 section 11.1). They stand in
/// backups and nowhere else, and are never given another meaning.
const BEGIN: Tag = Tag(0x54_4201);
const DOCUMENT: Tag = Tag(0x54_4202);
const OBJECT: Tag = Tag(0x54_4203);
const END: Tag = Tag(0x54_4204);
const SOFTWARE: Tag = Tag(0x54_4211);
const DATABASE: Tag = Tag(0x54_4212);
const OBJECTS: Tag = Tag(0x54_4213);
const DOCUMENTS: Tag = Tag(0x54_4214);
const MADE: Tag = Tag(0x54_4215);
const DIGEST: Tag = Tag(0x54_4216);
const IDENTIFIER: Tag = Tag(0x54_4221);
const REVISION: Tag = Tag(0x54_4222);
const BODY: Tag = Tag(0x54_4223);
const USAGE_LEFT: Tag = Tag(0x54_4224);
const GRANT: Tag = Tag(0x54_4225);
const SUBJECT: Tag = Tag(0x54_4226);
const OPERATION: Tag = Tag(0x54_4227);
const CLAIMS: Tag = Tag(0x54_4228);
const OWNER: Tag = Tag(0x54_4229);
const NAME: Tag = Tag(0x54_422A);
const KIND: Tag = Tag(0x54_422B);
const EXPIRES: Tag = Tag(0x54_422C);

/// SHA-256.
pub(super) fn sha_256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

impl Entry {
    /// The item that stands in the file.
    pub(super) fn to_item(&self) -> Ttlv {
        match self {
            Self::Begin(begin) => {
                let mut fields = counts(begin.counts);
                DateTime(begin.made).put(MADE, &mut fields);
                begin.software.clone().put(SOFTWARE, &mut fields);
                begin.database.clone().put(DATABASE, &mut fields);
                Ttlv::structure(BEGIN, fields)
            }
            Self::Document(kept) => document(kept),
            Self::Object(kept) => object(kept),
            Self::End(end) => {
                let mut fields = counts(end.counts);
                ByteString::from(end.digest.clone()).put(DIGEST, &mut fields);
                Ttlv::structure(END, fields)
            }
        }
    }

    /// Reads an item; an object is compared with its digest.
    ///
    /// # Errors
    /// It is no entry, or not what was written.
    pub(super) fn of_item(item: Ttlv) -> Result<Self, String> {
        let read = match item.tag {
            BEGIN => Self::read_begin(item.value),
            DOCUMENT => Self::read_document(item.value),
            OBJECT => return Self::read_object(item.value),
            END => Self::read_end(item.value),
            _ => return Err("an entry is none that this build knows".to_owned()),
        };
        read.map_err(|error| error.to_string())
    }

    fn read_begin(value: Value) -> Result<Self, DecodeError> {
        let mut fields = Fields::of("Begin", BEGIN, value)?;
        let begin = Begin {
            counts: read_counts(&mut fields)?,
            made: <DateTime as Field>::take(&mut fields, MADE)?.0,
            software: Field::take(&mut fields, SOFTWARE)?,
            database: Field::take(&mut fields, DATABASE)?,
        };
        fields.finish()?;
        Ok(Self::Begin(begin))
    }

    fn read_document(value: Value) -> Result<Self, DecodeError> {
        let mut fields = Fields::of("Document", DOCUMENT, value)?;
        let kept = KeptDocument {
            kind: Field::take(&mut fields, KIND)?,
            id: Field::take(&mut fields, IDENTIFIER)?,
            document: Document {
                revision: Revision(1),
                expires: <Option<DateTime> as Field>::take(&mut fields, EXPIRES)?.map(|date| date.0),
                body: Field::take(&mut fields, BODY)?,
            },
        };
        fields.finish()?;
        Ok(Self::Document(kept))
    }

    fn read_object(value: Value) -> Result<Self, String> {
        let text = |error: DecodeError| error.to_string();
        let mut fields = Fields::of("Object", OBJECT, value).map_err(text)?;
        let id: String = Field::take(&mut fields, IDENTIFIER).map_err(text)?;
        let id = ObjectId::new(&id).map_err(|error| error.message().to_owned())?;
        let body: ByteString = Field::take(&mut fields, BODY).map_err(text)?;
        let digest: ByteString = Field::take(&mut fields, DIGEST).map_err(text)?;
        if sha_256(&body) != *digest {
            return Err(format!("object {id} is not what was backed up"));
        }
        let revision: i64 = Field::take(&mut fields, REVISION).map_err(text)?;
        let kept = KeptObject {
            revision: Revision(u64::try_from(revision).map_err(|error| error.to_string())?),
            usage_left: Field::take(&mut fields, USAGE_LEFT).map_err(text)?,
            grants: read_grants(&mut fields, &id)?,
            claims: read_claims(&mut fields, &id).map_err(text)?,
            body: body.into(),
            id,
        };
        fields.finish().map_err(text)?;
        Ok(Self::Object(kept))
    }

    fn read_end(value: Value) -> Result<Self, DecodeError> {
        let mut fields = Fields::of("End", END, value)?;
        let counts = read_counts(&mut fields)?;
        let digest = <ByteString as Field>::take(&mut fields, DIGEST)?.into_vec();
        fields.finish()?;
        Ok(Self::End(End { counts, digest }))
    }
}

fn document(kept: &KeptDocument) -> Ttlv {
    let mut fields = Vec::new();
    kept.kind.clone().put(KIND, &mut fields);
    kept.id.clone().put(IDENTIFIER, &mut fields);
    kept.document.expires.map(DateTime).put(EXPIRES, &mut fields);
    kept.document.body.clone().put(BODY, &mut fields);
    Ttlv::structure(DOCUMENT, fields)
}

fn object(kept: &KeptObject) -> Ttlv {
    let mut fields = Vec::new();
    kept.id.to_string().put(IDENTIFIER, &mut fields);
    kept.revision.0.cast_signed().put(REVISION, &mut fields);
    kept.usage_left.put(USAGE_LEFT, &mut fields);
    for grant in &kept.grants {
        let mut parts = Vec::new();
        grant.subject.to_stored().put(SUBJECT, &mut parts);
        grant.operation.put(OPERATION, &mut parts);
        fields.push(Ttlv::structure(GRANT, parts));
    }
    for claims in &kept.claims {
        let mut parts = Vec::new();
        claims.owner.to_string().put(OWNER, &mut parts);
        claims.names.clone().put(NAME, &mut parts);
        fields.push(Ttlv::structure(CLAIMS, parts));
    }
    ByteString::from(&*kept.body).put(BODY, &mut fields);
    ByteString::from(sha_256(&kept.body)).put(DIGEST, &mut fields);
    Ttlv::structure(OBJECT, fields)
}

fn read_grants(fields: &mut Fields, object: &ObjectId) -> Result<Vec<Grant>, String> {
    let read = |value| -> Result<(String, OperationCode), DecodeError> {
        let mut parts = Fields::of("Grant", GRANT, value)?;
        let grant = (Field::take(&mut parts, SUBJECT)?, Field::take(&mut parts, OPERATION)?);
        parts.finish().map(|()| grant)
    };
    let grants = fields.take_all(GRANT).into_iter().map(|value| {
        let (subject, operation) = read(value).map_err(|error| error.to_string())?;
        let subject = Subject::from_stored(&subject)
            .ok_or_else(|| format!("a grant on object {object} is for nobody that this build knows"))?;
        Ok(Grant { object: object.clone(), subject, operation })
    });
    grants.collect()
}

fn read_claims(fields: &mut Fields, object: &ObjectId) -> Result<Vec<NameClaims>, DecodeError> {
    let claims = fields.take_all(CLAIMS).into_iter().map(|value| {
        let mut parts = Fields::of("Claims", CLAIMS, value)?;
        let owner = <String as Field>::take(&mut parts, OWNER)?.into();
        let names = Field::take(&mut parts, NAME)?;
        parts.finish()?;
        Ok(NameClaims { object: object.clone(), owner, names })
    });
    claims.collect()
}

fn counts(counts: SnapshotCounts) -> Vec<Ttlv> {
    let long = |tag, count: u64| Ttlv::new(tag, count.cast_signed().into_value());
    vec![long(OBJECTS, counts.objects), long(DOCUMENTS, counts.documents)]
}

fn read_counts(fields: &mut Fields) -> Result<SnapshotCounts, DecodeError> {
    let mut count = |tag| <i64 as Field>::take(fields, tag).map(i64::cast_unsigned);
    Ok(SnapshotCounts { objects: count(OBJECTS)?, documents: count(DOCUMENTS)? })
}
