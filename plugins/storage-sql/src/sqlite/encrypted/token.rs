//! The token that names a database and opens it.
//!
//! Clients of the REST family know its form: standard Base64 of a JSON array of 48 numbers, 16 bytes that name the group,
//! most significant first, and the 32 of the key.

use base64ct::{Base64, Encoding as _};
use claviger_plugin_sdk::authentication::{ConnectionFacts, Transport};
use claviger_plugin_sdk::error::ErrorClass;
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::{Error, Result};
use zeroize::Zeroizing;

use super::SECRET;
use super::group::Group;
use crate::sqlite::key::DatabaseKey;

/// The header field with the token, in lower case.
const HEADER: &str = "kmsdatabasesecret";
const LENGTH: usize = Group::LENGTH + DatabaseKey::LENGTH;
/// Letters of a token at most; those that this server gives have 256.
const LONGEST: usize = 1024;

/// A group's name and the key of its database.
pub(super) struct Token {
    pub(super) group: Group,
    pub(super) key: DatabaseKey,
}

impl Token {
    /// A token that nobody has.
    pub(super) fn draw(random: &mut dyn RandomSource) -> Result<Self> {
        Self::of(&random.bytes(LENGTH))
    }

    /// The token that a request brings.
    ///
    /// # Errors
    /// Authentication Not Successful: there is none, or it is no token. Feature Not Supported: the request has no place
    /// for one.
    pub(super) fn brought(facts: &ConnectionFacts) -> Result<Self> {
        match (facts.header(HEADER), facts.transport) {
            // RFC 9110 section 5.5: other bytes in a field are of no known text.
            (Some(text), _) if !text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) => {
                Err(refused("KmsDatabaseSecret header cannot be read"))
            }
            (Some(text), _) => {
                read(text).ok_or_else(|| refused("KmsDatabaseSecret header cannot be decoded"))
            }
            (None, Transport::Socket) => Err(Error::unsupported(
                "every group has a database of its own here, which a request names by the HTTP header \
                 KmsDatabaseSecret: send messages to /kmip over HTTPS, since a TTLV socket has no headers",
            )),
            (None, Transport::Internal) => Err(Error::unsupported(
                "every group has a database of its own in sqlite-enc, and the server has none; commands for databases \
                 learn by --database-secret which one is meant",
            )),
            (None, Transport::Http | Transport::Https) => {
                Err(refused("Missing KmsDatabaseSecret header in the query"))
            }
        }
    }

    /// The token that the settings give, as a file with the answer of `POST /new_database` has it.
    ///
    /// # Errors
    /// Invalid Field: it is no token.
    pub(super) fn configured(settings: &Settings) -> Result<Option<Self>> {
        let Some(text) = settings.text(SECRET) else { return Ok(None) };
        let token = read(text.trim_matches(|letter: char| letter.is_whitespace() || letter == '"'));
        token.map(Some).ok_or_else(|| Error::invalid(format!("--{SECRET} is no token of a database")))
    }

    /// The same token once more.
    pub(super) fn again(&self) -> Result<Self> {
        Ok(Self { group: self.group, key: DatabaseKey::new(self.key.bytes())? })
    }

    /// The token as clients bring it.
    pub(super) fn to_text(&self) -> ByteString {
        let bytes = self.group.bytes();
        let numbers = bytes.iter().chain(self.key.bytes());
        let mut json = Zeroizing::new(String::with_capacity(LENGTH * 4 + 2));
        json.push('[');
        for (place, number) in numbers.enumerate() {
            if place > 0 {
                json.push(',');
            }
            json.push_str(&number.to_string());
        }
        json.push(']');
        Base64::encode_string(json.as_bytes()).into_bytes().into()
    }

    fn of(bytes: &[u8]) -> Result<Self> {
        let parts = bytes.split_first_chunk();
        let (group, key) = parts.ok_or_else(|| Error::storage("a database token has another length"))?;
        Ok(Self { group: Group::of(*group), key: DatabaseKey::new(key)? })
    }
}

fn read(text: &str) -> Option<Token> {
    if text.len() > LONGEST {
        return None;
    }
    let mut decoded = Zeroizing::new([0; LONGEST]);
    let json = Base64::decode(text, &mut *decoded).ok()?;
    let numbers = std::str::from_utf8(json).ok()?.trim().strip_prefix('[')?.strip_suffix(']')?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(LENGTH + 1));
    for number in numbers.split(',').take(LENGTH + 1) {
        bytes.push(number.trim().parse().ok()?);
    }
    Token::of(&bytes).ok()
}

