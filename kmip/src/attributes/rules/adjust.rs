//! Adjust Attribute: what it comes to, and its arithmetic (KMIP 2.1 sections 6.1.3 and 11.1).

use zeroize::Zeroizing;

use super::change::{SetEffect, check_set, only_instance};
use super::{RuleViolation, Subject, applicable, not_found, violation};
use crate::attributes::{
    AttributeKey, AttributeReference, AttributeRule, AttributeTable, NewAttribute, Shape, VendorAttribute,
};
use crate::tables::enumerations::{AdjustmentType, ResultReason};
use crate::ttlv::{BigInteger, ItemType, Tag, Value};

/// Checks Adjust Attribute and says what the attribute is set to, and how (KMIP 2.1 section 6.1.3). What the object does
/// not have counts as 0 or false, if the attribute has such values.
///
/// # Errors
/// Unsupported Attribute (unknown, or not for this type of object), Multi Valued Attribute, Invalid Data Type (the value
/// cannot be adjusted so, or not by such a value), Numeric Range, Item Not Found (there is no value, and none to start
/// from), and those of [`check_set`].
pub fn check_adjust(
    table: &AttributeTable,
    subject: Subject<'_>,
    reference: &AttributeReference,
    adjustment: AdjustmentType,
    by: Option<&Value>,
) -> Result<(NewAttribute, SetEffect), RuleViolation> {
    let key = reference.key();
    let rule = applicable(table, key, subject.object_type)
        .map_err(|refused| violation(ResultReason::UNSUPPORTED_ATTRIBUTE, refused.message))?;
    if key == AttributeKey::Tagged(Tag::ATTRIBUTE) {
        return Err(violation(
            ResultReason::MULTI_VALUED_ATTRIBUTE,
            "name a vendor attribute by its vendor and name".into(),
        ));
    }
    let index = only_instance(subject.attributes, key, ResultReason::MULTI_VALUED_ATTRIBUTE)?;
    let current = index.and_then(|index| subject.attributes.get_index(key, index));
    let value = match (key, current) {
        (AttributeKey::Vendor { vendor, name }, Some(_)) => {
            let current = subject.attributes.vendor(vendor, name).ok_or_else(|| not_found(key))?;
            VendorAttribute::value_of(vendor, name, adjusted(key, current, adjustment, by)?)
        }
        (AttributeKey::Tagged(_), Some(current)) => adjusted(key, current, adjustment, by)?,
        (_, None) => adjusted(key, &start(rule, key)?, adjustment, by)?,
    };
    let new = NewAttribute { tag: key.tag(), value };
    check_set(table, subject, &new).map(|effect| (new, effect))
}

/// The value after the adjustment. The adjustment value has the type of the attribute; a date is moved by an Interval,
/// too.
///
/// # Errors
/// Invalid Data Type, Numeric Range.
fn adjusted(
    key: AttributeKey<'_>,
    current: &Value,
    adjustment: AdjustmentType,
    by: Option<&Value>,
) -> Result<Value, RuleViolation> {
    let not_so = || {
        violation(
            ResultReason::INVALID_DATA_TYPE,
            format!("{key} is {:?}, which cannot be adjusted like that", current.item_type()),
        )
    };
    match (current, adjustment) {
        (Value::Boolean(value), AdjustmentType::NEGATE) => Ok(Value::Boolean(!value)),
        (Value::BigInteger(value), _) => {
            let by = match by {
                None => BigInteger::from_signed_be(&[1]),
                Some(Value::BigInteger(by)) => by.clone(),
                Some(_) => return Err(not_so()),
            };
            let sum = match adjustment {
                AdjustmentType::INCREMENT => sum(value, &by, false),
                AdjustmentType::DECREMENT => sum(value, &by, true),
                AdjustmentType::NEGATE => sum(&BigInteger::from_signed_be(&[]), value, true),
                _ => return Err(not_so()),
            };
            Ok(Value::BigInteger(sum))
        }
        _ => {
            let number = number(current).ok_or_else(not_so)?;
            let by = match by {
                None => 1,
                Some(by) if fits(current, by) => self::number(by).ok_or_else(not_so)?,
                Some(_) => return Err(not_so()),
            };
            let negates = matches!(current, Value::Integer(_) | Value::LongInteger(_));
            let result = match adjustment {
                AdjustmentType::INCREMENT => number + by,
                AdjustmentType::DECREMENT => number - by,
                AdjustmentType::NEGATE if negates => -number,
                _ => return Err(not_so()),
            };
            in_type_of(current, result).ok_or_else(|| {
                violation(
                    ResultReason::NUMERIC_RANGE,
                    format!("{key} would leave the range of {:?}", current.item_type()),
                )
            })
        }
    }
}

