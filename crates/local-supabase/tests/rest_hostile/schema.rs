//! Tables that come, change and go while requests are answered.

use tokio::time::timeout;

use super::{PATIENCE, ask, stand::Stand};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_table_is_there_as_soon_as_the_server_was_told() {
    let stand = Stand::start().await;
    assert_eq!(
        ask(&stand, "service", "GET", "/rest/v1/notes", None)
            .await
            .status,
        404
    );
    stand
        .owner
        .batch_execute("create table public.notes (id int); grant select on public.notes to service_role; notify pgrst, 'reload schema'")
        .await
        .expect("a new table");
    let appears = async {
        while ask(&stand, "service", "GET", "/rest/v1/notes", None)
            .await
            .status
            != 200
        {}
    };
    timeout(PATIENCE, appears)
        .await
        .expect("the new table never appeared");
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_migration_makes_alters_and_drops_is_known_without_a_word() {
    let stand = Stand::start().await;
    // So that there is a snapshot of the schema that can be old.
    ask(&stand, "service", "GET", "/rest/v1/calls", None).await;
    let path = "/rest/v1/notes?columns=text";
    for (sql, status) in [
        ("create table public.notes (id int)", 400),
        (
            "alter table public.notes add text text; grant all on public.notes to service_role",
            201,
        ),
        ("alter table public.notes drop text", 400),
        ("drop table public.notes", 404),
    ] {
        stand.owner.batch_execute(sql).await.expect(sql);
        let known = async {
            let body = Some(&br#"{"text":"x"}"#[..]);
            while ask(&stand, "service", "POST", path, body).await.status != status {}
        };
        timeout(PATIENCE, known).await.expect(sql);
    }
    stand.stop().await;
}
