//! Texts of a million characters: each is refused with the constraint's sentence, or cut where a call must not be lost.

use serde_json::{Value, json};

use crate::people::{DOUG, SUE, Scene, Who, given_to};

/// An answer must not send the million back.
const SHORT: usize = 2_000;

#[tokio::test]
async fn a_million_characters_are_refused_with_a_sentence() {
    let scene = Scene::start().await;
    let id = scene.call("CA1", &[&given_to(DOUG)]).await;
    scene
        .arrange(&format!(
            "insert into call_audio (call_id) values ('{id}');
             insert into contacts (number, name) values ('+12025550177', 'Nora');"
        ))
        .await;
    let call = format!("calls?id=eq.{id}");
    let audio = format!("call_audio?call_id=eq.{id}");
    let doug = format!("voip_users?id=eq.{DOUG}");
    let sue = format!("voip_users?id=eq.{SUE}");
    let nora = "contacts?number=eq.%2B12025550177";
    let settings = "board_settings?id=eq.true";
    let long = Value::String("x".repeat(1_000_000));
    let blank = Value::String(" ".repeat(1_000_000) + "x");
    let url = Value::String("https://example.com/".to_owned() + &"x".repeat(1_000_000));
    // PostgreSQL compresses repetitions before it measures, so these differ.
    let days: Vec<[String; 2]> = (0..40_000)
        .map(|n| {
            [
                format!("{:02}:{:02}", n % 12, n % 60),
                format!("{:02}:{:02}", 12 + n % 11, n % 59),
            ]
        })
        .collect();
    let legs: serde_json::Map<String, Value> = (0..40_000_u64)
        .map(|n| {
            (
                format!("CA{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
                json!(n),
            )
        })
        .collect();
    for (who, path, column, value, constraint) in [
        (
            Who::Agent,
            &*call,
            "note",
            &long,
            "a_note_has_at_most_10000_characters",
        ),
        (
            Who::Agent,
            &call,
            "disposition",
            &long,
            "a_disposition_has_at_most_200_characters",
        ),
        (
            Who::Service,
            &call,
            "caller_name",
            &long,
            "a_caller_name_has_1_to_200_characters",
        ),
        (Who::Agent, nora, "name", &long, "a_contact_has_a_name"),
        (
            Who::Agent,
            nora,
            "name",
            &blank,
            "a_contact_name_has_at_most_200_characters",
        ),
        (
            Who::Agent,
            nora,
            "company",
            &long,
            "a_company_has_at_most_200_characters",
        ),
        (
            Who::Agent,
            nora,
            "notes",
            &long,
            "contact_notes_have_at_most_10000_characters",
        ),
        (
            Who::Agent,
            nora,
            "number",
            &long,
            "a_contact_number_is_e164",
        ),
        (
            Who::Agent,
            &doug,
            "device_state",
            &long,
            "a_device_state_has_1_to_40_characters",
        ),
        (
            Who::Supervisor,
            &sue,
            "display_name",
            &long,
            "a_display_name_has_at_most_80_characters",
        ),
        (
            Who::Supervisor,
            &sue,
            "display_name",
            &blank,
            "a_display_name_has_at_most_80_characters",
        ),
        (
            Who::Supervisor,
            &sue,
            "role",
            &long,
            "a_role_is_agent_or_supervisor",
        ),
        (
            Who::Service,
            &sue,
            "identity",
            &long,
            "voip_users_identity_check",
        ),
        (
            Who::Supervisor,
            settings,
            "hold_music_url",
            &url,
            "hold_music_is_an_http_url_of_at_most_2000_characters",
        ),
        (
            Who::Supervisor,
            settings,
            "voicemail_greeting",
            &long,
            "a_voicemail_greeting_has_1_to_1000_characters",
        ),
        (
            Who::Supervisor,
            settings,
            "time_zone",
            &long,
            "There is no time zone",
        ),
        (
            Who::Supervisor,
            settings,
            "business_hours",
            &json!({ "mon": days }),
            "business_hours_are_an_object_of_at_most_8000_bytes",
        ),
        (
            Who::Service,
            &audio,
            "agent_call_sid",
            &long,
            "call_audio_agent_call_sid_check",
        ),
        (
            Who::Service,
            &audio,
            "claimed_by",
            &long,
            "call_audio_claimed_by_check",
        ),
        (
            Who::Service,
            &audio,
            "legs",
            &Value::Object(legs),
            "call_audio_legs_check",
        ),
    ] {
        let answer = scene.patch(who, path, json!({ column: value })).await;
        let said = answer.said("message").to_owned();
        assert_eq!(
            (answer.status, answer.said("code")),
            (400, "23514"),
            "{column}: {said}"
        );
        assert!(said.contains(constraint), "{column}: {said}");
        let length = answer.body.to_string().len();
        assert!(length < SHORT, "{column}: {length} bytes came back");
    }
    // The status is refused before any constraint looks at it, and repeats what was asked.
    let answer = scene
        .patch(Who::Agent, &call, json!({ "status": long }))
        .await;
    assert_eq!(answer.outcome(), "400 PT400 unknown_status");
    assert!(answer.body.to_string().len() < SHORT, "the text came back");
    scene.stop().await;
}

#[tokio::test]
async fn no_call_is_lost_for_a_long_text() {
    let scene = Scene::start().await;
    let long = "x".repeat(1_000_000);
    let row = json!({"twilio_call_sid": "CA1", "from_number": long, "to_number": long, "caller_name": long});
    let answer = scene.post(Who::Service, "calls", row).await;
    assert_eq!(answer.outcome(), "201 rows 1");
    let lengths = ["from_number", "to_number", "caller_name"]
        .map(|key| answer.body[0][key].as_str().unwrap().len());
    assert_eq!(lengths, [256, 256, 200]);
    let row = json!({"twilio_call_sid": long, "from_number": "", "to_number": ""});
    let answer = scene.post(Who::Service, "calls", row).await;
    assert_eq!(
        (answer.status, answer.said("code")),
        (400, "23514"),
        "Twilio's ids are short"
    );
    scene.stop().await;
}
