//! What a token allows, against the verdict of the library's own Datalog engine on the same request.

use std::collections::BTreeSet;
use std::time::Duration;

use biscuit_auth::builder::{Term, fact, string};
use biscuit_auth::{AuthorizerBuilder, AuthorizerLimits, Biscuit, BlockBuilder};
use claviger_plugin_sdk::authentication::Restriction;
use claviger_plugin_sdk::filter::{Grants, Index};
use claviger_plugin_sdk::kmip::tables::enumerations::{ObjectType, OperationCode};
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::Subject;
use claviger_plugin_sdk::testkit::RecordBuilder;
use proptest::prelude::*;

use super::{World, moment, moment_at, now, with};

/// One use of a token.
#[derive(Clone, Debug)]
struct Use {
    operation: (&'static str, OperationCode),
    object: Option<Object>,
}

#[derive(Clone, Debug)]
struct Object {
    id: &'static str,
    object_type: (&'static str, ObjectType),
    tags: BTreeSet<&'static str>,
}

struct NoGrants;

impl Grants for NoGrants {
    fn holds(&self, _: &Subject, _: Option<&[OperationCode]>) -> bool {
        false
    }
}

impl Use {
    /// Whether the engine would let it through.
    fn is_allowed_by(&self, restriction: &dyn Restriction) -> bool {
        let (_, operation) = self.operation;
        let allowed = match &self.object {
            None => restriction.without_objects(operation),
            Some(object) => {
                let index = Index { object_type: object.object_type.1, ..Index::of(&object.record()) };
                restriction.objects(operation).matches(&ObjectId::new(object.id).unwrap(), &index, &NoGrants)
            }
        };
        assert!(!allowed || restriction.allows(operation), "{self:?} is allowed, and its operation is not");
        allowed
    }

