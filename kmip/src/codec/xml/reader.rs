//! XML as the tree.

use std::borrow::Cow;

use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};

use crate::codec::error::{CodecError, CodecErrorKind};
use crate::codec::limits::{Limits, Meter};
use crate::codec::meaning::Meaning;
use crate::codec::text_value;
use crate::ttlv::{ItemType, Tag, Ttlv, Value};
use crate::vocabulary::Vocabulary;

/// Reads the one item that the bytes hold. Names of the vocabulary are read, vendors' included; namespaces
/// are passed over; document types are refused, so that no entity can grow.
///
/// # Errors
/// The bytes are no XML in UTF-8, hold no KMIP item, name something unknown, or exceed the limits.
pub fn decode(bytes: &[u8], limits: &Limits, vocabulary: &Vocabulary) -> Result<Ttlv, CodecError> {
    limits.check_length(bytes.len())?;
    let text = std::str::from_utf8(bytes).map_err(|error| {
        CodecError::new(CodecErrorKind::BadValue { expected: "UTF-8" }).at(error.valid_up_to())
    })?;
    let mut xml = quick_xml::Reader::from_str(text);
    xml.config_mut().expand_empty_elements = true;
    let mut reader = Reader { vocabulary, meter: Meter::new(*limits), open: Vec::new(), message: None };
    loop {
        let result = match xml.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => reader.event(&event),
            Err(error) => Err(CodecErrorKind::Syntax { why: error.to_string() }),
        };
        result.map_err(|kind| {
            reader.error(kind).at(usize::try_from(xml.buffer_position()).unwrap_or(usize::MAX))
        })?;
    }
    match reader.message {
        Some(message) if reader.open.is_empty() => Ok(message),
        _ if reader.open.is_empty() => Err(CodecErrorKind::Missing { what: "the message" }.into()),
        _ => Err(CodecErrorKind::Syntax { why: "the message ends inside an element".into() }.into()),
    }
}

struct Reader<'v> {
    vocabulary: &'v Vocabulary,
    meter: Meter,
    /// The elements that have begun and not ended, outermost first.
    open: Vec<Element>,
    message: Option<Ttlv>,
}

struct Element {
    item: Ttlv,
    /// What the next child's values mean.
    meaning: Meaning,
}

impl Reader<'_> {
    fn event(&mut self, event: &Event<'_>) -> Result<(), CodecErrorKind> {
        match event {
            Event::Start(start) => self.start(start),
            Event::End(_) => self.end(),
            Event::Text(text) if text.iter().all(u8::is_ascii_whitespace) => Ok(()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Ok(()),
            Event::DocType(_) => Err(syntax("a document type is not allowed")),
            _ => Err(syntax("an element holds elements only; values stand in the attribute \"value\"")),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), CodecErrorKind> {
        if self.message.is_some() {
            return Err(syntax("a second element follows the message"));
        }
        if self.open.last().is_some_and(|parent| parent.item.value.item_type() != ItemType::Structure) {
            return Err(syntax("only a Structure has children"));
        }
        self.meter.item()?;
        let parts = Parts::of(start)?;
        let tag = self.tag(start, &parts)?;
        // The element is open from here on, so that an error in its value is told with its tag.
        let meaning = self.open.last().map(|parent| parent.meaning).unwrap_or_default().of(tag);
        self.open.push(Element { item: Ttlv::structure(tag, Vec::new()), meaning: Meaning::default() });
        let value = self.value(meaning, parts)?;
        if let Some(element) = self.open.last_mut() {
            element.item.value = value;
        }
        Ok(())
    }

    fn tag(&self, start: &BytesStart<'_>, parts: &Parts<'_>) -> Result<Tag, CodecErrorKind> {
        let local_name = start.local_name();
        let name = std::str::from_utf8(local_name.as_ref()).map_err(|_| syntax("a name is not UTF-8"))?;
        match (name, &parts.tag) {
            ("TTLV", Some(tag)) => text_value::tag(self.vocabulary, tag),
            ("TTLV", None) => Err(CodecErrorKind::Missing { what: "the tag" }),
            (name, _) => text_value::tag(self.vocabulary, name),
        }
    }

    fn value(&mut self, meaning: Tag, parts: Parts<'_>) -> Result<Value, CodecErrorKind> {
        let item_type =
            parts.item_type.map_or(Ok(ItemType::Structure), |name| text_value::item_type(&name))?;
        if item_type == ItemType::Structure {
            self.meter.enter()?;
            return Ok(Value::Structure(Vec::new()));
        }
        let text = parts.value.ok_or(CodecErrorKind::Missing { what: "the value" })?;
        if item_type == ItemType::BigInteger {
            let digits = text.strip_prefix("0x").unwrap_or(&text);
            return text_value::big_integer(digits).map(Value::BigInteger);
        }
        text_value::leaf(self.vocabulary, meaning, item_type, text)
    }

    fn end(&mut self) -> Result<(), CodecErrorKind> {
        // The XML reader has checked that the element that ends is the one that is open.
        let Some(Element { item, .. }) = self.open.pop() else {
            return Err(syntax("an element ends that did not begin"));
        };
        if item.value.item_type() == ItemType::Structure {
            self.meter.leave();
        }
        match self.open.last_mut() {
            Some(Element { item: Ttlv { value: Value::Structure(children), .. }, meaning }) => {
                meaning.saw(&item, self.vocabulary);
                children.push(item);
            }
            _ => self.message = Some(item),
        }
        Ok(())
    }

    fn error(&self, kind: CodecErrorKind) -> CodecError {
        CodecError::new(kind).inside(self.open.iter().map(|element| element.item.tag))
    }
}

/// The XML attributes of an element.
#[derive(Default)]
struct Parts<'a> {
    tag: Option<Cow<'a, str>>,
    item_type: Option<Cow<'a, str>>,
    value: Option<Cow<'a, str>>,
}

impl<'a> Parts<'a> {
    fn of(start: &'a BytesStart<'_>) -> Result<Self, CodecErrorKind> {
        let mut parts = Self::default();
        let mut attributes = start.attributes();
        // Its own check for repetitions compares every attribute with every other.
        for attribute in attributes.with_checks(false) {
            let attribute = attribute.map_err(|error| CodecErrorKind::Syntax { why: error.to_string() })?;
            let (what, place) = match attribute.key.local_name().as_ref() {
                b"tag" => ("tag", &mut parts.tag),
                b"type" => ("type", &mut parts.item_type),
                b"value" => ("value", &mut parts.value),
                _ => continue,
            };
            if place.replace(unescaped(attribute)?).is_some() {
                return Err(CodecErrorKind::Repeated { what });
            }
        }
        Ok(parts)
    }
}

fn unescaped<'a>(attribute: Attribute<'a>) -> Result<Cow<'a, str>, CodecErrorKind> {
    let bad = || syntax("a value uses an unknown entity or is not well formed");
    match attribute.value {
        // A value without entities, which is most of them, is not copied.
        Cow::Borrowed(raw) => {
            quick_xml::escape::unescape(std::str::from_utf8(raw).map_err(|_| bad())?).map_err(|_| bad())
        }
        Cow::Owned(_) => {
            attribute.unescape_value().map(|text| Cow::Owned(text.into_owned())).map_err(|_| bad())
        }
    }
}

fn syntax(why: &str) -> CodecErrorKind {
    CodecErrorKind::Syntax { why: why.to_owned() }
}
