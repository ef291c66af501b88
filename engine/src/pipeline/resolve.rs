//! Which objects a target means: by identifier, by placeholder, by what earlier items returned, or by selector; and
//! on along the links that the dialect names.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::identifier::UniqueIdentifier;
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::payload::Payload;
use claviger_kmip::tables::enumerations::{LinkType, OperationCode, ResultReason};
use claviger_kmip::tables::masks::StorageStatusMask;
use claviger_kmip::{ItemType, Tag, Value};
use claviger_plugin_sdk::context::{Authorized, Host};
use claviger_plugin_sdk::dialect::Selector;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::target::{Cardinality, Right, Role, Target, Targets};
use smallvec::{SmallVec, smallvec};

use super::host::ItemHost;
use super::{admission, dependents};
use crate::object_cache::Loaded;

/// Resolves and admits all targets of an item.
///
/// # Errors
/// What admission says; Object Not Found.
pub(crate) async fn targets(host: &mut ItemHost<'_, '_>, targets: Targets) -> Result<()> {
    for target in targets.iter() {
        let found = one_target(host, target).await?;
        host.admit_all(target, found).map_err(|error| in_role(target.role, error))?;
        follow_links(host, target).await?;
    }
    Ok(())
}

/// The failure in the words for the role: a wrapping key has reasons of its own (KMIP 2.1 section 11.48).
pub(crate) fn in_role(role: Role, error: Error) -> Error {
    let reason = match error.reason() {
        _ if ![Role::WRAPPING_KEY, Role::AUTHENTICATION_KEY].contains(&role) => return error,
        ResultReason::OBJECT_NOT_FOUND => ResultReason::WRAPPING_OBJECT_NOT_FOUND,
        ResultReason::OBJECT_DESTROYED => ResultReason::WRAPPING_OBJECT_DESTROYED,
        ResultReason::OBJECT_ARCHIVED => ResultReason::WRAPPING_OBJECT_ARCHIVED,
        _ => return error,
    };
    error.with_reason(reason)
}

/// Objects, each with the name that the client used for it.
pub(crate) type Named<'t> = SmallVec<[(Loaded, Cow<'t, str>); 1]>;

/// What a target means, with the name that the client used for each object.
pub(crate) async fn one_target<'t>(host: &mut ItemHost<'_, '_>, target: &'t Target) -> Result<Named<'t>> {
    let found = match name(host, target) {
        Ok(Name::Object(id)) => match host.known(&id) {
            Some(loaded) => Ok(smallvec![(loaded, id)]),
            // Boxed, and so is the next: most objects are known, and need no room for this.
            None => Box::pin(loaded(host, id)).await,
        },
        Ok(Name::Tags(text, tags)) => Box::pin(by_tags(host, target, text, tags)).await,
        Err(error) => Err(error),
    };
    found.map_err(|error| in_role(target.role, error))
}

/// What a client calls what it wants.
enum Name<'t> {
    /// An identifier.
    Object(Cow<'t, str>),
    /// A text that stands for tags.
    Tags(&'t str, Vec<String>),
}

fn name<'t>(host: &ItemHost<'_, '_>, target: &'t Target) -> Result<Name<'t>> {
    let id = match &target.id {
        None => placeholder(host)?,
        Some(UniqueIdentifier::Text(text)) => {
            return Ok(match host.message().dialect.selector(text)? {
                Selector::Id(id) => Name::Object(id),
                Selector::Tags(tags) => Name::Tags(text, tags),
            });
        }
        Some(UniqueIdentifier::Earlier(which)) => earlier(host, *which)?,
        Some(UniqueIdentifier::Nth(n)) => nth(host, *n)?,
    };
    Ok(Name::Object(id.into()))
}

async fn loaded<'t>(host: &mut ItemHost<'_, '_>, text: Cow<'t, str>) -> Result<Named<'t>> {
    let Ok(id) = ObjectId::new(&text) else { return Err(Error::not_found(&text)) };
    match host.load_id(&id).await? {
        Some(loaded) => Ok(smallvec![(loaded, text)]),
        None => {
            host.note_object(id);
            Err(Error::not_found(&text))
        }
    }
}

/// Whether a payload may name an object by an earlier operation or by a number.
pub(crate) fn names_a_place(payload: &Payload) -> bool {
    match payload {
        Payload::Tree(payload) => has_a_place(payload),
        // What stays encoded names none.
        Payload::Encoded(_) => false,
    }
}

fn has_a_place(value: &Value) -> bool {
    let Value::Structure(fields) = value else { return false };
    fields.iter().any(|field| is_a_place(field.tag, field.value.item_type()) || has_a_place(&field.value))
}