/// What an attribute is adjusted from that the object does not have.
///
/// # Errors
/// Item Not Found: the attribute is neither a number, an interval nor true or false.
fn start(rule: &AttributeRule, key: AttributeKey<'_>) -> Result<Value, RuleViolation> {
    match rule.shape {
        Shape::OneOf([ItemType::Integer]) => Ok(Value::Integer(0)),
        Shape::OneOf([ItemType::LongInteger]) => Ok(Value::LongInteger(0)),
        Shape::OneOf([ItemType::Interval]) => Ok(Value::Interval(0)),
        Shape::OneOf([ItemType::Boolean]) => Ok(Value::Boolean(false)),
        _ => Err(violation(
            ResultReason::ITEM_NOT_FOUND,
            format!("the object has no {key}, and there is no value to start from"),
        )),
    }
}

fn fits(current: &Value, by: &Value) -> bool {
    let is_date = matches!(current, Value::DateTime(_) | Value::DateTimeExtended(_));
    by.item_type() == current.item_type() || is_date && by.item_type() == ItemType::Interval
}

/// Both operands are of 64 bits at most, so sums never leave the range of this type.
fn number(value: &Value) -> Option<i128> {
    match *value {
        Value::Integer(n) => Some(n.into()),
        Value::LongInteger(n) | Value::DateTime(n) | Value::DateTimeExtended(n) => Some(n.into()),
        Value::Interval(n) => Some(n.into()),
        _ => None,
    }
}

fn in_type_of(model: &Value, number: i128) -> Option<Value> {
    match model {
        Value::Integer(_) => i32::try_from(number).ok().map(Value::Integer),
        Value::LongInteger(_) => i64::try_from(number).ok().map(Value::LongInteger),
        Value::DateTime(_) => i64::try_from(number).ok().map(Value::DateTime),
        Value::DateTimeExtended(_) => i64::try_from(number).ok().map(Value::DateTimeExtended),
        Value::Interval(_) => u32::try_from(number).ok().map(Value::Interval),
        _ => None,
    }
}

/// The sum, or the difference, of two's complement numbers: byte by byte from the last, both with one byte more than
/// the longer has.
fn sum(left: &BigInteger, right: &BigInteger, subtract: bool) -> BigInteger {
    let (left, right) = (left.to_signed_be(), right.to_signed_be());
    let length = left.len().max(right.len()) + 1;
    let mut result = Zeroizing::new(vec![0; length]);
    let mut carry = u16::from(subtract);
    for (place, out) in result.iter_mut().rev().enumerate() {
        let right = if subtract { !byte(right, place) } else { byte(right, place) };
        let [high, low] = (u16::from(byte(left, place)) + u16::from(right) + carry).to_be_bytes();
        *out = low;
        carry = high.into();
    }
    BigInteger::from_signed_be(&result)
}

