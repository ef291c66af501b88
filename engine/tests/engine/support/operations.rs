//! Small operations under the codes of KMIP's, each doing just what its code stands for.

use std::time::Duration;

use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::kmip::attributes::{Attributes, Name, kinds};
use claviger_plugin_sdk::kmip::objects::{CryptographicParameters, ManagedObject};
use claviger_plugin_sdk::kmip::tables::enumerations::{LinkType, NameType};
use claviger_plugin_sdk::plugin::{Entry, EntryKind};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::scheme::{Capability, CipherInput, PreparedKey};
use claviger_plugin_sdk::store::{DocumentPage, Subject};
use claviger_plugin_sdk::testkit::RecordBuilder;

use super::plugin;

structure! {
    /// What every test operation is asked.
    pub struct Ask {
        /// The object.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// Data.
        data: Option<ByteString> = DATA,
        /// Text.
        comment: Option<String> = COMMENT,
        /// A stream.
        correlation_value: Option<ByteString> = CORRELATION_VALUE,
        /// Attributes.
        attributes: Option<Attributes> = ATTRIBUTES,
    }
}

structure! {
    /// What every test operation tells.
    pub struct Tell {
        /// Objects.
        unique_identifier: Vec<String> = UNIQUE_IDENTIFIER,
        /// Data.
        data: Option<ByteString> = DATA,
        /// Text.
        comment: Option<String> = COMMENT,
        /// A stream.
        correlation_value: Option<ByteString> = CORRELATION_VALUE,
    }
}

impl Ask {
    pub(crate) const NOTHING: Self = Self {
        unique_identifier: None,
        data: None,
        comment: None,
        correlation_value: None,
        attributes: None,
    };

    pub(crate) fn of(id: impl Into<UniqueIdentifier>) -> Self {
        Self { unique_identifier: Some(id.into()), ..Self::NOTHING }
    }

    pub(crate) fn comment(self, comment: &str) -> Self {
        Self { comment: Some(comment.to_owned()), ..self }
    }

    pub(crate) fn data(self, data: &[u8]) -> Self {
        Self { data: Some(data.to_vec().into()), ..self }
    }

    pub(crate) fn stream(self, correlation: ByteString) -> Self {
        Self { correlation_value: Some(correlation), ..self }
    }

    pub(crate) fn attributes(self, attributes: Attributes) -> Self {
        Self { attributes: Some(attributes), ..self }
    }
}

impl Tell {
    fn about(ids: impl IntoIterator<Item = impl ToString>) -> Self {
        let unique_identifier = ids.into_iter().map(|id| id.to_string()).collect();
        Self { unique_identifier, data: None, comment: None, correlation_value: None }
    }
}

