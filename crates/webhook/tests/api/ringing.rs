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
