//! The records of a line: one, or several of one request.

use serde_json::Value;

/// The member with what further records of a line have otherwise than the first one.
const MORE: &str = "more";

/// The records of a line, each whole.
pub(super) fn of(mut line: Value) -> Vec<Value> {
    let more = match line.as_object_mut().and_then(|members| members.remove(MORE)) {
        Some(Value::Array(more)) => more,
        _ => Vec::new(),
    };
    let mut records = vec![line];
    for other in more {
        let mut record = records.first().cloned().unwrap_or_default();
        if let (Some(members), Value::Object(other)) = (record.as_object_mut(), other) {
            members.extend(other);
            records.push(record);
        }
    }
    records
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_has_of_the_line_what_it_does_not_have_itself() {
        let line = json!({"seq": 7, "user": "ann", "item": 0, "objects": ["a"], "result": "Success", "more": [
            {"item": 1}, {"item": 2, "objects": [], "result": "OperationFailed", "reason": "ItemNotFound"},
        ]});
        let expected = [
            json!({"seq": 7, "user": "ann", "item": 0, "objects": ["a"], "result": "Success"}),
            json!({"seq": 7, "user": "ann", "item": 1, "objects": ["a"], "result": "Success"}),
            json!({"seq": 7, "user": "ann", "item": 2, "objects": [], "result": "OperationFailed",
                   "reason": "ItemNotFound"}),
        ];
        assert_eq!(of(line), expected);
        assert_eq!(of(expected[0].clone()), expected[..1]);
    }
}
