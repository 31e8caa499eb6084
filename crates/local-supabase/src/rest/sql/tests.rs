use std::{collections::HashMap, sync::Arc};

use proptest::prelude::*;

use super::*;
use crate::rest::{
    payload::Payload,
    query::Query,
    schema::{Cardinality, Column, Name, Relationship, SchemaCache, Table, Writable},
};

fn name(name: &str) -> Name {
    Name {
        schema: "public".to_owned(),
        name: name.to_owned(),
    }
}

fn table(table: &str, columns: &[(&str, &str)]) -> Arc<Table> {
    Arc::new(Table {
        name: name(table),
        columns: columns
            .iter()
            .map(|(name, kind)| Column {
                name: (*name).to_owned(),
                type_name: (*kind).to_owned(),
                default: None,
            })
            .collect(),
        primary_key: vec!["id".to_owned()],
        writable: Writable::default(),
    })
}

fn cache() -> SchemaCache {
    let calls = table(
        "calls",
        &[
            ("id", "uuid"),
            ("status", "text"),
            ("assigned_to", "uuid"),
            ("data", "jsonb"),
        ],
    );
    let members = table("voip_users", &[("id", "uuid"), ("display_name", "text")]);
    let forward = Relationship {
        table: name("calls"),
        foreign_table: name("voip_users"),
        cardinality: Cardinality::ManyToOne,
        constraint: "calls_assigned_to_fkey".to_owned(),
        columns: vec![("assigned_to".to_owned(), "id".to_owned())],
        junction: None,
    };
    let mut back = forward.clone();
    std::mem::swap(&mut back.table, &mut back.foreign_table);
    back.cardinality = Cardinality::OneToMany;
    back.columns = vec![("id".to_owned(), "assigned_to".to_owned())];
    SchemaCache {
        tables: [(name("calls"), calls), (name("voip_users"), members)].into(),
        relationships: HashMap::from([
            (name("calls"), vec![forward]),
            (name("voip_users"), vec![back]),
        ]),
        ..SchemaCache::default()
    }
}

fn plan(raw: &str) -> Option<ReadPlan> {
    let cache = cache();
    let query = Query::parse(raw, false).ok()?;
    ReadPlan::build(
        &cache,
        cache.tables[&name("calls")].clone(),
        &query,
        Some(1000),
    )
    .ok()
}

fn rendered(raw: &str) -> Statement {
    read(&plan(raw).expect("a plan"), Shape::Rows, Total::Unknown)
}

/// What is left of a statement without its quoted names and its quoted texts.
fn unquoted(sql: &str) -> String {
    let mut left = String::new();
    let mut quote = None;
    for c in sql.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None => left.push(c),
        }
    }
    assert_eq!(quote, None, "a quote is left open in {sql}");
    left
}

#[test]
fn the_board_query_is_one_select_with_one_lateral_join_and_two_values() {
    let statement =
        rendered("select=id,agent:voip_users!assigned_to(display_name)&status=in.(ringing,active)");
    assert_eq!(
        statement.text().split(") select null::bigint").next(),
        Some(concat!(
            "with pgrst_source as (select \"public\".\"calls\".\"id\" as \"id\", ",
            "row_to_json(\"calls_agent_1\".*)::jsonb as \"agent\" from \"public\".\"calls\" ",
            "left join lateral (select \"voip_users_1\".\"display_name\" as \"display_name\" ",
            "from \"public\".\"voip_users\" as \"voip_users_1\" ",
            "where \"voip_users_1\".\"id\" = \"public\".\"calls\".\"assigned_to\") as \"calls_agent_1\" on true ",
            "where \"public\".\"calls\".\"status\" = any ($1) limit $2::bigint",
        ))
    );
    assert_eq!(statement.values(), ["{\"ringing\",\"active\"}", "1000"]);
}

#[test]
fn a_compare_and_set_returns_only_the_columns_that_are_asked_for() {
    let cache = cache();
    let plan = plan("id=eq.1&status=eq.ringing&select=status,agent:voip_users(display_name)")
        .expect("a plan");
    let payload = Payload::rows(None, br#"{"status":"active"}"#, None).expect("a payload");
    let columns =
        columns_of(&cache.tables[&name("calls")], payload.keys().iter()).expect("columns");
    let statement = update(
        &plan,
        &columns,
        &payload,
        false,
        Returning::Selected,
        Shape::Rows,
    );
    assert!(
        statement.text().contains(
            " returning \"public\".\"calls\".\"status\", \"public\".\"calls\".\"assigned_to\", \"public\".\"calls\".\"id\")"
        ),
        "{}",
        statement.text()
    );
    assert_eq!(statement.values()[1..], ["1", "ringing"]);
}

#[test]
fn names_cannot_close_their_quotes() {
    assert_eq!(
        quoted("a\"; drop table calls; --"),
        "\"a\"\"; drop table calls; --\""
    );
    assert_eq!(quoted("a\0b"), "\"a\"");
}

proptest! {
    #[test]
    fn a_value_is_never_part_of_the_statement(value in ".{0,60}", other in ".{0,60}") {
        let ask = |value: &str| {
            let encoded: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            rendered(&format!("status=eq.{encoded}&data->>k=like.{encoded}&id=in.(%22{}%22)", "a"))
        };
        let (one, two) = (ask(&value), ask(&other));
        prop_assert_eq!(one.text(), two.text());
        prop_assert_eq!(&one.values()[0], &value);
    }

    #[test]
    fn whatever_is_asked_nothing_gets_out_of_its_quotes(
        raw in "(select|order|or|and|id|data|voip_users\\.id|voip_users\\.order)=[a-e.,()!:*>'\";$-]{0,40}",
        select in "select=(\\*|[a-d\"';:>-]{1,12},)voip_users\\([a-e\"';:>*-]{1,12}\\)",
    ) {
        for raw in [raw.clone(), select.clone(), format!("{select}&{raw}")] {
            let Some(plan) = plan(&raw) else { continue };
            let left = unquoted(read(&plan, Shape::Rows, Total::Counted).text());
            prop_assert!(!left.contains(';') && !left.contains("--"), "{raw}: {left}");
        }
    }
}
