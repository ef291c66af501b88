//! The attributes of one object, or of one request: a multimap from attribute to instances.

use std::ops::Range;

use super::kinds::AttributeType;
use super::reference::{AttributeKey, AttributeReference, index_item, read_index};
use super::structures::VendorAttribute;
use super::table::AttributeTable;
use crate::codec::binary::{self, append_structure, append_value};
use crate::field::{DecodeError, TtlvValue, wrong_type};
use crate::ttlv::{Tag, Ttlv, Value};

/// A set of attribute instances, each with an index that does not move when others are added or deleted
/// (KMIP 1.4 section 2.1.1; KMIP 2.1 section 5.1).
///
/// Instances are kept in the order of their tags and, within a tag, in the order in which they were added. The
/// instances of each attribute are numbered from 0; a vendor attribute is one attribute per vendor and name, though all
/// of them share `Tag::ATTRIBUTE`. The set itself enforces no rule of the attribute table: requests may hold what an
/// object may not, such as two dates that bound a Locate. [`rules`](super::rules) checks.
///
/// Written as a structure, an instance whose index is not its position among the instances of its attribute is followed
/// by an Attribute Index item; such items exist in stored records and inside the server only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Sorted by tag; per attribute, by index.
    instances: Vec<Instance>,
}

/// One instance of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The attribute's tag; `Tag::ATTRIBUTE` for a vendor attribute.
    pub tag: Tag,
    /// The number of this instance among those of its attribute.
    pub index: u32,
    /// Its value.
    pub value: Value,
}

impl Instance {
    /// Which attribute this is an instance of.
    pub fn key(&self) -> AttributeKey<'_> {
        AttributeKey::of(self.tag, &self.value)
    }

    /// Whether this is an instance of an attribute: what Get Attributes keeps of a set.
    pub fn is_of<'k>(&self, key: impl Into<AttributeKey<'k>>) -> bool {
        match key.into() {
            AttributeKey::Tagged(tag) => self.tag == tag,
            vendor @ AttributeKey::Vendor { .. } => self.key() == vendor,
        }
    }
}

impl Attributes {
    /// No attributes.
    pub const fn new() -> Self {
        Self { instances: Vec::new() }
    }

    /// How many instances there are.
    pub fn len(&self) -> usize {
        self.instances.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    /// Every instance, by tag and index.
    pub fn iter(&self) -> std::slice::Iter<'_, Instance> {
        self.instances.iter()
    }

    /// Each attribute once, as Get Attribute List answers.
    pub fn references(&self) -> Vec<AttributeReference> {
        let mut references: Vec<AttributeReference> = Vec::new();
        for instance in &self.instances {
            let key = instance.key();
            if !references
                .iter()
                .rev()
                .take_while(|known| known.key().tag() == key.tag())
                .any(|known| known.key() == key)
            {
                references.push(key.to_reference());
            }
        }
        references
    }

