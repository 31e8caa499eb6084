//! A call becomes a row, once.

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::http::{Method, Uri};
use futures::future::join_all;
use serde_json::json;
use tokio::net::TcpListener;

use crate::app::{TestApp, caller, new_sid};
use crate::supabase::{Supabase, until};

#[tokio::test]
async fn a_signed_call_becomes_one_ringing_row() {
    let supabase = Supabase::shared().await;
    let app = TestApp::before(&supabase.url).await;
    let sid = new_sid();
    let next = app.call(&sid).await.held_until();

    let database = supabase.database().await;
    let row = database
        .query_one(
            "select id::text, status, direction, from_number, to_number, caller_name, epoch \
             from calls where twilio_call_sid = $1",
            &[&sid],
        )
        .await
        .unwrap();
    assert_eq!(row.get::<_, &str>("status"), "ringing");
    assert_eq!(row.get::<_, &str>("direction"), "inbound");
    assert_eq!(row.get::<_, &str>("from_number"), "+15550100123");
    assert_eq!(row.get::<_, &str>("to_number"), "+15550100999");
    assert_eq!(row.get::<_, &str>("caller_name"), "ANN LEE");
    assert_eq!(
        next,
        format!(
            "/twilio/voice?c={}&e={}",
            row.get::<_, &str>("id"),
            row.get::<_, i32>("epoch")
        )
    );
}

/// The caller waits for each.
#[tokio::test]
async fn a_new_call_costs_one_request_for_its_row() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let rest = {
        let asked = asked.clone();
        axum::Router::new().fallback(move |method: Method, uri: Uri| async move {
            let path = uri.path().to_owned();
            asked.lock().unwrap().push(format!("{method} {path}"));
            Json(json!([{
                "id": "33333333-0000-4000-8000-000000000001", "twilio_call_sid": "CA1", "direction": "inbound",
                "from_number": "+15550100123", "to_number": "+15550100999", "status": "ringing", "on_hold": false,
                "epoch": 0, "created_at": "2026-01-05T09:00:00Z", "version": 1,
            }]))
        })
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, rest).into_future());

    let app = TestApp::before(&url).await;
    let next = app.call("CA1").await.held_until();
    assert!(next.ends_with("000001&e=0"), "{next}");
    let asked = asked.lock().unwrap().clone();
    // What the caller hears is noted later, for many at once.
    let rows = asked.iter().filter(|one| one.ends_with("/calls"));
    assert_eq!(rows.collect::<Vec<_>>(), ["POST /rest/v1/calls"]);
}

#[tokio::test]
async fn the_same_call_posted_twenty_times_at_once_is_one_row() {
    let supabase = Supabase::shared().await;
    let app = TestApp::before(&supabase.url).await;
    let sid = new_sid();
    let answers = join_all((0..20).map(|_| app.call(&sid))).await;
    let first = answers[0].held_until();
    assert!(first.contains("c="), "{first}");
    for answer in &answers {
        assert_eq!(answer.held_until(), first);
    }
    let database = supabase.database().await;
    let rows = "select count(*) from calls where twilio_call_sid = $1";
    let rows: i64 = database.query_one(rows, &[&sid]).await.unwrap().get(0);
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn what_the_caller_hears_is_noted_for_telephony() {
    let supabase = Supabase::shared().await;
    let app = TestApp::before(&supabase.url).await;
    let sid = new_sid();
    app.call(&sid).await;
    let database = supabase.database().await;
    until(|| async {
        let noted = "select 1 from call_audio a join calls c on c.id = a.call_id \
                     where c.twilio_call_sid = $1 and a.rendered_epoch = c.epoch";
        database.query_opt(noted, &[&sid]).await.unwrap().is_some()
    })
    .await;
}

#[tokio::test]
async fn odd_callers_are_rows_like_any_other() {
    let supabase = Supabase::shared().await;
    let app = TestApp::before(&supabase.url).await;
    let database = supabase.database().await;
    let long = "9".repeat(3000);
    for (from, stored) in [
        ("anonymous", "anonymous"),
        ("unknown", "anonymous"),
        ("client:agent_doug", "client:agent_doug"),
        ("sip:ann@example.com", "sip:ann@example.com"),
        ("12345", "12345"),
        ("", "anonymous"),
        (&long, &long[..255]),
    ] {
        let sid = new_sid();
        let answer = app
            .twiml(
                "/twilio/voice",
                &[("CallSid", &sid), ("From", from), ("NewParameter", "x")],
            )
            .await;
        assert!(answer.held_until().contains("c="), "{from}");
        let row = database
            .query_one(
                "select from_number from calls where twilio_call_sid = $1",
                &[&sid],
            )
            .await
            .unwrap();
        assert_eq!(row.get::<_, &str>(0), stored);
    }
}

#[tokio::test]
async fn a_hostile_name_is_kept_as_a_name_and_never_as_markup() {
    let supabase = Supabase::shared().await;
    let app = TestApp::before(&supabase.url).await;
    let database = supabase.database().await;
    for name in [
        "</Say><Hangup/>",
        "\"/><Dial>+19005550100</Dial>",
        "'; drop table calls; --",
        "a\u{0}b",
        "Zoë 李 🙂",
    ] {
        let sid = new_sid();
        let mut pairs = caller(&sid);
        pairs[7].1 = name;
        app.twiml("/twilio/voice", &pairs).await.held_until();
        let row = database
            .query_one(
                "select caller_name from calls where twilio_call_sid = $1",
                &[&sid],
            )
            .await
            .unwrap();
        assert_eq!(row.get::<_, &str>(0), name.replace('\0', ""));
    }
}

#[tokio::test]
async fn a_loop_that_comes_round_hears_the_row_as_it_is_now() {
    let supabase = Supabase::shared().await;
    let app = TestApp::before(&supabase.url).await;
    let sid = new_sid();
    let next = app.call(&sid).await.held_until();
    assert_eq!(app.twiml(&next, &caller(&sid)).await.held_until(), next);

    let database = supabase.database().await;
    let end = "update calls set status = 'ended' where twilio_call_sid = $1";
    assert_eq!(database.execute(end, &[&sid]).await.unwrap(), 1);
    assert_eq!(app.twiml(&next, &caller(&sid)).await.verbs(), ["Hangup"]);
    // A repeated first request does not ring again.
    assert_eq!(app.call(&sid).await.verbs(), ["Hangup"]);
    let dial = next.replace("/twilio/voice", "/twilio/dial");
    let answer = app
        .twiml(&dial, &[("CallSid", &sid), ("DialCallStatus", "completed")])
        .await;
    assert_eq!(answer.verbs(), ["Hangup"]);
}

#[tokio::test]
async fn a_url_that_names_no_call_is_a_first_request() {
    let supabase = Supabase::shared().await;
    let app = TestApp::before(&supabase.url).await;
    for query in [
        "c=&e=",
        "c=nonsense&e=0",
        "c=99999999-0000-4000-8000-000000000009&e=0",
        "x=%FF",
    ] {
        let sid = new_sid();
        let next = app
            .twiml(&format!("/twilio/voice?{query}"), &caller(&sid))
            .await
            .held_until();
        assert!(
            next.starts_with("/twilio/voice?c=") && !next.contains("99999999"),
            "{query}: {next}"
        );
    }
}
