//! Starting, stopping and starting again on the same data; and every reason not to start, in words.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use switchboard_local_supabase::{Data, LocalSupabase, Options, Schema, StartError};
use tempfile::TempDir;

const FIRST: &str = "create table public.notes (id int primary key, words text);\n-- a comment; with a semicolon\n\
                     create function public.f() returns int language sql as $$ select 1; $$;";

/// Longer than anything takes here, on a busy machine as well; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A project of one migration, and a place for its data.
struct Project {
    directory: TempDir,
}

impl Project {
    fn new() -> Self {
        let directory = TempDir::new().expect("temporary directory");
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755))
            .expect("open directory");
        let project = Self { directory };
        fs::create_dir_all(project.path("supabase/migrations")).expect("migrations folder");
        project.write("supabase/migrations/20260101000000_notes.sql", FIRST);
        project.write(
            "supabase/seed.sql",
            "insert into public.notes values (1, 'seeded');",
        );
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("write file");
    }

    fn options(&self) -> Options {
        Options {
            data: Data::Kept(self.path("data")),
            schema: Schema::Project(self.path("supabase")),
            ..Options::default()
        }
    }

    async fn start(&self) -> LocalSupabase {
        LocalSupabase::start(self.options()).await.expect("stack")
    }

    async fn refusal(&self, options: Options) -> String {
        match LocalSupabase::start(options).await {
            Ok(stack) => {
                stack.stop().await;
                panic!("it started");
            }
            Err(error) => error.to_string(),
        }
    }
}

async fn count(stack: &LocalSupabase, table: &str) -> i64 {
    let client = stack.connect().await.expect("connection");
    client
        .query_one(&format!("select count(*) from {table}"), &[])
        .await
        .expect("count")
        .get(0)
}

/// The process that PostgreSQL's own lock file names, while that process is there.
fn running_postgres(data: &Path) -> Option<i32> {
    let text = fs::read_to_string(data.join("cluster/postmaster.pid")).ok()?;
    let pid: i32 = text.lines().next()?.trim().parse().ok()?;
    Path::new(&format!("/proc/{pid}")).exists().then_some(pid)
}

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
async fn an_edited_a_lost_and_a_broken_migration_are_refused_by_name() {
    let project = Project::new();
    project.start().await.stop().await;

    project.write(
        "supabase/migrations/20260101000000_notes.sql",
        "create table public.other (id int);",
    );
    let refusal = project.refusal(project.options()).await;
    assert!(
        refusal.contains("20260101000000_notes.sql was changed") && refusal.contains("--reset"),
        "{refusal}"
    );

    fs::remove_file(project.path("supabase/migrations/20260101000000_notes.sql")).expect("remove");
    let refusal = project.refusal(project.options()).await;
    assert!(
        refusal.contains("20260101000000") && refusal.contains("is gone"),
        "{refusal}"
    );

    project.write("supabase/migrations/20260101000000_notes.sql", FIRST);
    project.write(
        "supabase/migrations/20260103000000_bad.sql",
        "create table public.a (id int);\nselect 1 from nowhere;",
    );
    let refusal = project.refusal(project.options()).await;
    assert!(
        refusal.contains("20260103000000_bad.sql:2") && refusal.contains("nowhere"),
        "{refusal}"
    );

    // All or nothing: what stood before the fault is not there, so the mended file runs.
    project.write(
        "supabase/migrations/20260103000000_bad.sql",
        "create table public.a (id int);",
    );
    let stack = project.start().await;
    assert_eq!(count(&stack, "public.a").await, 0);
    stack.stop().await;
}

#[tokio::test]
async fn a_directory_that_is_in_use_or_somebody_elses_is_left_alone() {
    let project = Project::new();
    let stack = project.start().await;
    let refusal = project.refusal(project.options()).await;
    let me = format!("(process {})", std::process::id());
    assert!(
        refusal.contains(&me) && refusal.contains("LOCAL_SUPABASE_DATA"),
        "{refusal}"
    );
    stack.stop().await;

    fs::create_dir(project.path("photos")).expect("directory");
    project.write("photos/holiday.jpg", "a picture");
    for reset in [false, true] {
        let options = Options {
            data: Data::Kept(project.path("photos")),
            reset,
            ..project.options()
        };
        let refusal = project.refusal(options).await;
        assert!(refusal.contains("not made by local-supabase"), "{refusal}");
    }
    assert!(project.path("photos/holiday.jpg").is_file());
}

#[tokio::test]
async fn a_taken_port_is_named_with_the_setting_that_changes_it() {
    let project = Project::new();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("port");
    let port = taken.local_addr().expect("address").port();

    let refusal = project
        .refusal(Options {
            port,
            ..project.options()
        })
        .await;
    assert!(
        refusal.contains(&format!("port {port}")) && refusal.contains("LOCAL_SUPABASE_PORT"),
        "{refusal}"
    );
    let refusal = project
        .refusal(Options {
            db_port: port,
            ..project.options()
        })
        .await;
    assert!(
        refusal.contains(&format!("port {port}")) && refusal.contains("LOCAL_SUPABASE_DB_PORT"),
        "{refusal}"
    );
    assert_eq!(running_postgres(&project.path("data")), None);
}

#[tokio::test]
async fn a_directory_that_the_database_cannot_reach_is_named() {
    if !nix::unistd::Uid::effective().is_root() {
        return; // Only root drops to another account.
    }
    let project = Project::new();
    fs::create_dir(project.path("closed")).expect("directory");
    fs::set_permissions(project.path("closed"), fs::Permissions::from_mode(0o700))
        .expect("close directory");
    let options = Options {
        data: Data::Kept(project.path("closed/data")),
        ..project.options()
    };
    let refusal = project.refusal(options).await;
    assert!(
        refusal.contains("may not enter")
            && refusal.contains("closed")
            && refusal.contains("chmod o+x"),
        "{refusal}"
    );
}

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

#[tokio::test]
async fn a_missing_supabase_folder_is_a_sentence() {
    let project = Project::new();
    let options = Options {
        schema: Schema::Project(project.path("nowhere")),
        ..project.options()
    };
    let refusal = LocalSupabase::start(options)
        .await
        .err()
        .map(|error: StartError| error.to_string());
    assert!(
        refusal
            .expect("refused")
            .contains("cannot read the migrations in")
    );
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