    /// The instances of one attribute, in the order of their indices.
    pub fn instances<'k>(
        &self,
        key: impl Into<AttributeKey<'k>>,
    ) -> impl DoubleEndedIterator<Item = &Instance> {
        let key = key.into();
        self.instances
            .get(self.span(key.tag()))
            .unwrap_or_default()
            .iter()
            .filter(move |instance| instance.is_of(key))
    }

    /// The value of the instance with the lowest index.
    pub fn get<'k>(&self, key: impl Into<AttributeKey<'k>>) -> Option<&Value> {
        self.instances(key).next().map(|instance| &instance.value)
    }

    /// The value of the instance with this index.
    pub fn get_index<'k>(&self, key: impl Into<AttributeKey<'k>>, index: u32) -> Option<&Value> {
        self.instances(key).find(|instance| instance.index == index).map(|instance| &instance.value)
    }

    /// Whether the attribute has an instance.
    pub fn contains<'k>(&self, key: impl Into<AttributeKey<'k>>) -> bool {
        self.instances(key).next().is_some()
    }

    /// The value of an attribute of a known kind: that of its first instance.
    ///
    /// Nothing if there is none, or if the value is not of the kind's type; a set that was decoded holds only values
    /// of the table's types.
    pub fn one<A: AttributeType>(&self) -> Option<A::Value> {
        self.get(A::TAG).and_then(|value| A::Value::from_value(A::TAG, value.clone()).ok())
    }

    /// The values of all instances of an attribute of a known kind.
    pub fn all<A: AttributeType>(&self) -> impl Iterator<Item = A::Value> {
        self.instances(A::TAG)
            .filter_map(|instance| A::Value::from_value(A::TAG, instance.value.clone()).ok())
    }

    /// Gives an attribute of a known kind this one value, as [`set`](Self::set) does.
    pub fn put<A: AttributeType>(&mut self, value: A::Value) {
        self.set(A::TAG, value.into_value());
    }

    /// Adds an instance of an attribute of a known kind and returns its index.
    pub fn push<A: AttributeType>(&mut self, value: A::Value) -> u32 {
        self.add(A::TAG, value.into_value())
    }

    /// Gives the attribute this one value: the first instance takes it, others are removed.
    pub fn set(&mut self, tag: Tag, value: Value) {
        let span = self.span(tag);
        if span.is_empty() {
            // The usual case, and more than ten times in the making of an object.
            self.instances.insert(span.start, Instance { tag, index: 0, value });
            return;
        }
        let key = AttributeKey::of(tag, &value).to_reference();
        let first = self.instances(&key).next().map(|instance| instance.index);
        match first {
            Some(index) => {
                self.replace(&key, index, value);
                self.retain(|instance| !instance.is_of(&key) || instance.index == index);
            }
            None => {
                self.add(tag, value);
            }
        }
    }

    /// Adds an instance and returns its index: one more than the highest that the attribute has, or 0.
    pub fn add(&mut self, tag: Tag, value: Value) -> u32 {
        let span = self.span(tag);
        let key = AttributeKey::of(tag, &value);
        let same = self.instances.get(span.clone()).unwrap_or_default();
        let last = same.iter().rev().find(|instance| instance.is_of(key));
        let next = last.map_or(0, |last| last.index + 1);
        self.instances.insert(span.end, Instance { tag, index: next, value });
        next
    }

    /// Adds all instances of another set, with new indices where the attribute has instances already.
    pub fn extend(&mut self, other: Self) {
        for instance in other.instances {
            self.add(instance.tag, instance.value);
        }
    }

    /// Gives one instance another value; returns the value that it had, or nothing if there is no such instance.
    pub fn replace<'k>(
        &mut self,
        key: impl Into<AttributeKey<'k>>,
        index: u32,
        value: Value,
    ) -> Option<Value> {
        let position = self.position(&key.into(), index)?;
        self.instances.get_mut(position).map(|instance| std::mem::replace(&mut instance.value, value))
    }

    /// Removes all instances of an attribute; returns whether there were any.
    pub fn remove<'k>(&mut self, key: impl Into<AttributeKey<'k>>) -> bool {
        let (key, before) = (key.into(), self.len());
        self.retain(|instance| !instance.is_of(key));
        self.len() < before
    }

    /// Removes one instance and returns its value; the indices of the others stay.
    pub fn remove_index<'k>(&mut self, key: impl Into<AttributeKey<'k>>, index: u32) -> Option<Value> {
        let position = self.position(&key.into(), index)?;
        Some(self.instances.remove(position).value)
    }

    /// Keeps the instances for which `keep` says so; their indices stay.
    pub fn retain(&mut self, keep: impl FnMut(&Instance) -> bool) {
        self.instances.retain(keep);
    }

    /// The value of a vendor attribute: that of its first instance.
    pub fn vendor(&self, vendor: &str, name: &str) -> Option<&Value> {
        let attribute = self.get(AttributeKey::Vendor { vendor, name })?;
        match attribute {
            Value::Structure(fields) => {
                fields.iter().find(|field| field.tag == Tag::ATTRIBUTE_VALUE).map(|field| &field.value)
            }
            _ => None,
        }
    }

    /// Gives a vendor attribute this one value.
    pub fn set_vendor(&mut self, vendor: &str, name: &str, value: Value) {
        self.set(Tag::ATTRIBUTE, VendorAttribute::value_of(vendor, name, value));
    }

    /// Removes all instances of a vendor attribute; returns whether there were any.
    pub fn remove_vendor(&mut self, vendor: &str, name: &str) -> bool {
        self.remove(AttributeKey::Vendor { vendor, name })
    }

    /// Where the instances of a tag are.
    fn span(&self, tag: Tag) -> Range<usize> {
        let start = self.instances.partition_point(|instance| instance.tag < tag);
        // Few attributes have more than one instance.
        let after = self.instances.get(start..).unwrap_or_default();
        start..start + after.iter().take_while(|instance| instance.tag == tag).count()
    }

    fn position(&self, key: &AttributeKey<'_>, index: u32) -> Option<usize> {
        let span = self.span(key.tag());
        let found =
            self.instances.get(span.clone())?.iter().position(|i| i.index == index && i.is_of(*key))?;
        Some(span.start + found)
    }

    /// Appends the set in binary TTLV, as [`TtlvValue::write`] does, and keeps it.
    pub fn append(&self, tag: Tag, out: &mut Vec<u8>) {
        append_structure(tag, out, |out| {
            for (instance, place) in self.instances.iter().zip(self.places()) {
                append_value(instance.tag, &instance.value, out);
                if instance.index != place {
                    binary::append(&index_item(instance.index), out);
                }
            }
        });
    }

    /// The place of each instance among those of its attribute, from 0. An index that is something else has to be told.
    fn places(&self) -> Vec<u32> {
        // Those of the tag that the walk is at; vendor attributes of several names share one.
        let mut counts: Vec<(AttributeKey<'_>, u32)> = Vec::new();
        let mut places = Vec::with_capacity(self.instances.len());
        let mut rest = self.instances.as_slice();
        let mut before = None;
        while let [instance, after @ ..] = rest {
            let tag = Some(instance.tag);
            let is_alone = before != tag && after.first().map(|next| next.tag) != tag;
            places.push(if is_alone { 0 } else { place_among(&mut counts, instance.key()) });
            (before, rest) = (tag, after);
        }
        places
    }

    /// Sets the index of the instance that was added last under a tag, as a following Attribute Index item says.
    fn renumber_last(&mut self, tag: Tag, index: u32) -> Result<(), DecodeError> {
        let last = self.span(tag).end.checked_sub(1).and_then(|position| self.instances.get_mut(position));
        match last {
            Some(instance) if index >= instance.index => {
                instance.index = index;
                Ok(())
            }
            _ => Err(DecodeError::BadValue {
                field: Tag::ATTRIBUTE_INDEX,
                why: "must follow an attribute and rise from instance to instance".into(),
            }),
        }
    }
}

