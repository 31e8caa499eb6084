//! What bindings are understood as, and which changes they cover.

use super::*;
use serde_json::json;

fn one(binding: &Value) -> Binding {
    let payload = json!({"config": {"postgres_changes": [binding]}});
    asked(payload.as_object().expect("an object"), "board")
        .pop()
        .expect("one binding")
}

#[test]
fn the_echo_is_the_id_and_then_what_was_asked_by_name() {
    let binding = one(
        &json!({"table": "calls", "filter": "status=eq.ringing", "event": "UPDATE", "schema": "public"}),
    );
    assert_eq!(
        binding.echo(),
        format!(
            r#"{{"id":{},"event":"UPDATE","filter":"status=eq.ringing","schema":"public","table":"calls"}}"#,
            binding.id
        )
    );
}

#[test]
fn the_same_binding_has_the_same_id_and_another_has_another() {
    let first = one(&json!({"event": "*", "schema": "public", "table": "calls"}));
    let same = one(&json!({"table": "calls", "event": "*", "schema": "public"}));
    let other = one(&json!({"event": "INSERT", "schema": "public", "table": "calls"}));
    assert_eq!(first.id, same.id);
    assert_ne!(first.id, other.id);
    assert!(first.id < 1 << 27);
}

#[test]
fn odd_join_payloads_ask_what_they_asked_of_the_real_server() {
    let of = |payload: Value| asked(payload.as_object().expect("an object"), "j1");
    let [legacy] = &of(json!({}))[..] else {
        panic!("one binding from the topic")
    };
    assert_eq!(
        legacy.echo(),
        format!(r#"{{"id":{},"schema":"j1"}}"#, legacy.id)
    );
    for payload in [
        json!({"config": null}),
        json!({"config": {"postgres_changes": "x"}}),
        json!({"config": {"postgres_changes": [null]}}),
    ] {
        assert_eq!(of(payload), []);
    }
}

#[test]
fn faults_are_worded_as_recorded() {
    assert_eq!(
        one(&json!({})).watch(),
        Err("No subscription params provided. Please provide at least a `schema` or `table` to subscribe to: %{}".to_owned())
    );
    assert_eq!(
        one(&json!({"schema": "public", "table": "calls", "filter": "status=xx.1"})).watch(),
        Err(r#"Error parsing `filter` params: ["xx", "1"]"#.to_owned())
    );
    let watch =
        one(&json!({"event": "*", "schema": "public", "table": "calls", "filter": "nope=eq.1"}))
            .watch();
    assert_eq!(
        watch.expect("well formed").describe(),
        r#"[event: *, schema: public, table: calls, filters: [{"nope", "eq", "1", false}], select: nil]"#
    );
}

#[test]
fn a_list_becomes_an_array_of_postgres() {
    let watch =
        one(&json!({"schema": "public", "table": "calls", "filter": "status=in.(ringing,active)"}))
            .watch()
            .expect("well formed");
    assert_eq!(watch.filters[0].value, "{ringing,active}");
}

#[test]
fn events_match_in_any_case_and_tables_by_name_or_star() {
    let watch = one(&json!({"event": "insert", "schema": "public"}))
        .watch()
        .expect("well formed");
    assert!(watch.covers("INSERT", "public", "calls"));
    assert!(!watch.covers("UPDATE", "public", "calls"));
    assert!(!watch.covers("INSERT", "private", "calls"));
}

#[test]
fn an_event_that_is_none_means_every_one_and_a_filter_needs_its_table() {
    let watch = one(&json!({"event": "upsert", "table": "calls"}));
    assert_eq!(watch.watch().expect("well formed").event, "*");
    for binding in [
        json!({"event": "*", "schema": "public", "filter": "id=eq.1"}),
        json!({"table": "calls", "filter": "id=eq.1"}),
        json!({"schema": 1, "table": "calls"}),
    ] {
        let fault = one(&binding).watch().expect_err("refused");
        assert!(
            fault.starts_with("No subscription params provided."),
            "{fault}"
        );
    }
}
