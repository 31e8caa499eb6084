//! Supabase's own command line and the stand-in agree about the project: what one applies, the other finds applied,
//! recorded word for word, and the linters that Supabase runs find nothing. Needs Node 20 with npm.

mod npm;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use serde_json::Value;
use switchboard_local_supabase::{LocalSupabase, Options, Schema, project_supabase_dir};
use tempfile::TempDir;
use tokio::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/supabase_cli")
}

/// The command line, with a copy of the project to work in: it leaves notes next to the migrations.
struct Cli {
    place: TempDir,
}

impl Cli {
    async fn new() -> Self {
        npm::install(&folder(), ".bin/supabase").await;
        let place = TempDir::new().expect("temporary directory");
        let project = place.path().join("supabase");
        fs::create_dir_all(project.join("migrations")).expect("folder");
        for name in ["config.toml", "seed.sql"] {
            fs::copy(project_supabase_dir().join(name), project.join(name)).expect("copy");
        }
        for file in fs::read_dir(project_supabase_dir().join("migrations")).expect("migrations") {
            let file = file.expect("migration");
            let copy = project.join("migrations").join(file.file_name());
            fs::copy(file.path(), copy).expect("copy");
        }
        Self { place }
    }

    /// Runs one command on the stack's database. Nothing of the person's own set-up reaches it, nor it the person's.
    async fn run(&self, stack: &LocalSupabase, arguments: &[&str]) -> Output {
        Command::new(folder().join("node_modules/.bin/supabase"))
            .args(arguments)
            .arg(format!("--db-url={}?sslmode=disable", stack.db_url()))
            .arg("--workdir")
            .arg(self.place.path())
            .args(["--yes", "--output-format", "json"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").expect("PATH"))
            .env("HOME", self.place.path())
            .env("DO_NOT_TRACK", "1")
            .env("SUPABASE_TELEMETRY_DISABLED", "1")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .expect("the command line starts")
    }

    /// What a command says that must succeed.
    async fn answer(&self, stack: &LocalSupabase, arguments: &[&str]) -> Value {
        let output = self.run(stack, arguments).await;
        let said = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "supabase {arguments:?}: {said}\n{complaint}"
        );
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
    }
}

async fn start(schema: Schema) -> LocalSupabase {
    let options = Options {
        schema,
        ..Options::default()
    };
    LocalSupabase::start(options).await.expect("stack")
}

/// What is recorded as applied: each migration with its statements, each seed with its hash.
async fn recorded(stack: &LocalSupabase) -> Vec<String> {
    let database = stack.connect().await.expect("connection");
    let rows = database
        .query(
            "select to_jsonb(m)::text from supabase_migrations.schema_migrations m \
             union all select to_jsonb(s)::text from supabase_migrations.seed_files s order by 1",
            &[],
        )
        .await
        .expect("records");
    rows.iter().map(|row| row.get(0)).collect()
}

fn versions() -> Vec<String> {
    let mut versions: Vec<String> = fs::read_dir(project_supabase_dir().join("migrations"))
        .expect("migrations")
        .map(|file| {
            let name = file.expect("file").file_name().into_string().expect("name");
            name.split_once('_')
                .expect("version_topic.sql")
                .0
                .to_owned()
        })
        .collect();
    versions.sort();
    versions
}

/// The versions in a column of `migration list`.
fn listed(list: &Value, side: &str) -> Vec<String> {
    let rows = list["migrations"].as_array().expect("migrations");
    rows.iter()
        .map(|row| row[side].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn supabases_own_push_leaves_the_records_that_the_stand_in_leaves() {
    let cli = Cli::new().await;
    let (bare, ours) = tokio::join!(
        start(Schema::Bare),
        start(Schema::Project(project_supabase_dir()))
    );
    let before = cli.answer(&bare, &["migration", "list"]).await;
    let pushed = cli.answer(&bare, &["db", "push", "--include-seed"]).await;
    let after = cli.answer(&bare, &["migration", "list"]).await;
    let (theirs, stand_ins) = (recorded(&bare).await, recorded(&ours).await);
    let database = bare.connect().await.expect("connection");
    let team = database
        .query_one("select count(*) from public.voip_users", &[])
        .await
        .expect("team")
        .get::<_, i64>(0);
    bare.stop().await;
    ours.stop().await;

    assert_eq!(listed(&before, "local"), versions());
    assert!(
        listed(&before, "remote").iter().all(String::is_empty),
        "{before}"
    );
    assert_eq!(
        pushed["migrations"].as_array().map(Vec::len),
        Some(versions().len())
    );
    assert_eq!(pushed["seeds"][0], "supabase/seed.sql");
    assert_eq!(listed(&after, "remote"), versions());
    assert_eq!(team, 3, "the seed ran");
    assert_eq!(theirs, stand_ins);
}

#[tokio::test(flavor = "multi_thread")]
async fn supabases_own_push_finds_nothing_to_do_where_the_stand_in_was() {
    let cli = Cli::new().await;
    let stack = start(Schema::Project(project_supabase_dir())).await;
    let list = cli.answer(&stack, &["migration", "list"]).await;
    let pushed = cli.answer(&stack, &["db", "push", "--include-seed"]).await;
    stack.stop().await;
    assert_eq!(listed(&list, "local"), versions());
    assert_eq!(listed(&list, "remote"), versions());
    assert_eq!(pushed["upToDate"], true, "{pushed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn supabases_own_linters_find_nothing_but_what_is_wrong() {
    const ADVISORS: [&str; 6] = ["db", "advisors", "--level", "warn", "--fail-on", "warn"];
    const LINT: [&str; 8] = [
        "db",
        "lint",
        "--schema",
        "public,private",
        "--level",
        "warning",
        "--fail-on",
        "warning",
    ];
    let cli = Cli::new().await;
    let stack = start(Schema::Project(project_supabase_dir())).await;
    // On Supabase `postgres` may create this one itself.
    let admin = stack.connect_admin().await.expect("connection");
    admin
        .batch_execute("create extension plpgsql_check with schema extensions")
        .await
        .expect("PostgreSQL's extension plpgsql_check is installed");
    let advisors = cli.answer(&stack, &ADVISORS).await;
    let lint = cli.answer(&stack, &LINT).await;

    // What they are for, so that their silence means something.
    let owner = stack.connect().await.expect("connection");
    owner
        .batch_execute(
            "create table public.open (id int); grant select on public.open to anon; \
             create function private.wrong() returns int language plpgsql set search_path = '' \
             as $$ begin return nonsense; end $$",
        )
        .await
        .expect("faults");
    let warned = cli.run(&stack, &ADVISORS).await;
    let refused = cli.run(&stack, &LINT).await;
    stack.stop().await;

    assert_eq!(advisors["results"], serde_json::json!([]));
    assert_eq!(lint["results"], serde_json::json!([]));
    for (output, fault) in [
        (warned, "rls_disabled_in_public"),
        (refused, "private.wrong"),
    ] {
        assert!(!output.status.success());
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains(fault), "{said}");
    }
}

/// Other versions take other words: what people are told to type is what was tried here.
#[test]
fn the_guides_name_the_version_that_is_tested() {
    let package = fs::read_to_string(folder().join("package.json")).expect("package.json");
    let package: Value = serde_json::from_str(&package).expect("JSON");
    let version = package["dependencies"]["supabase"]
        .as_str()
        .expect("a version");
    let root = project_supabase_dir().join("..");
    for guide in ["docs/going-live.md", "supabase/README.md"] {
        let text = fs::read_to_string(root.join(guide)).expect(guide);
        let commands: Vec<&str> = text.split("npx supabase").skip(1).collect();
        assert!(!commands.is_empty(), "{guide}");
        for command in commands {
            assert!(
                command.starts_with(&format!("@{version} ")),
                "{guide}: npx supabase{}",
                command.lines().next().unwrap_or_default()
            );
        }
    }
}
