//! The functions of PKCS#11 on a real engine: what a client sends and gets, byte by byte.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use claviger_crypto_standard as _;
use claviger_engine::registry::{Registry, RegistryOptions};
use claviger_engine::{
    AlgorithmPolicy, Authenticators, Engine, EngineOptions, ImpliedRights, Limits, RequiredAudit,
    SystemRandom,
};
use claviger_operations_kmip as _;
use claviger_pkcs11 as _;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::attributes::{Attributes, Name, kinds};
use claviger_plugin_sdk::kmip::field::{Structure, TtlvValue};
use claviger_plugin_sdk::kmip::message::RequestMessage;
use claviger_plugin_sdk::kmip::objects::{Key, KeyBlock, KeyValue, ManagedObject, PlainKeyValue};
use claviger_plugin_sdk::kmip::payloads::{
    Pkcs11FunctionId, Pkcs11Request, Pkcs11Response, RegisterRequest, RegisterResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{NameType, Pkcs11Function};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::testkit::{Believing, FakeClock, MemoryStore};
use claviger_tags_standard as _;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::{Signer, Verifier};
use openssl::symm::{Cipher, decrypt, decrypt_aead, encrypt};

const START: i64 = 1_700_000_000;

// Functions by their places in CK_FUNCTION_LIST.
const INITIALIZE: u32 = 1;
const FINALIZE: u32 = 2;
const GET_INFO: u32 = 3;
const GET_SLOT_LIST: u32 = 5;
const GET_SLOT_INFO: u32 = 6;
const GET_TOKEN_INFO: u32 = 7;
const GET_MECHANISM_LIST: u32 = 8;
const GET_MECHANISM_INFO: u32 = 9;
const OPEN_SESSION: u32 = 13;
const CLOSE_SESSION: u32 = 14;
const GET_SESSION_INFO: u32 = 16;
const LOGIN: u32 = 19;
const GET_ATTRIBUTE_VALUE: u32 = 25;
const FIND_INIT: u32 = 27;
const FIND: u32 = 28;
const FIND_FINAL: u32 = 29;
const ENCRYPT_INIT: u32 = 30;
const ENCRYPT: u32 = 31;
const ENCRYPT_UPDATE: u32 = 32;
const ENCRYPT_FINAL: u32 = 33;
const DECRYPT_INIT: u32 = 34;
const DECRYPT: u32 = 35;
const DECRYPT_UPDATE: u32 = 36;
const DECRYPT_FINAL: u32 = 37;
const DIGEST_INIT: u32 = 38;
const DIGEST: u32 = 39;
const DIGEST_UPDATE: u32 = 40;
const DIGEST_FINAL: u32 = 42;
const SIGN_INIT: u32 = 43;
const SIGN: u32 = 44;
const SIGN_UPDATE: u32 = 45;
const SIGN_FINAL: u32 = 46;
const VERIFY_INIT: u32 = 49;
const VERIFY: u32 = 50;
const VERIFY_UPDATE: u32 = 51;
const VERIFY_FINAL: u32 = 52;
const GENERATE_KEY: u32 = 59;
const GENERATE_RANDOM: u32 = 65;
const WAIT_FOR_SLOT_EVENT: u32 = 68;

const OK: u32 = 0;
const BUFFER_TOO_SMALL: u32 = 0x150;

const AES_CBC_PAD: u64 = 0x1085;
const AES_GCM: u64 = 0x1087;
const SHA256: u64 = 0x250;
const SHA256_HMAC: u64 = 0x251;
const SHA256_RSA_PKCS: u64 = 0x40;
const ECDSA: u64 = 0x1041;

/// Arguments, encoded.
#[derive(Clone, Default)]
struct Arguments(Vec<u8>);

impl Arguments {
    fn long(mut self, number: u64) -> Self {
        self.0.extend(number.to_be_bytes());
        self
    }

    fn count(mut self, count: usize) -> Self {
        self.0.extend((count as u32).to_be_bytes());
        self
    }

    fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    fn bytes(self, bytes: &[u8]) -> Self {
        self.count(bytes.len()).raw(bytes)
    }

    /// A buffer for a result.
    fn buffer(self, size: usize) -> Self {
        self.raw(&[1]).count(size)
    }

    /// No buffer: only the length is asked for.
    fn no_buffer(self) -> Self {
        self.raw(&[0]).count(0)
    }

    fn mechanism(self, code: u64, parameter: Option<&[u8]>) -> Self {
        match parameter {
            Some(parameter) => self.long(code).raw(&[1]).bytes(parameter),
            None => self.long(code).raw(&[0]),
        }
    }
}

fn of(session: u64) -> Arguments {
    Arguments::default().long(session)
}

struct Token {
    engine: Engine,
    clock: Arc<FakeClock>,
    correlation: Option<ByteString>,
    user: &'static str,
}

impl Token {
    fn with(settings: Settings) -> Self {
        let options = RegistryOptions { settings, ..RegistryOptions::default() };
        let registry = Registry::from_linked(&options).unwrap();
        let clock = Arc::new(FakeClock::at(START));
        let options = EngineOptions {
            authenticators: Authenticators {
                configured: vec![("header".into(), Arc::new(Believing))],
                require_all: true,
                default_user: "admin".into(),
                force_default_user: false,
                operators: Vec::new(),
                creators: None,
            },
            implied_rights: ImpliedRights::Exact,
            algorithm_policy: AlgorithmPolicy::default(),
            limits: Limits::default(),
            clock: clock.clone(),
            random: Arc::new(|| Box::new(SystemRandom)),
            audit: Vec::new(),
            required_audit: RequiredAudit::Nothing,
            observer: None,
        };
        let store = Arc::new(MemoryStore::with_clock(clock.clone()));
        let engine = Engine::new(Arc::new(registry), store, options);
        Self { engine, clock, correlation: None, user: "alice" }
    }

    /// A token whose library is initialised.
    async fn new() -> Self {
        let mut token = Self::with(Settings::default());
        token.initialize().await;
        token
    }

    async fn initialize(&mut self) {
        let response = self.ask(INITIALIZE, &[1]).await.unwrap();
        assert_eq!(response.pkcs_11_return_code.0, OK);
        self.correlation = response.correlation_value;
        assert!(self.correlation.is_some());
    }

    async fn run<R: Structure, A: TtlvValue>(&self, operation: OperationCode, request: R) -> Result<A> {
        let headers = vec![("user".to_owned(), self.user.to_owned())];
        let facts = ConnectionFacts { headers, ..ConnectionFacts::internal() };
        let caller = self.engine.authenticate(Arc::new(facts)).await.unwrap();
        let message = RequestMessage::of_one(ProtocolVersion::V2_1, operation, request.into_value());
        let outcomes = self.engine.handle_in(&caller, &Standard, message).await?;
        Ok(A::from_value(Tag::RESPONSE_PAYLOAD, outcomes.into_iter().next().unwrap().result?.into_value())?)
    }

    async fn ask(&self, function: u32, input: &[u8]) -> Result<Pkcs11Response> {
        let request = Pkcs11Request {
            pkcs_11_interface: None,
            pkcs_11_function: Pkcs11FunctionId::Standard(Pkcs11Function(function)),
            correlation_value: self.correlation.clone(),
            pkcs_11_input_parameters: (!input.is_empty()).then(|| input.to_vec().into()),
        };
        self.run(OperationCode::PKCS_11, request).await
    }

    /// The return code and the output of a function.
    async fn call(&self, function: u32, arguments: Arguments) -> (u32, Vec<u8>) {
        let response = self.ask(function, &arguments.0).await.unwrap();
        let output = response.pkcs_11_output_parameters.map(|output| output.to_vec()).unwrap_or_default();
        (response.pkcs_11_return_code.0, output)
    }

    async fn ok(&self, function: u32, arguments: Arguments) -> Vec<u8> {
        let (code, output) = self.call(function, arguments).await;
        assert_eq!(code, OK, "function {function}");
        output
    }

    async fn code(&self, function: u32, arguments: Arguments) -> u32 {
        self.call(function, arguments).await.0
    }

    /// The content of a buffer that a function has filled.
    async fn filled(&self, function: u32, arguments: Arguments) -> Vec<u8> {
        let output = self.ok(function, arguments.buffer(10_000)).await;
        assert_eq!(output[0], 1);
        let length = u32::from_be_bytes(output[1..5].try_into().unwrap()) as usize;
        assert_eq!(output.len(), 5 + length);
        output[5..].to_vec()
    }

    async fn session(&self) -> u64 {
        let serial = 4;
        long(&self.ok(OPEN_SESSION, Arguments::default().long(0).long(serial)).await)
    }

    async fn register(&self, object: ManagedObject, mut attributes: Attributes, usage: u32) -> String {
        attributes.put::<kinds::CryptographicUsageMask>(usage.cast_signed());
        attributes.put::<kinds::ActivationDate>(DateTime(START));
        if !attributes.contains(Tag::NAME) {
            attributes.push::<kinds::Name>(name("the key"));
        }
        let request = RegisterRequest {
            object_type: object.object_type(),
            attributes,
            object,
            protection_storage_masks: None,
        };
        let answer: RegisterResponse = self.run(OperationCode::REGISTER, request).await.unwrap();
        answer.unique_identifier
    }

    async fn aes(&self) -> String {
        let usage = CryptographicUsageMask::ENCRYPT.0 | CryptographicUsageMask::DECRYPT.0;
        self.register(symmetric(CryptographicAlgorithm::AES, &KEY), Attributes::new(), usage).await
    }

    /// The handles that a template finds.
    async fn find(&self, session: u64, template: Arguments) -> Vec<u64> {
        self.ok(FIND_INIT, of(session).raw(&template.0)).await;
        let output = self.ok(FIND, of(session).count(100)).await;
        self.ok(FIND_FINAL, of(session)).await;
        assert_eq!(output.len(), 4 + 8 * u32::from_be_bytes(output[..4].try_into().unwrap()) as usize);
        output[4..].chunks(8).map(long).collect()
    }

    async fn only(&self, session: u64) -> u64 {
        let found = self.find(session, Arguments::default().count(0)).await;
        assert_eq!(found.len(), 1);
        found[0]
    }
}

fn name(value: &str) -> Name {
    Name { value: value.into(), name_type: NameType::UNINTERPRETED_TEXT_STRING }
}

const NONE: [u64; 0] = [];
const KEY: [u8; 16] = *b"sixteen byte key";
const IV: [u8; 16] = *b"sixteen byte ivs";

fn long(bytes: &[u8]) -> u64 {
    u64::from_be_bytes(bytes[..8].try_into().unwrap())
}

fn block(format: KeyFormatType, algorithm: CryptographicAlgorithm, bits: usize, material: &[u8]) -> KeyBlock {
    KeyBlock {
        key_format_type: format,
        key_compression_type: None,
        key_value: Some(KeyValue::Plain(PlainKeyValue {
            key_material: Value::ByteString(material.to_vec().into()),
            attributes: None,
        })),
        cryptographic_algorithm: Some(algorithm),
        cryptographic_length: Some(bits as i32),
        key_wrapping_data: None,
    }
}

fn symmetric(algorithm: CryptographicAlgorithm, key: &[u8]) -> ManagedObject {
    let key_block = block(KeyFormatType::RAW, algorithm, key.len() * 8, key);
    ManagedObject::SymmetricKey(Key { key_block })
}

fn iv(iv: &[u8]) -> Vec<u8> {
    Arguments::default().bytes(iv).0
}

fn ascii(text: &str, length: usize) -> Vec<u8> {
    format!("{text:length$}").into_bytes()
}

#[tokio::test]
async fn the_published_case_passes_with_the_names_of_its_vendor() {
    // PKCS11-M-1-21 of the KMIP profiles, which tells the names of its server in the answer to C_GetInfo.
    let settings = Settings::new(
        "/".into(),
        [("pkcs11-manufacturer", "TEST      Pty Ltd".to_owned()), ("pkcs11-description", "TEST".to_owned())],
    );
    let mut token = Token::with(settings);
    token.initialize().await;
    let info = token.ask(GET_INFO, &[]).await.unwrap();
    let expected =
        b"\x02\x28TEST      Pty Ltd               \0\0\0\0\0\0\0\0TEST                            \x01\0";
    assert_eq!(info.pkcs_11_output_parameters.as_deref(), Some(&expected[..]));
    assert_eq!(info.correlation_value, None);
    assert_eq!(token.ok(FINALIZE, Arguments::default()).await, b"");
    assert_eq!(token.code(GET_INFO, Arguments::default()).await, 0x190);
}

#[tokio::test]
async fn a_library_belongs_to_whoever_initialised_it() {
    let mut token = Token::new().await;
    assert_eq!(token.code(INITIALIZE, Arguments::default().raw(&[1])).await, 0x191);
    token.user = "bob";
    assert_eq!(token.code(GET_INFO, Arguments::default()).await, 0x190);
    token.user = "alice";
    token.ok(GET_INFO, Arguments::default()).await;
    token.correlation = None;
    assert_eq!(token.code(GET_INFO, Arguments::default()).await, 0x190);
}

#[tokio::test]
async fn there_is_one_slot_with_a_write_protected_token() {
    let token = Token::new().await;
    let none = Arguments::default().raw(&[1]);
    assert_eq!(token.ok(GET_SLOT_LIST, none.clone().no_buffer()).await, [0, 0, 0, 0, 1]);
    let (code, output) = token.call(GET_SLOT_LIST, none.clone().buffer(0)).await;
    assert_eq!((code, output), (BUFFER_TOO_SMALL, vec![0, 0, 0, 0, 1]));
    let listed = token.ok(GET_SLOT_LIST, none.buffer(4)).await;
    assert_eq!(listed, [&[1, 0, 0, 0, 1][..], &[0; 8]].concat());
    let slot = token.ok(GET_SLOT_INFO, Arguments::default().long(0)).await;
    assert_eq!(slot.len(), 64 + 32 + 8 + 2 + 2);
    assert_eq!(token.code(GET_SLOT_INFO, Arguments::default().long(1)).await, 3);
    let info = token.ok(GET_TOKEN_INFO, Arguments::default().long(0)).await;
    assert_eq!(info.len(), 32 + 32 + 16 + 16 + 8 + 10 * 8 + 2 + 2 + 16);
    assert_eq!((&info[..32], long(&info[96..])), (&*ascii("Claviger", 32), 0x403));
    let session = token.session().await;
    assert_eq!(token.code(GENERATE_KEY, of(session)).await, 0xE2);
    assert_eq!(token.code(LOGIN, of(session).long(1).count(0)).await, 0x100);
    assert_eq!(token.code(WAIT_FOR_SLOT_EVENT, Arguments::default()).await, 0x54);
}

#[tokio::test]
async fn sessions_are_opened_described_and_closed() {
    let token = Token::new().await;
    let session = token.session().await;
    let info = token.ok(GET_SESSION_INFO, of(session)).await;
    assert_eq!(info.chunks(8).map(long).collect::<Vec<_>>(), [0, 1, 4, 0]);
    let writing = long(&token.ok(OPEN_SESSION, Arguments::default().long(0).long(6)).await);
    assert_eq!(long(&token.ok(GET_SESSION_INFO, of(writing)).await[8..]), 3);
    token.ok(CLOSE_SESSION, of(session)).await;
    assert_eq!(token.code(GET_SESSION_INFO, of(session)).await, 0xB3);
    assert_eq!(token.code(CLOSE_SESSION, of(session)).await, 0xB3);
    assert_eq!(token.code(OPEN_SESSION, Arguments::default().long(0).long(0)).await, 0xB4);
}

#[tokio::test]
async fn mechanisms_are_those_that_the_server_has() {
    let token = Token::new().await;
    let slot = Arguments::default().long(0);
    let listed = token.ok(GET_MECHANISM_LIST, slot.clone().buffer(1000)).await;
    let listed: Vec<u64> = listed[5..].chunks(8).map(long).collect();
    for mechanism in [AES_CBC_PAD, AES_GCM, SHA256, SHA256_HMAC, SHA256_RSA_PKCS, ECDSA] {
        assert!(listed.contains(&mechanism), "{mechanism:#x}");
    }
    let info = token.ok(GET_MECHANISM_INFO, slot.clone().long(AES_GCM)).await;
    assert_eq!(long(&info[16..]), 0x300);
    assert_eq!(token.code(GET_MECHANISM_INFO, slot.long(0x7777)).await, 0x70);
}

#[tokio::test]
async fn keys_are_found_and_described() {
    let token = Token::new().await;
    let id = token.aes().await;
    let session = token.session().await;
    let label = |label: &[u8]| Arguments::default().count(1).long(3).raw(&[1, 1]).bytes(label);
    let class = |class| Arguments::default().count(1).long(0).raw(&[1, 1]).long(class);
    let found = token.find(session, label(b"the key")).await;
    assert_eq!(found.len(), 1);
    assert_eq!(token.find(session, class(4)).await, found);
    assert_eq!(token.find(session, class(3)).await, NONE);
    assert_eq!(token.find(session, label(b"another")).await, NONE);
    // CKA_ID, CKA_KEY_TYPE, CKA_VALUE_LEN, CKA_ENCRYPT, CKA_SIGN, CKA_START_DATE: asked for without values.
    let asked = [0x102_u64, 0x100, 0x161, 0x104, 0x108, 0x110];
    let ask = |codes: &[u64]| {
        let arguments = of(session).long(found[0]).count(codes.len());
        codes.iter().fold(arguments, |arguments, code| arguments.long(*code).raw(&[0, 0]))
    };
    let told = token.ok(GET_ATTRIBUTE_VALUE, ask(&asked)).await;
    let expected = Arguments::default()
        .count(6)
        .long(0x102)
        .raw(&[1, 1])
        .bytes(id.as_bytes())
        .long(0x100)
        .raw(&[1, 1])
        .long(0x1F)
        .long(0x161)
        .raw(&[1, 1])
        .long(16)
        .long(0x104)
        .raw(&[1, 1, 1])
        .long(0x108)
        .raw(&[1, 1, 0])
        .long(0x110)
        .raw(&[1, 1])
        .raw(b"20231114");
    assert_eq!(told, expected.0);
    // The value stays in the server.
    let (code, told) = token.call(GET_ATTRIBUTE_VALUE, ask(&[0x11])).await;
    assert_eq!((code, told), (0x11, Arguments::default().count(1).long(0x11).raw(&[0, 0]).0));
    assert_eq!(token.code(GET_ATTRIBUTE_VALUE, of(session).long(9).count(0)).await, 0x82);
}

#[tokio::test]
async fn nobody_finds_or_uses_what_others_have() {
    let mut token = Token::new().await;
    token.aes().await;
    token.user = "bob";
    token.correlation = None;
    token.initialize().await;
    let session = token.session().await;
    assert_eq!(token.find(session, Arguments::default().count(0)).await, NONE);
    let init = of(session).mechanism(AES_CBC_PAD, Some(&iv(&IV))).long(1);
    assert_eq!(token.code(ENCRYPT_INIT, init).await, 0x60);
}

#[tokio::test]
async fn what_is_encrypted_at_once_or_in_parts_openssl_decrypts() {
    let token = Token::new().await;
    token.aes().await;
    let session = token.session().await;
    let key = token.only(session).await;
    let init = of(session).mechanism(AES_CBC_PAD, Some(&iv(&IV))).long(key);
    token.ok(ENCRYPT_INIT, init.clone()).await;
    assert_eq!(token.code(ENCRYPT_INIT, init.clone()).await, 0x90);
    let whole = token.filled(ENCRYPT, of(session).bytes(b"attack at dawn, or later")).await;
    assert_eq!(decrypt(Cipher::aes_128_cbc(), &KEY, Some(&IV), &whole).unwrap(), b"attack at dawn, or later");
    assert_eq!(token.code(ENCRYPT, of(session).bytes(b"").buffer(16)).await, 0x91);
    token.ok(ENCRYPT_INIT, init.clone()).await;
    let mut parts = Vec::new();
    for part in [&b"attack at dawn"[..], b", or", b" later"] {
        parts.extend(token.filled(ENCRYPT_UPDATE, of(session).bytes(part)).await);
    }
    parts.extend(token.filled(ENCRYPT_FINAL, of(session)).await);
    assert_eq!(parts, whole);
    token.ok(DECRYPT_INIT, init.clone()).await;
    assert_eq!(token.filled(DECRYPT, of(session).bytes(&whole)).await, b"attack at dawn, or later");
    token.ok(DECRYPT_INIT, init).await;
    assert_eq!(token.code(DECRYPT, of(session).bytes(&whole[1..]).buffer(99)).await, 0x40);
}

#[tokio::test]
async fn authenticated_encryption_carries_the_tag_behind_the_data() {
    let token = Token::new().await;
    token.aes().await;
    let session = token.session().await;
    let key = token.only(session).await;
    let nonce = &IV[..12];
    let parameter = Arguments::default().bytes(nonce).long(96).bytes(b"header").long(128).0;
    let init = of(session).mechanism(AES_GCM, Some(&parameter)).long(key);
    token.ok(ENCRYPT_INIT, init.clone()).await;
    let sealed = token.filled(ENCRYPT, of(session).bytes(b"attack at dawn")).await;
    let (data, tag) = sealed.split_at(14);
    let opened = decrypt_aead(Cipher::aes_128_gcm(), &KEY, Some(nonce), b"header", data, tag);
    assert_eq!(opened.unwrap(), b"attack at dawn");
    token.ok(DECRYPT_INIT, init.clone()).await;
    let mut opened = Vec::new();
    for part in sealed.chunks(11) {
        opened.extend(token.filled(DECRYPT_UPDATE, of(session).bytes(part)).await);
    }
    opened.extend(token.filled(DECRYPT_FINAL, of(session)).await);
    assert_eq!(opened, b"attack at dawn");
    token.ok(DECRYPT_INIT, init).await;
    let forged = [&[sealed[0] ^ 1], &sealed[1..]].concat();
    assert_eq!(token.code(DECRYPT, of(session).bytes(&forged).buffer(99)).await, 0x40);
}

#[tokio::test]
async fn a_result_waits_for_a_buffer_that_is_large_enough() {
    let token = Token::new().await;
    token.aes().await;
    let session = token.session().await;
    let key = token.only(session).await;
    token.ok(ENCRYPT_INIT, of(session).mechanism(AES_CBC_PAD, Some(&iv(&IV))).long(key)).await;
    let data = of(session).bytes(b"attack at dawn");
    assert_eq!(token.ok(ENCRYPT, data.clone().no_buffer()).await, [0, 0, 0, 0, 16]);
    let small = token.call(ENCRYPT, data.clone().buffer(15)).await;
    assert_eq!(small, (BUFFER_TOO_SMALL, vec![0, 0, 0, 0, 16]));
    let filled = token.filled(ENCRYPT, data.clone()).await;
    assert_eq!(filled, encrypt(Cipher::aes_128_cbc(), &KEY, Some(&IV), b"attack at dawn").unwrap());
    assert_eq!(token.code(ENCRYPT, data.buffer(16)).await, 0x91);
}

#[tokio::test]
async fn digests_are_those_of_openssl() {
    let token = Token::new().await;
    let session = token.session().await;
    let init = of(session).mechanism(SHA256, None);
    let expected = openssl::hash::hash(MessageDigest::sha256(), b"abc").unwrap();
    token.ok(DIGEST_INIT, init.clone()).await;
    assert_eq!(token.filled(DIGEST, of(session).bytes(b"abc")).await, &*expected);
    token.ok(DIGEST_INIT, init).await;
    token.ok(DIGEST_UPDATE, of(session).bytes(b"a")).await;
    assert_eq!(token.code(DIGEST, of(session).bytes(b"a").buffer(99)).await, 0x90);
    token.ok(DIGEST_UPDATE, of(session).bytes(b"bc")).await;
    assert_eq!(token.ok(DIGEST_FINAL, of(session).no_buffer()).await, [0, 0, 0, 0, 32]);
    assert_eq!(token.filled(DIGEST_FINAL, of(session)).await, &*expected);
}

#[tokio::test]
async fn macs_are_made_and_verified_with_secret_keys() {
    let token = Token::new().await;
    let usage = CryptographicUsageMask::MAC_GENERATE.0 | CryptographicUsageMask::MAC_VERIFY.0;
    let key = symmetric(CryptographicAlgorithm::HMAC_SHA256, &KEY);
    token.register(key, Attributes::new(), usage).await;
    let session = token.session().await;
    let key = token.only(session).await;
    let init = of(session).mechanism(SHA256_HMAC, None).long(key);
    token.ok(SIGN_INIT, init.clone()).await;
    let mac = token.filled(SIGN, of(session).bytes(b"abc")).await;
    let mut signer = Signer::new(MessageDigest::sha256(), &PKey::hmac(&KEY).unwrap()).unwrap();
    signer.update(b"abc").unwrap();
    assert_eq!(mac, signer.sign_to_vec().unwrap());
    for (data, code) in [(b"abc", OK), (b"abd", 0xC0)] {
        token.ok(VERIFY_INIT, init.clone()).await;
        assert_eq!(token.code(VERIFY, of(session).bytes(data).bytes(&mac)).await, code);
    }
    token.ok(VERIFY_INIT, init).await;
    token.ok(VERIFY_UPDATE, of(session).bytes(b"ab")).await;
    token.ok(VERIFY_UPDATE, of(session).bytes(b"c")).await;
    assert_eq!(token.code(VERIFY_FINAL, of(session).bytes(&mac)).await, OK);
}

#[tokio::test]
async fn signatures_are_those_that_openssl_verifies() {
    let token = Token::new().await;
    let rsa = openssl::rsa::Rsa::generate(2048).unwrap();
    let pkcs8 = PKey::from_rsa(rsa).unwrap();
    let der = pkcs8.private_key_to_pkcs8().unwrap();
    let key_block = block(KeyFormatType::PKCS_8, CryptographicAlgorithm::RSA, 2048, &der);
    let usage = CryptographicUsageMask::SIGN.0;
    token.register(ManagedObject::PrivateKey(Key { key_block }), Attributes::new(), usage).await;
    let session = token.session().await;
    let key = token.only(session).await;
    token.ok(SIGN_INIT, of(session).mechanism(SHA256_RSA_PKCS, None).long(key)).await;
    token.ok(SIGN_UPDATE, of(session).bytes(b"attack at ")).await;
    token.ok(SIGN_UPDATE, of(session).bytes(b"dawn")).await;
    let signature = token.filled(SIGN_FINAL, of(session)).await;
    let mut verifier = Verifier::new(MessageDigest::sha256(), &pkcs8).unwrap();
    verifier.update(b"attack at dawn").unwrap();
    assert!(verifier.verify(&signature).unwrap());
    // A private key does not verify, and a mechanism of another algorithm does not sign with it.
    let init = |mechanism| of(session).mechanism(mechanism, None).long(key);
    assert_eq!(token.code(VERIFY_INIT, init(SHA256_RSA_PKCS)).await, 0x68);
    assert_ne!(token.code(SIGN_INIT, init(SHA256_HMAC)).await, OK);
    assert_eq!(token.code(ENCRYPT_INIT, init(SHA256_RSA_PKCS)).await, 0x70);
}

#[tokio::test]
async fn ecdsa_signs_a_digest_with_both_integers_side_by_side() {
    use openssl::bn::BigNum;
    use openssl::ec::{EcGroup, EcKey};
    use openssl::ecdsa::EcdsaSig;
    let token = Token::new().await;
    let group = EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap();
    let ec = EcKey::generate(&group).unwrap();
    let der = PKey::from_ec_key(ec.clone()).unwrap().private_key_to_pkcs8().unwrap();
    let key_block = block(KeyFormatType::PKCS_8, CryptographicAlgorithm::EC, 256, &der);
    let usage = CryptographicUsageMask::SIGN.0;
    token.register(ManagedObject::PrivateKey(Key { key_block }), Attributes::new(), usage).await;
    let session = token.session().await;
    let key = token.only(session).await;
    // A digest of another hash than the curve's usual one.
    let digest = openssl::hash::hash(MessageDigest::sha384(), b"attack at dawn").unwrap();
    token.ok(SIGN_INIT, of(session).mechanism(ECDSA, None).long(key)).await;
    assert_eq!(token.code(SIGN_UPDATE, of(session).bytes(&digest)).await, 0x54);
    // The length is told, and the signature stays the same.
    assert_eq!(token.ok(SIGN, of(session).bytes(&digest).no_buffer()).await, [0, 0, 0, 0, 64]);
    let signature = token.filled(SIGN, of(session).bytes(&digest)).await;
    let (r, s) = signature.split_at(32);
    let number = |bytes| BigNum::from_slice(bytes).unwrap();
    let signature = EcdsaSig::from_private_components(number(r), number(s)).unwrap();
    assert!(signature.verify(&digest, &ec).unwrap());
}

#[tokio::test]
async fn what_kmip_does_not_allow_with_a_key_pkcs11_does_not_either() {
    let token = Token::new().await;
    let usage = CryptographicUsageMask::DECRYPT.0;
    token.register(symmetric(CryptographicAlgorithm::AES, &KEY), Attributes::new(), usage).await;
    let mut attributes = Attributes::new();
    attributes.put::<kinds::DeactivationDate>(DateTime(START + 100));
    attributes.push::<kinds::Name>(name("another key"));
    let session = token.session().await;
    let decrypts = token.only(session).await;
    let init = |key| of(session).mechanism(AES_CBC_PAD, Some(&iv(&IV))).long(key);
    assert_eq!(token.code(ENCRYPT_INIT, init(decrypts)).await, 0x68);
    token.ok(DECRYPT_INIT, init(decrypts)).await;
    // Admission comes again with each part.
    let usage = CryptographicUsageMask::ENCRYPT.0;
    token.register(symmetric(CryptographicAlgorithm::AES, &KEY), attributes, usage).await;
    let found = token.find(session, Arguments::default().count(0)).await;
    let ends = *found.iter().find(|handle| **handle != decrypts).unwrap();
    token.ok(ENCRYPT_INIT, init(ends)).await;
    token.filled(ENCRYPT_UPDATE, of(session).bytes(b"attack at dawn!!")).await;
    token.clock.advance(200);
    assert_eq!(token.code(ENCRYPT_UPDATE, of(session).bytes(b"more").buffer(99)).await, 0x68);
}

#[tokio::test]
async fn random_bytes_come_as_many_as_asked_for() {
    let token = Token::new().await;
    let session = token.session().await;
    let one = token.ok(GENERATE_RANDOM, of(session).count(16)).await;
    let other = token.ok(GENERATE_RANDOM, of(session).bytes(&[0; 16])).await;
    assert_eq!((one.len(), other.len()), (16, 16));
    assert_ne!(one, other);
    assert_eq!(token.code(GENERATE_RANDOM, of(session).count(u32::MAX as usize)).await, 7);
}

#[tokio::test]
async fn what_cannot_be_called_is_a_failure_of_kmip() {
    let token = Token::new().await;
    let reason = async |function, input: &[u8]| token.ask(function, input).await.unwrap_err().reason();
    assert_eq!(reason(93, &[]).await, ResultReason::PKCS_11_INVALID_FUNCTION);
    assert_eq!(reason(0, &[]).await, ResultReason::PKCS_11_INVALID_FUNCTION);
    assert_eq!(reason(GET_SLOT_INFO, &[0; 7]).await, ResultReason::PKCS_11_CODEC_ERROR);
    assert_eq!(reason(GET_SLOT_INFO, &[0; 9]).await, ResultReason::PKCS_11_CODEC_ERROR);
    assert_eq!(reason(INITIALIZE, &[2]).await, ResultReason::PKCS_11_CODEC_ERROR);
    let session = token.session().await;
    let huge = of(session).count(u32::MAX as usize).0;
    assert_eq!(reason(FIND_INIT, &huge).await, ResultReason::PKCS_11_CODEC_ERROR);
    let request = |interface: Option<&str>, function| Pkcs11Request {
        pkcs_11_interface: interface.map(str::to_owned),
        pkcs_11_function: function,
        correlation_value: token.correlation.clone(),
        pkcs_11_input_parameters: None,
    };
    let info = Pkcs11FunctionId::Standard(Pkcs11Function(GET_INFO));
    let ask = async |request| {
        let answer: Result<Pkcs11Response> = token.run(OperationCode::PKCS_11, request).await;
        answer.map(|answer| answer.pkcs_11_return_code.0).map_err(|error| error.reason())
    };
    assert_eq!(ask(request(Some("PKCS 11"), info)).await, Ok(OK));
    let other = ask(request(Some("Vendor NSS"), info)).await;
    assert_eq!(other, Err(ResultReason::PKCS_11_INVALID_INTERFACE));
    let vendors = ask(request(None, Pkcs11FunctionId::Vendor(1))).await;
    assert_eq!(vendors, Err(ResultReason::PKCS_11_INVALID_FUNCTION));
}