impl<'a> IntoIterator for &'a Attributes {
    type Item = &'a Instance;
    type IntoIter = std::slice::Iter<'a, Instance>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Attributes {
    type Item = Instance;
    type IntoIter = std::vec::IntoIter<Instance>;
    fn into_iter(self) -> Self::IntoIter {
        self.instances.into_iter()
    }
}

/// How many instances of the attribute came before, in a walk by tag; `counts` keeps the counts of the current tag.
fn place_among<'k>(counts: &mut Vec<(AttributeKey<'k>, u32)>, key: AttributeKey<'k>) -> u32 {
    counts.retain(|(known, _)| known.tag() == key.tag());
    match counts.iter_mut().find(|(known, _)| *known == key) {
        Some((_, count)) => {
            *count += 1;
            *count
        }
        None => {
            counts.push((key, 0));
            0
        }
    }
}

/// The 2.x structures `Attributes`, `Common Attributes`, `Private Key Attributes` and `Public Key Attributes`.
///
/// Reading checks that each tag is an attribute of the standard with a value of the right shape; the attributes of
/// plugins (tags 0x54xxxx) are read as they are, for [`rules`](super::rules) to check against the extended table.
impl TtlvValue for Attributes {
    fn from_value(tag: Tag, value: Value) -> Result<Self, DecodeError> {
        let Value::Structure(items) = value else { return Err(wrong_type(tag, "a Structure", &value)) };
        let table = AttributeTable::standard();
        let mut attributes = Self { instances: Vec::with_capacity(items.len()) };
        let mut previous = None;
        for Ttlv { tag, value } in items {
            if tag == Tag::ATTRIBUTE_INDEX {
                attributes.renumber_last(previous.take().unwrap_or(tag), read_index(value)?)?;
                continue;
            }
            if !tag.is_extension() {
                table.check_shape(tag, &value)?;
            }
            attributes.add(tag, value);
            previous = Some(tag);
        }
        Ok(attributes)
    }

    fn into_value(self) -> Value {
        let places = self.places();
        let mut items = Vec::with_capacity(self.instances.len());
        for (instance, place) in self.instances.into_iter().zip(places) {
            items.push(Ttlv::new(instance.tag, instance.value));
            if instance.index != place {
                items.push(index_item(instance.index));
            }
        }
        Value::Structure(items)
    }

