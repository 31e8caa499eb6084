//! Every reason not to start, in words.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::PermissionsExt,
};

use switchboard_local_supabase::{Data, LocalSupabase, Options, Schema, StartError};

use crate::project::{FIRST, Project, count, running_postgres};

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
