//! Items as JSON objects `{"tag": …, "type": …, "value": …}`, read straight into the tree.
//!
//! The keys may come in any order: a value is kept as it was written until its tag and type are known. What
//! names, types and values mean is left to a [`JsonForm`], of which there are two.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::error::{CodecError, CodecErrorKind, quoted};
use super::limits::{Limits, Meter};
use super::text_value;
use crate::ttlv::{ItemType, Tag, Ttlv, Value};

/// How one JSON form reads names and values.
pub(super) trait JsonForm {
    /// The tag with this name, or nothing if the item shall be left out.
    fn tag(&mut self, name: &str, place: Place) -> Result<Option<Tag>, CodecErrorKind>;

    /// The value of an item that has no children; `before` are the siblings before it.
    fn leaf(
        &mut self,
        tag: Tag,
        item_type: ItemType,
        value: Raw<'_>,
        siblings: &Siblings,
    ) -> Result<Value, CodecErrorKind>;

    /// The value of an item that has children.
    fn structure(&mut self, tag: Tag, children: Vec<Ttlv>) -> Result<Value, CodecErrorKind>;

    /// Puts a child among its siblings.
    fn place(&mut self, child: Ttlv, siblings: &mut Siblings);
}

/// Where an item is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// How many structures are around it.
    pub(super) depth: u8,
    /// The tag of the structure around it, if that came before its value.
    pub(super) parent: Option<Tag>,
}

/// The children of one structure that have been read.
#[derive(Default)]
pub(super) struct Siblings {
    pub(super) items: Vec<Ttlv>,
    pub(super) meaning: super::meaning::Meaning,
}

/// A JSON value before its type is known.
pub(super) enum Raw<'de> {
    Absent,
    Children(Vec<Ttlv>),
    Text(Cow<'de, str>),
    Number(i128),
    Boolean(bool),
}

/// Reads the one item that the bytes hold.
pub(super) fn read<F: JsonForm>(bytes: &[u8], limits: &Limits, form: &mut F) -> Result<Ttlv, CodecError> {
    limits.check_length(bytes.len())?;
    let text = std::str::from_utf8(bytes).map_err(|error| {
        CodecError::new(CodecErrorKind::BadValue { expected: "UTF-8" }).at(error.valid_up_to())
    })?;
    let mut reader = Reader { form, meter: Meter::new(*limits), path: Vec::new(), error: None };
    let mut json = serde_json::Deserializer::from_str(text);
    let siblings = Siblings::default();
    let read = ItemSeed { reader: &mut reader, siblings: &siblings }.deserialize(&mut json);
    match read.and_then(|item| json.end().map(|()| item)) {
        Ok(Some(item)) => Ok(item),
        Ok(None) => Err(CodecErrorKind::Missing { what: "a known tag" }.into()),
        Err(error) => {
            let offset = offset(text, error.line(), error.column());
            Err(reader.error.take().unwrap_or_else(|| malformed(&error)).at(offset))
        }
    }
}

struct Reader<'f, F> {
    form: &'f mut F,
    meter: Meter,
    /// The tags of the open items, where they are known.
    path: Vec<Option<Tag>>,
    /// What stopped the reading, since serde's errors carry text only.
    error: Option<CodecError>,
}

impl<F: JsonForm> Reader<'_, F> {
    /// Unwraps, or keeps the error and stops the deserializer.
    fn check<T, E: serde::de::Error>(&mut self, result: Result<T, CodecErrorKind>) -> Result<T, E> {
        result.map_err(|kind| {
            let path = self.path.iter().copied().flatten();
            self.error = Some(CodecError::new(kind).inside(path));
            E::custom("")
        })
    }

    fn value(
        &mut self,
        tag: Tag,
        item_type: Option<ItemType>,
        raw: Raw<'_>,
        siblings: &Siblings,
    ) -> Result<Value, CodecErrorKind> {
        match (item_type.unwrap_or(ItemType::Structure), raw) {
            (ItemType::Structure, Raw::Children(children)) => self.form.structure(tag, children),
            (ItemType::Structure, Raw::Absent) => self.form.structure(tag, Vec::new()),
            (ItemType::Structure, _) => {
                Err(CodecErrorKind::BadValue { expected: "an array, as the type is Structure" })
            }
            (_, Raw::Children(_)) => {
                Err(CodecErrorKind::BadValue { expected: "no array, as the type is not Structure" })
            }
            (_, Raw::Absent) => Err(CodecErrorKind::Missing { what: "the value" }),
            (item_type, raw) => self.form.leaf(tag, item_type, raw, siblings),
        }
    }
}

/// Reads one item; nothing if its tag is one to be left out.
struct ItemSeed<'r, 'f, F> {
    reader: &'r mut Reader<'f, F>,
    siblings: &'r Siblings,
}

