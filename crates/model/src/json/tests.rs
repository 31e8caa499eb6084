//! Everything here is held to what `serde_json` says.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// What `serde_json` reads, with fractions as `null`.
fn expected(text: &str) -> Option<Value> {
    fn whole(value: Value) -> Value {
        match value {
            Value::Number(number) if number.is_f64() => Value::Null,
            Value::Array(values) => values.into_iter().map(whole).collect(),
            Value::Object(fields) => fields
                .into_iter()
                .map(|(key, value)| (key, whole(value)))
                .collect(),
            other => other,
        }
    }
    serde_json::from_str(text).ok().map(whole)
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back_here_and_there(value in values()) {
        let text = write(&value);
        prop_assert_eq!(read(&text), Some(value.clone()));
        prop_assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(value));
    }

    #[test]
    fn what_serde_json_writes_is_read(value in values()) {
        prop_assert_eq!(read(&value.to_string()), Some(value.clone()));
        prop_assert_eq!(read(&format!("{value:#}")), Some(value));
    }

    #[test]
    fn whatever_the_text_both_read_the_same(text in r#"[-+ \n0-9.eE\[\]{}:,"\\/ubtrfalsn]{0,24}"#) {
        prop_assert_eq!(read(&text), expected(&text), "{}", text);
    }

    #[test]
    fn whatever_the_string_both_read_the_same(text in r#""(\\u[dD][89abcdefABCDEF][0-9a-f]{2}|\\u[0-9a-f]{4}|\\["\\/bfnrtux]|[a"\x00-\x7fé🙂]){0,4}""#) {
        prop_assert_eq!(read(&text), expected(&text), "{}", text);
    }

    #[test]
    fn whatever_the_number_both_read_the_same(text in "-?[0-9]{1,21}([.][0-9]{0,2})?([eE][-+]?[0-9]{0,2})?") {
        prop_assert_eq!(read(&text), expected(&text), "{}", text);
    }
}

#[test]
fn a_text_with_anything_before_or_after_is_refused() {
    for text in [
        "", " ", "<html>", "{} x", "[1]]", "1,", "\0", "{}\0", "null\0\0", "tru", "[", "{\"a\":",
        "\"",
    ] {
        assert_eq!(read(text), None, "{text:?}");
        assert_eq!(expected(text), None, "{text:?}");
    }
    assert_eq!(read(" \n{ } \t"), Some(json!({})));
}

#[test]
fn texts_are_nested_as_deep_as_serde_json_allows() {
    for deep in [126, 127, 128, 100_000] {
        let text = "[".repeat(deep) + &"]".repeat(deep);
        assert_eq!(read(&text).is_some(), expected(&text).is_some(), "{deep}");
    }
}

#[test]
fn the_last_of_two_equal_keys_counts() {
    let text = r#"{"a":1,"a":2}"#;
    assert_eq!(read(text), expected(text));
}

#[test]
fn rows_are_objects_in_an_array() {
    let rows_of = |text| rows(text).map(|rows| rows.len());
    assert_eq!(rows_of(r#"[{"a":1},{}]"#), Some(2));
    for text in ["{}", "[1]", "null", "[{},[]]", "["] {
        assert_eq!(rows_of(text), None, "{text}");
    }
}

#[test]
fn what_is_taken_leaves_null() {
    let mut fields = object(json!({"a": "b"})).unwrap();
    assert_eq!(take(&mut fields, "a"), "b");
    assert_eq!(take(&mut fields, "none"), Value::Null);
    assert_eq!(Value::Object(fields), json!({"a": null}));
}
