//! Reads `supabase/tests/access.md`.

use std::collections::BTreeMap;

use switchboard_local_supabase::project_supabase_dir;

use crate::people::Who;

/// A heading and the lines of the table under it: the first cell, and the others.
pub(crate) type Section = BTreeMap<String, Vec<String>>;

/// Every section by its heading, without what stands behind its dash.
pub(crate) fn sections() -> BTreeMap<String, Section> {
    let path = project_supabase_dir().join("tests/access.md");
    let text = std::fs::read_to_string(path).unwrap();
    let mut sections: BTreeMap<String, Section> = BTreeMap::new();
    let mut heading = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            name.split(" — ")
                .next()
                .unwrap()
                .trim()
                .clone_into(&mut heading);
            sections.entry(heading.clone()).or_default();
        } else if let Some(row) = line.strip_prefix("| ") {
            let mut cells = row.trim_end_matches('|').split('|').map(str::trim);
            let first = cells.next().unwrap().trim_matches('`').to_owned();
            if first == "column" || first == "function" {
                let people: Vec<_> = cells.collect();
                assert_eq!(people, Who::ALL.map(Who::name), "{heading}");
            } else if first != "policy" && first != "relation" {
                let cells = cells.map(str::to_owned).collect();
                let known = sections
                    .entry(heading.clone())
                    .or_default()
                    .insert(first.clone(), cells);
                assert_eq!(known, None, "{heading}: {first} is listed twice");
            }
        }
    }
    sections
}

/// A line as it has to stand in the matrix.
pub(crate) fn line(first: &str, cells: &[String]) -> String {
    assert_eq!(cells.len(), Who::ALL.len());
    format!("| {first} | {} |", cells.join(" | "))
}