    fn write(self, tag: Tag, out: &mut Vec<u8>) {
        self.append(tag, out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::kinds;
    use super::super::structures::Name;
    use super::*;
    use crate::tables::enumerations::{CryptographicAlgorithm, NameType};

    fn text(value: &str) -> Value {
        Value::TextString(value.into())
    }

    fn groups(attributes: &Attributes) -> Vec<(u32, String)> {
        attributes.instances(Tag::OBJECT_GROUP).map(|i| (i.index, format!("{:?}", i.value))).collect()
    }

    #[test]
    fn an_index_stays_when_another_instance_is_deleted() {
        let mut attributes = Attributes::new();
        for group in ["a", "b", "c"] {
            attributes.add(Tag::OBJECT_GROUP, text(group));
        }
        assert_eq!(attributes.remove_index(Tag::OBJECT_GROUP, 1), Some(text("b")));
        assert_eq!(attributes.get_index(Tag::OBJECT_GROUP, 2), Some(&text("c")));
        assert_eq!(attributes.get_index(Tag::OBJECT_GROUP, 1), None);
        assert_eq!(attributes.add(Tag::OBJECT_GROUP, text("d")), 3);
    }

    #[test]
    fn each_vendor_attribute_counts_its_own_instances() {
        let mut attributes = Attributes::new();
        assert_eq!(attributes.add(Tag::ATTRIBUTE, VendorAttribute::value_of("x", "one", text("1"))), 0);
        assert_eq!(attributes.add(Tag::ATTRIBUTE, VendorAttribute::value_of("x", "two", text("2"))), 0);
        assert_eq!(attributes.add(Tag::ATTRIBUTE, VendorAttribute::value_of("x", "one", text("3"))), 1);
        assert_eq!(attributes.vendor("x", "two"), Some(&text("2")));
        assert_eq!(attributes.references().len(), 2);
        attributes.set_vendor("x", "one", text("4"));
        assert_eq!(attributes.instances(AttributeKey::Vendor { vendor: "x", name: "one" }).count(), 1);
        assert!(attributes.remove_vendor("x", "one") && !attributes.remove_vendor("x", "one"));
        assert_eq!(attributes.len(), 1);
    }

    #[test]
    fn gaps_between_indices_survive_encoding() {
        let mut attributes = Attributes::new();
        for group in ["a", "b", "c"] {
            attributes.add(Tag::OBJECT_GROUP, text(group));
        }
        attributes
            .push::<kinds::Name>(Name { value: "n".into(), name_type: NameType::UNINTERPRETED_TEXT_STRING });
        attributes.remove_index(Tag::OBJECT_GROUP, 0);
        let read = Attributes::from_value(Tag::ATTRIBUTES, attributes.clone().into_value()).unwrap();
        assert_eq!(groups(&read), groups(&attributes));
        assert_eq!(read, attributes);
    }

    #[test]
    fn a_set_without_gaps_is_written_without_indices() {
        let mut attributes = Attributes::new();
        attributes.add(Tag::OBJECT_GROUP, text("a"));
        attributes.add(Tag::OBJECT_GROUP, text("b"));
        let Value::Structure(items) = attributes.into_value() else { panic!("not a structure") };
        assert_eq!(items.iter().map(|item| item.tag).collect::<Vec<_>>(), [Tag::OBJECT_GROUP; 2]);
    }

    #[test]
    fn typed_access_reads_and_replaces_single_values() {
        let mut attributes = Attributes::new();
        attributes.put::<kinds::CryptographicLength>(128);
        attributes.put::<kinds::CryptographicLength>(256);
        attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::AES);
        assert_eq!(attributes.one::<kinds::CryptographicLength>(), Some(256));
        assert_eq!(attributes.one::<kinds::CryptographicAlgorithm>(), Some(CryptographicAlgorithm::AES));
        assert_eq!(attributes.one::<kinds::ActivationDate>(), None);
        assert_eq!(attributes.len(), 2);
    }

    #[test]
    fn a_value_of_another_type_and_a_tag_that_is_no_attribute_are_refused() {
        let structure = |tag, value| Value::Structure(vec![Ttlv::new(tag, value)]);
        let wrong = Attributes::from_value(Tag::ATTRIBUTES, structure(Tag::STATE, text("Active")));
        assert_eq!(wrong.unwrap_err().to_string(), "State is TextString where an Enumeration is expected");
        let unknown = Attributes::from_value(Tag::ATTRIBUTES, structure(Tag::BATCH_COUNT, Value::Integer(1)));
        assert_eq!(unknown.unwrap_err().to_string(), "BatchCount is not a field of Attributes");
    }

    #[test]
    fn an_attribute_of_a_plugin_is_read_as_it_is() {
        let tag = Tag(0x54_0001);
        let value = Value::Structure(vec![Ttlv::new(tag, Value::Boolean(true))]);
        assert_eq!(
            Attributes::from_value(Tag::ATTRIBUTES, value).unwrap().get(tag),
            Some(&Value::Boolean(true))
        );
    }
}
