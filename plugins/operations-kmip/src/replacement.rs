//! What a replacement gets from the object that it replaces, and what that one keeps (KMIP 2.1 tables 303, 304, 308 and
//! 309, and sections 4.49 to 4.52).

use claviger_plugin_sdk::kmip::attributes::{AttributeTable, Attributes, OnRekey, kinds, rules};
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;

use crate::certified_key::if_admitted;
use crate::{born, links, wrapping};

/// Replacements of replacements that are followed.
const LONGEST_LINE: usize = 32;

/// The attributes of a replacement: what the client asks for, and otherwise what the object that it replaces has, as the
/// attribute table says; its dates moved by an Offset.
///
/// # Errors
/// Invalid Field: a date would lie beyond all dates. Invalid Attribute Value: a date that is asked for is out of order with
/// those of the object.
pub(crate) fn attributes(
    table: &AttributeTable,
    replaced: &Attributes,
    asked: Attributes,
    offset: Option<Interval>,
    now: DateTime,
) -> Result<Attributes> {
    let mut attributes = Attributes::new();
    for instance in replaced {
        let value = instance.value.clone();
        match table.rule(instance.tag).map(|rule| rule.rekey) {
            Some(OnRekey::Copied | OnRekey::Shifted | OnRekey::Moved) => {
                attributes.add(instance.tag, value);
            }
            Some(OnRekey::Refilled) => {
                attributes.add(instance.tag, born::full_limits(value)?);
            }
            Some(OnRekey::Anew | OnRekey::Dropped) | None => {}
        }
    }
    if let Some(offset) = offset {
        move_dates(table, &mut attributes, replaced, offset, now)?;
    }
    let asked_for: Vec<Tag> = asked.iter().map(|instance| instance.tag).collect();
    attributes.retain(|instance| !asked.contains(instance.key()));
    attributes.extend(asked);
    // Activate and Revoke move dates past others; what is copied may be so. What is asked for has to go with it.
    rules::check_dates(&attributes, |tag| asked_for.contains(&tag))?;
    Ok(attributes)
}

/// Tables 303 and 308: the replacement becomes active at its Initial Date and the Offset; its other dates are as far from
/// that as they were.
fn move_dates(
    table: &AttributeTable,
    attributes: &mut Attributes,
    replaced: &Attributes,
    Interval(offset): Interval,
    DateTime(now): DateTime,
) -> Result<()> {
    let activation = now + i64::from(offset);
    if let Some(DateTime(before)) = replaced.one::<kinds::ActivationDate>() {
        let shifted = table.iter().filter(|rule| rule.rekey == OnRekey::Shifted).map(|rule| rule.tag);
        for tag in shifted {
            let Some(Value::DateTime(date)) = attributes.get(tag) else { continue };
            let moved = activation.checked_sub(before).and_then(|by| date.checked_add(by));
            let moved = moved.ok_or_else(|| Error::invalid("the Offset moves a date beyond all dates"))?;
            attributes.set(tag, Value::DateTime(moved));
        }
    }
    attributes.put::<kinds::ActivationDate>(DateTime(activation));
    Ok(())
}

/// The key that is to wrap a replacement: the one that its attributes name, else the one that wraps what it replaces,
/// which they name then.
///
/// # Errors
/// What admission says of it.
pub(crate) async fn wrapping_key(
    cx: &mut Context<'_>,
    replaced: &Authorized,
    attributes: &mut Attributes,
) -> Result<Option<Authorized>> {
    let asked = wrapping::by_link(attributes);
    let as_before = || wrapping::by_link(replaced.attributes()).filter(|_| replaced.is_wrapped());
    let Some(key) = asked.or_else(as_before) else { return Ok(None) };
    let key = cx.load_one(key).await?;
    links::set(attributes, LinkType::WRAPPING_KEY_LINK, key.id());
    Ok(Some(key))
}

/// Marks a replacement as such: it links to what it replaces and is the latest of its line.
pub(crate) fn mark(attributes: &mut Attributes, replaced: &Authorized, now: DateTime) {
    let generation = replaced.attributes().one::<kinds::RotateGeneration>().unwrap_or(0);
    links::set(attributes, LinkType::REPLACED_OBJECT_LINK, replaced.id());
    attributes.put::<kinds::RotateGeneration>(generation.saturating_add(1));
    attributes.put::<kinds::RotateDate>(now);
    attributes.put::<kinds::RotateLatest>(true);
}