/// The byte at a place counted from the last; the sign goes on for ever.
fn byte(number: &[u8], place: usize) -> u8 {
    let sign = if number.first().is_some_and(|first| first & 0x80 != 0) { 0xFF } else { 0 };
    number.iter().rev().nth(place).copied().unwrap_or(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: AttributeKey<'static> = AttributeKey::Tagged(Tag::ROTATE_GENERATION);

    fn adjust(current: Value, adjustment: AdjustmentType, by: Option<Value>) -> Result<Value, ResultReason> {
        adjusted(KEY, &current, adjustment, by.as_ref()).map_err(|refused| refused.reason)
    }

    fn big(n: i128) -> Value {
        Value::BigInteger(BigInteger::from_signed_be(&n.to_be_bytes()))
    }

    #[test]
    fn every_type_of_the_table_is_incremented_and_decremented_by_one_if_nothing_else_is_said() {
        for (value, next) in [
            (Value::Integer(-1), Value::Integer(0)),
            (Value::LongInteger(41), Value::LongInteger(42)),
            (Value::Interval(0), Value::Interval(1)),
            (Value::DateTime(9), Value::DateTime(10)),
            (Value::DateTimeExtended(9), Value::DateTimeExtended(10)),
            (big(255), big(256)),
            (big(-1), big(0)),
        ] {
            assert_eq!(adjust(value.clone(), AdjustmentType::INCREMENT, None), Ok(next.clone()));
            assert_eq!(adjust(next, AdjustmentType::DECREMENT, None), Ok(value));
        }
    }

    #[test]
    fn numbers_and_truth_values_are_negated_and_nothing_else() {
        let negate = |value| adjust(value, AdjustmentType::NEGATE, None);
        assert_eq!(negate(Value::Integer(3)), Ok(Value::Integer(-3)));
        assert_eq!(negate(Value::LongInteger(-3)), Ok(Value::LongInteger(3)));
        assert_eq!(negate(big(128)), Ok(big(-128)));
        assert_eq!(negate(Value::Boolean(false)), Ok(Value::Boolean(true)));
        for value in [Value::Interval(3), Value::DateTime(3), Value::TextString("a".into())] {
            assert_eq!(negate(value), Err(ResultReason::INVALID_DATA_TYPE));
        }
        let counted = adjust(Value::Boolean(true), AdjustmentType::INCREMENT, None);
        assert_eq!(counted, Err(ResultReason::INVALID_DATA_TYPE));
    }

    #[test]
    fn results_out_of_range_are_refused() {
        for (value, adjustment) in [
            (Value::Integer(i32::MAX), AdjustmentType::INCREMENT),
            (Value::Integer(i32::MIN), AdjustmentType::NEGATE),
            (Value::LongInteger(i64::MIN), AdjustmentType::DECREMENT),
            (Value::Interval(0), AdjustmentType::DECREMENT),
            (Value::DateTime(i64::MAX), AdjustmentType::INCREMENT),
        ] {
            assert_eq!(adjust(value, adjustment, None), Err(ResultReason::NUMERIC_RANGE));
        }
    }

    #[test]
    fn the_adjustment_has_the_type_of_the_attribute() {
        let by = |value, by| adjust(value, AdjustmentType::INCREMENT, Some(by));
        assert_eq!(by(Value::Integer(1), Value::Integer(-5)), Ok(Value::Integer(-4)));
        assert_eq!(by(Value::Integer(1), Value::LongInteger(1)), Err(ResultReason::INVALID_DATA_TYPE));
        assert_eq!(by(Value::DateTime(1), Value::Interval(60)), Ok(Value::DateTime(61)));
        assert_eq!(by(Value::Interval(1), Value::DateTime(1)), Err(ResultReason::INVALID_DATA_TYPE));
        assert_eq!(by(big(1), Value::Integer(1)), Err(ResultReason::INVALID_DATA_TYPE));
        assert_eq!(adjust(Value::Integer(1), AdjustmentType(9), None), Err(ResultReason::INVALID_DATA_TYPE));
    }

    #[test]
    fn big_integers_add_up_as_numbers_do() {
        let numbers =
            [0, 1, -1, 127, 128, -128, -129, 255, 65_535, i128::from(i64::MAX), i128::from(i64::MIN)];
        for left in numbers {
            for right in numbers {
                let by = |adjustment| adjust(big(left), adjustment, Some(big(right)));
                assert_eq!(by(AdjustmentType::INCREMENT), Ok(big(left + right)), "{left} + {right}");
                assert_eq!(by(AdjustmentType::DECREMENT), Ok(big(left - right)), "{left} - {right}");
            }
        }
    }
}
