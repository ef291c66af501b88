//! The tree as XML.

use std::io::Write;

use crate::codec::meaning::Meaning;
use crate::codec::{binary, date_time, hex, text_value};
use crate::ttlv::{Tag, Ttlv, Value};
use crate::vocabulary::Vocabulary;

/// Writes an item, without an XML declaration. What the standard does not name is written in hexadecimal, so
/// that every reader knows it. The few characters that XML cannot hold (such as U+0001) become U+FFFD.
pub fn encode(item: &Ttlv) -> Vec<u8> {
    // Rarely more is needed, so that key material is not left behind in outgrown buffers.
    let mut out = Vec::with_capacity(4 * binary::length(item));
    encode_into(item, &mut out);
    out
}

/// Appends an item to a buffer.
pub fn encode_into(item: &Ttlv, out: &mut Vec<u8>) {
    write(item, Meaning::default(), out);
}

fn write(item: &Ttlv, meaning: Meaning, out: &mut Vec<u8>) {
    let name = Vocabulary::standard().tag_name(item.tag);
    out.push(b'<');
    match name {
        Some(name) => out.extend_from_slice(name.as_bytes()),
        None => {
            out.extend_from_slice(b"TTLV tag=\"");
            text_value::append_hex_tag(out, item.tag);
            out.push(b'"');
        }
    }
    match &item.value {
        Value::Structure(children) if !children.is_empty() => {
            out.push(b'>');
            write_children(children, out);
            out.extend_from_slice(b"</");
            out.extend_from_slice(name.unwrap_or("TTLV").as_bytes());
            out.push(b'>');
        }
        Value::Structure(_) => out.extend_from_slice(b"/>"),
        value => {
            out.extend_from_slice(b" type=\"");
            out.extend_from_slice(text_value::type_name(value.item_type()).as_bytes());
            out.extend_from_slice(b"\" value=\"");
            write_leaf(value, meaning.of(item.tag), out);
            out.extend_from_slice(b"\"/>");
        }
    }
}

fn write_children(children: &[Ttlv], out: &mut Vec<u8>) {
    let mut meaning = Meaning::default();
    for child in children {
        write(child, meaning, out);
        meaning.saw(child, Vocabulary::standard());
    }
}

fn write_leaf(value: &Value, meaning: Tag, out: &mut Vec<u8>) {
    match value {
        Value::Structure(_) => {}
        Value::Integer(bits) if Vocabulary::standard().is_mask(meaning) => {
            text_value::append_mask(out, meaning, bits.cast_unsigned(), b' ');
        }
        Value::Integer(number) => append(out, number),
        Value::LongInteger(number) | Value::DateTimeExtended(number) => append(out, number),
        Value::BigInteger(integer) => text_value::append_big_integer(out, integer),
        Value::Enumeration(number) => text_value::append_enumeration(out, meaning, *number),
        Value::Boolean(truth) => append(out, truth),
        Value::TextString(text) => append_escaped(out, text),
        Value::ByteString(bytes) => hex::append(out, bytes, hex::Case::Lower),
        Value::DateTime(seconds) => date_time::append(out, *seconds),
        Value::Interval(seconds) => append(out, seconds),
    }
}

fn append(out: &mut Vec<u8>, value: &impl std::fmt::Display) {
    // Writing to a vector cannot fail.
    let _ = write!(out, "{value}");
}

/// White space other than a blank is escaped, since a reader would turn it into blanks.
fn append_escaped(out: &mut Vec<u8>, text: &str) {
    for character in text.chars() {
        match character {
            '<' => out.extend_from_slice(b"&lt;"),
            '>' => out.extend_from_slice(b"&gt;"),
            '&' => out.extend_from_slice(b"&amp;"),
            '"' => out.extend_from_slice(b"&quot;"),
            '\t' => out.extend_from_slice(b"&#9;"),
            '\n' => out.extend_from_slice(b"&#10;"),
            '\r' => out.extend_from_slice(b"&#13;"),
            '\0'..' ' | '\u{FFFE}' | '\u{FFFF}' => append(out, &char::REPLACEMENT_CHARACTER),
            other => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}
