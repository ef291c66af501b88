//! The settings of the server itself: one table, and longer than other files for that. A row is read by itself, and their order
//! is that of the help.

use claviger_plugin_sdk::settings::{Setting, SettingKind};

use crate::algorithm_policy::PRESETS;

const SERVER: Setting = Setting {
    flag: "",
    variable: "",
    variable_aliases: &[],
    section: "server",
    kind: SettingKind::Text,
    default: None,
    help: "",
};

const PORT: SettingKind = SettingKind::Number(0, 65_535);

/// The rows of the server, in the order of its help.
pub(super) static OWN_SETTINGS: &[Setting] = &[
    Setting {
        flag: "hostname",
        variable: "KMS_HOSTNAME",
        default: Some("0.0.0.0"),
        help: "Address or name to listen on, such as 127.0.0.1 or ::1",
        ..SERVER
    },
    Setting {
        flag: "port",
        variable: "KMS_PORT",
        kind: PORT,
        default: Some("9998"),
        help: "Port for HTTP, or for HTTPS once certificates are given; 0 takes any free one",
        ..SERVER
    },
    Setting {
        flag: "ttlv-port",
        variable: "KMS_TTLV_PORT",
        kind: PORT,
        help: "Port for binary TTLV over TLS, once certificates are given: 5696 when absent; 0 takes any free one",
        ..SERVER
    },
    Setting {
        flag: "ttlv",
        variable: "KMS_TTLV",
        kind: SettingKind::Switch,
        default: Some("true"),
        help: "Whether binary TTLV over TLS is served once certificates are given",
        ..SERVER
    },
    Setting {
        flag: "https-p12-file",
        variable: "KMS_HTTPS_P12_FILE",
        kind: SettingKind::Path,
        help: "PKCS#12 file with the server's certificates and private key; turns HTTPS on",
        ..SERVER
    },
    Setting {
        flag: "https-p12-password",
        variable: "KMS_HTTPS_P12_PASSWORD",
        kind: SettingKind::Secret,
        default: Some(""),
        help: "Password of the PKCS#12 file; @FILE reads it from a file, such as @p12.password",
        ..SERVER
    },
    Setting {
        flag: "https-cert-file",
        variable: "KMS_HTTPS_CERT_FILE",
        kind: SettingKind::Path,
        help: "PEM file with the server's certificate, followed by those of its issuers; turns HTTPS on",
        ..SERVER
    },
    Setting {
        flag: "https-key-file",
        variable: "KMS_HTTPS_KEY_FILE",
        kind: SettingKind::Path,
        help: "PEM file with the private key that belongs to --https-cert-file",
        ..SERVER
    },
    Setting {
        flag: "cors-origin",
        variable: "KMS_CORS_ORIGIN",
        help: "Web origins that browsers may call from, such as https://a.example,https://b.example; off when absent",
        ..SERVER
    },
    Setting {
        flag: "max-body-size",
        variable: "KMS_MAX_BODY_SIZE",
        kind: SettingKind::Number(1_024, 4_294_967_295),
        default: Some("67108864"),
        help: "Bytes that a request may have; a larger one is refused before it is read",
        ..SERVER
    },
    Setting {
        flag: "root-data-path",
        variable: "KMS_ROOT_DATA_PATH",
        kind: SettingKind::Path,
        default: Some("./claviger"),
        help: "Folder that relative paths are below; itself relative to $HOME",
        ..SERVER
    },
    Setting {
        flag: "database-type",
        variable: "KMS_DATABASE_TYPE",
        default: Some("sqlite"),
        help: "Where keys are kept: the name of a store, as `plugins list` shows them",
        ..SERVER
    },
    Setting {
        flag: "clear-database",
        variable: "KMS_CLEAR_DATABASE",
        kind: SettingKind::Switch,
        default: Some("false"),
        help: "Deletes ALL keys and data when the server starts",
        ..SERVER
    },
    Setting {
        flag: "server-key-file",
        variable: "KMS_SERVER_KEY_FILE",
        section: "sealing",
        kind: SettingKind::Path,
        help: "File with the key under which everything that the database holds is sealed: 32 bytes, 64 hexadecimal digits or \
               Base64, not to be read by others; nothing is sealed when absent",
        ..SERVER
    },
    Setting {
        flag: "server-key-p12-file",
        variable: "KMS_SERVER_KEY_P12_FILE",
        section: "sealing",
        kind: SettingKind::Path,
        help: "PKCS#12 file with a certificate and its RSA or EC private key, which is the server key instead; not to be read \
               by others",
        ..SERVER
    },
    Setting {
        flag: "server-key-p12-password",
        variable: "KMS_SERVER_KEY_P12_PASSWORD",
        section: "sealing",
        kind: SettingKind::Secret,
        default: Some(""),
        help: "Password of this file; @FILE reads it from a file",
        ..SERVER
    },
    Setting {
        flag: "server-key-kmip",
        variable: "KMS_SERVER_KEY_KMIP",
        section: "sealing",
        help: "Key server that holds the server key instead and never gives it out: HOST:PORT of its binary TTLV over TLS",
        ..SERVER
    },
    Setting {
        flag: "server-key-kmip-id",
        variable: "KMS_SERVER_KEY_KMIP_ID",
        section: "sealing",
        help: "Unique Identifier there of the AES key, which encrypts and decrypts",
        ..SERVER
    },
    Setting {
        flag: "server-key-kmip-authority",
        variable: "KMS_SERVER_KEY_KMIP_AUTHORITY",
        section: "sealing",
        kind: SettingKind::Path,
        help: "PEM file with the authorities that sign the certificate of that key server",
        ..SERVER
    },
    Setting {
        flag: "server-key-kmip-cert-file",
        variable: "KMS_SERVER_KEY_KMIP_CERT_FILE",
        section: "sealing",
        kind: SettingKind::Path,
        help: "PEM file with the certificate that this server shows it; that of HTTPS when absent",
        ..SERVER
    },
    Setting {
        flag: "server-key-kmip-key-file",
        variable: "KMS_SERVER_KEY_KMIP_KEY_FILE",
        section: "sealing",
        kind: SettingKind::Path,
        help: "PEM file with the private key that belongs to it",
        ..SERVER
    },
    Setting {
        flag: "server-key-kmip-patience",
        variable: "KMS_SERVER_KEY_KMIP_PATIENCE",
        section: "sealing",
        kind: SettingKind::Number(0, 86_400),
        default: Some("60"),
        help: "Seconds for which that key server is tried again while it cannot be reached",
        ..SERVER
    },
    Setting {
        flag: "server-key-previous-file",
        variable: "KMS_SERVER_KEY_PREVIOUS_FILE",
        section: "sealing",
        kind: SettingKind::Path,
        help: "File with another server key that the database may be under: the one that is replaced or, on other servers of \
               the database, the one that comes",
        ..SERVER
    },
    Setting {
        flag: "server-key-previous-p12-file",
        variable: "KMS_SERVER_KEY_PREVIOUS_P12_FILE",
        section: "sealing",
        kind: SettingKind::Path,
        help: "PKCS#12 file with that other key instead",
        ..SERVER
    },
    Setting {
        flag: "server-key-previous-p12-password",
        variable: "KMS_SERVER_KEY_PREVIOUS_P12_PASSWORD",
        section: "sealing",
        kind: SettingKind::Secret,
        default: Some(""),
        help: "Password of this file; @FILE reads it from a file",
        ..SERVER
    },
    Setting {
        flag: "server-key-previous-kmip",
        variable: "KMS_SERVER_KEY_PREVIOUS_KMIP",
        section: "sealing",
        help: "Key server that holds that other key instead; that of --server-key-kmip when absent",
        ..SERVER
    },
    Setting {
        flag: "server-key-previous-kmip-id",
        variable: "KMS_SERVER_KEY_PREVIOUS_KMIP_ID",
        section: "sealing",
        help: "Unique Identifier there of that other key",
        ..SERVER
    },
    Setting {
        flag: "server-key-unseal",
        variable: "KMS_SERVER_KEY_UNSEAL",
        section: "sealing",
        kind: SettingKind::Switch,
        default: Some("false"),
        help: "Takes the seal off everything that the database holds under the previous server key",
        ..SERVER
    },
    Setting {
        flag: "new-databases-per-hour",
        variable: "KMS_NEW_DATABASES_PER_HOUR",
        section: "storage",
        kind: SettingKind::Number(0, 1_000_000),
        default: Some("120"),
        help: "How many databases a user may have made by POST /new_database in an hour, or a machine where nobody has to \
               prove who he is, such as 10; 0 makes none. For stores with a database for each group of users",
        ..SERVER
    },
    Setting {
        flag: "default-username",
        variable: "KMS_DEFAULT_USERNAME",
        default: Some("admin"),
        help: "The user for every request when no way to authenticate is configured",
        ..SERVER
    },
    Setting {
        flag: "force-default-username",
        variable: "KMS_FORCE_DEFAULT_USERNAME",
        kind: SettingKind::Switch,
        default: Some("false"),
        help: "Authenticates, and then acts as the default user all the same",
        ..SERVER
    },
    Setting {
        flag: "audit-file",
        variable: "KMS_AUDIT_FILE",
        kind: SettingKind::Path,
        default: Some("audit.jsonl"),
        help: "File that audit records are appended to, a JSON object a line; `none` writes none",
        ..SERVER
    },
    Setting {
        flag: "audit-signing-key-file",
        variable: "KMS_AUDIT_SIGNING_KEY_FILE",
        section: "audit",
        kind: SettingKind::Path,
        help: "File with the Ed25519 key in PEM that signs the heads of the audit log, not to be read by others; made beside \
               the log, with the ending .key, when absent",
        ..SERVER
    },
    Setting {
        flag: "audit-head-seconds",
        variable: "KMS_AUDIT_HEAD_SECONDS",
        section: "audit",
        kind: SettingKind::Number(1, 86_400),
        default: Some("10"),
        help: "Seconds after which the end of the audit log is signed, if something was written: what is cut off later than \
               that is missed",
        ..SERVER
    },
    Setting {
        flag: "audit-database",
        variable: "KMS_AUDIT_DATABASE",
        section: "audit",
        kind: SettingKind::Switch,
        default: Some("false"),
        help: "Keeps an audit log in the database, too, one for each server that uses it; not for stores with a database \
               for each group of users",
        ..SERVER
    },
    Setting {
        flag: "audit-database-days",
        variable: "KMS_AUDIT_DATABASE_DAYS",
        section: "audit",
        kind: SettingKind::Number(0, 36_500),
        default: Some("0"),
        help: "Days after which the database drops what it has of the audit log; 0 keeps everything",
        ..SERVER
    },
    Setting {
        flag: "audit-required",
        variable: "KMS_AUDIT_REQUIRED",
        section: "audit",
        kind: SettingKind::OneOf(&["nothing", "writes", "material"]),
        default: Some("nothing"),
        help: "What fails unless the audit log has kept, safe from a crash, that it is going to be done: `writes` are all \
               changes, `material` also every use of a key",
        ..SERVER
    },
    Setting {
        flag: "audit-rotate-size",
        variable: "KMS_AUDIT_ROTATE_SIZE",
        section: "audit",
        kind: SettingKind::Number(0, i64::MAX),
        default: Some("0"),
        help: "Bytes from which on a new audit file is begun, and the old one gets the number of its last record behind its \
               name; 0 leaves that to others, who send SIGHUP",
        ..SERVER
    },
    Setting {
        flag: "log-level",
        variable: "KMS_LOG_LEVEL",
        default: Some("info"),
        help: "What to log: error, warn, info, debug or trace, also by module: info,claviger_server=debug",
        ..SERVER
    },
    Setting {
        flag: "log-format",
        variable: "KMS_LOG_FORMAT",
        kind: SettingKind::OneOf(&["human", "json"]),
        default: Some("human"),
        help: "How to write the log on standard error",
        ..SERVER
    },
    Setting {
        flag: "shutdown-grace",
        variable: "KMS_SHUTDOWN_GRACE",
        kind: SettingKind::Number(0, 3_600),
        default: Some("30"),
        help: "Seconds in which accepted requests may finish after SIGTERM or SIGINT",
        ..SERVER
    },
    Setting {
        flag: "auth-require",
        variable: "KMS_AUTH_REQUIRE",
        section: "auth",
        kind: SettingKind::OneOf(&["all", "any"]),
        default: Some("all"),
        help: "Whether a caller must satisfy all configured ways to authenticate or any of them",
        ..SERVER
    },
    Setting {
        flag: "auth-failures-per-minute",
        variable: "KMS_AUTH_FAILURES_PER_MINUTE",
        section: "auth",
        kind: SettingKind::Number(0, 1_000_000),
        default: Some("20"),
        help: "How often an address may show wrong credentials in a minute, before it has to wait between attempts; 0 is any \
               number. What was accepted before goes on being accepted",
        ..SERVER
    },
    Setting {
        flag: "operators",
        variable: "KMS_OPERATORS",
        section: "auth",
        help: "Users and groups who care for the server and for what people leave behind: they see what is known about every \
               object but its key, change owners, and set constraints and defaults for everybody. Separated by commas: \
               ann,group:custodians",
        ..SERVER
    },
    Setting {
        flag: "creators",
        variable: "KMS_CREATORS",
        section: "auth",
        help: "Users and groups who may make objects, by whatever operation, separated by commas: ann,group:applications; \
               everyone when absent",
        ..SERVER
    },
    Setting {
        flag: "implied-rights",
        variable: "KMS_IMPLIED_RIGHTS",
        section: "auth",
        kind: SettingKind::OneOf(&["exact", "get-implies-use"]),
        default: Some("exact"),
        help: "What a grant allows: its own operation; or, if it is for Get, every use of the key, too, as newer REST \
               clients expect",
        ..SERVER
    },
    Setting {
        flag: "policy-preset",
        variable: "KMS_POLICY_PRESET",
        section: "policy",
        kind: SettingKind::OneOf(PRESETS),
        default: Some("default"),
        help: "Which algorithms keys and requests may use: `default` is all, `fips` what FIPS 140-3 approves, with SHA-1 \
               in signatures and RSA PKCS#1 v1.5 encryption for what exists alone",
        ..SERVER
    },
    Setting {
        flag: "policy-algorithms",
        variable: "KMS_POLICY_ALGORITHMS",
        section: "policy",
        help: "Algorithms of keys, and their lengths in bits, instead of the preset's: AES:128:256,RSA:2048-8192,EC",
        ..SERVER
    },
    Setting {
        flag: "policy-refused-algorithms",
        variable: "KMS_POLICY_REFUSED_ALGORITHMS",
        section: "policy",
        help: "Algorithms that are turned off, where the preset or a list allows them: DES3,DSA",
        ..SERVER
    },
    Setting {
        flag: "policy-curves",
        variable: "KMS_POLICY_CURVES",
        section: "policy",
        help: "Elliptic curves instead of the preset's: P_256,P_384",
        ..SERVER
    },
    Setting {
        flag: "policy-modes",
        variable: "KMS_POLICY_MODES",
        section: "policy",
        help: "Modes of block ciphers instead of the preset's: GCM,CBC,NISTKeyWrap",
        ..SERVER
    },
    Setting {
        flag: "policy-paddings",
        variable: "KMS_POLICY_PADDINGS",
        section: "policy",
        help: "Paddings of encryption and signatures instead of the preset's: OAEP,PSS",
        ..SERVER
    },
    Setting {
        flag: "policy-hashes",
        variable: "KMS_POLICY_HASHES",
        section: "policy",
        help: "Hash functions instead of the preset's: SHA_256,SHA_384",
        ..SERVER
    },
    Setting {
        flag: "policy-signatures",
        variable: "KMS_POLICY_SIGNATURES",
        section: "policy",
        help: "Signature algorithms instead of the preset's: SHA_256WithRSAEncryption,ECDSAWithSHA256",
        ..SERVER
    },
    Setting {
        flag: "policy-signing-hashes",
        variable: "KMS_POLICY_SIGNING_HASHES",
        section: "policy",
        help: "Hash functions of new signatures instead of the preset's; others that are allowed verify: SHA_256,SHA_384",
        ..SERVER
    },
    Setting {
        flag: "policy-encrypting-paddings",
        variable: "KMS_POLICY_ENCRYPTING_PADDINGS",
        section: "policy",
        help: "Paddings of new encryption instead of the preset's; others that are allowed decrypt: OAEP,PKCS5",
        ..SERVER
    },
    Setting {
        flag: "jobs-in-all",
        variable: "KMS_JOBS_IN_ALL",
        section: "jobs",
        kind: SettingKind::Number(1, 1_000_000),
        default: Some("4096"),
        help: "Asynchronous requests that may wait, run or have their results kept at a time",
        ..SERVER
    },
    Setting {
        flag: "jobs-per-user",
        variable: "KMS_JOBS_PER_USER",
        section: "jobs",
        kind: SettingKind::Number(1, 1_000_000),
        default: Some("256"),
        help: "Asynchronous requests of one user whose results were not asked for",
        ..SERVER
    },
    Setting {
        flag: "jobs-results-kept",
        variable: "KMS_JOBS_RESULTS_KEPT",
        section: "jobs",
        kind: SettingKind::Number(60, 2_592_000),
        default: Some("3600"),
        help: "Seconds for which the results of asynchronous requests are kept",
        ..SERVER
    },
    Setting {
        flag: "tickets-per-user",
        variable: "KMS_TICKETS_PER_USER",
        section: "tickets",
        kind: SettingKind::Number(0, 1_000_000),
        default: Some("256"),
        help: "Tickets of Login and Delegated Login that one user may have at a time; 0 gives none",
        ..SERVER
    },
    Setting {
        flag: "tickets-lease",
        variable: "KMS_TICKETS_LEASE",
        section: "tickets",
        kind: SettingKind::Number(1, 31_536_000),
        default: Some("3600"),
        help: "Seconds for which a ticket is good if the client does not say",
        ..SERVER
    },
    Setting {
        flag: "tickets-longest-lease",
        variable: "KMS_TICKETS_LONGEST_LEASE",
        section: "tickets",
        kind: SettingKind::Number(1, 31_536_000),
        default: Some("86400"),
        help: "Seconds for which a client may have a ticket good",
        ..SERVER
    },
    Setting {
        flag: "client-endpoints",
        variable: "KMS_CLIENT_ENDPOINTS",
        section: "clients",
        help: "Clients that listen and are told what becomes of their users' objects, by Notify and Put in binary TTLV over \
               TLS: USER=HOST:PORT, separated by commas",
        ..SERVER
    },
    Setting {
        flag: "client-endpoints-authority",
        variable: "KMS_CLIENT_ENDPOINTS_AUTHORITY",
        section: "clients",
        kind: SettingKind::Path,
        help: "PEM file with the authorities that sign the certificates of these clients; that of --authority-cert-file \
               when absent",
        ..SERVER
    },
    Setting {
        flag: "notices-kept",
        variable: "KMS_NOTICES_KEPT",
        section: "clients",
        kind: SettingKind::Number(60, 2_592_000),
        default: Some("86400"),
        help: "Seconds for which what a client is to be told is kept while it cannot be told",
        ..SERVER
    },
    Setting {
        flag: "plugins-disable",
        variable: "KMS_PLUGINS_DISABLE",
        section: "plugins",
        help: "Plugins, or single entries of them, to leave out, separated by commas",
        ..SERVER
    },
    Setting {
        flag: "plugins-prefer",
        variable: "KMS_PLUGINS_PREFER",
        section: "plugins",
        help: "Which plugin wins where two claim the same entry: ENTRY=PLUGIN, separated by commas",
        ..SERVER
    },
    Setting {
        flag: "plugins-order",
        variable: "KMS_PLUGINS_ORDER",
        section: "plugins",
        help: "Order of authenticators, tag policies and audit sinks, separated by commas; the others follow by name",
        ..SERVER
    },
];
