//! Every operation on every type of object, through sockets: what it takes works, for whom it may and in a state in which
//! it may; everything else is refused with the reason that the specification gives. An operation of the server that has
//! no row here fails the test.

mod attributes;
mod keys;
mod making;
mod objects;
mod others;
mod scene;

use claviger_kmip::Value;
use claviger_kmip::payloads::{QueryRequest, QueryResponse};
use claviger_kmip::tables::enumerations::{ObjectType, OperationCode as Op, QueryFunction, ResultReason};

use objects::{Stage, TYPES};
use scene::{Scene, User, payload, read};

/// What the specification says of one operation.
struct Row {
    operation: Op,
    cases: Cases,
}

enum Cases {
    /// It is about an object.
    About(About),
    /// It brings or finds objects of a type.
    Making(Making),
    /// It has to do with no object.
    Free(Free),
}

/// What the specification says of an operation on an object.
struct About {
    /// The types on which it is defined. It refuses others by Invalid Object Type.
    types: &'static [ObjectType],
    /// Where it works.
    stage: Stage,
    /// Makes the object.
    make: fn(&mut Scene, ObjectType, Stage) -> String,
    /// The request, for an object that the operation takes or does not take.
    request: fn(&mut Scene, ObjectType, &str) -> Value,
    /// Looks at the answer, and at what became of the object.
    check: fn(&mut Scene, ObjectType, &str, Value),
    /// What whoever has no right is told.
    stranger: ResultReason,
    /// Where it is refused, and why.
    refused_in: &'static [(Stage, ResultReason)],
    /// A request that is wrong for every object, and why.
    wrong: Option<(Request, ResultReason)>,
}

type Request = fn(&mut Scene, ObjectType, &str) -> Value;

impl About {
    /// An operation on Active objects of these types.
    fn on(types: &'static [ObjectType], request: Request) -> Self {
        Self {
            types,
            stage: Stage::Active,
            make: Scene::make,
            request,
            check: |_, _, _, _| {},
            // Nobody learns of what he has no right to.
            stranger: ResultReason::OBJECT_NOT_FOUND,
            refused_in: &[],
            wrong: None,
        }
    }

    fn check(self, check: fn(&mut Scene, ObjectType, &str, Value)) -> Self {
        Self { check, ..self }
    }

    fn made_by(self, make: fn(&mut Scene, ObjectType, Stage) -> String) -> Self {
        Self { make, ..self }
    }

    fn stranger(self, stranger: ResultReason) -> Self {
        Self { stranger, ..self }
    }

    fn in_stage(self, stage: Stage) -> Self {
        Self { stage, ..self }
    }

    fn refused_in(self, refused_in: &'static [(Stage, ResultReason)]) -> Self {
        Self { refused_in, ..self }
    }

    fn wrong(self, request: Request, reason: ResultReason) -> Self {
        Self { wrong: Some((request, reason)), ..self }
    }
}

/// What the specification says of an operation that brings or finds objects.
struct Making {
    types: &'static [ObjectType],
    request: fn(&mut Scene, ObjectType) -> Value,
    check: fn(&mut Scene, ObjectType, Value),
    /// Why it is refused for other types.
    other_type: ResultReason,
    /// A request that is wrong for a type that it takes, and why.
    wrong: (fn(&mut Scene, ObjectType) -> Value, ResultReason),
}

/// What the specification says of an operation without an object.
struct Free {
    request: fn(&mut Scene) -> Value,
    check: fn(&mut Scene, Value),
    /// Who is refused, for what request, and why.
    wrong: (User, fn(&mut Scene) -> Value, ResultReason),
}

fn about(operation: Op, about: About) -> Row {
    Row { operation, cases: Cases::About(about) }
}

fn rows() -> Vec<Row> {
    let parts = [objects::rows(), attributes::rows(), keys::rows(), making::rows(), others::rows()];
    parts.into_iter().flatten().collect()
}