macro_rules! operations {
    ($(
        $(#[$doc:meta])*
        $name:ident($code:expr) {
            $material:ident, $writes:ident, $placeholder:ident, $undo:ident,
            targets: |$ask:pat_param| $targets:expr,
            run: |$cx:ident, $request:pat_param| $run:expr,
        }
    )*) => {
        $(
            $(#[$doc])*
            pub(crate) struct $name;

            impl Operation for $name {
                type Request = Ask;
                type Response = Tell;
                const NAME: &'static str = stringify!($name);
                const SPEC: OperationSpec = OperationSpec {
                    code: $code,
                    since: ProtocolVersion::V1_0,
                    access: Access::Authenticated,
                    material: MaterialUse::$material,
                    writes: Writes::$writes,
                    placeholder: Placeholder::$placeholder,
                    undo: Undo::$undo,
                };
                fn targets($ask: &Ask) -> Targets {
                    $targets
                }
                async fn run(&self, $cx: &mut Context<'_>, $request: Ask) -> Result<Tell> {
                    $run
                }
            }
        )*

        /// An entry for each.
        pub(crate) fn entries() -> Vec<Entry> {
            vec![$(Entry::new(plugin::NAME, EntryKind::Operation(&$name)),)*]
        }
    };
}

pub(crate) const PURGE: OperationCode = OperationCode(0x8000_0001);
pub(crate) const SHARE: OperationCode = OperationCode(0x8000_0002);
pub(crate) const UNSHARE: OperationCode = OperationCode(0x8000_0003);
pub(crate) const COUNT: OperationCode = OperationCode(0x8000_0004);
pub(crate) const STREAM: OperationCode = OperationCode(0x8000_0005);
pub(crate) const OTHER_STREAM: OperationCode = OperationCode(0x8000_0006);
pub(crate) const OWNER: OperationCode = OperationCode(0x8000_0007);
pub(crate) const FOR_GOOD: OperationCode = OperationCode(0x8000_0008);
pub(crate) const PANICS: OperationCode = OperationCode(0x8000_0009);
pub(crate) const PANICS_WRITING: OperationCode = OperationCode(0x8000_000A);
pub(crate) const CREATES: OperationCode = OperationCode(0x8000_0010);
pub(crate) const CHANGES: OperationCode = OperationCode(0x8000_0011);
pub(crate) const GRANTS: OperationCode = OperationCode(0x8000_0012);
pub(crate) const USES_MATERIAL: OperationCode = OperationCode(0x8000_0013);
pub(crate) const REVEALS_MATERIAL: OperationCode = OperationCode(0x8000_0014);
pub(crate) const GRANTS_AND_CHANGES: OperationCode = OperationCode(0x8000_0015);
pub(crate) const NOTE: OperationCode = OperationCode(0x8000_0016);
pub(crate) const FORGET: OperationCode = OperationCode(0x8000_0017);
pub(crate) const NOTES: OperationCode = OperationCode(0x8000_0018);
pub(crate) const CHANGES_OWNER: OperationCode = OperationCode(0x8000_001C);
pub(crate) const SEARCHES_EVERYWHERE: OperationCode = OperationCode(0x8000_001D);
pub(crate) const MAY_CREATE: OperationCode = OperationCode(0x8000_001E);
pub(crate) const WRITES_NOTE: OperationCode = OperationCode(0x8000_0019);
pub(crate) const GIVES_AWAY: OperationCode = OperationCode(0x8000_001F);
pub(crate) const PEEK: OperationCode = OperationCode(0x8000_001A);
pub(crate) const RENEWS: OperationCode = OperationCode(0x8000_0021);
pub(crate) const RENEWS_UNDECLARED: OperationCode = OperationCode(0x8000_0022);
pub(crate) const RENEWS_UNNAMED: OperationCode = OperationCode(0x8000_0020);
pub(crate) const ISSUES: OperationCode = OperationCode(0x8000_0023);
pub(crate) const SAYS_MORE: OperationCode = OperationCode(0x8000_0024);
pub(crate) const RETIRE: OperationCode = OperationCode(0x8000_0025);

fn subject(ask: &Ask, code: OperationCode) -> Target {
    Target::subject(ask.unique_identifier.clone(), code)
}

operations! {
    /// Creates an Active key with the identifier asked for, named by the comment.
    Create(OperationCode::CREATE) {
        None, NewObjects, Set, ByNotWriting,
        targets: |_| Targets::none(),
        run: |cx, ask| Ok(Tell::about([create(cx, ask).await?])),
    }
    /// Creates one as Create does, under another name.
    Register(OperationCode::REGISTER) {
        None, NewObjects, Set, ByNotWriting,
        targets: |_| Targets::none(),
        run: |cx, ask| Ok(Tell::about([create(cx, ask).await?])),
    }
    /// Replaces an object, as Create makes one.
    Import(OperationCode::IMPORT) {
        None, Targets, Keep, ByNotWriting,
        targets: |ask| Targets::one(subject(ask, OperationCode::IMPORT)),
        run: |cx, ask| {
            let target = cx.subject()?;
            cx.replace(&target, template(ask)?).await?;
            Ok(Tell::about([target.id()]))
        },
    }
    /// Tells the material.
    Get(OperationCode::GET) {
        Reveal, Nothing, Keep, NothingToUndo,
        targets: |ask| Targets::one(subject(ask, OperationCode::GET)),
        run: |cx, _| {
            let target = cx.subject()?;
            let object = cx.reveal(&target)?;
            let data = claviger_plugin_sdk::record::Material::of(&object)?.symmetric_key()?.clone();
            Ok(Tell { data: Some(data), ..Tell::about([target.id()]) })
        },
    }
    /// Tells the comments of the object, whatever its state, or those of what the engine lets the handler load.
    Describe(OperationCode::GET_ATTRIBUTES) {
        None, Nothing, Keep, NothingToUndo,
        targets: |ask| Targets::one(subject(ask, OperationCode::GET_ATTRIBUTES).states(StateSet::ALL)),
        run: |cx, _| {
            let target = cx.subject()?;
            let comment = target.attributes().one::<kinds::Comment>();
            let tags = target.tags().iter().cloned().collect::<Vec<_>>().join(",");
            let comment = comment.unwrap_or_else(|| format!("{:?} {tags}", target.state()));
            Ok(Tell { comment: Some(comment), ..Tell::about([target.id()]) })
        },
    }
    /// Finds the objects with a tag, or all; with their records, and their identifiers alone.
    Locate(OperationCode::LOCATE) {
        None, Nothing, SetIfOne, NothingToUndo,
        targets: |_| Targets::none(),
        run: |cx, ask| {
            let filter = ask.comment.map_or(Filter::All(Vec::new()), Filter::Tag);
            let page = Page { count: true, ..Page::first(100) };
            let found = cx.search(filter.clone(), page.clone()).await?;
            let located = cx.locate(filter, page).await?;
            let ids: Vec<ObjectId> = found.objects.iter().map(|object| object.id().clone()).collect();
            assert_eq!((&located.ids, located.total), (&ids, found.total), "both ways find the same");
            let total = found.total.unwrap_or_default();
            Ok(Tell { comment: Some(total.to_string()), ..Tell::about(ids) })
        },
    }
    /// Encrypts with the scheme of the key.
    Encrypt(OperationCode::ENCRYPT) {
        Use, Nothing, Keep, NothingToUndo,
        targets: |ask| Targets::one(
            subject(ask, OperationCode::ENCRYPT)
                .states(StateSet::ACTIVE)
                .usage(CryptographicUsageMask::ENCRYPT)
                .consumes(ask.data.as_ref().map_or(0, |data| data.len())),
        ),
        run: |cx, ask| cipher(cx, ask, true).await,
    }
    /// Decrypts with the scheme of the key.
    Decrypt(OperationCode::DECRYPT) {
        Use, Nothing, Keep, NothingToUndo,
        targets: |ask| Targets::one(
            subject(ask, OperationCode::DECRYPT)
                .states(StateSet::PROCESSING)
                .usage(CryptographicUsageMask::DECRYPT),
        ),
        run: |cx, ask| cipher(cx, ask, false).await,
    }
    /// Random bytes.
    Random(OperationCode::RNG_RETRIEVE) {
        None, Nothing, Keep, NothingToUndo,
        targets: |_| Targets::none(),
        run: |cx, _| Ok(Tell { data: Some(cx.rng().bytes(8)), ..Tell::about([] as [&str; 0]) }),
    }
    /// Puts the comment, and takes over attributes.
    SetAttribute(OperationCode::SET_ATTRIBUTE) {
        None, Targets, Keep, ByNotWriting,
        targets: |ask| Targets::one(subject(ask, OperationCode::SET_ATTRIBUTE)),
        run: |cx, ask| {
            let target = cx.subject()?;
            cx.update(&target, |attributes| {
                if let Some(comment) = ask.comment {
                    attributes.put::<kinds::Comment>(comment);
                }
                for instance in ask.attributes.iter().flat_map(Attributes::iter) {
                    attributes.add(instance.tag, instance.value.clone());
                }
                Ok(())
            })?;
            Ok(Tell::about([target.id()]))
        },
    }
    /// Adds one to the Rotate Generation of an object.
    Count(COUNT) {
        None, Targets, Keep, ByNotWriting,
        targets: |ask| Targets::one(subject(ask, COUNT)),
        run: |cx, _| {
            let target = cx.subject()?;
            cx.update(&target, |attributes| {
                let count = attributes.one::<kinds::RotateGeneration>().unwrap_or(0);
                attributes.put::<kinds::RotateGeneration>(count + 1);
                Ok(())
            })?;
            Ok(Tell::about([target.id()]))
        },
    }
    /// Deactivates objects.
    Revoke(OperationCode::REVOKE) {
        None, Targets, Keep, ByNotWriting,
        targets: |ask| Targets::one(subject(ask, OperationCode::REVOKE)),
        run: |cx, _| {
            let targets = cx.targets(Role::SUBJECT);
            for target in &targets {
                cx.transition(target, State::DEACTIVATED, |_| Ok(()))?;
            }
            Ok(Tell::about(targets.iter().map(Authorized::id)))
        },
    }
    /// Deactivates Active keys, and with them those that are Pre-Active.
    Retire(RETIRE) {
        None, Targets, Keep, ByNotWriting,
        targets: |ask| Targets::one(
            subject(ask, RETIRE)
                .types(&[ObjectType::SYMMETRIC_KEY])
                .states(StateSet::ACTIVE)
                .along(StateSet::ACTIVE.or(StateSet::PRE_ACTIVE)),
        ),
        run: |cx, _| {
            let targets = cx.targets(Role::SUBJECT);
            for target in &targets {
                cx.transition(target, State::DEACTIVATED, |_| Ok(()))?;
            }
            Ok(Tell::about(targets.iter().map(Authorized::id)))
        },
    }
    /// Destroys objects.
    Destroy(OperationCode::DESTROY) {
        None, Targets, Keep, ByNotWriting,
        targets: |ask| Targets::one(subject(ask, OperationCode::DESTROY)),
        run: |cx, _| {
            let targets = cx.targets(Role::SUBJECT);
            for target in &targets {
                cx.destroy(target, State::DESTROYED, |_| Ok(()))?;
            }
            Ok(Tell::about(targets.iter().map(Authorized::id)))
        },
    }
    /// Removes an object.
    Purge(PURGE) {
        None, Targets, Keep, ByNotWriting,
        targets: |ask| Targets::one(subject(ask, PURGE).states(StateSet::ALL)),
        run: |cx, _| {
            let target = cx.subject()?;
            cx.purge(&target)?;
            Ok(Tell::about([target.id()]))
        },
    }
    /// Gives the user in the comment the right to encrypt.
    Share(SHARE) {
        None, Grants, Keep, ByNotWriting,
        targets: |ask| Targets::one(subject(ask, SHARE).owner_only()),
        run: |cx, ask| grant(cx, ask, true),
    }
    /// Takes it back.
    Unshare(UNSHARE) {
        None, Grants, Keep, ByNotWriting,
        targets: |ask| Targets::one(subject(ask, UNSHARE).owner_only()),
        run: |cx, ask| grant(cx, ask, false),
    }
    /// Adds the data to a stream and tells all of it.
    Stream(STREAM) {
        Use, Nothing, Keep, UnlessInParts,
        targets: |ask| Targets::one(subject(ask, OperationCode::ENCRYPT)),
        run: |cx, ask| stream(cx, ask),
    }
    /// Another operation of the same form.
    OtherStream(OTHER_STREAM) {
        Use, Nothing, Keep, UnlessInParts,
        targets: |ask| Targets::one(subject(ask, OperationCode::ENCRYPT)),
        run: |cx, ask| stream(cx, ask),
    }
    /// For owners.
    Owner(OWNER) {
        None, Nothing, Keep, NothingToUndo,
        targets: |ask| Targets::one(subject(ask, OWNER).owner_only()),
        run: |cx, _| Ok(Tell::about([cx.subject()?.id()])),
    }
    /// Cannot be undone.
    ForGood(FOR_GOOD) {
        None, Nothing, Keep, Impossible,
        targets: |_| Targets::none(),
        run: |cx, _| Ok(Tell { comment: Some(cx.now().0.to_string()), ..Tell::about([] as [&str; 0]) }),
    }
    /// Is broken.
    Panics(PANICS) {
        None, Nothing, Keep, NothingToUndo,
        targets: |_| Targets::none(),
        run: |_cx, _| panic!("a handler is broken"),
    }
    /// Is broken and would write.
    PanicsWriting(PANICS_WRITING) {
        None, NewObjects, Keep, ByNotWriting,
        targets: |_| Targets::none(),
        run: |_cx, _| panic!("a handler is broken"),
    }
    /// Declares changes of objects and creates one.
    Creates(CREATES) {
        None, Targets, Keep, ByNotWriting,
        targets: |_| Targets::none(),
        run: |cx, ask| Ok(Tell::about([create(cx, ask).await?])),
    }
    /// Declares new objects, and makes one where it is given a name.
    MayCreate(MAY_CREATE) {
        None, NewObjects, Keep, ByNotWriting,
        targets: |_| Targets::none(),
        run: |cx, ask| {
            if ask.unique_identifier.is_some() {
                create(cx, ask).await?;
            }
            Ok(Tell::about([] as [&str; 0]))
        },
    }
    /// Declares grants and gives an object to the user in the comment.
    GivesAway(GIVES_AWAY) {
        None, Grants, Keep, ByNotWriting,
        targets: |ask| Targets::one(subject(ask, GIVES_AWAY).owner_only()),
        run: |cx, ask| {
            let target = cx.subject()?;
            cx.change_owner(&target, &ask.comment.unwrap_or_default())?;
            Ok(Tell::about([target.id()]))
        },
    }
    /// Declares that it writes nothing and changes an object.
    Changes(CHANGES) {
        None, Nothing, Keep, NothingToUndo,
        targets: |ask| Targets::one(subject(ask, CHANGES)),
        run: |cx, _| {
            let target = cx.subject()?;
            cx.update(&target, |attributes| {
                attributes.put::<kinds::Comment>("changed".to_owned());
                Ok(())
            })?;
            Ok(Tell::about([target.id()]))
        },
    }
    /// Declares new objects and gives a grant.
    Grants(GRANTS) {
        None, NewObjects, Keep, ByNotWriting,
        targets: |ask| Targets::one(subject(ask, GRANTS)),
        run: |cx, ask| grant(cx, ask, true),
    }
    /// Declares grants and changes an object as well.
    GrantsAndChanges(GRANTS_AND_CHANGES) {
        None, Grants, Keep, ByNotWriting,
        targets: |ask| Targets::one(subject(ask, GRANTS)),
        run: |cx, ask| {
            let target = cx.subject()?;
            cx.transition(&target, State::COMPROMISED, |_| Ok(()))?;
            grant(cx, ask, true)
        },
    }
    /// Adds the comment to the note of this name and tells all of it.
    Note(NOTE) {
        None, Documents, Keep, ByNotWriting,
        targets: |_| Targets::none(),
        run: |cx, ask| note(cx, ask).await,
    }
    /// Adds the comment to its audit record; fails if that says so.
    SaysMore(SAYS_MORE) {
        None, Documents, Keep, ByNotWriting,
        targets: |_| Targets::none(),
        run: |cx, ask| {
            let comment = ask.comment.unwrap_or_default();
            cx.audit_detail("comment", comment.clone());
            match &*comment {
                "fails" => Err(Error::server("as asked for").with_reason(ResultReason::GENERAL_FAILURE)),
                _ => Ok(Tell::about([] as [&str; 0])),
            }
        },
    }
    /// Removes a note.
    Forget(FORGET) {
        None, Documents, Keep, ByNotWriting,
        targets: |_| Targets::none(),
        run: |cx, ask| {
            let id = ask.data.map(text).unwrap_or_default();
            let note = cx.document("note", &id).await?.ok_or_else(|| Error::not_found(&id))?;
            cx.remove_document("note", &id, note.revision)?;
            Ok(Tell::about([id]))
        },
    }
    /// Tells the names of the first two notes behind the comment.
    Notes(NOTES) {
        None, Nothing, Keep, NothingToUndo,
        targets: |_| Targets::none(),
        run: |cx, ask| {
            let notes = cx.documents("note", &DocumentPage { after: ask.comment, limit: 2 }).await?;
            Ok(Tell::about(notes.into_iter().map(|(id, _)| id)))
        },
    }
    /// Answers as an asynchronous request, for whose end it waits.
    Poll(OperationCode::POLL) {
        None, Documents, Keep, Impossible,
        targets: |_| Targets::none(),
        run: |cx, ask| {
            let correlation = ask.correlation_value.unwrap_or_default();
            cx.run_job(&correlation, Duration::from_secs(5)).await?;
            peek(cx, &correlation).await
        },
    }
    /// Answers as an asynchronous request, as it stands.
    Peek(PEEK) {
        None, Documents, Keep, Impossible,
        targets: |_| Targets::none(),
        run: |cx, ask| peek(cx, &ask.correlation_value.unwrap_or_default()).await,
    }
    /// Cancels an asynchronous request and tells how it ended.
    Cancel(OperationCode::CANCEL) {
        None, Documents, Keep, Impossible,
        targets: |_| Targets::none(),
        run: |cx, ask| {
            let end = cx.cancel_job(&ask.correlation_value.unwrap_or_default()).await?;
            Ok(Tell { comment: Some(format!("{end:?}")), ..Tell::about([] as [&str; 0]) })
        },
    }
    /// Declares changes of objects and writes a document as well.
    WritesNote(WRITES_NOTE) {
        None, Targets, Keep, ByNotWriting,
        targets: |_| Targets::none(),
        run: |cx, ask| note(cx, ask).await,
    }
    /// Declares changes of objects and gives one away.
    ChangesOwner(CHANGES_OWNER) {
        None, Targets, Keep, ByNotWriting,
        targets: |ask| Targets::one(subject(ask, CHANGES_OWNER)),
        run: |cx, _| {
            let target = cx.subject()?;
            cx.change_owner(&target, "bob")?;
            Ok(Tell::about([target.id()]))
        },
    }
    /// Is for everybody and searches what only operators may see.
    SearchesEverywhere(SEARCHES_EVERYWHERE) {
        None, Nothing, Keep, NothingToUndo,
        targets: |_| Targets::none(),
        run: |cx, _| {
            let found = cx.locate_everywhere(Filter::All(Vec::new()), Page::first(100)).await?;
            Ok(Tell::about(found.ids))
        },
    }
    /// Changes an object and all that depends on it, as a scheme would have it, and tells about it.
    Renews(RENEWS) {
        Use, DeclaredByScheme, Keep, ByNotWriting,
        targets: |ask| Targets::one(subject(ask, RENEWS)),
        run: |cx, _| renew(cx).await,
    }
    /// Does the same and declares changes of its targets alone.
    RenewsUndeclared(RENEWS_UNDECLARED) {
        Use, Targets, Keep, ByNotWriting,
        targets: |ask| Targets::one(subject(ask, RENEWS)),
        run: |cx, _| renew(cx).await,
    }
    /// Declares what a scheme changes and changes what that did not name.
    RenewsUnnamed(RENEWS_UNNAMED) {
        Use, DeclaredByScheme, Keep, ByNotWriting,
        targets: |ask| Targets::one(subject(ask, RENEWS)),
        run: |cx, _| {
            let target = cx.subject()?;
            cx.rekey(&target, comment_renewed)?;
            Ok(Tell::about([target.id()]))
        },
    }
    /// Creates an object from an Active one, which it leaves as it is, as a scheme would have it.
    Issues(ISSUES) {
        Use, DeclaredByScheme, Keep, ByNotWriting,
        targets: |ask| Targets::one(subject(ask, ISSUES).states(StateSet::ACTIVE)),
        run: |cx, ask| {
            let target = cx.subject()?;
            cx.named_by_scheme(&target)?;
            Ok(Tell::about([create(cx, Ask { unique_identifier: None, ..ask }).await?]))
        },
    }
    /// Declares no material and uses it.
    UsesMaterial(USES_MATERIAL) {
        None, Nothing, Keep, NothingToUndo,
        targets: |ask| Targets::one(subject(ask, USES_MATERIAL)),
        run: |cx, _| {
            let target = cx.subject()?;
            let material = cx.material(&target).await?;
            Ok(Tell { data: Some(material.symmetric_key()?.clone()), ..Tell::about([target.id()]) })
        },
    }
    /// Declares use of material and reveals it.
    RevealsMaterial(REVEALS_MATERIAL) {
        Use, Nothing, Keep, NothingToUndo,
        targets: |ask| Targets::one(subject(ask, REVEALS_MATERIAL)),
        run: |cx, _| {
            let target = cx.subject()?;
            let object = cx.reveal(&target)?;
            let material = claviger_plugin_sdk::record::Material::of(&object)?;
            Ok(Tell { data: Some(material.symmetric_key()?.clone()), ..Tell::about([target.id()]) })
        },
    }
}

async fn create(cx: &mut Context<'_>, ask: Ask) -> Result<ObjectId> {
    cx.create(template(ask)?).await
}

/// An Active key with what the ask says.
fn template(ask: Ask) -> Result<NewObject> {
    let record = RecordBuilder::new("template").build();
    let mut attributes = record.attributes;
    for instance in ask.attributes.iter().flat_map(Attributes::iter) {
        attributes.add(instance.tag, instance.value.clone());
    }
    if let Some(value) = ask.comment {
        attributes.push::<kinds::Name>(Name { value, name_type: NameType::UNINTERPRETED_TEXT_STRING });
    }
    let id = match ask.unique_identifier {
        Some(UniqueIdentifier::Text(id)) => Some(ObjectId::new(&id)?),
        _ => None,
    };
    Ok(NewObject { id, object: record.object, attributes })
}

async fn cipher(cx: &mut Context<'_>, ask: Ask, encrypt: bool) -> Result<Tell> {
    let target = cx.subject()?;
    let parameters = CryptographicParameters::NONE;
    let PreparedKey::Cipher(key) = cx.prepared(&target, Capability::Cipher, &parameters).await? else {
        return Err(Error::server("not a cipher"));
    };
    let data = ask.data.unwrap_or_default();
    let input =
        CipherInput { parameters: &parameters, data: &data, nonce: None, additional_data: &[], tag: None };
    let data = if encrypt { key.encrypt(input, cx.rng())?.data } else { key.decrypt(input)? };
    Ok(Tell { data: Some(data), ..Tell::about([target.id()]) })
}

async fn renew(cx: &mut Context<'_>) -> Result<Tell> {
    let target = cx.subject()?;
    let mut all = cx.dependents(&target, LinkType::PARENT_LINK).await?;
    cx.named_by_scheme(&target)?;
    all.insert(0, target);
    for object in &all {
        cx.material(object).await?;
        cx.rekey(object, comment_renewed)?;
    }
    cx.remark(format!("{} renewed", all.len()))?;
    Ok(Tell::about(all.iter().map(Authorized::id)))
}

fn comment_renewed(_: &mut ManagedObject, attributes: &mut Attributes) -> Result<()> {
    attributes.put::<kinds::Comment>("renewed".to_owned());
    Ok(())
}

async fn note(cx: &mut Context<'_>, ask: Ask) -> Result<Tell> {
    let id = ask.data.map(text).unwrap_or_default();
    let known = cx.document("note", &id).await?;
    let mut body = known.as_ref().map(|note| note.body.to_vec()).unwrap_or_default();
    body.extend(ask.comment.unwrap_or_default().bytes());
    cx.put_document("note", &id, known.map(|note| note.revision), body.clone(), None)?;
    Ok(Tell { data: Some(body.into()), ..Tell::about([id]) })
}

async fn peek(cx: &mut Context<'_>, correlation: &[u8]) -> Result<Tell> {
    Ok(Tell::from_value(Tag::RESPONSE_PAYLOAD, cx.answer_as_job(correlation).await?)?)
}

fn text(bytes: ByteString) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn grant(cx: &mut Context<'_>, ask: Ask, give: bool) -> Result<Tell> {
    let target = cx.subject()?;
    let user = Subject::User(ask.comment.unwrap_or_default().into());
    let operations = [OperationCode::ENCRYPT];
    if give {
        cx.grant(&target, user, &operations)?;
    } else {
        cx.revoke_grant(&target, user, &operations)?;
    }
    Ok(Tell::about([target.id()]))
}

fn stream(cx: &mut Context<'_>, ask: Ask) -> Result<Tell> {
    let target = cx.subject()?;
    let mut all = match &ask.correlation_value {
        Some(correlation) => {
            *cx.take_stream(Some(&target), correlation)?.downcast::<Vec<u8>>().expect("the stream is ours")
        }
        None => Vec::new(),
    };
    all.extend_from_slice(&ask.data.unwrap_or_default());
    let data = all.clone().into();
    let correlation = match ask.correlation_value {
        Some(correlation) => {
            cx.put_back_stream(Some(&target), &correlation, Box::new(all))?;
            correlation
        }
        None => cx.open_stream(Some(&target), Box::new(all))?,
    };
    Ok(Tell { data: Some(data), correlation_value: Some(correlation), ..Tell::about([target.id()]) })
}
