//! Runs the project's pgTAP files (`supabase/tests/*.sql`) against a running stack and reads what they say.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tokio_postgres::{Client, SimpleQueryMessage};

use crate::{
    LocalSupabase, StartError, postgres::PostgresError, postgres::at, postgres::migrations::refused,
};

/// What one file of claims said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The file.
    pub file: PathBuf,
    /// How many claims held.
    pub passed: usize,
    /// Each claim that did not hold with its diagnostics; or why the file did not run to its planned end.
    pub failures: Vec<String>,
}

/// Makes the extension. On Supabase `postgres` may do so itself; here only the superuser may.
pub async fn install(stack: &LocalSupabase) -> Result<(), StartError> {
    let admin = stack.connect_admin().await.map_err(PostgresError::from)?;
    let extension = "create extension if not exists pgtap with schema extensions";
    admin
        .batch_execute(extension)
        .await
        .map_err(|error| refused("pgTAP (package `postgresql-15-pgtap`)", "", &error))?;
    Ok(())
}

/// Runs every `*.sql` file of `folder`, in order of name, each on its own connection as `postgres`.
pub async fn run_all(stack: &LocalSupabase, folder: &Path) -> Result<Vec<Report>, StartError> {
    install(stack).await?;
    let entries = fs::read_dir(folder).map_err(at("cannot read the tests in", folder))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "sql"))
        .collect();
    files.sort();
    let mut reports = Vec::new();
    for file in files {
        let client = stack.connect().await.map_err(PostgresError::from)?;
        reports.push(run_file(&client, &file).await?);
    }
    Ok(reports)
}

/// Runs one file on a connection of the caller's, which [`install`] came before. A file of claims rolls back what it did,
/// and with it what the caller did since a `begin` of its own.
pub async fn run_file(client: &Client, file: &Path) -> Result<Report, PostgresError> {
    let mut said = Vec::new();
    let mut failure = None;
    for (source, sql) in &parts(file)? {
        match client.simple_query(sql).await {
            Ok(messages) => said.extend(lines_of(&messages)),
            Err(error) => {
                failure = Some(refused(&source.display().to_string(), sql, &error).to_string());
                break;
            }
        }
    }
    let (passed, failures) = match failure {
        None => read_tap(&said),
        Some(failure) => (0, vec![failure]),
    };
    Ok(Report {
        file: file.to_owned(),
        passed,
        failures,
    })
}

/// A file of claims as what is sent one after the other: its own text, and in place of each line `\ir other` the file
/// of that name beside it, as psql reads it. Each part keeps the line numbers of its source.
fn parts(file: &Path) -> Result<Vec<(PathBuf, String)>, PostgresError> {
    let text = fs::read_to_string(file).map_err(at("cannot read", file))?;
    let mut parts = Vec::new();
    let mut own = String::new();
    for (above, line) in text.split_inclusive('\n').enumerate() {
        let Some(name) = line.strip_prefix("\\ir ") else {
            own.push_str(line);
            continue;
        };
        let included = file.with_file_name(name.trim());
        let its_text = fs::read_to_string(&included).map_err(at("cannot read", &included))?;
        parts.push((file.to_owned(), own));
        parts.push((included, its_text));
        own = "\n".repeat(above + 1);
    }
    parts.push((file.to_owned(), own));
    Ok(parts)
}

fn lines_of(messages: &[SimpleQueryMessage]) -> Vec<String> {
    let first_column = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) if !row.is_empty() => row.get(0).map(str::to_owned),
        _ => None,
    };
    let said: Vec<String> = messages.iter().filter_map(first_column).collect();
    said.iter()
        .flat_map(|text| text.lines())
        .map(str::to_owned)
        .collect()
}

/// Counts `ok` lines and collects what failed. A file whose plan is missing or not kept has failed as well.
fn read_tap(lines: &[String]) -> (usize, Vec<String>) {
    let (mut planned, mut ran, mut passed) = (None, 0, 0);
    let mut failures: Vec<String> = Vec::new();
    let mut diagnosing = false;
    for line in lines {
        if let Some(count) = line.strip_prefix("1..") {
            planned = count
                .split_whitespace()
                .next()
                .and_then(|count| count.parse::<usize>().ok());
        } else if line.starts_with("ok ") || line.starts_with("not ok ") {
            ran += 1;
            let holds = line.starts_with("ok ") || line.contains("# TODO");
            diagnosing = !holds;
            if holds {
                passed += 1;
            } else {
                failures.push(line.clone());
            }
        } else if let (true, Some(failure)) =
            (diagnosing && line.starts_with('#'), failures.last_mut())
        {
            failure.push('\n');
            failure.push_str(line);
        }
    }
    match planned {
        Some(planned) if planned == ran => {}
        Some(planned) => failures.push(format!("planned {planned} claims but ran {ran}")),
        None => failures.push("no plan: the file must call plan(n) and finish()".to_owned()),
    }
    (passed, failures)
}

#[cfg(test)]
mod tests {
    use super::read_tap;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_file_that_keeps_its_plan_passes() {
        assert_eq!(read_tap(&lines("1..2\nok 1 - a\nok 2 - b")), (2, vec![]));
    }

    #[test]
    fn a_failed_claim_comes_with_its_diagnostics() {
        let (passed, failures) = read_tap(&lines(
            "1..2\nnot ok 1 - a\n# Failed test 1\n#  have: 1\nok 2 - b",
        ));
        assert_eq!(passed, 1);
        assert_eq!(failures, ["not ok 1 - a\n# Failed test 1\n#  have: 1"]);
    }

    #[test]
    fn a_file_that_stops_early_or_plans_nothing_fails() {
        assert_eq!(
            read_tap(&lines("1..2\nok 1 - a")).1,
            ["planned 2 claims but ran 1"]
        );
        assert_eq!(read_tap(&lines("ok 1 - a")).1.len(), 1);
        assert_eq!(read_tap(&[]).1.len(), 1);
    }
}
