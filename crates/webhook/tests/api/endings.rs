//! A call ends once, and says how.

use futures::future::join_all;
use tokio_postgres::Client;

use crate::app::{TestApp, caller, new_sid};
use crate::supabase::Supabase;

pub(crate) async fn ended(database: &Client, sid: &str) -> Option<(String, Option<String>)> {
    let row = "select status, end_reason from calls where twilio_call_sid = $1";
    let row = database.query_opt(row, &[&sid]).await.unwrap()?;
    Some((row.get(0), row.get(1)))
}

pub(crate) fn as_reason(reason: &str) -> Option<(String, Option<String>)> {
    Some(("ended".to_owned(), Some(reason.to_owned())))
}

#[tokio::test]
async fn an_unanswered_call_says_who_gave_up() {
    let supabase = Supabase::shared().await;
    let app = TestApp::before(&supabase.url).await;
    let database = supabase.database().await;
    for (status, reason) in [
        ("completed", "abandoned"),
        ("canceled", "abandoned"),
        ("no-answer", "missed"),
        ("busy", "missed"),
        ("failed", "failed"),
    ] {
        let sid = new_sid();
        app.call(&sid).await;
        assert_eq!(app.hang_up(&sid, status).await, 204);
        assert_eq!(ended(&database, &sid).await, as_reason(reason), "{status}");
    }
}

#[tokio::test]
async fn an_answered_call_was_completed() {
    let supabase = Supabase::shared().await;
    let app = TestApp::before(&supabase.url).await;
    let database = supabase.database().await;
    let answer = "update calls set status = 'active', assigned_to = (select id from voip_users where identity = 'agent_rhonda') \
                  where twilio_call_sid = $1";
    let park = "update calls set status = 'parked', assigned_to = null where twilio_call_sid = $1";
    for parked in [false, true] {
        let sid = new_sid();
        app.call(&sid).await;
        assert_eq!(database.execute(answer, &[&sid]).await.unwrap(), 1);
        if parked {
            assert_eq!(database.execute(park, &[&sid]).await.unwrap(), 1);
        }
        assert_eq!(app.hang_up(&sid, "no-answer").await, 204);
        assert_eq!(
            ended(&database, &sid).await,
            as_reason("completed"),
            "parked: {parked}"
        );
    }
}

#[tokio::test]
async fn a_status_that_is_no_end_changes_nothing() {
    let supabase = Supabase::shared().await;
    let app = TestApp::before(&supabase.url).await;
    let database = supabase.database().await;
    let sid = new_sid();
    app.call(&sid).await;
    for status in ["queued", "initiated", "ringing", "in-progress"] {
        assert_eq!(app.hang_up(&sid, status).await, 204);
    }
    assert_eq!(
        ended(&database, &sid).await,
        Some(("ringing".to_owned(), None))
    );
}

#[tokio::test]
async fn repeated_and_late_words_change_nothing_after_the_end() {
    let supabase = Supabase::shared().await;
    let app = TestApp::before(&supabase.url).await;
    let database = supabase.database().await;
    let sid = new_sid();
    app.call(&sid).await;
    let statuses = join_all((0..10).map(|_| app.hang_up(&sid, "completed"))).await;
    assert_eq!(statuses, [204; 10]);
    let version = "select version from calls where twilio_call_sid = $1";
    let before: i64 = database.query_one(version, &[&sid]).await.unwrap().get(0);
    for status in ["failed", "no-answer", "ringing", "completed"] {
        assert_eq!(app.hang_up(&sid, status).await, 204);
    }
    assert_eq!(app.call(&sid).await.verbs(), ["Hangup"]);
    assert_eq!(ended(&database, &sid).await, as_reason("abandoned"));
    let after: i64 = database.query_one(version, &[&sid]).await.unwrap().get(0);
    assert_eq!(after, before, "nobody's board is disturbed");
}

#[tokio::test]
async fn a_caller_who_gave_up_before_the_first_insert_is_still_a_missed_call() {
    let supabase = Supabase::shared().await;
    let app = TestApp::before(&supabase.url).await;
    let database = supabase.database().await;
    let sid = new_sid();
    assert_eq!(app.hang_up(&sid, "completed").await, 204);
    assert_eq!(ended(&database, &sid).await, as_reason("abandoned"));
    // The first request of that call, arriving late, does not bring it back.
    assert_eq!(app.call(&sid).await.verbs(), ["Hangup"]);
}

#[tokio::test]
async fn an_agents_leg_is_not_a_call() {
    let supabase = Supabase::shared().await;
    let app = TestApp::before(&supabase.url).await;
    let database = supabase.database().await;
    let (parent, leg) = (new_sid(), new_sid());
    app.call(&parent).await;
    let mut pairs = caller(&leg).to_vec();
    pairs[3].1 = "completed";
    pairs.push(("ParentCallSid", &parent));
    for path in ["/twilio/status", "/twilio/leg"] {
        assert_eq!(
            app.signed(path, &pairs).send().await.unwrap().status(),
            204,
            "{path}"
        );
    }
    assert_eq!(ended(&database, &leg).await, None);
    assert_eq!(
        ended(&database, &parent).await,
        Some(("ringing".to_owned(), None))
    );
}
