//! The claims about the project's database (`supabase/tests/*.sql`) hold.

use switchboard_local_supabase::{LocalSupabase, Options, pgtap, project_supabase_dir};

#[tokio::test]
async fn every_claim_about_the_database_holds() {
    let stack = LocalSupabase::start(Options::default())
        .await
        .expect("stack");
    let reports = pgtap::run_all(&stack, &project_supabase_dir().join("tests")).await;
    stack.stop().await;
    let reports = reports.expect("claims");
    assert!(!reports.is_empty(), "supabase/tests holds no claims");
    let failed: Vec<String> = reports
        .iter()
        .flat_map(|report| {
            report
                .failures
                .iter()
                .map(|failure| format!("{}: {failure}", report.file.display()))
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test]
async fn a_claim_that_does_not_hold_is_reported() {
    let stack = LocalSupabase::start(Options::default())
        .await
        .expect("stack");
    let folder = tempfile::tempdir().expect("folder");
    let wrong = "begin; select plan(2); select is(1, 2, 'one is two'); select ok(true, 'yes'); select * from finish(); rollback;";
    std::fs::write(folder.path().join("010_wrong.sql"), wrong).expect("write");
    std::fs::write(
        folder.path().join("020_broken.sql"),
        "select plan(1);\nselect nonsense;",
    )
    .expect("write");
    let reports = pgtap::run_all(&stack, folder.path())
        .await
        .expect("reports");
    stack.stop().await;
    assert_eq!(reports[0].passed, 1);
    assert!(reports[0].failures[0].contains("one is two"), "{reports:?}");
    assert!(
        reports[1].failures[0].contains("020_broken.sql:2"),
        "{reports:?}"
    );
}

#[tokio::test]
async fn files_of_claims_share_what_they_read_in_with_ir() {
    let stack = LocalSupabase::start(Options::default())
        .await
        .expect("stack");
    let folder = tempfile::tempdir().expect("folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
    write(
        "shared.psql",
        "create function pg_temp.two() returns int language sql as 'select 2';\n",
    )
    .expect("write");
    write("broken.psql", "select 1;\nselect nonsense;\n").expect("write");
    let claims = "begin;\n\\ir shared.psql\nselect plan(1);\nselect is(pg_temp.two(), 2, 'two');\nselect * from finish();\nrollback;\n";
    write("010_shares.sql", claims).expect("write");
    write(
        "020_stops_later.sql",
        "begin;\n\\ir shared.psql\nselect nonsense;\n",
    )
    .expect("write");
    write(
        "030_stops_inside.sql",
        "begin;\n\\ir broken.psql\nselect plan(1);\n",
    )
    .expect("write");
    let reports = pgtap::run_all(&stack, folder.path())
        .await
        .expect("reports");
    stack.stop().await;
    assert_eq!(reports.len(), 3, "what is read in is no file of claims");
    assert_eq!((reports[0].passed, reports[0].failures.len()), (1, 0));
    for (report, place) in [
        (&reports[1], "020_stops_later.sql:3"),
        (&reports[2], "broken.psql:2"),
    ] {
        assert!(report.failures[0].contains(place), "{report:?}");
    }
}
