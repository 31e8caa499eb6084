//! With audio, the free agents' browsers ring.

use crate::app::{Answer, TestApp, caller, new_sid};
use crate::supabase::Supabase;

fn identities(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.verbs(), ["Dial"], "{}", answer.body);
    let document = roxmltree::Document::parse(&answer.body).unwrap();
    let names = document
        .descendants()
        .filter(|node| node.has_tag_name("Identity"));
    names.map(|node| node.text().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn free_agents_ring_and_busy_ones_do_not() {
    let supabase = Supabase::shared().await;
    let app = TestApp::with_audio(&supabase.url).await;
    let database = supabase.database().await;
    let here = "update voip_users set device_state = 'ready', is_available = true where id in (select member_id from presence)";
    let present = "insert into presence (member_id) select id from voip_users on conflict (member_id) do update set member_id = excluded.member_id";
    database.execute(present, &[]).await.unwrap();
    database.execute(here, &[]).await.unwrap();
    let sid = new_sid();
    let ringing = identities(&app.call(&sid).await);
    assert!(
        ringing.contains(&"agent_doug".to_owned())
            && ringing.contains(&"supervisor_sue".to_owned()),
        "{ringing:?}"
    );

    // Sue takes it: she alone is dialled for it, and no longer rung for others.
    let answer = "update calls set status = 'active', assigned_to = (select id from voip_users where identity = 'supervisor_sue') \
                  where twilio_call_sid = $1";
    assert_eq!(database.execute(answer, &[&sid]).await.unwrap(), 1);
    assert_eq!(identities(&app.call(&sid).await), ["supervisor_sue"]);
    let other = new_sid();
    let ringing = identities(&app.call(&other).await);
    assert!(
        ringing.contains(&"agent_doug".to_owned())
            && !ringing.contains(&"supervisor_sue".to_owned()),
        "{ringing:?}"
    );

    // On hold she is left alone.
    let hold = "update calls set on_hold = true where twilio_call_sid = $1";
    assert_eq!(database.execute(hold, &[&sid]).await.unwrap(), 1);
    assert_eq!(app.call(&sid).await.verbs(), ["Play", "Redirect"]);

    // Members who do not want calls, or have left, are not rung.
    let away = "update voip_users set is_available = false where identity = 'agent_doug'";
    database.execute(away, &[]).await.unwrap();
    let ringing = app.call(&other).await.body;
    database
        .execute(
            "update voip_users set is_available = true where identity = 'agent_doug'",
            &[],
        )
        .await
        .unwrap();
    assert!(!ringing.contains("agent_doug"), "{ringing}");
}

#[tokio::test]
async fn without_audio_an_answered_caller_waits_and_is_not_dropped() {
    let supabase = Supabase::shared().await;
    let app = TestApp::before(&supabase.url).await;
    let sid = new_sid();
    let next = app.call(&sid).await.held_until();
    let park = "update calls set status = 'parked', park_reason = 'unreachable' where twilio_call_sid = $1";
    assert_eq!(
        supabase
            .database()
            .await
            .execute(park, &[&sid])
            .await
            .unwrap(),
        1
    );
    let later = app.twiml(&next, &caller(&sid)).await.held_until();
    assert_ne!(later, next, "the epoch has moved on");
}

#[tokio::test]
async fn browsers_that_are_gone_are_not_rung_in_a_circle() {
    let supabase = Supabase::shared().await;
    let app = TestApp::with_audio(&supabase.url).await;
    let database = supabase.database().await;
    let present = "insert into presence (member_id) select id from voip_users on conflict (member_id) do update set member_id = excluded.member_id";
    database.execute(present, &[]).await.unwrap();
    let ready = "update voip_users set device_state = 'ready', is_available = true where identity = 'agent_rhonda'";
    database.execute(ready, &[]).await.unwrap();
    let sid = new_sid();
    app.call(&sid).await;
    let note = "select (note_render(id, epoch, '{agent_rhonda}', 0, null) ->> 'render') || '&' || id from calls where twilio_call_sid = $1";
    let noted = database.query_one(note, &[&sid]).await.unwrap();
    let (render, id) = noted.get::<_, &str>(0).split_once('&').unwrap();
    let about = format!("c={id}&e=0&r={render}");
    let over = [
        ("CallSid", &*sid),
        ("DialCallStatus", "no-answer"),
        ("CallStatus", "in-progress"),
    ];
    let dial = format!("/twilio/dial?{about}");
    let answer = app.twiml(&dial, &over).await;
    assert_eq!(answer.verbs(), ["Pause", "Redirect"], "{}", answer.body);

    // Rung again, and this time it rings: the next round comes at once.
    let noted = database.query_one(note, &[&sid]).await.unwrap();
    let (render, _) = noted.get::<_, &str>(0).split_once('&').unwrap();
    let about = format!("c={id}&e=0&r={render}");
    let leg = new_sid();
    let rings = [
        ("CallSid", &*leg),
        ("ParentCallSid", &*sid),
        ("To", "client:agent_rhonda"),
        ("CallStatus", "ringing"),
        ("SequenceNumber", "1"),
    ];
    let told = app.signed(&format!("/twilio/leg?{about}"), &rings);
    assert_eq!(told.send().await.unwrap().status(), 204);
    let answer = app.twiml(&format!("/twilio/dial?{about}"), &over).await;
    assert_ne!(answer.verbs(), ["Pause", "Redirect"], "{}", answer.body);
}