    /// Whether the library lets it through.
    fn is_allowed_by_the_library(&self, token: &Biscuit) -> bool {
        let text = |name: &str, text: &str| fact(name, &[string(text)]);
        // The time that is usual is so short that a busy machine does not keep to it.
        let limits = AuthorizerLimits { max_time: Duration::from_secs(60), ..AuthorizerLimits::default() };
        let mut authorizer = AuthorizerBuilder::new()
            .set_limits(limits)
            .fact(text("operation", self.operation.0))
            .unwrap()
            .fact(fact("time", &[Term::Date(now().try_into().unwrap())]))
            .unwrap();
        if let Some(object) = &self.object {
            authorizer = authorizer.fact(text("object", object.id)).unwrap();
            authorizer = authorizer.fact(text("type", object.object_type.0)).unwrap();
            for tag in &object.tags {
                authorizer = authorizer.fact(text("tag", tag)).unwrap();
            }
        }
        authorizer.policy("allow if true").unwrap().build(token).unwrap().authorize().is_ok()
    }
}

impl Object {
    fn record(&self) -> claviger_plugin_sdk::record::Record {
        self.tags.iter().fold(RecordBuilder::new(self.id), |record, tag| record.tag(tag)).build()
    }
}

fn uses() -> impl Strategy<Value = Use> {
    let operation = prop_oneof![
        Just(("Get", OperationCode::GET)),
        Just(("Encrypt", OperationCode::ENCRYPT)),
        Just(("0x80000A01", OperationCode(0x8000_0A01))),
    ];
    let object_type = prop_oneof![
        Just(("SymmetricKey", ObjectType::SYMMETRIC_KEY)),
        Just(("PrivateKey", ObjectType::PRIVATE_KEY)),
    ];
    let tags = prop::collection::btree_set(prop_oneof![Just("x"), Just("y"), Just("z")], 0..3);
    let object = (prop_oneof![Just("a"), Just("b"), Just("c")], object_type, tags)
        .prop_map(|(id, object_type, tags)| Object { id, object_type, tags });
    (operation, prop::option::of(object)).prop_map(|(operation, object)| Use { operation, object })
}

/// One conjunct of a query; `#` stands for a name of its own.
fn part() -> impl Strategy<Value = String> {
    let constant = prop_oneof![
        Just("operation(\"Get\")"),
        Just("operation($#), [\"Get\", \"Encrypt\"].contains($#)"),
        Just("operation($#), {\"Encrypt\"}.contains($#)"),
        Just("operation($#), $# != \"Get\""),
        Just("operation($#), $# == \"Get\" || $# == \"0x80000A01\""),
        Just("operation($#), !($# == \"Get\" || $# == \"Encrypt\")"),
        Just("operation($#), $# != \"Get\" && $# != \"Encrypt\""),
        Just("operation($#), \"Get\" === $#"),
        Just("object(\"a\")"),
        Just("object($#)"),
        Just("object($#), [\"a\", \"b\"].contains($#)"),
        Just("object($#), $# !== \"a\""),
        Just("object($#), ![\"a\", \"b\"].contains($#)"),
        Just("object($#), $# == \"a\" && $# == \"b\""),
        Just("tag(\"x\")"),
        Just("tag(\"x\"), tag(\"y\")"),
        Just("tag($#), [\"x\", \"y\"].contains($#)"),
        Just("tag($#), $# == \"x\", tag($#)"),
        Just("tag($#), [\"x\", \"y\"].contains($#), $# != \"x\""),
        Just("type(\"SymmetricKey\")"),
        Just("type($#), $# != \"SymmetricKey\""),
        Just("type($#)"),
        Just("true"),
        Just("false"),
    ]
    .prop_map(str::to_owned);
    let times = (prop_oneof![Just("<"), Just("<="), Just(">"), Just(">=")], any::<bool>(), any::<bool>());
    let time = times.prop_map(|(operator, is_later, is_mirrored)| {
        let moment = moment(if is_later { 3_600 } else { -3_600 });
        match is_mirrored {
            false => format!("time($#), $# {operator} {moment}"),
            true => format!("time($#), {moment} {operator} $#"),
        }
    });
    prop_oneof![6 => constant, 1 => time]
}

fn query() -> impl Strategy<Value = String> {
    prop::collection::vec(part(), 1..4).prop_map(|parts| {
        let named = parts.iter().enumerate().map(|(n, part)| part.replace('#', &format!("v{n}")));
        named.collect::<Vec<_>>().join(", ")
    })
}

fn check() -> impl Strategy<Value = String> {
    // What `reject if` means with several alternatives is not agreed upon: they are refused.
    let demand = prop::collection::vec(query(), 1..4)
        .prop_map(|queries| format!("check if {};", queries.join(" or ")));
    prop_oneof![3 => demand, 1 => query().prop_map(|query| format!("reject if {query};"))]
}

fn block() -> impl Strategy<Value = String> {
    prop::collection::vec(check(), 0..3).prop_map(|checks| checks.join(" "))
}

/// What a token allows of some uses; nothing if it is refused.
fn verdicts(world: &World, token: &Biscuit, uses: &[Use]) -> Vec<bool> {
    match world.ask(token) {
        Ok(principal) => {
            let restriction = principal.restriction.unwrap();
            uses.iter().map(|each| each.is_allowed_by(&*restriction)).collect()
        }
        Err(why) => {
            // Only since nothing is allowed now.
            assert!(why.contains("time"), "{why}\n{token}");
            vec![false; uses.len()]
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_token_allows_what_its_blocks_allow_and_never_more_than_its_parent(
        blocks in prop::collection::vec(block(), 1..4),
        uses in prop::collection::vec(uses(), 12),
    ) {
        let world = World::new();
        let mut token = world.token(&blocks[0]);
        let mut allowed = verdicts(&world, &token, &uses);
        for (n, block) in blocks.iter().enumerate() {
            if n > 0 {
                token = with(&token, block);
            }
            let narrowed = verdicts(&world, &token, &uses);
            for ((each, before), after) in uses.iter().zip(&allowed).zip(&narrowed) {
                prop_assert!(*before || !after, "{each:?} is allowed by the child alone\n{token}");
                prop_assert_eq!(*after, each.is_allowed_by_the_library(&token), "{:?}\n{}", each, token);
            }
            allowed = narrowed;
        }
    }
}

#[test]
fn the_library_and_the_options_narrow_alike() {
    use claviger_auth_biscuit::Attenuation;
    let world = World::new();
    let until = now() + 60;
    let narrowed = Attenuation {
        operations: vec!["Get".into(), "0x80000A01".into()],
        objects: vec!["a".into()],
        tags: vec!["x".into(), "y".into()],
        types: vec!["SymmetricKey".into()],
        until: Some(until),
        uses: Some(3),
    };
    let by_options = narrowed.narrow(&world.token("").to_base64().unwrap()).unwrap();
    let by_options = Biscuit::from_base64(by_options, world.root.public()).unwrap();
    let same = "check if operation(\"Get\") or operation(\"0x80000A01\"); check if object(\"a\"); \
                check if type(\"SymmetricKey\"); check if tag(\"x\"); check if tag(\"y\");";
    let same = format!(
        "{same} check if time($value), $value < {}; check if uses($value), $value <= 3;",
        moment_at(until)
    );
    let source = by_options.print_block_source(1).unwrap();
    let expected = world.token("").append(BlockBuilder::new().code(same).unwrap()).unwrap();
    assert_eq!(source, expected.print_block_source(1).unwrap());
    assert!(world.ask(&by_options).is_ok());
}
