mod faults;

use proptest::prelude::*;

use super::*;

fn parse(raw: &str) -> Query {
    Query::parse(raw, false).expect("a query")
}

fn fault(raw: &str) -> (String, String) {
    let fault = Query::parse(raw, false).expect_err("a fault");
    (fault.message, fault.details)
}

fn column(name: &str) -> SelectItem {
    SelectItem::Column {
        field: Field {
            name: name.to_owned(),
            json: Vec::new(),
        },
        cast: None,
        alias: None,
    }
}

#[test]
fn the_board_query_reads_as_a_star_an_embed_a_list_and_an_order() {
    let query = parse(
        "select=*,assigned_to_user:voip_users!assigned_to(*)&status=in.(ringing,active)&order=created_at",
    );
    assert_eq!(
        query.select,
        [
            SelectItem::Star,
            SelectItem::Embed {
                relation: "voip_users".to_owned(),
                alias: Some("assigned_to_user".to_owned()),
                hint: Some("assigned_to".to_owned()),
                join: Join::Left,
                spread: false,
                select: vec![SelectItem::Star],
            }
        ]
    );
    let [(path, Condition::Filter(filter))] = &query.conditions[..] else {
        panic!("one filter: {:?}", query.conditions)
    };
    assert!(path.is_empty());
    assert_eq!(
        filter.operation,
        Operation::In(vec!["ringing".to_owned(), "active".to_owned()])
    );
    assert_eq!(query.orders[0].1[0].field.name, "created_at");
}

#[test]
fn a_select_knows_casts_json_paths_spreads_and_both_words_after_a_relation() {
    let query = parse("select=n:data->a->>0::text,...agent!key!inner(name),\"odd,name\"");
    let [
        SelectItem::Column { field, cast, alias },
        SelectItem::Embed {
            spread,
            join,
            hint,
            select,
            ..
        },
        odd,
    ] = &query.select[..]
    else {
        panic!("three items: {:?}", query.select)
    };
    assert_eq!(
        (alias.as_deref(), cast.as_deref()),
        (Some("n"), Some("text"))
    );
    assert_eq!(
        field.json[0],
        JsonStep {
            as_text: false,
            key: JsonKey::Name("a".to_owned())
        }
    );
    assert_eq!(
        field.json[1],
        JsonStep {
            as_text: true,
            key: JsonKey::Index(0)
        }
    );
    assert_eq!(
        (*spread, *join, hint.as_deref()),
        (true, Join::Inner, Some("key"))
    );
    assert_eq!(*select, [column("name")]);
    assert_eq!(*odd, column("odd,name"));
}

