//! Every guard of the database is guarded: `supabase/tests/guards.md` breaks each once, and the claim that it names does
//! not hold.

use std::path::Path;

use switchboard_local_supabase::{LocalSupabase, Options, pgtap, project_supabase_dir};

/// One line of the list.
struct Break {
    what: String,
    how: String,
    /// The number that the file of claims begins with.
    file: String,
    claim: String,
}

fn breaks(list: &str) -> Vec<Break> {
    let lines = list.lines().filter(|line| line.starts_with("| "));
    lines
        .skip(1)
        .map(|line| {
            let cells: Vec<_> = line.split(" | ").collect();
            let [what, how, file, claim] = cells.as_slice() else {
                panic!("four cells: {line}");
            };
            Break {
                what: what.trim_start_matches("| ").to_owned(),
                how: how.trim_matches('`').to_owned(),
                file: (*file).to_owned(),
                claim: claim.trim_end_matches(" |").to_owned(),
            }
        })
        .collect()
}

/// What to run: a statement as it is, or the replacement of a piece of a function, which fails if it is not there.
fn statement(how: &str) -> String {
    let Some((place, instead)) = how.split_once(" =>") else {
        return how.to_owned();
    };
    let (function, piece) = place.split_once(": ").expect("function: piece");
    format!(
        "do $break$
         declare source text := pg_get_functiondef('{function}'::regproc);
         begin
           if position($piece${piece}$piece$ in source) = 0 then
             raise exception '{function} has no such branch';
           end if;
           execute replace(source, $piece${piece}$piece$, $piece${}$piece$);
         end
         $break$",
        instead.trim()
    )
}

/// The claims of a file that fail while something is broken. The file's own rollback mends it.
async fn failures(stack: &LocalSupabase, how: &str, file: &Path) -> Vec<String> {
    let client = stack.connect().await.expect("connection");
    client
        .batch_execute(&format!("begin; {};", statement(how)))
        .await
        .unwrap_or_else(|error| panic!("{how}: {error:?}"));
    let report = pgtap::run_file(&client, file).await.expect("a report");
    report.failures
}

#[tokio::test]
async fn every_guard_of_the_database_is_guarded() {
    let stack = LocalSupabase::start(Options::default())
        .await
        .expect("stack");
    pgtap::install(&stack).await.expect("pgTAP");
    let folder = project_supabase_dir().join("tests");
    let files: Vec<_> = std::fs::read_dir(&folder)
        .expect("tests")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    let list = std::fs::read_to_string(folder.join("guards.md")).expect("the list");
    let breaks = breaks(&list);
    assert!(breaks.len() >= 40, "only {} breaks were read", breaks.len());
    let mut unnoticed = Vec::new();
    for one in &breaks {
        let is_it = |path: &&std::path::PathBuf| {
            let name = path.file_name().map(|name| name.to_string_lossy());
            name.is_some_and(|name| name.starts_with(&one.file))
        };
        let file = files.iter().find(is_it).expect("the file of claims");
        let failed = failures(&stack, &one.how, file).await;
        if !failed.iter().any(|failure| failure.contains(&one.claim)) {
            unnoticed.push(format!(
                "{}: {} fails with {failed:#?} instead of {:?}",
                one.what, one.file, one.claim
            ));
        }
    }
    stack.stop().await;
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
}
