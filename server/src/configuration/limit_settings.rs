//! The settings that bound what clients may take of the server, and what protects its memory.

use claviger_plugin_sdk::settings::{Setting, SettingKind};

const LIMIT: Setting = Setting {
    flag: "",
    variable: "",
    variable_aliases: &[],
    section: "limits",
    kind: SettingKind::Number(1, 1_000_000),
    default: None,
    help: "",
};

/// The rows, in the order of the server's help.
pub(super) static LIMIT_SETTINGS: &[Setting] = &[
    Setting {
        flag: "max-connections",
        variable: "KMS_MAX_CONNECTIONS",
        default: Some("8192"),
        help: "Connections that may be open at a time; for a further one the server closes that which has waited longest \
               of the address with the most",
        ..LIMIT
    },
    Setting {
        flag: "max-connections-per-address",
        variable: "KMS_MAX_CONNECTIONS_PER_ADDRESS",
        default: Some("2048"),
        help: "Connections of one IPv4 address, or IPv6 network of 64 bits; behind a proxy that is all of them",
        ..LIMIT
    },
    Setting {
        flag: "new-connections-per-address",
        variable: "KMS_NEW_CONNECTIONS_PER_ADDRESS",
        default: Some("256"),
        help: "Connections that one IPv4 address, or IPv6 network of 64 bits, may open in a second, eight times as many at \
               once; further ones are closed",
        ..LIMIT
    },
    Setting {
        flag: "handshakes-per-address",
        variable: "KMS_HANDSHAKES_PER_ADDRESS",
        default: Some("256"),
        help: "TLS handshakes of one IPv4 address, or IPv6 network of 64 bits, at a time; others wait",
        ..LIMIT
    },
    Setting {
        flag: "max-header-size",
        variable: "KMS_MAX_HEADER_SIZE",
        kind: SettingKind::Number(8_192, 1_048_576),
        default: Some("65536"),
        help: "Bytes of the head of an HTTP request, its first line included; a larger one is refused",
        ..LIMIT
    },
    Setting {
        flag: "max-body-memory",
        variable: "KMS_MAX_BODY_MEMORY",
        kind: SettingKind::Number(65_536, 1_099_511_627_776),
        default: Some("536870912"),
        help: "Bytes that the bodies of all requests and large answers may take together; no user takes more than are left \
               for the others",
        ..LIMIT
    },
    Setting {
        flag: "max-batch-items",
        variable: "KMS_MAX_BATCH_ITEMS",
        default: Some("10000"),
        help: "Items that one message may have",
        ..LIMIT
    },
    Setting {
        flag: "max-message-time",
        variable: "KMS_MAX_MESSAGE_TIME",
        kind: SettingKind::Number(1, 86_400),
        default: Some("120"),
        help: "Seconds after which no further item of a message is begun",
        ..LIMIT
    },
    Setting {
        flag: "requests-per-user",
        variable: "KMS_REQUESTS_PER_USER",
        default: Some("128"),
        help: "Requests of one user that are worked on at a time; four times as many may wait, and further ones are refused",
        ..LIMIT
    },
    Setting {
        flag: "large-requests-per-user",
        variable: "KMS_LARGE_REQUESTS_PER_USER",
        default: Some("4"),
        help: "Requests of more than 64 KiB of one user that are worked on at a time; others wait",
        ..LIMIT
    },
    Setting {
        flag: "heavy-work-per-user",
        variable: "KMS_HEAVY_WORK_PER_USER",
        default: Some("64"),
        help: "Pieces of heavy cryptographic work of one user, such as RSA keys to be made, that may wait",
        ..LIMIT
    },
    Setting {
        flag: "memory-lock",
        variable: "KMS_MEMORY_LOCK",
        section: "server",
        kind: SettingKind::OneOf(&["auto", "required", "off"]),
        default: Some("auto"),
        help: "Whether the server's memory is kept from being swapped: `auto` where the system allows, `required` starts \
               nowhere else",
        ..LIMIT
    },
    Setting {
        flag: "core-dumps",
        variable: "KMS_CORE_DUMPS",
        section: "server",
        kind: SettingKind::Switch,
        default: Some("false"),
        help: "Lets the system write the server's memory, keys included, to a file when it crashes, and lets debuggers of \
               the same user look into it",
        ..LIMIT
    },
];
