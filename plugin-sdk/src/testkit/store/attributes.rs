//! Filters on attributes.

use super::Fixture;
use super::scene::*;
use crate::filter::{Compare, FieldTest, Filter, IndexValue};
use claviger_kmip::Tag;

const NONE: [&str; 0] = [];

fn test(field: Option<Tag>, compare: Compare) -> FieldTest {
    FieldTest { field, compare }
}

fn scalar(tag: Tag, compare: Compare) -> Filter {
    Filter::Attribute { tag, tests: vec![test(None, compare)] }
}

pub(super) async fn objects_are_found_by_the_presence_of_an_attribute(fixture: Fixture) {
    let scene = Scene::from(fixture);
    scene
        .put([
            draft("plain"),
            draft("scalar").value(Tag::COMMENT, text("")),
            draft("structure").field(Tag::LINK, 0, Some(Tag::LINK_TYPE), integer(1)),
        ])
        .await;
    let present = |tag| Filter::Attribute { tag, tests: vec![] };
    assert_eq!(scene.find(present(Tag::COMMENT)).await, ["scalar"]);
    assert_eq!(scene.find(present(Tag::LINK)).await, ["structure"]);
    assert_eq!(scene.find(present(Tag::LINK_TYPE)).await, NONE, "a field is no attribute");
    assert_eq!(scene.find(Filter::Not(Box::new(present(Tag::COMMENT)))).await, ["structure", "plain"]);
}

pub(super) async fn objects_are_found_by_an_equal_value_of_the_same_type(fixture: Fixture) {
    let scene = Scene::from(fixture);
    let values = [
        ("integer", integer(49)),
        ("text", text("49")),
        ("bytes", IndexValue::Bytes(b"49".to_vec())),
        ("empty text", text("")),
        ("no bytes", IndexValue::Bytes(vec![])),
        ("zero", integer(0)),
        ("lowest", integer(i64::MIN)),
        ("highest", integer(i64::MAX)),
        ("with NUL", text("a\0b")),
        ("before NUL", text("a")),
        ("binary", IndexValue::Bytes(vec![0, 255, 0])),
        ("long", text(&"x".repeat(5000))),
        ("long bytes", IndexValue::Bytes(vec![7; 5000])),
    ];
    for (name, value) in &values {
        scene.put([draft(name).value(Tag::COMMENT, value.clone())]).await;
    }
    for (name, value) in values {
        assert_eq!(scene.find(scalar(Tag::COMMENT, Compare::Equal(value.clone()))).await, [name]);
        assert_eq!(scene.find(scalar(Tag::DESCRIPTION, Compare::Equal(value))).await, NONE);
    }
    let long_but_one = text(&("x".repeat(4999) + "y"));
    assert_eq!(scene.find(scalar(Tag::COMMENT, Compare::Equal(long_but_one))).await, NONE);
}

pub(super) async fn objects_are_found_by_a_range(fixture: Fixture) {
    let scene = Scene::from(fixture);
    for (name, value) in [("a", -5), ("b", 0), ("c", 5), ("d", i64::MAX), ("e", i64::MIN)] {
        scene.put([draft(name).value(Tag::INITIAL_DATE, integer(value))]).await;
    }
    scene.put([draft("text").value(Tag::INITIAL_DATE, text("3")), draft("none")]).await;
    let between = |low, high| scalar(Tag::INITIAL_DATE, Compare::Between(low, high));
    assert_eq!(scene.find(between(0, 5)).await, ["c", "b"]);
    assert_eq!(scene.find(between(-5, -5)).await, ["a"]);
    assert_eq!(scene.find(between(1, 4)).await, NONE);
    assert_eq!(scene.find(between(5, 0)).await, NONE);
    assert_eq!(scene.find(between(i64::MIN, i64::MAX)).await, ["e", "d", "c", "b", "a"]);
    let outside = Filter::Not(Box::new(between(0, i64::MAX)));
    assert_eq!(scene.find(outside).await, ["none", "text", "e", "a"]);
}

