//! The database goes away and comes back. Nobody is dropped, no call is lost.

use std::sync::{Arc, Mutex};

use crate::app::{TestApp, caller, new_sid};
use crate::endings::{as_reason, ended};
use crate::proxy::{Proxy, Wire};
use crate::supabase::{Supabase, until};

#[tokio::test]
async fn a_caller_waits_while_the_database_is_away_and_becomes_a_row_when_it_is_back() {
    let supabase = Supabase::shared().await;
    let proxy = Proxy::before(&supabase.url, Wire::Cut).await;
    let app = TestApp::before(&proxy.url()).await;
    let sid = new_sid();
    let next = app.call(&sid).await.held_until();
    assert_eq!(next, "/twilio/voice");
    assert_eq!(
        app.twiml(&next, &caller(&sid)).await.held_until(),
        "/twilio/voice"
    );

    proxy.set(Wire::Open);
    let next = app.twiml(&next, &caller(&sid)).await.held_until();
    assert!(next.starts_with("/twilio/voice?c="), "{next}");
    let database = supabase.database().await;
    assert_eq!(
        ended(&database, &sid).await,
        Some(("ringing".to_owned(), None))
    );

    // Away again in the middle of the call: the same question is asked again, so nothing is forgotten.
    proxy.set(Wire::Cut);
    assert_eq!(app.twiml(&next, &caller(&sid)).await.held_until(), next);
    let dial = next.replace("/twilio/voice", "/twilio/dial");
    let answer = app
        .twiml(&dial, &[("CallSid", &sid), ("DialCallStatus", "no-answer")])
        .await;
    assert!(
        answer.held_until().starts_with("/twilio/"),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_not_waited_for() {
    let supabase = Supabase::shared().await;
    let proxy = Proxy::before(&supabase.url, Wire::Stalled).await;
    let app = TestApp::before(&proxy.url()).await;
    let sid = new_sid();
    assert_eq!(app.call(&sid).await.held_until(), "/twilio/voice");
    assert_eq!(app.get("/readyz").await.status(), 503);
    assert_eq!(app.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn the_fallback_starts_over() {
    let app = TestApp::alone().await;
    let answer = app.twiml("/twilio/fallback", &caller("CA1")).await;
    assert_eq!(answer.held_until(), "/twilio/voice");
}

#[tokio::test]
async fn an_end_that_cannot_be_written_is_written_later() {
    let supabase = Supabase::shared().await;
    let proxy = Proxy::before(&supabase.url, Wire::Open).await;
    let app = TestApp::before(&proxy.url()).await;
    let database = supabase.database().await;
    let (known, unknown) = (new_sid(), new_sid());
    app.call(&known).await;

    proxy.set(Wire::Cut);
    for sid in [&known, &unknown] {
        // Asking again, as Twilio may, does not make two of it.
        assert_eq!(app.hang_up(sid, "completed").await, 503);
        assert_eq!(app.hang_up(sid, "completed").await, 503);
    }
    assert_eq!(
        ended(&database, &known).await,
        Some(("ringing".to_owned(), None))
    );

    proxy.set(Wire::Open);
    until(|| async { ended(&database, &unknown).await == as_reason("abandoned") }).await;
    assert_eq!(ended(&database, &known).await, as_reason("abandoned"));
}

#[tokio::test]
async fn an_end_that_fails_for_a_reason_of_its_own_keeps_no_other_waiting() {
    let (odd, good) = (new_sid(), new_sid());
    let written = Arc::new(Mutex::new(Vec::new()));
    let rest = {
        let (odd, written) = (odd.clone(), Arc::clone(&written));
        // Says something unreadable about one call, and ends every other.
        axum::Router::new().fallback(move |uri: axum::http::Uri| async move {
            let query = uri.query().unwrap_or_default().to_owned();
            if query.contains(&odd) {
                return "what?";
            }
            written.lock().unwrap().push(query);
            r#"[{"id":"22222222-0000-4000-8000-000000000001"}]"#
        })
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, rest).await });

    let proxy = Proxy::before(&url, Wire::Cut).await;
    let app = TestApp::before(&proxy.url()).await;
    assert_eq!(app.hang_up(&odd, "completed").await, 503);
    assert_eq!(app.hang_up(&good, "completed").await, 503);
    proxy.set(Wire::Open);
    until(|| async {
        let written = written.lock().unwrap();
        written.iter().any(|query| query.contains(&good))
    })
    .await;
}
