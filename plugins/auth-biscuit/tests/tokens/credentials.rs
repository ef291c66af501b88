//! Tokens in the header of messages.

use base64ct::Encoding as _;
use claviger_auth_biscuit::BiscuitFactory;
use claviger_plugin_sdk::kmip::message::Credential;
use claviger_plugin_sdk::kmip::tables::enumerations::CredentialType;
use claviger_plugin_sdk::kmip::{Tag, Ttlv, Value};
use claviger_plugin_sdk::testkit::credential::Cases;

use super::{World, now, public, settings};

/// The Ticket Type of tokens.
const TICKET_TYPE: u32 = 0x8000_0C01;

fn ticket(ticket_type: u32, value: &[u8]) -> Credential {
    let ticket = Value::Structure(vec![
        Ttlv::new(Tag::TICKET_TYPE, Value::Enumeration(ticket_type)),
        Ttlv::new(Tag::TICKET_VALUE, Value::ByteString(value.to_vec().into())),
    ]);
    Credential {
        credential_type: CredentialType::TICKET,
        credential_value: Value::Structure(vec![Ttlv::new(Tag::TICKET, ticket)]),
    }
}

fn password(user: &str, password: &str) -> Credential {
    let text = |tag, text: &str| Ttlv::new(tag, Value::TextString(text.into()));
    Credential {
        credential_type: CredentialType::USERNAME_AND_PASSWORD,
        credential_value: Value::Structure(vec![text(Tag::USERNAME, user), text(Tag::PASSWORD, password)]),
    }
}

fn cases() -> Cases {
    let world = World::new();
    let token = world.token("check if operation(\"Get\");").to_vec().unwrap();
    let text = format!("biscuit:{}", base64ct::Base64UrlUnpadded::encode_string(&token));
    let stranger = World::new().token("").to_vec().unwrap();
    Cases {
        factory: &BiscuitFactory,
        settings: settings(&[("biscuit-public-keys", public(&world.root))]),
        now: now(),
        accepted: vec![(ticket(TICKET_TYPE, &token), "ann".into()), (password("ann", &text), "ann".into())],
        rejected: vec![
            ticket(TICKET_TYPE, &stranger),
            ticket(TICKET_TYPE, b""),
            password("bob", &text),
            password("ann", "biscuit:"),
        ],
        foreign: vec![ticket(1, &token), password("ann", "password1"), password("biscuit", "")],
    }
}

claviger_plugin_sdk::credential_conformance!(cases());

#[test]
fn the_name_beside_a_token_may_be_left_empty() {
    let world = World::new();
    let text = format!("biscuit:{}", world.token("").to_base64().unwrap());
    let mut desk = claviger_plugin_sdk::testkit::credential::Desk::at(now());
    let answer = desk.show(&*world.authenticator, &password("", &text)).unwrap();
    let claviger_plugin_sdk::authentication::Authentication::Accepted(principal) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(&*principal.user, "ann");
}
