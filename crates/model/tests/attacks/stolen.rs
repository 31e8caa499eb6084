//! Attacks on calls and colleagues by people who are signed in.

use reqwest::Method;
use serde_json::json;

use crate::people::{DOUG, RHONDA, SUE, Scene, Who, given_to};

/// The row of a call as text, down to its version.
async fn row(scene: &Scene, id: &str) -> String {
    let row = scene
        .read(&format!(
            "select to_jsonb(c) from calls c where id = '{id}'"
        ))
        .await;
    row.to_string()
}

#[tokio::test]
async fn an_active_call_is_not_stolen() {
    let scene = Scene::start().await;
    let id = scene.call("CA1", &[&given_to(DOUG)]).await;
    let before = row(&scene, &id).await;
    let path = format!("calls?id=eq.{id}");
    let attempts = [
        (
            json!({"status": "active", "assigned_to": RHONDA}),
            "409 PT409 already_answered",
        ),
        (
            json!({ "assigned_to": RHONDA }),
            "409 PT409 already_answered",
        ),
        (json!({ "assigned_to": SUE }), "409 PT409 not_yours"),
        (json!({ "assigned_to": null }), "409 PT409 not_yours"),
        (json!({"status": "parked"}), "409 PT409 not_yours"),
        (json!({"status": "ended"}), "409 PT409 not_yours"),
        (json!({"status": "ringing"}), "409 PT409 service_only"),
        (json!({"on_hold": true}), "409 PT409 not_yours"),
        (json!({"note": "mine"}), "409 PT409 not_yours"),
        (json!({"disposition": "sold"}), "409 PT409 not_yours"),
    ];
    for (body, expected) in attempts {
        let answer = scene.patch(Who::Colleague, &path, body.clone()).await;
        assert_eq!(answer.outcome(), expected, "{body}");
    }
    // A board that has not heard yet asks for a ringing call, and finds none.
    let late = format!("{path}&status=eq.ringing");
    let body = json!({"status": "active", "assigned_to": RHONDA});
    let answer = scene.patch(Who::Colleague, &late, body).await;
    assert_eq!(answer.outcome(), "200 rows 0");
    assert_eq!(row(&scene, &id).await, before);
    scene.stop().await;
}

#[tokio::test]
async fn nobody_gives_a_waiting_call_to_somebody_else() {
    let scene = Scene::start().await;
    let parked = scene
        .call(
            "CA1",
            &[&given_to(DOUG), "status = 'parked', assigned_to = null"],
        )
        .await;
    let ringing = scene.call("CA2", &[]).await;
    for id in [&parked, &ringing] {
        let path = format!("calls?id=eq.{id}");
        let before = row(&scene, id).await;
        for (body, expected) in [
            (
                json!({"status": "active", "assigned_to": RHONDA}),
                "409 PT409 not_yours",
            ),
            (json!({ "assigned_to": RHONDA }), "409 PT409 wrong_state"),
            (json!({ "on_hold": true }), "409 PT409 wrong_state"),
        ] {
            let answer = scene.patch(Who::Agent, &path, body).await;
            assert_eq!(answer.outcome(), expected);
        }
        assert_eq!(row(&scene, id).await, before);
    }
    let body = json!({"status": "active", "assigned_to": RHONDA});
    let path = format!("calls?id=eq.{parked}");
    let answer = scene.patch(Who::Supervisor, &path, body).await;
    assert_eq!(answer.outcome(), "200 rows 1", "a supervisor may");
    scene.stop().await;
}

#[tokio::test]
async fn an_ended_call_is_not_revived() {
    let scene = Scene::start().await;
    let id = scene
        .call("CA1", &[&given_to(DOUG), "status = 'ended'"])
        .await;
    let before = row(&scene, &id).await;
    let path = format!("calls?id=eq.{id}");
    for who in [Who::Agent, Who::Colleague, Who::Supervisor] {
        for body in [
            json!({"status": "active", "assigned_to": DOUG}),
            json!({"status": "active", "assigned_to": RHONDA}),
            json!({"status": "parked", "assigned_to": null}),
            json!({"status": "ringing"}),
            json!({"parking_slot": 1}),
            json!({ "assigned_to": null }),
        ] {
            let answer = scene.patch(who, &path, body.clone()).await;
            let expected = "409 PT409 already_ended";
            assert_eq!(answer.outcome(), expected, "{who:?} {body}");
        }
    }
    // A callback that comes late is no fault, so the service hears nothing of it, and nothing comes of it.
    for body in [
        json!({"status": "ringing"}),
        json!({"status": "active", "assigned_to": DOUG}),
        json!({"end_reason": "failed", "ended_at": null}),
    ] {
        let answer = scene.patch(Who::Service, &path, body).await;
        assert_eq!(answer.outcome(), "200 rows 1");
    }
    assert_eq!(row(&scene, &id).await, before);
    scene.stop().await;
}

#[tokio::test]
async fn no_call_is_parked_where_another_is_or_where_no_slot_is() {
    let scene = Scene::start().await;
    let id = scene.call("CA1", &[&given_to(DOUG)]).await;
    scene
        .call("CA2", &["status = 'parked', parking_slot = 3"])
        .await;
    let before = row(&scene, &id).await;
    let path = format!("calls?id=eq.{id}");
    for (slot, expected) in [
        (json!(3), "409 PT409 slot_taken"),
        (json!(0), "409 PT409 slot_out_of_range"),
        (json!(-1), "409 PT409 slot_out_of_range"),
        (json!(13), "409 PT409 slot_out_of_range"),
        (json!(-32768), "409 PT409 slot_out_of_range"),
        (json!(32767), "409 PT409 slot_out_of_range"),
        (json!(32768), "400 22003"),
        (json!(1_000_000_000_000_i64), "400 22003"),
        (json!(1e300), "400 22P02"),
        (json!("1; drop table calls"), "400 22P02"),
        (json!({"slot": 1}), "400 22P02"),
    ] {
        let body = json!({"status": "parked", "assigned_to": null, "parking_slot": slot});
        let answer = scene.patch(Who::Agent, &path, body).await;
        assert_eq!(answer.outcome(), expected, "slot {slot}");
    }
    assert_eq!(row(&scene, &id).await, before);
    scene.stop().await;
}