/// Takes from a replaced object what its replacement has taken over, and links to that one. An object that was replaced
/// before has an earlier replacement, which is the latest no more.
///
/// # Errors
/// What recording the change says; the store fails.
pub(crate) async fn retire(
    cx: &mut Context<'_>,
    replaced: &Authorized,
    replacement: &ObjectId,
    now: DateTime,
) -> Result<()> {
    if let Some(latest) = latest_before(cx, replaced).await? {
        cx.update(&latest, |attributes| {
            attributes.put::<kinds::RotateLatest>(false);
            Ok(())
        })?;
    }
    let moved: Vec<Tag> = {
        let rules = cx.catalogue().attribute_table().iter();
        rules.filter(|rule| rule.rekey == OnRekey::Moved).map(|rule| rule.tag).collect()
    };
    cx.update(replaced, |attributes| {
        attributes.retain(|instance| !moved.contains(&instance.tag));
        links::set(attributes, LinkType::REPLACEMENT_OBJECT_LINK, replacement);
        attributes.put::<kinds::RotateDate>(now);
        attributes.put::<kinds::RotateLatest>(false);
        Ok(())
    })
}

/// The object that has been the latest of the line until now, if it is another than the one that is replaced and the
/// caller has a right on it (KMIP 2.1 section 4.52). Clients set links themselves: an object is of the line only if it
/// links back to the one before it, and has the same owner.
async fn latest_before(cx: &mut Context<'_>, replaced: &Authorized) -> Result<Option<Authorized>> {
    let mut last = replaced.clone();
    for _ in 0..LONGEST_LINE {
        let Some(id) = links::linked(last.attributes(), LinkType::REPLACEMENT_OBJECT_LINK) else { break };
        let target = Target::subject(Some(id), OperationCode::GET_ATTRIBUTES).states(StateSet::ALL);
        let target = Target { right: Right::Any, ..target }.also_archived().cardinality(Cardinality::One);
        let Some(found) = if_admitted(cx, target).await? else { break };
        if !succeeds(&found, &last) {
            break;
        }
        if found.attributes().one::<kinds::RotateLatest>() == Some(true) {
            return Ok(Some(found));
        }
        last = found;
    }
    Ok(None)
}

/// Whether an object says itself that it replaces another of its owner's.
fn succeeds(found: &Authorized, before: &Authorized) -> bool {
    let before_id = UniqueIdentifier::from(before.id().as_str());
    found.owner() == before.owner()
        && links::all_linked(found.attributes(), LinkType::REPLACED_OBJECT_LINK).any(|id| id == before_id)
}