pub(super) async fn objects_are_found_by_bits(fixture: Fixture) {
    let scene = Scene::from(fixture);
    for (name, mask) in [("none", 0), ("one", 0b0001), ("both", 0b0101), ("all", -1)] {
        scene.put([draft(name).value(Tag::CRYPTOGRAPHIC_USAGE_MASK, integer(mask))]).await;
    }
    scene.put([draft("text").value(Tag::CRYPTOGRAPHIC_USAGE_MASK, text("5"))]).await;
    let bits = |bits| scalar(Tag::CRYPTOGRAPHIC_USAGE_MASK, Compare::HasBits(bits));
    assert_eq!(scene.find(bits(0b0101)).await, ["all", "both"]);
    assert_eq!(scene.find(bits(0b0001)).await, ["all", "both", "one"]);
    assert_eq!(scene.find(bits(0)).await, ["all", "both", "one", "none"]);
    assert_eq!(scene.find(bits(i64::MIN)).await, ["all"]);
}

pub(super) async fn all_tests_must_hold_for_one_instance(fixture: Fixture) {
    let scene = Scene::from(fixture);
    let link = |draft: Draft, instance, kind, to: &str| {
        draft.field(Tag::LINK, instance, Some(Tag::LINK_TYPE), integer(kind)).field(
            Tag::LINK,
            instance,
            Some(Tag::LINKED_OBJECT_IDENTIFIER),
            text(to),
        )
    };
    let straight = link(link(draft("straight"), 0, 1, "x"), 1, 2, "y");
    let crossed = link(link(draft("crossed"), 0, 1, "y"), 3, 2, "x");
    scene.put([straight, crossed]).await;
    let linked = |kind, to: &str| Filter::Attribute {
        tag: Tag::LINK,
        tests: vec![
            test(Some(Tag::LINK_TYPE), Compare::Equal(integer(kind))),
            test(Some(Tag::LINKED_OBJECT_IDENTIFIER), Compare::Equal(text(to))),
        ],
    };
    assert_eq!(scene.find(linked(1, "x")).await, ["straight"]);
    assert_eq!(scene.find(linked(1, "y")).await, ["crossed"]);
    assert_eq!(scene.find(linked(2, "x")).await, ["crossed"]);
    assert_eq!(scene.find(Filter::Not(Box::new(linked(2, "y")))).await, ["crossed"]);
    assert_eq!(scene.find(linked(3, "x")).await, NONE);
    let mixed = Filter::Attribute {
        tag: Tag::LINK,
        tests: vec![
            test(Some(Tag::LINK_TYPE), Compare::Between(2, 9)),
            test(Some(Tag::LINK_TYPE), Compare::HasBits(2)),
            test(Some(Tag::LINKED_OBJECT_IDENTIFIER), Compare::Equal(text("y"))),
        ],
    };
    assert_eq!(scene.find(mixed).await, ["straight"]);
    let own_value = Filter::Attribute { tag: Tag::LINK, tests: vec![test(None, Compare::Equal(integer(1)))] };
    assert_eq!(scene.find(own_value).await, NONE, "a structure has no value of its own");
}

pub(super) async fn a_value_that_two_instances_share_finds_the_object_once(fixture: Fixture) {
    let scene = Scene::from(fixture);
    let twice = |name: &str| {
        draft(name)
            .field(Tag::OBJECT_GROUP, 0, None, text("g"))
            .field(Tag::OBJECT_GROUP, 2, None, text("g"))
            .field(Tag::LINK, 0, Some(Tag::LINK_TYPE), integer(1))
            .field(Tag::LINK, 1, Some(Tag::LINK_TYPE), integer(1))
            .field(Tag::LINK, 1, Some(Tag::LINK_TYPE), integer(1))
    };
    scene.put(["a", "b", "c"].map(twice)).await;
    let in_group = scalar(Tag::OBJECT_GROUP, Compare::Equal(text("g")));
    let linked = Filter::Attribute {
        tag: Tag::LINK,
        tests: vec![test(Some(Tag::LINK_TYPE), Compare::Equal(integer(1)))],
    };
    for filter in [in_group, linked] {
        let page = crate::filter::Page { after: None, offset: 1, limit: 2, count: true };
        let found = scene.store.find(&filter, &page, &[]).await.unwrap();
        assert_eq!(names(&found.records), ["b", "a"]);
        assert_eq!(found.total, Some(3));
    }
}
