//! Stopping, and starting again on the same data.

use switchboard_local_supabase::{LocalSupabase, Options};

use crate::project::{Project, count, running_postgres};

#[tokio::test]
async fn data_and_migrations_outlive_a_restart_and_the_seed_runs_once() {
    let project = Project::new();
    let stack = project.start().await;
    assert_eq!(stack.applied().migrations, ["20260101000000_notes.sql"]);
    assert!(stack.applied().seeded);
    let client = stack.connect().await.expect("connection");
    client
        .batch_execute("insert into public.notes values (2, 'kept')")
        .await
        .expect("insert");
    let statements: Vec<String> = client
        .query_one(
            "select statements from supabase_migrations.schema_migrations where name = 'notes'",
            &[],
        )
        .await
        .expect("recorded migration")
        .get(0);
    assert_eq!(statements.len(), 2);
    drop(client);
    stack.stop().await;
    assert_eq!(running_postgres(&project.path("data")), None);

    project.write(
        "supabase/migrations/20260102000000_more.sql",
        "create table public.more (id int);",
    );
    let stack = project.start().await;
    assert_eq!(stack.applied().migrations, ["20260102000000_more.sql"]);
    assert!(!stack.applied().seeded && !stack.applied().seed_is_stale);
    assert_eq!(count(&stack, "public.notes").await, 2);
    stack.stop().await;

    project.write("supabase/seed.sql", "select 1;");
    let stack = LocalSupabase::start(Options {
        reset: true,
        ..project.options()
    })
    .await
    .expect("stack");
    assert_eq!(stack.applied().migrations.len(), 2);
    assert_eq!(count(&stack, "public.notes").await, 0);
    stack.stop().await;
}

#[tokio::test]
async fn data_of_a_crash_recover_and_a_forgotten_slot_is_dropped() {
    let project = Project::new();
    let mut stack = project.start().await;
    let admin = stack.connect_admin().await.expect("connection");
    admin
        .batch_execute("select pg_create_logical_replication_slot('forgotten', 'wal2json')")
        .await
        .expect("slot");
    admin
        .batch_execute("insert into public.notes values (2, 'before the crash'); checkpoint")
        .await
        .expect("insert");
    let postgres = running_postgres(&project.path("data")).expect("running");
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(postgres),
        nix::sys::signal::Signal::SIGKILL,
    )
    .expect("kill");
    assert!(stack.failed().await.starts_with("PostgreSQL ended"));
    stack.stop().await;

    let stack = project.start().await;
    assert_eq!(count(&stack, "public.notes").await, 2);
    assert_eq!(
        count(&stack, "pg_replication_slots where slot_name = 'forgotten'").await,
        0
    );
    stack.stop().await;
}