/// Checks that the server holds the value of a key that is to be replaced.
///
/// # Errors
/// Key Value Not Present.
pub(crate) fn check_value(replaced: &Authorized) -> Result<()> {
    if replaced.attributes().one::<kinds::KeyValuePresent>() == Some(false) {
        return Err(Error::state("the server does not hold the value of the key, so it does not replace it")
            .with_reason(ResultReason::KEY_VALUE_NOT_PRESENT));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::{Name, RevocationReason, UsageLimits};
    use claviger_plugin_sdk::kmip::tables::enumerations::{NameType, RevocationReasonCode, UsageLimitsUnit};

    use super::*;

    const NOW: DateTime = DateTime(1000);

    fn replaced() -> Attributes {
        let mut attributes = Attributes::new();
        let name_type = NameType::UNINTERPRETED_TEXT_STRING;
        attributes.push::<kinds::Name>(Name { value: "key".into(), name_type });
        attributes.put::<kinds::CryptographicLength>(128);
        attributes.push::<kinds::ObjectGroup>("group".into());
        attributes.put::<kinds::State>(State::COMPROMISED);
        attributes.put::<kinds::InitialDate>(DateTime(90));
        attributes.put::<kinds::ActivationDate>(DateTime(100));
        attributes.put::<kinds::ProcessStartDate>(DateTime(110));
        attributes.put::<kinds::ProtectStopDate>(DateTime(150));
        attributes.put::<kinds::DeactivationDate>(DateTime(200));
        attributes.put::<kinds::CompromiseDate>(DateTime(120));
        attributes.put::<kinds::RevocationReason>(RevocationReason {
            code: RevocationReasonCode::KEY_COMPROMISE,
            message: None,
        });
        attributes.put::<kinds::UsageLimits>(UsageLimits {
            total: 10,
            count: Some(3),
            unit: UsageLimitsUnit::BYTE,
        });
        attributes
    }

    fn replacement(asked: Attributes, offset: Option<u32>) -> Attributes {
        let table = AttributeTable::standard();
        attributes(table, &replaced(), asked, offset.map(Interval), NOW).unwrap()
    }

    #[test]
    fn what_the_tables_except_is_not_copied() {
        let new = replacement(Attributes::new(), None);
        let excepted = [
            Tag::STATE,
            Tag::INITIAL_DATE,
            Tag::COMPROMISE_DATE,
            Tag::REVOCATION_REASON,
            Tag::LAST_CHANGE_DATE,
        ];
        assert!(excepted.into_iter().all(|tag| !new.contains(tag)));
        assert!(new.contains(Tag::NAME) && new.contains(Tag::OBJECT_GROUP));
        assert_eq!(new.one::<kinds::CryptographicLength>(), Some(128));
        assert_eq!(new.one::<kinds::UsageLimits>().unwrap().count, Some(10));
    }

    #[test]
    fn dates_are_copied_without_an_offset_and_moved_with_one() {
        let dates = |of: &Attributes| {
            [
                of.one::<kinds::ActivationDate>(),
                of.one::<kinds::ProcessStartDate>(),
                of.one::<kinds::ProtectStopDate>(),
                of.one::<kinds::DeactivationDate>(),
            ]
            .map(|date| date.unwrap().0)
        };
        assert_eq!(dates(&replacement(Attributes::new(), None)), [100, 110, 150, 200]);
        // Table 303: AT2 = IT2 + Offset; the others move by AT2 - AT1 = 1005 - 100.
        assert_eq!(dates(&replacement(Attributes::new(), Some(5))), [1005, 1015, 1055, 1105]);
    }

    #[test]
    fn an_offset_activates_what_was_never_active() {
        let table = AttributeTable::standard();
        let new = attributes(table, &Attributes::new(), Attributes::new(), Some(Interval(5)), NOW).unwrap();
        assert_eq!(new.one::<kinds::ActivationDate>(), Some(DateTime(1005)));
        assert_eq!(new.len(), 1);
    }

    #[test]
    fn what_the_client_asks_for_takes_the_place_of_what_was() {
        let mut asked = Attributes::new();
        asked.put::<kinds::CryptographicLength>(256);
        asked.push::<kinds::ObjectGroup>("other".into());
        asked.put::<kinds::ActivationDate>(DateTime(7));
        let new = replacement(asked, Some(5));
        assert_eq!(new.one::<kinds::CryptographicLength>(), Some(256));
        assert_eq!(new.all::<kinds::ObjectGroup>().collect::<Vec<_>>(), ["other"]);
        assert_eq!(new.instances(Tag::ACTIVATION_DATE).count(), 1);
        assert_eq!(new.one::<kinds::ActivationDate>(), Some(DateTime(7)));
    }

    /// Sections 4.40 and 4.41.
    #[test]
    fn dates_that_are_asked_for_go_with_those_that_are_copied() {
        let with = |tag, date| {
            let mut asked = Attributes::new();
            asked.add(tag, Value::DateTime(date));
            let table = AttributeTable::standard();
            attributes(table, &replaced(), asked, None, NOW).map(|_| ()).map_err(|error| error.reason())
        };
        let refused = Err(ResultReason::INVALID_ATTRIBUTE_VALUE);
        // Process Start Date is 110, Protect Stop Date 150.
        assert_eq!((with(Tag::ACTIVATION_DATE, 110), with(Tag::ACTIVATION_DATE, 111)), (Ok(()), refused));
        assert_eq!((with(Tag::DEACTIVATION_DATE, 150), with(Tag::DEACTIVATION_DATE, 149)), (Ok(()), refused));
        // What was out of order before is copied as it is, whatever else is asked for: the object was revoked.
        let mut old = replaced();
        old.put::<kinds::DeactivationDate>(DateTime(120));
        let mut other = Attributes::new();
        other.put::<kinds::ActivationDate>(DateTime(105));
        for asked in [Attributes::new(), other] {
            assert!(attributes(AttributeTable::standard(), &old, asked, None, NOW).is_ok());
        }
    }

    #[test]
    fn dates_beyond_all_dates_are_refused() {
        let mut old = Attributes::new();
        old.put::<kinds::ActivationDate>(DateTime(0));
        old.put::<kinds::DeactivationDate>(DateTime(i64::MAX));
        let refused = attributes(AttributeTable::standard(), &old, Attributes::new(), Some(Interval(1)), NOW);
        assert_eq!(refused.unwrap_err().reason(), ResultReason::INVALID_FIELD);
    }
}