/// Whether an item of a payload may name an object by an earlier operation or by a number: it stands under a tag under
/// which the standard has three-way identifiers, or under one of a vendor, who may have them, too.
#[inline]
pub(crate) fn is_a_place(tag: Tag, item_type: ItemType) -> bool {
    let is_identifier = || {
        matches!(
            tag,
            Tag::UNIQUE_IDENTIFIER
                | Tag::PRIVATE_KEY_UNIQUE_IDENTIFIER
                | Tag::CERTIFICATE_REQUEST_UNIQUE_IDENTIFIER
                | Tag::LINKED_OBJECT_IDENTIFIER
        )
    };
    matches!(item_type, ItemType::Enumeration | ItemType::Integer) && (tag.is_extension() || is_identifier())
}

fn placeholder(host: &ItemHost<'_, '_>) -> Result<String> {
    match &host.state().placeholder {
        Some(id) => Ok(id.as_str().to_owned()),
        None => Err(Error::new(
            ResultReason::ITEM_NOT_FOUND,
            ErrorClass::Request,
            "the request names no object and the ID Placeholder is empty",
        )),
    }
}

/// The object that an enumerated Unique Identifier means (KMIP 2.1 section 11.58): the operation that it names, and which
/// of its identifiers if it returned several. Items about several objects were repeated for each of them before.
fn earlier(
    host: &ItemHost<'_, '_>,
    which: claviger_kmip::tables::enumerations::UniqueIdentifier,
) -> Result<String> {
    use claviger_kmip::tables::enumerations::UniqueIdentifier as Which;
    let (operation, position) = match which {
        Which::ID_PLACEHOLDER => return placeholder(host),
        Which::CERTIFY => (OperationCode::CERTIFY, None),
        Which::CREATE => (OperationCode::CREATE, None),
        Which::CREATE_KEY_PAIR => (OperationCode::CREATE_KEY_PAIR, None),
        Which::CREATE_KEY_PAIR_PRIVATE_KEY => (OperationCode::CREATE_KEY_PAIR, Some(0)),
        Which::CREATE_KEY_PAIR_PUBLIC_KEY => (OperationCode::CREATE_KEY_PAIR, Some(1)),
        Which::CREATE_SPLIT_KEY => (OperationCode::CREATE_SPLIT_KEY, None),
        Which::DERIVE_KEY => (OperationCode::DERIVE_KEY, None),
        Which::IMPORT => (OperationCode::IMPORT, None),
        Which::JOIN_SPLIT_KEY => (OperationCode::JOIN_SPLIT_KEY, None),
        Which::LOCATE => (OperationCode::LOCATE, None),
        Which::REGISTER => (OperationCode::REGISTER, None),
        Which::RE_KEY => (OperationCode::RE_KEY, None),
        Which::RE_CERTIFY => (OperationCode::RE_CERTIFY, None),
        Which::RE_KEY_KEY_PAIR => (OperationCode::RE_KEY_KEY_PAIR, None),
        Which::RE_KEY_KEY_PAIR_PRIVATE_KEY => (OperationCode::RE_KEY_KEY_PAIR, Some(0)),
        Which::RE_KEY_KEY_PAIR_PUBLIC_KEY => (OperationCode::RE_KEY_KEY_PAIR, Some(1)),
        other => return Err(Error::invalid(format!("Unique Identifier {other:?} is not known"))),
    };
    let found = host.state().identifiers_of(operation).unwrap_or_default();
    match (position, found) {
        (None, [_, _, ..]) => Err(Error::invalid(
            "Unique Identifier names several objects where one is meant, or more than one message may be about",
        )),
        (position, found) => {
            found.get(position.unwrap_or(0)).cloned().ok_or_else(|| no_earlier("of that operation"))
        }
    }
}

/// The nth identifier of the message, from 0; backwards from the current item with -1.
fn nth(host: &ItemHost<'_, '_>, n: i32) -> Result<String> {
    let all: Vec<&String> =
        host.state().identifiers.iter().flat_map(|(_, identifiers)| identifiers).collect();
    let position = match usize::try_from(n) {
        Ok(position) => Some(position),
        Err(_) => usize::try_from(n.unsigned_abs()).ok().and_then(|back| all.len().checked_sub(back)),
    };
    position
        .and_then(|position| all.get(position))
        .map(|id| (*id).clone())
        .ok_or_else(|| no_earlier("of that number"))
}

fn no_earlier(which: &str) -> Error {
    Error::new(
        ResultReason::ITEM_NOT_FOUND,
        ErrorClass::Request,
        format!("no earlier item of the message returned an identifier {which}"),
    )
}

