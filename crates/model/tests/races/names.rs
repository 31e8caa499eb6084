//! A contact is written while its caller's call begins or ends: whoever is second reads what the first has committed.

use switchboard_local_supabase::{LocalSupabase, Options};

use crate::locks::wait_until_blocked;

const BEGIN_A_CALL: &str = "insert into public.calls (twilio_call_sid, from_number, to_number, caller_name) \
     values ('CA1', '+12025550150', '+12025550199', 'WIRELESS CALLER')";
const END_THE_CALL: &str = "update public.calls set status = 'ended' where twilio_call_sid = 'CA1'";
const WRITE_THE_CONTACT: &str =
    "insert into public.contacts (number, name) values ('+12025550150', 'Nora')";

/// What has happened before, what is not committed yet, what comes then, and how the call is called at last.
const CASES: [(&str, &str, &str, &str); 3] = [
    ("select", WRITE_THE_CONTACT, BEGIN_A_CALL, "Nora"),
    ("select", BEGIN_A_CALL, WRITE_THE_CONTACT, "Nora"),
    (
        BEGIN_A_CALL,
        END_THE_CALL,
        WRITE_THE_CONTACT,
        "WIRELESS CALLER",
    ),
];

#[tokio::test]
async fn a_call_and_its_contact_do_not_miss_each_other() {
    let stack = LocalSupabase::start(Options::default()).await.unwrap();
    let owner = stack.connect().await.unwrap();
    let first = stack.connect().await.unwrap();
    for (before, holds, waits, name) in CASES {
        let arrange = format!("delete from public.contacts; delete from public.calls; {before}");
        owner.batch_execute(&arrange).await.unwrap();
        first.batch_execute("begin").await.unwrap();
        first.batch_execute(holds).await.unwrap();

        let second = stack.connect().await.unwrap();
        let pid: i32 = second
            .query_one("select pg_backend_pid()", &[])
            .await
            .unwrap()
            .get(0);
        let waiting = tokio::spawn(async move { second.batch_execute(waits).await });
        wait_until_blocked(&owner, pid, waits).await;
        first.batch_execute("commit").await.unwrap();
        waiting.await.unwrap().unwrap();

        let shown: Option<String> = owner
            .query_one("select caller_name from public.calls", &[])
            .await
            .unwrap()
            .get(0);
        assert_eq!(shown.as_deref(), Some(name), "{holds}, then {waits}");
    }
    stack.stop().await;
}