impl<'de, F: JsonForm> DeserializeSeed<'de> for ItemSeed<'_, '_, F> {
    type Value = Option<Ttlv>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, F: JsonForm> Visitor<'de> for ItemSeed<'_, '_, F> {
    type Value = Option<Ttlv>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with tag, type and value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Self { reader, siblings } = self;
        let counted = reader.meter.item();
        reader.check(counted)?;
        reader.path.push(None);
        let (mut tag, mut item_type, mut raw) = (None, None, None);
        while let Some(key) = map.next_key_seed(KeySeed(&mut *reader))? {
            let repeated = match key {
                Key::Tag => tag.replace(map.next_value_seed(TagSeed(&mut *reader))?).map(|_| "tag"),
                Key::Type => item_type.replace(map.next_value_seed(TypeSeed(&mut *reader))?).map(|_| "type"),
                Key::Value => raw.replace(map.next_value_seed(RawSeed(&mut *reader))?).map(|_| "value"),
                Key::Name => {
                    map.next_value::<IgnoredAny>()?;
                    None
                }
            };
            if let Some(what) = repeated {
                return reader.check(Err(CodecErrorKind::Repeated { what }));
            }
        }
        let tag = reader.check(tag.ok_or(CodecErrorKind::Missing { what: "tag" }))?;
        let item = match tag {
            None => None,
            Some(tag) => {
                let value = reader.value(tag, item_type, raw.unwrap_or(Raw::Absent), siblings);
                Some(Ttlv { tag, value: reader.check(value)? })
            }
        };
        reader.path.pop();
        Ok(item)
    }
}

enum Key {
    Tag,
    Type,
    Value,
    /// The name of an extension tag, for people to read.
    Name,
}

/// Declares the seed of a string that is looked up at once.
macro_rules! string_seed {
    ($seed:ident, $output:ty, $expecting:literal, |$reader:ident, $text:ident| $look_up:expr) => {
        struct $seed<'r, 'f, F>(&'r mut Reader<'f, F>);

        impl<'de, F: JsonForm> DeserializeSeed<'de> for $seed<'_, '_, F> {
            type Value = $output;

            fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<$output, D::Error> {
                deserializer.deserialize_str(self)
            }
        }

        impl<'de, F: JsonForm> Visitor<'de> for $seed<'_, '_, F> {
            type Value = $output;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($expecting)
            }

            fn visit_str<E: serde::de::Error>(self, $text: &str) -> Result<$output, E> {
                let $reader = self.0;
                let found = $look_up;
                $reader.check(found)
            }
        }
    };
}

string_seed!(KeySeed, Key, "tag, type or value", |reader, text| match text {
    "tag" => Ok(Key::Tag),
    "type" => Ok(Key::Type),
    "value" => Ok(Key::Value),
    "name" => Ok(Key::Name),
    other => Err(CodecErrorKind::Syntax {
        why: format!("an item has no \"{}\"; it has tag, type and value", quoted(other))
    }),
});

string_seed!(TypeSeed, ItemType, "the name of a type", |reader, text| text_value::item_type(text));

string_seed!(TagSeed, Option<Tag>, "the name of a tag", |reader, text| {
    let parent = reader.path.iter().rev().nth(1).copied().flatten();
    let found = reader.form.tag(text, Place { depth: reader.meter.depth(), parent });
    if let (Ok(tag), Some(here)) = (&found, reader.path.last_mut()) {
        *here = *tag;
    }
    found
});

struct RawSeed<'r, 'f, F>(&'r mut Reader<'f, F>);

impl<'de, F: JsonForm> DeserializeSeed<'de> for RawSeed<'_, '_, F> {
    type Value = Raw<'de>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: JsonForm> Visitor<'de> for RawSeed<'_, '_, F> {
    type Value = Raw<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array, a string, a whole number or a boolean")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let reader = self.0;
        let entered = reader.meter.enter();
        reader.check(entered)?;
        let mut siblings = Siblings::default();
        loop {
            let seed = ItemSeed { reader: &mut *reader, siblings: &siblings };
            match items.next_element_seed(seed)? {
                Some(Some(item)) => reader.form.place(item, &mut siblings),
                Some(None) => {}
                None => break,
            }
        }
        reader.meter.leave();
        Ok(Raw::Children(siblings.items))
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Raw::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Raw::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E: serde::de::Error>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Raw::Boolean(truth))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Raw::Number(number.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Raw::Number(number.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Self::Value, E> {
        self.0.check(Err(CodecErrorKind::BadValue { expected: "a whole number of at most 64 bits; longer ones are written as 0x and hexadecimal digits" }))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(Raw::Absent)
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        self.0.check(Err(CodecErrorKind::BadValue {
            expected: "no object; the children of a Structure stand in an array",
        }))
    }
}

/// What serde_json found: its text is kept where it is about syntax, since about data it would quote values.
fn malformed(error: &serde_json::Error) -> CodecError {
    let why = match error.classify() {
        serde_json::error::Category::Data => {
            "an item must be an object with tag, type and value; tag and type are strings".into()
        }
        _ => {
            let text = error.to_string();
            text.split(" at line ").next().unwrap_or_default().to_owned()
        }
    };
    CodecErrorKind::Syntax { why }.into()
}

fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column.saturating_sub(1)).min(text.len())
}
