//! What a stack leaves behind that was not stopped: nothing.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::project::{Project, running_postgres};

/// Longer than anything takes here, on a busy machine as well; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_stack_that_is_only_dropped_leaves_no_process_behind() {
    let project = Project::new();
    let stack = project.start().await;
    assert!(running_postgres(&project.path("data")).is_some());
    // Whoever follows the changes is asked by PostgreSQL whether it has them all, and can give no answer any more.
    let admin = stack.connect_admin().await.expect("connection");
    let following = "select from pg_stat_replication where state = 'streaming'";
    while admin.query(following, &[]).await.expect("query").is_empty() {}
    admin
        .batch_execute("insert into public.notes values (2, 'told')")
        .await
        .expect("insert");
    drop(stack);
    assert_eq!(running_postgres(&project.path("data")), None);
}

#[test]
fn what_a_killed_process_left_is_gone_after_the_next_temporary_start() {
    let project = Project::new();
    fs::create_dir(project.path("supabase/tests")).expect("tests folder");
    fs::create_dir(project.path("temporary")).expect("temporary folder");
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local-supabase"));
        command
            .args(["test-db", "--supabase-dir"])
            .arg(project.path("supabase"))
            .env("TMPDIR", project.path("temporary"))
            .stdout(Stdio::null());
        command
    };
    let left = || -> Vec<PathBuf> {
        let entries = fs::read_dir(project.path("temporary")).expect("temporary folder");
        entries.flatten().map(|entry| entry.path()).collect()
    };

    let mut killed = run().spawn().expect("local-supabase");
    let deadline = Instant::now() + PATIENCE;
    let running = || running_postgres(&left().first()?.join("data"));
    while running().is_none() {
        assert!(Instant::now() < deadline, "no PostgreSQL was started");
        assert_eq!(killed.try_wait().expect("status"), None, "it ended");
    }
    killed.kill().expect("kill");
    killed.wait().expect("its end");
    assert_eq!(left().len(), 1);

    assert!(run().status().expect("local-supabase").success());
    assert!(left().is_empty(), "{:?}", left());
}
