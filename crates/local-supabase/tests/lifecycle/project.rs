//! A small project to start a stack on.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use switchboard_local_supabase::{Data, LocalSupabase, Options, Schema};
use tempfile::TempDir;

pub(crate) const FIRST: &str = "create table public.notes (id int primary key, words text);\n-- a comment; with a semicolon\n\
                     create function public.f() returns int language sql as $$ select 1; $$;";

/// A project of one migration, and a place for its data.
pub(crate) struct Project {
    directory: TempDir,
}

impl Project {
    pub(crate) fn new() -> Self {
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

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("write file");
    }

    pub(crate) fn options(&self) -> Options {
        Options {
            data: Data::Kept(self.path("data")),
            schema: Schema::Project(self.path("supabase")),
            ..Options::default()
        }
    }

    pub(crate) async fn start(&self) -> LocalSupabase {
        LocalSupabase::start(self.options()).await.expect("stack")
    }

    pub(crate) async fn refusal(&self, options: Options) -> String {
        match LocalSupabase::start(options).await {
            Ok(stack) => {
                stack.stop().await;
                panic!("it started");
            }
            Err(error) => error.to_string(),
        }
    }
}

pub(crate) async fn count(stack: &LocalSupabase, table: &str) -> i64 {
    let client = stack.connect().await.expect("connection");
    client
        .query_one(&format!("select count(*) from {table}"), &[])
        .await
        .expect("count")
        .get(0)
}

/// The process that PostgreSQL's own lock file names, while that process is there.
pub(crate) fn running_postgres(data: &Path) -> Option<i32> {
    let text = fs::read_to_string(data.join("cluster/postmaster.pid")).ok()?;
    let pid: i32 = text.lines().next()?.trim().parse().ok()?;
    Path::new(&format!("/proc/{pid}")).exists().then_some(pid)
}
