//! One recorded exchange.

use std::path::Path;

use serde_json::Value;

/// A request and its answer.
pub(super) struct Exchange {
    /// What the client was doing.
    pub(super) label: String,
    pub(super) method: String,
    pub(super) path: String,
    /// Header lines to send.
    pub(super) headers: Vec<String>,
    /// A JSON body; empty text if there was none.
    pub(super) request: Value,
    pub(super) status: u16,
    pub(super) content_type: String,
    /// A JSON body, or a text.
    pub(super) response: Value,
}

/// The exchanges of a recording, one a line.
pub(super) fn read(path: &Path) -> Vec<Exchange> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| of(&serde_json::from_str(line).unwrap())).collect()
}

fn of(line: &Value) -> Exchange {
    let text = |name: &str| line[name].as_str().unwrap().to_owned();
    let headers = line["headers"].as_object().unwrap();
    Exchange {
        label: text("label"),
        method: text("method"),
        path: text("path"),
        headers: headers.iter().map(|(name, value)| format!("{name}: {}", value.as_str().unwrap())).collect(),
        request: line["request"].clone(),
        status: u16::try_from(line["status"].as_u64().unwrap()).unwrap(),
        content_type: text("content_type"),
        response: line["response"].clone(),
    }
}
