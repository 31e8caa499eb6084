//! POST, PATCH, PUT and DELETE.

use serde_json::{Value, json};

use super::{Case, board, play};

const OBJECT: &str = "application/vnd.pgrst.object+json";

#[tokio::test(flavor = "multi_thread")]
async fn inserts_and_upserts_answer_as_the_real_server_does() {
    let stand = board().await;
    let service = |request: &'static str, status: u16, body: &'static str| {
        Case::new(request, status).by("service").sends(body)
    };
    const ONE: &str = r#"{"id":"22222222-0000-4000-8000-000000000020","twilio_call_sid":"N1","from_number":"+1","to_number":"+2"}"#;
    const TWO: &str = r#"[{"twilio_call_sid":"N2","from_number":"+1","to_number":"+2"},{"twilio_call_sid":"N3","from_number":"+1","to_number":"+2"}]"#;
    let cases = vec![
        service("POST /calls", 201, ONE).with("prefer", "return=headers-only, count=exact")
            .header("location", "/calls?id=eq.22222222-0000-4000-8000-000000000020").header("content-range", "*/1")
            .header("preference-applied", "return=headers-only, count=exact").without("content-type"),
        // Several new rows have no one place.
        service("POST /calls", 201, TWO).with("prefer", "return=headers-only").without("location"),
        service("POST /calls?select=id", 201, r#"{"twilio_call_sid":"N4","from_number":"+1","to_number":"+2"}"#)
            .with("prefer", "count=planned").header("content-range", "*/*").header("preference-applied", "count=planned"),
        // Nothing new is 200 where duplicates are merged, also of no rows at all.
        service("POST /calls", 200, "[]").with("prefer", "resolution=merge-duplicates, return=representation").gives(json!([])),
        service("POST /calls", 201, "[]").with("prefer", "resolution=ignore-duplicates, return=representation").gives(json!([]))
            .header("preference-applied", "resolution=ignore-duplicates, return=representation"),
        service("POST /calls", 200, ONE).with("prefer", "resolution=merge-duplicates"),
        service("POST /calls?on_conflict=twilio_call_sid&select=twilio_call_sid,caller_name&order=twilio_call_sid.desc", 201,
            r#"[{"twilio_call_sid":"N1","from_number":"+9","to_number":"+2","caller_name":"old"},
                {"twilio_call_sid":"N5","from_number":"+9","to_number":"+2","caller_name":"new"}]"#)
            .with("prefer", "resolution=merge-duplicates, return=representation")
            .gives(json!([{"twilio_call_sid": "N5", "caller_name": "new"}, {"twilio_call_sid": "N1", "caller_name": "old"}])),
        service("POST /calls", 406, r#"[{"twilio_call_sid":"N8","from_number":"+1","to_number":"+2"},
            {"twilio_call_sid":"N9","from_number":"+1","to_number":"+2"}]"#).with("accept", OBJECT).gives(json!({"code": "PGRST116",
            "details": "The result contains 2 rows", "…": 0})),
        service("POST /calls", 409, ONE),
        // With its columns named, the body is the database's to read.
        service("POST /calls?columns=twilio_call_sid", 400, "{\"a\":").gives(json!({"code": "22P02",
            "message": "invalid input syntax for type json", "…": 0})),
        service("POST /calls?columns=twilio_call_sid,from_number,to_number&select=twilio_call_sid,caller_name", 201,
            r#"{"twilio_call_sid":"N6","from_number":"+1","to_number":"+2","caller_name":"not asked for","nope":1}"#)
            .with("prefer", "return=representation").gives(json!([{"twilio_call_sid": "N6", "caller_name": null}])),
        service("POST /calls?columns=", 400, "{}").gives(json!({"code": "PGRST100", "…": 0})),
        // A column of the query is not one of a table's lines.
        service("POST /calls?columns=nope&select=twilio_call_sid", 201, "twilio_call_sid,from_number,to_number\nN7,\"a \"\"b\"\"\",NULLS\n")
            .with("content-type", "text/csv").with("prefer", "return=representation").gives(json!([{"twilio_call_sid": "N7"}])),
        service("POST /calls", 400, "a,b\n1").with("content-type", "text/csv"),
        service("POST /calls", 400, "x").with("content-type", "text/plain; charset=utf-8").gives(json!({"code": "PGRST102",
            "message": "Content-Type not acceptable: text/plain", "…": 0})),
        service("POST /calls", 400, "x").with("content-type", OBJECT).gives(json!({"code": "PGRST102",
            "message": "Content-Type not acceptable: application/vnd.pgrst.object+json", "…": 0})),
        service("POST /nosuch", 400, "{").gives(json!({"code": "PGRST102", "…": 0})),
        service("POST /calls?select=nosuch(id)", 400, ONE).gives(json!({"code": "PGRST200", "…": 0})),
        service("POST /calls", 400, r#"{"nope":1}"#).with("prefer", "handling=strict, x").with("accept", "image/png")
            .gives(json!({"code": "PGRST204", "…": 0})),
        service("POST /calls", 400, "{}").with("prefer", "handling=strict, x").with("accept", "image/png")
            .gives(json!({"code": "PGRST122", "…": 0})),
        service("POST /calls", 406, ONE).with("accept", "image/png"),
    ];
    play(&stand, cases).await;
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_answer_as_the_real_server_does() {
    let stand = board().await;
    let hold = |request: &'static str, status: u16| {
        Case::new(request, status).sends(r#"{"on_hold":true}"#)
    };
    let cases = vec![
        hold("PATCH /calls?version=eq.100", 204).with("prefer", "count=exact").header("content-range", "0-0/1"),
        hold("PATCH /calls?twilio_call_sid=eq.none", 204).with("prefer", "count=exact").header("content-range", "*/0"),
        hold("PATCH /calls?twilio_call_sid=eq.none", 204).with("prefer", "count=planned").header("content-range", "*/*")
            .header("preference-applied", "count=planned"),
        // One row is demanded, whether it is shown or not; else nothing happens.
        hold("PATCH /calls?twilio_call_sid=eq.none", 406).with("accept", OBJECT).gives(json!({"code": "PGRST116",
            "details": "The result contains 0 rows", "…": 0})),
        hold("PATCH /calls?status=eq.ringing", 406).with("accept", OBJECT).with("prefer", "return=minimal")
            .gives(json!({"code": "PGRST116", "details": "The result contains 3 rows", "…": 0})),
        Case::new("GET /calls?on_hold=is.true&select=caller_name", 200)
            .gives(json!([{"caller_name": "Ann \"Quote\" O'Brien, Esq."}])),
        hold("PATCH /calls?id=eq.22222222-0000-4000-8000-000000000002", 204).with("accept", OBJECT).without("content-type"),
        hold("PATCH /calls?status=eq.ringing&order=id.desc&limit=1&offset=5&select=id", 200).with("prefer", "return=representation")
            .gives(json!([{"id": "22222222-0000-4000-8000-000000000006"}, {"id": "22222222-0000-4000-8000-000000000002"},
                {"id": "22222222-0000-4000-8000-000000000001"}])).header("content-range", "0-2/*"),
        hold("PATCH /calls?id=eq.22222222-0000-4000-8000-000000000001&select=id,call_events(to_status)&call_events.limit=1&call_events.order=id", 200)
            .with("prefer", "return=representation")
            .gives(json!([{"id": "22222222-0000-4000-8000-000000000001", "call_events":
                [{"to_status": "ringing"}, {"to_status": "ringing"}, {"to_status": "ringing"}]}])),
        hold("PATCH /calls?id=eq.22222222-0000-4000-8000-000000000001&select=nope", 400).with("prefer", "return=headers-only")
            .gives(json!({"code": "42703", "…": 0})),
        hold("PATCH /calls?id=eq.22222222-0000-4000-8000-000000000001&select=nope", 204),
        hold("PATCH /calls?limit=-1", 416),
        Case::new("PATCH /calls", 200).sends("{}").with("prefer", "return=representation").gives(json!([])).header("content-range", "*/*"),
        Case::new("PATCH /calls", 204).sends("[]").with("prefer", "count=exact").header("content-range", "*/0"),
        Case::new("PATCH /calls?id=eq.22222222-0000-4000-8000-000000000001&columns=on_hold&select=on_hold", 200)
            .sends(r#"{"on_hold":false,"from_number":"+1"}"#).with("prefer", "return=representation, missing=default")
            .gives(json!([{"on_hold": false}])).header("preference-applied", "missing=default, return=representation"),
        hold("PATCH /calls?status=eq.ringing", 400).with("prefer", "handling=strict, max-affected=2")
            .refuses("PGRST124", "Query result exceeds max-affected preference constraint",
                json!("The query affects 3 rows"), Value::Null),
        hold("PATCH /calls?status=eq.parked", 204).with("prefer", "handling=strict, max-affected=2")
            .header("preference-applied", "handling=strict, max-affected=2"),
        Case::new("DELETE /call_events?to_status=eq.ringing&order=version.desc&select=version", 200).by("service")
            .with("prefer", "return=representation, count=exact").header("content-range", "*/11"),
        Case::new("DELETE /call_events?to_status=eq.none", 406).by("service").with("accept", OBJECT),
        Case::new("DELETE /call_events?to_status=eq.parked&nope=eq.1", 400).by("service").gives(json!({"code": "42703", "…": 0})),
        Case::new("DELETE /call_events?version=gt.0", 400).by("service").with("prefer", "handling=strict, max-affected=1")
            .gives(json!({"code": "PGRST124", "…": 0})),
        Case::new("DELETE /call_events?to_status=eq.parked", 204).by("service").with("prefer", "count=exact, return=minimal")
            .header("preference-applied", "return=minimal, count=exact"),
    ];
    play(&stand, cases).await;
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_put_by_its_whole_key_and_nothing_else() {
    let stand = board().await;
    const ROW: &str = r#"{"id":"22222222-0000-4000-8000-000000000030","twilio_call_sid":"P1","from_number":"+1","to_number":"+2"}"#;
    const PATH: &str = "PUT /calls?id=eq.22222222-0000-4000-8000-000000000030";
    let put =
        |request: &'static str, status: u16| Case::new(request, status).by("service").sends(ROW);
    let wrong = |case: Case| {
        case.refuses(
            "PGRST105",
            "Filters must include all and only primary key columns with 'eq' operators",
            Value::Null,
            Value::Null,
        )
    };
    let cases = vec![
        wrong(put("PUT /calls", 405)),
        wrong(put("PUT /calls?twilio_call_sid=eq.P1", 405)),
        wrong(put("PUT /calls?id=neq.22222222-0000-4000-8000-000000000030", 405)),
        wrong(put("PUT /calls?id=not.eq.22222222-0000-4000-8000-000000000030", 405)),
        wrong(put("PUT /calls?id=eq.22222222-0000-4000-8000-000000000030&status=eq.ringing", 405)),
        wrong(put("PUT /calls?and=(id.eq.22222222-0000-4000-8000-000000000030)", 405)),
        put(PATH, 204).with("prefer", "return=minimal, missing=default, resolution=merge-duplicates")
            .header("preference-applied", "return=minimal").without("content-range").without("content-type"),
        put(PATH, 200).with("prefer", "return=representation").gives(json!([{"twilio_call_sid": "P1", "…": 0}])),
        put("PUT /calls?id=eq.22222222-0000-4000-8000-000000000031", 400).refuses("PGRST115",
            "Payload values do not match URL in primary key column(s)", Value::Null, Value::Null),
        Case::new("PUT /calls?id=eq.22222222-0000-4000-8000-000000000031&select=status", 201).by("service")
            .sends(r#"{"id":"22222222-0000-4000-8000-000000000031","twilio_call_sid":"P2","from_number":"+1","to_number":"+2"}"#)
            .with("prefer", "return=representation").with("accept", OBJECT).gives(json!({"status": "ringing"}))
            .header("content-type", "application/vnd.pgrst.object+json; charset=utf-8"),
        put("PUT /nosuch?id=eq.1", 404),
    ];
    play(&stand, cases).await;
    stand.stop().await;
}