#[test]
fn every_operation_does_what_the_specification_says_with_every_type_of_object() {
    let mut scene = Scene::start();
    let rows = rows();
    check_coverage(&mut scene, &rows);
    for row in &rows {
        scene.begin(row.operation);
        match &row.cases {
            Cases::About(about) => try_about(&mut scene, row.operation, about),
            Cases::Making(making) => try_making(&mut scene, row.operation, making),
            Cases::Free(free) => try_free(&mut scene, row.operation, free),
        }
    }
    scene.finish();
}

/// The server's own list, which is its registry's, is that of the rows.
fn check_coverage(scene: &mut Scene, rows: &[Row]) {
    let query_function = vec![QueryFunction::QUERY_OPERATIONS, QueryFunction::QUERY_OBJECTS];
    let query = payload(QueryRequest { query_function, object_groups: None });
    let told: QueryResponse = read(scene.good(Op::QUERY, query));
    let missing: Vec<_> =
        told.operation.iter().filter(|code| rows.iter().all(|row| row.operation != **code)).collect();
    assert!(missing.is_empty(), "operations without a row: {missing:?}");
    for row in rows {
        assert!(told.operation.contains(&row.operation), "the server has no {:?}", row.operation);
    }
    // A Template has a value in 1.x alone, and no operation of 2.1 takes one.
    let unknown: Vec<_> = told
        .object_type
        .iter()
        .filter(|kind| !TYPES.contains(kind) && **kind != ObjectType::TEMPLATE)
        .collect();
    assert!(unknown.is_empty(), "types without a column: {unknown:?}");
}

fn try_about(scene: &mut Scene, operation: Op, about: &About) {
    for object_type in TYPES {
        scene.of_type(object_type);
        if !about.types.contains(&object_type) {
            let id = scene.make(object_type, Stage::Active);
            let request = (about.request)(scene, object_type, &id);
            scene.refused(User::Alice, operation, request, ResultReason::INVALID_OBJECT_TYPE, "a wrong type");
            continue;
        }
        let id = (about.make)(scene, object_type, about.stage);
        let request = (about.request)(scene, object_type, &id);
        if let Some(answer) = scene.works(operation, request) {
            (about.check)(scene, object_type, &id, answer);
        }
        let id = (about.make)(scene, object_type, about.stage);
        let request = (about.request)(scene, object_type, &id);
        scene.refused(User::Bob, operation, request, about.stranger, "no right");
        for (stage, reason) in about.refused_in {
            let id = (about.make)(scene, object_type, *stage);
            let request = (about.request)(scene, object_type, &id);
            scene.refused(User::Alice, operation, request, *reason, &format!("{stage:?}"));
        }
        if let Some((wrong, reason)) = about.wrong {
            let id = (about.make)(scene, object_type, about.stage);
            let request = wrong(scene, object_type, &id);
            scene.refused(User::Alice, operation, request, reason, "a wrong request");
        }
    }
}

fn try_making(scene: &mut Scene, operation: Op, making: &Making) {
    for object_type in TYPES {
        scene.of_type(object_type);
        let request = (making.request)(scene, object_type);
        if !making.types.contains(&object_type) {
            scene.refused(User::Alice, operation, request, making.other_type, "a wrong type");
            continue;
        }
        if let Some(answer) = scene.works(operation, request) {
            (making.check)(scene, object_type, answer);
        }
        let (wrong, reason) = making.wrong;
        let request = wrong(scene, object_type);
        scene.refused(User::Alice, operation, request, reason, "a wrong request");
    }
}

fn try_free(scene: &mut Scene, operation: Op, free: &Free) {
    let request = (free.request)(scene);
    if let Some(answer) = scene.works(operation, request) {
        (free.check)(scene, answer);
    }
    let (user, wrong, reason) = free.wrong;
    let request = wrong(scene);
    scene.refused(user, operation, request, reason, "a wrong request");
}