#[tokio::test]
async fn one_request_does_not_change_many_rows() {
    let scene = Scene::start().await;
    for sid in ["CA1", "CA2", "CA3"] {
        scene.call(sid, &[]).await;
    }
    let sum = "select string_agg(id::text || version::text, ',' order by id) from calls";
    let before = scene.read(sum).await;
    for who in [Who::Agent, Who::Supervisor, Who::Service] {
        for (path, body, expected) in [
            ("calls", json!({"status": "ended"}), "400 21000"),
            (
                "calls?status=eq.ringing",
                json!({"status": "ended"}),
                "400 PT400 one_call_per_statement",
            ),
            (
                "calls?id=not.is.null",
                json!({"note": "x"}),
                "400 PT400 one_call_per_statement",
            ),
            (
                "calls?status=eq.ringing&limit=1",
                json!({"note": "x"}),
                "400 PT400 one_call_per_statement",
            ),
            ("voip_users", json!({"is_available": false}), "400 21000"),
        ] {
            let answer = scene.patch(who, path, body).await;
            // An agent may be refused for one of the calls before the count is known.
            let expected = match (who, path) {
                (Who::Agent, "calls?status=eq.ringing") => "409 PT409 not_yours",
                (Who::Agent, path) if path.starts_with("calls?") => "409 PT409 not_yours",
                _ => expected,
            };
            let said = answer.outcome();
            assert!(said.starts_with(expected), "{who:?} {path}: {said}");
        }
        for table in ["calls", "calls?id=not.is.null", "voip_users?id=not.is.null"] {
            let answer = scene.send(who, Method::DELETE, table, None).await;
            assert_eq!(
                answer.status,
                if table == "calls" { 400 } else { 403 },
                "{who:?} {table}"
            );
        }
    }
    let all = "voip_users?id=not.is.null";
    for who in [Who::Supervisor, Who::Service] {
        let answer = scene.patch(who, all, json!({"is_available": false})).await;
        assert_eq!(
            answer.outcome(),
            "400 PT400 one_member_per_statement",
            "{who:?}"
        );
    }
    let contacts = json!([
        {"number": "+12025550177", "name": "Nora"}, {"number": "+12025550178", "name": "Sam"}
    ]);
    assert_eq!(
        scene.post(Who::Agent, "contacts", contacts).await.status,
        201
    );
    let everybody = "contacts?name=not.is.null";
    for who in [Who::Agent, Who::Supervisor] {
        let answer = scene.patch(who, everybody, json!({"name": "x"})).await;
        assert_eq!(answer.outcome(), "400 PT400 one_contact_per_statement");
    }
    assert_eq!(scene.read(sum).await, before);
    scene.stop().await;
}

#[tokio::test]
async fn nobody_writes_anothers_availability_device_or_presence() {
    let scene = Scene::start().await;
    let member = format!("select to_jsonb(m) from voip_users m where id = '{DOUG}'");
    let before = scene.read(&member).await;
    let path = format!("voip_users?id=eq.{DOUG}");
    for who in [Who::Stranger, Who::Colleague] {
        for body in [
            json!({"is_available": false}),
            json!({"device_state": "ready"}),
            json!({"role": "agent"}),
        ] {
            let answer = scene.patch(who, &path, body.clone()).await;
            assert_eq!(answer.outcome(), "200 rows 0", "{who:?} {body}");
        }
    }
    let answer = scene
        .patch(Who::Supervisor, &path, json!({"device_state": "ready"}))
        .await;
    assert_eq!(answer.outcome(), "403 42501");
    for body in [
        json!({"role": "supervisor"}),
        json!({"display_name": "Sue"}),
        json!({"retired_at": "now"}),
    ] {
        let answer = scene.patch(Who::Agent, &path, body.clone()).await;
        assert_eq!(answer.outcome(), "403 42501", "{body}");
    }
    for who in [Who::Anon, Who::Stranger, Who::Colleague, Who::Supervisor] {
        let answer = scene
            .post(who, "presence", json!({ "member_id": DOUG }))
            .await;
        let expected = if who == Who::Anon { 401 } else { 403 };
        assert_eq!(
            (answer.status, answer.said("code")),
            (expected, "42501"),
            "{who:?}"
        );
    }
    assert_eq!(scene.read(&member).await, before);
    scene.stop().await;
}

#[tokio::test]
async fn nobody_writes_current_call_id() {
    let scene = Scene::start().await;
    let id = scene.call("CA1", &[&given_to(DOUG)]).await;
    let path = format!("voip_users?id=eq.{DOUG}");
    for who in [Who::Agent, Who::Colleague, Who::Supervisor] {
        for value in [json!(null), json!(id)] {
            let answer = scene
                .patch(who, &path, json!({ "current_call_id": value }))
                .await;
            assert_eq!(answer.outcome(), "403 42501", "{who:?}");
        }
    }
    let answer = scene
        .patch(Who::Service, &path, json!({ "current_call_id": null }))
        .await;
    assert_eq!(
        answer.body[0]["current_call_id"],
        json!(id),
        "not even the service"
    );
    scene.stop().await;
}