fn refused(why: &'static str) -> Error {
    Error::new(ResultReason::AUTHENTICATION_NOT_SUCCESSFUL, ErrorClass::Denied, why)
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::testkit::SeededRandom;

    use super::*;

    fn brought(headers: &[(&str, &str)], transport: Transport) -> Result<Token> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Token::brought(&ConnectionFacts { transport, headers, ..ConnectionFacts::internal() })
    }

    fn message(text: &str) -> String {
        brought(&[(HEADER, text)], Transport::Https).err().unwrap().message().to_owned()
    }

    // Made by Python: base64.b64encode(json.dumps(list(range(48)), separators=(",", ":")).encode()).
    const COUNTING: &str = "WzAsMSwyLDMsNCw1LDYsNyw4LDksMTAsMTEsMTIsMTMsMTQsMTUsMTYsMTcsMTgsMTksMjAsMjEsMjIsMjMsMjQsMjUsMjYsMjcsMjgsMjksMzAsMzEsMzIsMzMsMzQsMzUsMzYsMzcsMzgsMzksNDAsNDEsNDIsNDMsNDQsNDUsNDYsNDdd";

    #[test]
    fn a_token_is_base64_of_a_json_array_of_group_and_key() {
        let token = brought(&[(HEADER, COUNTING)], Transport::Https).unwrap();
        // int.from_bytes(range(16), "big")
        assert_eq!(token.group.file_name(), "5233100606242806050955395731361295.sqlite");
        assert_eq!(token.key.bytes(), (16..48).collect::<Vec<u8>>());
        assert_eq!(token.to_text(), COUNTING.as_bytes().to_vec().into());
    }

    #[test]
    fn a_drawn_token_is_read_back() {
        let token = Token::draw(&mut SeededRandom::new(7)).unwrap();
        let text = String::from_utf8(token.to_text().to_vec()).unwrap();
        let again = brought(&[(HEADER, &text)], Transport::Http).unwrap();
        assert!(again.group == token.group && again.key.is(&token.key));
    }

    #[test]
    fn what_is_no_token_is_refused_in_the_words_of_the_family() {
        let base64 = |json: &str| Base64::encode_string(json.as_bytes());
        let numbers = |count: usize| base64(&format!("[{}]", vec!["7"; count].join(",")));
        for text in [
            "",
            "no Base64!",
            "AAAA",
            &COUNTING[1..],
            &numbers(47),
            &numbers(49),
            &base64("[]"),
            &base64("{}"),
            &base64(&format!("[{}]", vec!["256"; 48].join(","))),
            &base64(&format!("[{}]", vec!["-1"; 48].join(","))),
            &"A".repeat(4096),
        ] {
            assert_eq!(message(text), "KmsDatabaseSecret header cannot be decoded", "{text}");
        }
        assert_eq!(message("\u{fffd}"), "KmsDatabaseSecret header cannot be read");
    }

    #[test]
    fn a_configured_token_may_be_the_answer_that_gave_it() {
        let configured = |text: &str| {
            Token::configured(&Settings::new("/".into(), [(SECRET, text.to_owned())])).map(Option::unwrap)
        };
        for text in [COUNTING, &format!("\"{COUNTING}\"\n"), &format!(" {COUNTING}")] {
            assert_eq!(configured(text).unwrap().key.bytes(), (16..48).collect::<Vec<u8>>());
        }
        let error = configured("x").err().unwrap();
        assert_eq!(error.message(), "--database-secret is no token of a database");
        assert!(Token::configured(&Settings::default()).unwrap().is_none());
    }

    #[test]
    fn a_request_without_a_token_is_told_what_is_missing() {
        let error = |transport| brought(&[("other", "x")], transport).err().unwrap();
        let missing = error(Transport::Https);
        assert_eq!(missing.message(), "Missing KmsDatabaseSecret header in the query");
        assert_eq!(missing.reason(), ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
        for transport in [Transport::Socket, Transport::Internal] {
            assert_eq!(error(transport).reason(), ResultReason::FEATURE_NOT_SUPPORTED);
        }
    }
}