#[test]
fn values_in_lists_and_trees_may_be_quoted_and_arrays_keep_their_commas() {
    let query = parse(r#"or=(a.eq."x,\"y\"",b.not.cs.{1,2},and(c.is.null,d.in.("p)",q)))"#);
    let [
        (
            _,
            Condition::Any {
                negated: false,
                conditions,
            },
        ),
    ] = &query.conditions[..]
    else {
        panic!("an or: {:?}", query.conditions)
    };
    let [
        Condition::Filter(quoted),
        Condition::Filter(array),
        Condition::All {
            conditions: inner, ..
        },
    ] = &conditions[..]
    else {
        panic!("three members: {conditions:?}")
    };
    assert!(matches!(&quoted.operation, Operation::Compare { value, .. } if value == "x,\"y\""));
    assert!(array.negated);
    assert!(
        matches!(&array.operation, Operation::Compare { value, operator: "@>", .. } if value == "{1,2}")
    );
    assert!(
        matches!(&inner[1], Condition::Filter(Filter { operation: Operation::In(list), .. })
        if *list == ["p)", "q"])
    );
}

#[test]
fn filters_orders_and_pages_of_embeds_are_kept_with_their_path() {
    let query =
        parse("a.b.name=eq.1&a.order=x.desc.nullslast&a.limit=2&a.offset=1&a.not.or=(x.eq.1)");
    assert_eq!(query.conditions[0].0, ["a", "b"]);
    assert_eq!(query.conditions[1].0, ["a"]);
    assert!(matches!(
        query.conditions[1].1,
        Condition::Any { negated: true, .. }
    ));
    assert_eq!(query.orders[0].0, ["a"]);
    assert_eq!(query.orders[0].1[0].nulls, Some(Nulls::Last));
    assert_eq!(
        query.spans,
        [(
            vec!["a".to_owned()],
            Span {
                first: 1,
                last: Some(2)
            }
        )]
    );
}

#[test]
fn a_parameter_that_can_stand_only_once_counts_where_it_first_stands() {
    let query = parse("select=a&select=b&columns=c&columns=d&limit=1&limit=2");
    assert_eq!(query.select, [column("a")]);
    assert_eq!(query.columns, Some(vec!["c".to_owned()]));
    assert_eq!(query.spans[0].1.page(1000).limit, Some(2));
}

#[test]
fn spans_are_reckoned_as_the_real_server_does() {
    let span = |raw: &str| parse(raw).spans[0].1;
    assert!(span("limit=0").is_limit_zero());
    assert!(span("limit=0&offset=0").is_limit_zero());
    for raw in ["limit=0&offset=3", "limit=-1", "limit=abc&offset=3"] {
        assert!(span(raw).is_empty() && !span(raw).is_limit_zero(), "{raw}");
    }
    assert_eq!(span("limit=abc"), Span::ALL);
    assert_eq!(span("offset=x"), Span::ALL);
    let page = |raw: &str| {
        let page = span(raw).page(1000);
        (page.limit, page.offset)
    };
    assert_eq!(page("limit=2&offset=3"), (Some(2), 3));
    assert_eq!(page("limit=5000"), (Some(1000), 0));
    assert_eq!(page("limit=99999999999999999999"), (Some(1000), 0));
}

#[test]
fn aggregates_are_known_by_every_way_to_write_them() {
    for raw in [
        "count()",
        "total:count()",
        "id.count()",
        "n:epoch.sum()::text",
        "count()::int",
    ] {
        let query = parse(&format!("select={raw}"));
        assert_eq!(query.select, [SelectItem::Aggregate], "{raw}");
    }
}

#[test]
fn keys_of_json_may_hold_what_names_may_not() {
    let query = parse("select=data->!@%23$%25^%26*_a,data->0,calls(data->0)");
    let keys: Vec<JsonKey> = query
        .select
        .iter()
        .filter_map(|item| match item {
            SelectItem::Column { field, .. } => Some(field.json[0].key.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(
        keys,
        [JsonKey::Name("!@#$%^&*_a".to_owned()), JsonKey::Index(0)]
    );
}

#[test]
fn a_function_takes_what_is_no_filter_as_an_argument() {
    let query =
        Query::parse("slot=3&at=2026-01-02T03:04:05.6Z&status=eq.parked", true).expect("a query");
    let names: Vec<&str> = query
        .arguments
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["slot", "at"]);
    assert_eq!(query.conditions.len(), 1);
}

#[test]
fn trees_that_are_too_deep_are_refused_and_not_followed() {
    let deep = 10_000;
    let select = format!("select={}id{}", "a(".repeat(deep), ")".repeat(deep));
    let logic = format!("or=({}a.eq.1{}", "and(".repeat(deep), ")".repeat(deep + 1));
    assert!(fault(&select).1.contains("fewer nested embeds"));
    assert!(fault(&logic).1.contains("fewer nested conditions"));
}

#[test]
fn a_cast_is_a_plain_word_or_nothing() {
    // What follows the last item is left unread, by the real server too: it is no part of the type.
    let query = parse("select=id::text)%3B--");
    assert!(
        matches!(&query.select[..], [SelectItem::Column { cast: Some(cast), .. }] if cast == "text")
    );
    for hostile in [
        "id::text(",
        "id::$1",
        "id::int%3B--",
        "id::a.b",
        "id::\"x\"",
        "id::",
    ] {
        assert!(
            Query::parse(&format!("select={hostile}"), false).is_err(),
            "{hostile}"
        );
    }
}

proptest! {
    #[test]
    fn no_query_string_panics(raw in ".{0,200}") {
        let _ = Query::parse(&raw, false);
        let _ = Query::parse(&raw, true);
        let _ = canonical(&raw);
    }

    #[test]
    fn nothing_that_looks_like_a_query_panics(
        raw in "(select|order|or|and|not\\.or|limit|columns|on_conflict|a|a\\.b)=[a-c.,()!:*>\"\\\\{}%0-9-]{0,60}"
    ) {
        let _ = Query::parse(&raw, false);
        let _ = Query::parse(&raw, true);
    }
}
