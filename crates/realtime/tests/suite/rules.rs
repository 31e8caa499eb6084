//! The README's tables of rules are complete, and every test that they name exists.

use crate::sources;
use std::collections::BTreeSet;

/// How many rules each table has.
const RULES: [(&str, u32); 5] = [("C", 10), ("S", 21), ("W", 8), ("N", 5), ("F", 4)];

/// The rules of the README with the tests that stand for them.
fn listed() -> Vec<(String, Vec<String>)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let rows = readme.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').collect();
        let [rule, _, tests] = cells[..] else {
            return None;
        };
        let rule = rule.trim();
        let number = rule.get(1..)?;
        number.parse::<u32>().ok()?;
        let names = tests.split('`').skip(1).step_by(2).map(str::to_owned);
        Some((rule.to_owned(), names.collect()))
    });
    rows.collect()
}

#[test]
fn every_rule_names_tests_that_exist() {
    let tests: BTreeSet<String> = ["tests", "src"]
        .into_iter()
        .flat_map(sources::tests_under)
        .map(|test| test.name)
        .collect();
    let listed = listed();
    for (rule, names) in &listed {
        assert!(!names.is_empty(), "{rule} has no test");
        for name in names {
            assert!(tests.contains(name), "{rule}: there is no test {name}");
        }
    }
    let rules: Vec<&str> = listed.iter().map(|(rule, _)| rule.as_str()).collect();
    let wanted: Vec<String> = RULES
        .iter()
        .flat_map(|(letter, count)| (1..=*count).map(move |number| format!("{letter}{number}")))
        .collect();
    assert_eq!(rules, wanted);
}
