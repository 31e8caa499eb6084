use super::*;

const CALL: &str = "22222222-0000-4000-8000-000000000001";
const DOUG: &str = "11111111-0000-4000-8000-000000000001";
const RHONDA: &str = "11111111-0000-4000-8000-000000000002";

fn sent(intent: Intent) -> (String, Value) {
    let request = action(CALL.parse().unwrap(), DOUG.parse().unwrap(), intent);
    assert_eq!(request.method, Method::Patch);
    assert_eq!(request.prefer, Some("return=representation"));
    (request.path_and_query(), request.body.unwrap())
}

#[test]
fn the_board_query_is_the_one_of_the_architecture() {
    assert_eq!(
        board().path_and_query(),
        "/rest/v1/calls?select=*,assigned_to_user:voip_users!assigned_to(*)\
         &status=in.(ringing,active,parked)&order=created_at"
    );
}

#[test]
fn an_answer_succeeds_only_while_it_rings() {
    let (path, body) = sent(Intent::Answer);
    assert_eq!(
        path,
        format!("/rest/v1/calls?id=eq.{CALL}&status=eq.ringing")
    );
    assert_eq!(body, json!({ "status": "active", "assigned_to": DOUG }));
}

#[test]
fn parking_clears_the_assignment_and_names_a_slot_only_if_one_was_chosen() {
    let (path, body) = sent(Intent::Park { slot: None });
    assert_eq!(
        path,
        format!("/rest/v1/calls?id=eq.{CALL}&status=eq.active")
    );
    assert_eq!(body, json!({ "status": "parked", "assigned_to": null }));
    let (_, body) = sent(Intent::Park { slot: Some(3) });
    assert_eq!(
        body,
        json!({ "status": "parked", "assigned_to": null, "parking_slot": 3 })
    );
}

#[test]
fn each_other_action_filters_by_the_state_it_needs() {
    let to = RHONDA.parse().unwrap();
    for (intent, filter, expected) in [
        (
            Intent::Retrieve,
            "eq.parked",
            json!({ "status": "active", "assigned_to": DOUG }),
        ),
        (
            Intent::Move { slot: 4 },
            "eq.parked",
            json!({ "parking_slot": 4 }),
        ),
        (
            Intent::Transfer { to },
            "eq.active",
            json!({ "assigned_to": RHONDA }),
        ),
        (Intent::Hold, "eq.active", json!({ "on_hold": true })),
        (Intent::Resume, "eq.active", json!({ "on_hold": false })),
        (
            Intent::End,
            "in.(ringing,active,parked)",
            json!({ "status": "ended" }),
        ),
    ] {
        let (path, body) = sent(intent);
        assert_eq!(
            path,
            format!("/rest/v1/calls?id=eq.{CALL}&status={filter}"),
            "{intent:?}"
        );
        assert_eq!(body, expected, "{intent:?}");
    }
}

#[test]
fn notes_are_written_only_over_the_version_that_is_known() {
    let request = note(CALL.parse().unwrap(), 17, "Wants a quote & more", " ");
    assert_eq!(
        request.path_and_query(),
        format!("/rest/v1/calls?id=eq.{CALL}&version=eq.17")
    );
    assert_eq!(request.prefer, Some("return=representation"));
    assert_eq!(
        request.body.unwrap(),
        json!({ "note": "Wants a quote & more", "disposition": null })
    );
}

#[test]
fn a_new_call_is_inserted_once() {
    let request = insert_call(&NewCall {
        twilio_call_sid: "CA1".into(),
        direction: crate::Direction::Inbound,
        from_number: crate::Address::parse("+15550100"),
        to_number: crate::Address::parse("+15550199"),
        caller_name: None,
    });
    assert_eq!(
        request.path_and_query(),
        "/rest/v1/calls?on_conflict=twilio_call_sid"
    );
    let headers: Vec<_> = request.headers().collect();
    assert_eq!(
        headers,
        [
            ("content-type", "application/json"),
            (
                "prefer",
                "resolution=ignore-duplicates,return=representation"
            ),
        ]
    );
    assert_eq!(request.body.unwrap()["from_number"], "+15550100");
}

#[test]
fn values_cannot_break_out_of_their_place_in_the_query() {
    let mut out = String::new();
    percent_encode("a&b=c#d?e+f g\"h\\Ž%", &mut out);
    assert_eq!(out, "a%26b%3Dc%23d%3Fe%2Bf%20g%22h%5C%C5%BD%25");
}