/// The objects with all tags that the caller may use so: visible with the right, of a usable state and type.
async fn by_tags<'t>(
    host: &mut ItemHost<'_, '_>,
    target: &Target,
    text: &'t str,
    tags: Vec<String>,
) -> Result<Named<'t>> {
    let message = host.message();
    let operation = host.operation();
    let decide = |candidates: &[&Attributes]| match target.cardinality {
        Cardinality::Dialect => message.dialect.cardinality(operation, candidates),
        fixed => fixed,
    };
    let mut cardinality = decide(&[]);
    let most = u64::try_from(message.engine.options.limits.located_items).unwrap_or(0);
    let limit = match cardinality {
        Cardinality::All => most + 1,
        Cardinality::First | Cardinality::One | Cardinality::Dialect => 2,
    };
    let mut found = usable_tagged(host, target, tags, limit).await?;
    if cardinality != Cardinality::All && found.len() > 1 {
        let candidates: Vec<_> = found.iter().map(|loaded| &loaded.entry.record.attributes).collect();
        cardinality = decide(&candidates);
    }
    if cardinality == Cardinality::First {
        found.truncate(1);
    }
    match (cardinality, found.len()) {
        (_, 0) => Err(Error::not_found(text)),
        (Cardinality::One | Cardinality::Dialect, 2..) => Err(Error::new(
            ResultReason::INVALID_FIELD,
            ErrorClass::Request,
            format!("too many objects for key {text}"),
        )),
        (Cardinality::All, count) if count as u64 > most => Err(Error::new(
            ResultReason::SERVER_LIMIT_EXCEEDED,
            ErrorClass::Request,
            format!("more than {most} objects for {text}; name fewer"),
        )),
        _ => Ok(found.into_iter().map(|loaded| (loaded, text.into())).collect()),
    }
}

/// Those of the objects with all tags that are for the operation, as far as the limit goes.
async fn usable_tagged(
    host: &ItemHost<'_, '_>,
    target: &Target,
    tags: Vec<String>,
    limit: u64,
) -> Result<Vec<Loaded>> {
    let filter = tagged(host, target, tags);
    let (message, operation) = (host.message(), host.operation());
    let mut usable = Vec::new();
    let mut page = Page::first(limit);
    loop {
        let found = host.find(filter.clone(), page.clone()).await?.loaded;
        let is_last = (found.len() as u64) < page.limit;
        page.offset += found.len() as u64;
        // What is not for the operation may come first, in numbers.
        page.limit = AT_ONCE;
        usable.extend(found.into_iter().filter(|loaded| admission::is_usable(message, operation, loaded)));
        if is_last || usable.len() as u64 >= limit || page.offset > MOST_LOOKED_AT {
            return Ok(usable);
        }
    }
}

/// How many candidates are looked at in one go, once the first did not do.
const AT_ONCE: u64 = 256;
/// After how many candidates nobody looks further.
const MOST_LOOKED_AT: u64 = 4096;

/// On line or destroyed.
const NOT_ARCHIVED: u32 = StorageStatusMask::ON_LINE_STORAGE.0 | StorageStatusMask::DESTROYED_STORAGE.0;

/// What `by_tags` looks for.
fn tagged(host: &ItemHost<'_, '_>, target: &Target, tags: Vec<String>) -> Filter {
    let (message, operation) = (host.message(), host.operation());
    let states = admission::states(message, operation, target).and(message.dialect.narrow(operation));
    let mut filter: Vec<Filter> = tags.into_iter().map(Filter::Tag).collect();
    filter.push(visible(host, target.right));
    filter.extend(message.principal().restriction.iter().map(|restriction| restriction.objects(operation)));
    if states != StateSet::ALL {
        filter.push(Filter::State { any_of: states, at: message.now });
    }
    if !target.types.is_empty() {
        filter.push(Filter::Type(target.types.to_vec()));
    }
    if !target.archived {
        filter.push(Filter::StorageStatus(NOT_ARCHIVED));
    }
    Filter::All(filter)
}

/// The objects on which the caller has a right.
pub(crate) fn visible(host: &ItemHost<'_, '_>, right: Right) -> Filter {
    let principal = host.message().principal();
    match right {
        Right::OwnerOrOperator if principal.operator => Filter::All(Vec::new()),
        _ if principal.operator && host.reads_metadata() => Filter::All(Vec::new()),
        Right::Owner | Right::OwnerOrOperator => Filter::Owner(principal.user.clone()),
        Right::Any => Filter::VisibleTo { subjects: principal.subjects().to_vec(), operations: None },
        Right::Operation(operation) => Filter::VisibleTo {
            subjects: principal.subjects().to_vec(),
            operations: Some(host.message().engine.options.implied_rights.allowing(operation)),
        },
    }
}

