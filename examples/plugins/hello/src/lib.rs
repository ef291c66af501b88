//! A complete third-party plugin: one operation and one tag policy. The cookbook walks through it.

mod hello;
mod team_tags;

use std::borrow::Cow;

use claviger_plugin_sdk::kmip::vocabulary::Extension;
use claviger_plugin_sdk::plugin;

pub use hello::{HELLO, Hello, HelloRequest, HelloResponse};
pub use team_tags::TeamTags;

plugin! {
    summary: "Greets the caller and describes a key; keeps team tags in one spelling.",
    vocabulary: &[Extension::Value {
        of: Cow::Borrowed("Operation"),
        code: HELLO.0,
        name: Cow::Borrowed("Hello"),
    }],
}
