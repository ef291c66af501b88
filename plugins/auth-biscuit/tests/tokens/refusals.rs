//! What is no token of ours, and what cannot be applied.

use biscuit_auth::builder::{Algorithm, Scope};
use biscuit_auth::{Biscuit, BlockBuilder, KeyPair};
use claviger_plugin_sdk::random::RandomSource as _;
use claviger_plugin_sdk::testkit::SeededRandom;

use super::{World, with};

fn refusal(world: &World, token: &Biscuit) -> String {
    world.ask(token).unwrap_err()
}

#[test]
fn a_check_that_cannot_be_put_to_a_search_refuses_its_token() {
    let world = World::new();
    for check in [
        "check if user(\"ann\")",
        "check if resource(\"k\")",
        "check if object(\"a\", \"b\")",
        "check if object(7)",
        "check if object($x), tag($x)",
        "check if object($o), $o.starts_with(\"a\")",
        "check if object($o), $o.matches(\"a.*\")",
        "check if object($o), tag($t), $o == \"a\" || $t == \"b\"",
        "check if object($o), object($p), $o == $p",
        "check if tag($t)",
        "check if tag($t), $t != \"a\"",
        "check if tag($t), !($t == \"a\")",
        "check if operation(\"get\")",
        "check if operation($op), $op != \"destroy\"",
        "check if type(\"Key\")",
        "check if time($t), $t < 2030-01-01T00:00:00Z || $t > 2031-01-01T00:00:00Z",
        "check if time($t), $t < 7",
        "check if operation($op), $op == 7",
        "check if uses($n), $n > 5",
        "check if uses($n), $n <= 5, operation(\"Get\")",
        "check if uses($n), $n <= 5 or operation(\"Get\")",
        "check if uses(5)",
        "reject if uses($n), $n <= 5",
        "reject if operation(\"Get\") or object(\"a\")",
        "check all operation($op), $op == \"Get\"",
        "check if 1 + 1 == 2",
        "check if [\"a\"].any($x -> $x == \"a\")",
    ] {
        for token in [world.token(&format!("{check};")), with(&world.token(""), &format!("{check};"))] {
            let why = refusal(&world, &token);
            assert!(why.starts_with("token: `") || why.contains("support"), "{check}: {why}");
        }
    }
}

#[test]
fn whose_facts_are_trusted_is_not_overlooked() {
    let world = World::new();
    let whole = world.token("");
    let key = KeyPair::new().public();
    let is_refused = |token: &Biscuit| refusal(&world, token).contains("`trusting` is not supported");
    for trusted in ["previous", "authority", &format!("ed25519/{}", key.to_bytes_hex())] {
        for source in [
            format!("check if operation(\"Get\") trusting {trusted};"),
            format!("check if operation(\"Get\") or operation(\"Encrypt\") trusting {trusted};"),
            format!("reject if operation(\"Get\") trusting {trusted};"),
        ] {
            assert!(is_refused(&world.token(&source)) && is_refused(&with(&whole, &source)), "{source}");
        }
    }
    for scope in [Scope::Previous, Scope::Authority, Scope::PublicKey(key)] {
        let block = BlockBuilder::new().scope(scope).code("check if operation(\"Get\");").unwrap();
        assert!(is_refused(&whole.append(block).unwrap()));
    }
}

#[test]
fn hostile_datalog_is_not_run() {
    let world = World::new();
    // Each of these would keep an engine busy that runs it.
    let numbers: String = (0..200).map(|n| format!("n({n}); ")).collect();
    for source in [
        "a(0, 1); a($x, $y) <- a($y, $x); a($x, $x) <- a($x, $y);".to_owned(),
        format!("{numbers} p($a, $b, $c, $d) <- n($a), n($b), n($c), n($d);"),
        "check if operation($op) trusting previous; operation(\"Get\") <- true;".to_owned(),
    ] {
        let start = std::time::Instant::now();
        assert!(refusal(&world, &with(&world.token(""), &source)).contains("not supported"), "{source}");
        assert!(start.elapsed().as_secs() < 5, "{source}");
    }
}

#[test]
fn a_block_cannot_say_for_itself_what_is_the_case() {
    let world = World::new();
    for source in ["operation(\"Get\");", "user(\"bob\");", "group(\"operators\");"] {
        assert!(refusal(&world, &with(&world.token(""), source)).contains("facts"), "{source}");
    }
    for source in
        ["user(\"bob\");", "group(\"\");", "group(7);", "operation(\"Get\");", "group(\"a\", \"b\");"]
    {
        refusal(&world, &world.token(source));
    }
    let nobody = |fact: &str| Biscuit::builder().code(fact).unwrap().build(&world.root).unwrap();
    for fact in ["user(\"*\");", "user(\"\");", "user(\"a\\nb\");", "group(\"a\");", ""] {
        refusal(&world, &nobody(fact));
    }
}

#[test]
fn blocks_of_third_parties_and_keys_of_other_kinds_are_refused() {
    let world = World::new();
    let token = world.token("");
    let other = KeyPair::new();
    let request = token.third_party_request().unwrap();
    let block = request.create_block(&other.private(), BlockBuilder::new().fact("a(1)").unwrap()).unwrap();
    let token_of_two = token.append_third_party(other.public(), block).unwrap();
    assert!(refusal(&world, &token_of_two).contains("third parties"));

    let other_kind = KeyPair::new_with_algorithm(Algorithm::Secp256r1);
    let block = BlockBuilder::new().code("check if operation(\"Get\");").unwrap();
    let mixed = token.append_with_keypair(&other_kind, block).unwrap();
    assert!(refusal(&world, &mixed).contains("Ed25519"));
    let by_other_root = Biscuit::builder().fact("user(\"ann\")").unwrap().build(&other_kind).unwrap();
    refusal(&world, &by_other_root);
}

#[test]
fn nothing_of_a_token_can_be_changed_or_left_out() {
    let world = World::new();
    let token = with(&world.token("check if operation(\"Get\");"), "check if object(\"k\");");
    let bytes = token.to_vec().unwrap();
    let text = |bytes: &[u8]| base64(bytes);
    assert!(world.ask_text(&text(&bytes)).is_ok());
    for place in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[place] ^= 1;
        assert!(world.ask_text(&format!("biscuit:{}", text(&altered))).is_err(), "byte {place}");
        assert!(world.ask_text(&format!("biscuit:{}", text(&bytes[..place]))).is_err(), "until {place}");
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64ct::Encoding as _;
    base64ct::Base64Url::encode_string(bytes)
}

#[test]
fn what_is_too_long_is_refused() {
    let world = World::new();
    let mut token = world.token("");
    for _ in 0..15 {
        token = with(&token, "check if operation(\"Get\");");
    }
    assert!(world.ask(&token).is_ok());
    assert!(refusal(&world, &with(&token, "check if operation(\"Get\");")).contains("blocks"));
    let long: String = (0..1_000).map(|n| format!("check if object(\"{n:016}\");")).collect();
    assert!(refusal(&world, &world.token(&long)).contains("too long"));
    let many: String = (0..257).map(|_| "check if operation(\"Get\");").collect();
    assert!(refusal(&world, &world.token(&many)).contains("checks"));
}

#[test]
fn noise_is_refused() {
    let world = World::new();
    let mut random = SeededRandom::new(6);
    for length in 0..500 {
        let noise = random.bytes(length);
        assert!(world.ask_text(&format!("biscuit:{}", base64(&noise))).is_err(), "{noise:?}");
    }
}
