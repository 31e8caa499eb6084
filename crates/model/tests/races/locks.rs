//! The order of locks, seen and not hoped for: whoever waits for an earlier lock holds no later one. A deadlock needs
//! two requests within microseconds; this needs only one that waits.

use std::time::{Duration, Instant};

use switchboard_local_supabase::{LocalSupabase, Options};
use tokio_postgres::Client;

const DOUG: &str = "11111111-0000-4000-8000-000000000001";
const RHONDA: &str = "11111111-0000-4000-8000-000000000002";
const DOUGS_ACCOUNT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const RHONDAS_ACCOUNT: &str = "aaaaaaaa-0000-4000-8000-000000000002";
const DOUGS_CALL: &str = "22222222-0000-4000-8000-000000000001";
const RHONDAS_CALL: &str = "22222222-0000-4000-8000-000000000002";

/// An action, the lock that it has to want first, and the one that it may have only then.
struct Case {
    name: &'static str,
    account: &'static str,
    call: &'static str,
    change: String,
    first: String,
    then: String,
}

fn member(id: &str) -> String {
    format!("select from public.voip_users where id = '{id}' for no key update nowait")
}

fn cases() -> [Case; 3] {
    [
        Case {
            name: "a transfer to a lower id",
            account: RHONDAS_ACCOUNT,
            call: RHONDAS_CALL,
            change: format!("assigned_to = '{DOUG}'"),
            first: member(DOUG),
            then: member(RHONDA),
        },
        Case {
            name: "a transfer to a higher id",
            account: DOUGS_ACCOUNT,
            call: DOUGS_CALL,
            change: format!("assigned_to = '{RHONDA}'"),
            first: member(DOUG),
            then: member(RHONDA),
        },
        Case {
            name: "parking",
            account: DOUGS_ACCOUNT,
            call: DOUGS_CALL,
            change: "status = 'parked', assigned_to = null".to_owned(),
            first: "select private.lock_parking_lot()".to_owned(),
            then: member(DOUG),
        },
    ]
}

#[tokio::test]
async fn whoever_waits_for_a_lock_holds_no_later_one() {
    let stack = LocalSupabase::start(Options::default()).await.unwrap();
    let owner = stack.connect().await.unwrap();
    for (call, agent) in [(DOUGS_CALL, DOUG), (RHONDAS_CALL, RHONDA)] {
        let script = format!(
            "insert into calls (id, twilio_call_sid, from_number, to_number) \
             values ('{call}', '{call}', '+12025550150', '+12025550199'); \
             update calls set status = 'active', assigned_to = '{agent}' where id = '{call}'"
        );
        owner.batch_execute(&script).await.unwrap();
    }
    for case in cases() {
        let holder = stack.connect().await.unwrap();
        holder.batch_execute("begin").await.unwrap();
        holder.batch_execute(&case.first).await.unwrap();

        let actor = stack.connect().await.unwrap();
        let pid: i32 = actor
            .query_one("select pg_backend_pid()", &[])
            .await
            .unwrap()
            .get(0);
        let action = format!(
            "begin; set local role authenticated; \
             set local request.jwt.claims = '{{\"role\": \"authenticated\", \"sub\": \"{}\"}}'; \
             update public.calls set {} where id = '{}'; rollback",
            case.account, case.change, case.call
        );
        let action = tokio::spawn(async move { actor.batch_execute(&action).await });
        wait_until_blocked(&owner, pid, case.name).await;

        let later = holder.batch_execute(&case.then).await;
        assert!(
            later.is_ok(),
            "{} holds what it may not hold yet: {later:?}",
            case.name
        );
        holder.batch_execute("rollback").await.unwrap();
        if let Err(error) = action.await.unwrap() {
            let refusal = error.as_db_error().and_then(|error| error.hint());
            assert_eq!(refusal, Some("colleague_busy"), "{}: {error}", case.name);
        }
    }
    stack.stop().await;
}

/// Returns when the connection waits for a lock.
pub(crate) async fn wait_until_blocked(watcher: &Client, pid: i32, name: &str) {
    let blocked =
        "select exists (select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock')";
    let deadline = Instant::now() + Duration::from_secs(60);
    while !watcher
        .query_one(blocked, &[&pid])
        .await
        .unwrap()
        .get::<_, bool>(0)
    {
        assert!(
            Instant::now() < deadline,
            "{name} does not wait for what it needs first"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