/// Goes on along the links that the dialect names for the operation, to objects that are still in a usable state. The
/// caller needs the same right on each: it is all or nothing.
async fn follow_links(host: &mut ItemHost<'_, '_>, target: &Target) -> Result<()> {
    if target.role != Role::SUBJECT {
        return Ok(());
    }
    let mut next = 0;
    let mut along = BTreeSet::new();
    while let Some(from) = host.targets(Role::SUBJECT).get(next) {
        next += 1;
        let links = host.message().dialect.expand(host.operation(), &from.key_facts());
        if !links.is_empty() {
            let from = from.clone();
            Box::pin(follow(host, target, &from, links, &mut along)).await?;
        }
    }
    Ok(())
}

/// Goes on from one object; `along` holds those that were reached as children.
async fn follow(
    host: &mut ItemHost<'_, '_>,
    target: &Target,
    from: &Authorized,
    links: &[LinkType],
    along: &mut BTreeSet<ObjectId>,
) -> Result<()> {
    let reaches_children = links.contains(&LinkType::CHILD_LINK);
    // The other half goes in the states in which a client may name it.
    let states = if reaches_children {
        target.along
    } else {
        admission::states(host.message(), host.operation(), target)
    };
    let target = &target.clone().states(states);
    // The owner of a child may have linked it to what the caller has no right on, and so keep him from it, or to another
    // object of the caller's.
    if !along.contains(from.id()) {
        for id in linked(from, links) {
            let Some(loaded) = host.load_id(&id).await? else { continue };
            if is_to_follow(host, target, &loaded) {
                host.admit_all(target, smallvec![(loaded, id.as_str().into())])?;
            }
        }
    }
    if reaches_children {
        for loaded in children(host, from, target).await? {
            if is_to_follow(host, target, &loaded) {
                along.insert(loaded.entry.record.id.clone());
                host.admit_child(target, loaded, from)?;
            }
        }
    }
    Ok(())
}

/// Whether an object that was reached over a link is in a state in which the operation has something to do with it, and
/// is not among its objects yet.
fn is_to_follow(host: &ItemHost<'_, '_>, target: &Target, loaded: &Loaded) -> bool {
    let state = loaded.entry.facts.states.at(host.message().now);
    let states = target.states.and(host.message().dialect.narrow(host.operation()));
    states.contains(state) && !host.has_admitted(&loaded.entry.record.id)
}

fn linked(from: &Authorized, links: &[LinkType]) -> Vec<ObjectId> {
    from.attributes()
        .all::<kinds::Link>()
        .filter(|link| links.contains(&link.link_type))
        .filter_map(|link| link.linked_object_identifier.as_text().and_then(|text| ObjectId::new(text).ok()))
        .collect()
}

/// Objects of the same algorithm whose Parent Link names this one, of a type and in a state in which the operation has something
/// to do with them: parents do not list their children. All of them, whoever owns them, and however many bytes they have: who may
/// issue large ones would keep the owner from revoking the parent.
///
/// # Errors
/// Server Limit Exceeded: there are too many to do it with all at once.
async fn children(host: &ItemHost<'_, '_>, parent: &Authorized, target: &Target) -> Result<Vec<Loaded>> {
    let states = target.states.and(host.message().dialect.narrow(host.operation()));
    let mut filter = dependents::linked(LinkType::PARENT_LINK, parent);
    if states != StateSet::ALL {
        filter = filter.and(Filter::State { any_of: states, at: host.message().now });
    }
    let Some(mut found) = host.find_all(filter, usize::MAX).await? else {
        let most = host.message().engine.options.limits.linked_objects;
        return Err(dependents::too_many(parent, most, "do it with them first"));
    };
    let algorithm = parent.key_facts().algorithm;
    found.retain(|loaded| {
        let record = &loaded.entry.record;
        let object_type = record.object.object_type();
        record.key_facts().algorithm == algorithm
            && (target.types.is_empty() || target.types.contains(&object_type))
    });
    Ok(found)
}

/// Subjects of a user who acts through the server, such as the owner of a wrapped key.
pub(crate) fn subjects_of(user: &str) -> Arc<[claviger_plugin_sdk::store::Subject]> {
    use claviger_plugin_sdk::store::Subject;
    Arc::new([Subject::User(user.into()), Subject::Everyone])
}
