//! Functions.

use serde_json::{Value, json};

use super::{Case, ask::until, board, play, stand::Stand};

const FUNCTIONS: &str = "
create function public.add(a int, b int default 10) returns int language sql immutable as $$ select a + b $$;
create function public.numbers(up_to int) returns setof int language sql stable as $$ select generate_series(1, up_to) $$;
create function public.waiting() returns setof public.calls language sql stable as $$ select * from public.calls where status = 'ringing' $$;
create function public.first_call() returns public.calls language sql stable as $$ select * from public.calls order by version limit 1 $$;
create function public.pairs() returns table (x int, y text) language sql stable as $$ values (1, 'one'), (2, null) $$;
create function public.nothing() returns void language sql as $$ select $$;
create function public.whole(json) returns json language sql immutable as $$ select $1 $$;
create function public.shout(text) returns text language sql immutable as $$ select upper($1) $$;
create function public.twice(n int) returns int language sql immutable as $$ select 2 * n $$;
create function public.twice(n text) returns text language sql immutable as $$ select n || n $$;
create function public.writes() returns bigint language sql volatile as $$ select nextval('public.board_version') $$;
create function public.shaped() returns text language plpgsql volatile as $$ begin
  perform set_config('response.status', '418', true);
  perform set_config('response.headers', '[{\"x-one\": \"1\"}, {\"set-cookie\": \"a=b\"}, {\"set-cookie\": \"c=d\"}, {\"content-type\": \"text/x\"}]', true);
  return 'tea'; end $$;
create function public.misshaped(headers text, status text) returns int language plpgsql volatile as $$ begin
  perform set_config('response.headers', headers, true), set_config('response.status', status, true); return 1; end $$;
create function public.fails(state text, message text, detail text) returns int language plpgsql volatile as $$ begin
  if detail is null then raise exception using errcode = state, message = message;
  else raise exception using errcode = state, message = message, detail = detail, hint = 'h'; end if; end $$;
create function public.sleepy() returns int language sql volatile set statement_timeout = '50ms' as $$ select 1 from pg_sleep(30) $$;
grant usage on sequence public.board_version to authenticated;
notify pgrst";

/// The board's stand, once it knows the functions.
async fn with_functions() -> Stand {
    let stand = board().await;
    stand
        .owner
        .batch_execute(FUNCTIONS)
        .await
        .expect("functions");
    until(&stand, Case::new("GET /rpc/add?a=1", 200)).await;
    stand
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_are_found_called_and_shaped_as_by_the_real_server() {
    let stand = with_functions().await;
    let post = |request: &'static str, status: u16, body: &'static str| {
        Case::new(request, status).sends(body)
    };
    let unknown = |case: Case, message: &str, details: &str, hint: Value| {
        case.refuses(
            "PGRST202",
            &format!("Could not find the function {message} in the schema cache"),
            json!(format!("Searched for the function {details}, but no matches were found in the schema cache.")),
            hint,
        )
    };
    let cases = vec![
        Case::new("GET /rpc/add?a=1", 200).gives(json!(11)),
        Case::new("GET /rpc/add?a=1&b=2&a=5", 200).gives(json!(7)),
        Case::new("GET /rpc/add?a=x", 400).gives(json!({"code": "22P02", "…": 0})),
        post("POST /rpc/add", 200, r#"{"a":1,"b":2}"#).gives(json!(3)),
        // Of several objects the first is called with.
        post("POST /rpc/add", 200, r#"[{"a":1,"b":2},{"a":10,"b":20}]"#).gives(json!(3)),
        post("POST /rpc/add?columns=a", 200, r#"{"a":1,"b":2,"c":3}"#).gives(json!(11)),
        post("POST /rpc/add", 200, "a=4&b=5").with("content-type", "application/x-www-form-urlencoded").gives(json!(9)),
        // Only reading takes arguments from the address; elsewhere they are filters.
        post("POST /rpc/add?b=2", 400, r#"{"a":1}"#).gives(json!({"code": "PGRST100", "…": 0})),
        unknown(post("POST /rpc/add", 404, r#"{"b":2}"#), "public.add(b)",
            "public.add with parameter b or with a single unnamed json/jsonb parameter", json!("Perhaps you meant to call the function public.add(a, b)")),
        unknown(Case::new("GET /rpc/ad?a=1", 404), "public.ad(a)", "public.ad with parameter a", Value::Null),
        unknown(Case::new("GET /rpc/number", 404), "public.number without parameters", "public.number without parameters",
            json!("Perhaps you meant to call the function public.numbers")),
        unknown(post("POST /rpc/add", 404, "a=1&c=5").with("content-type", "application/x-www-form-urlencoded"),
            "public.add(a, c)", "public.add with parameters a, c", json!("Perhaps you meant to call the function public.add(a, b)")),
        unknown(post("POST /rpc/add", 404, "x").with("content-type", "text/plain"), "public.add",
            "public.add with a single unnamed text parameter", Value::Null),
        Case::new("OPTIONS /rpc/add", 404),
        Case::new("OPTIONS /rpc/writes", 200).header("allow", "OPTIONS,POST"),
        Case::new("GET /rpc/twice?n=1", 300).refuses("PGRST203",
            "Could not choose the best candidate function between: public.twice(n => integer), public.twice(n => text)", Value::Null,
            json!("Try renaming the parameters or the function itself in the database so function overloading can be resolved")),
        // Rows.
        Case::new("GET /rpc/numbers?up_to=5&limit=2&offset=1", 206).with("prefer", "count=exact").gives(json!([2, 3]))
            .header("content-range", "1-2/5"),
        Case::new("GET /rpc/numbers?up_to=5&offset=9", 416).with("prefer", "count=exact"),
        Case::new("GET /rpc/numbers?up_to=2", 200).with("accept", "text/csv").gives(json!("pgrst_scalar\n1\n2")),
        Case::new("GET /rpc/waiting?select=version,call_events(to_status)&version=gt.100&order=version.desc&limit=1", 206)
            .with("prefer", "count=exact").gives(json!([{"version": 105, "call_events": [{"to_status": "ringing"}]}]))
            .header("content-range", "0-0/2"),
        post("POST /rpc/waiting?select=version&version=eq.101", 200, "").with("accept", "application/vnd.pgrst.object+json")
            .gives(json!({"version": 101})),
        Case::new("GET /rpc/waiting?select=version", 406).with("accept", "application/vnd.pgrst.object+json"),
        Case::new("GET /rpc/waiting?select=nope", 400).gives(json!({"code": "42703", "…": 0})),
        Case::new("GET /rpc/first_call?select=version", 200).gives(json!({"version": 100})).header("content-range", "0-0/*"),
        Case::new("GET /rpc/pairs?order=x.desc&select=y,x", 200).gives(json!([{"y": null, "x": 2}, {"y": "one", "x": 1}])),
        Case::new("GET /rpc/pairs?y=is.null", 200).with("accept", "application/vnd.pgrst.array+json;nulls=stripped")
            .gives(json!([{"x": 2}])),
        Case::new("GET /rpc/add?a=1&select=x", 400).gives(json!({"code": "42703", "…": 0})),
        Case::new("HEAD /rpc/pairs", 200).header("content-range", "0-1/*"),
        post("POST /rpc/nothing", 204, "{}").header("content-range", "0-0/*").without("content-type"),
        // One unnamed parameter takes the whole body.
        post("POST /rpc/whole", 200, r#"{"any":["thing"]}"#).gives(json!({"any": ["thing"]})),
        post("POST /rpc/whole", 200, r#"[{"a":1},{"a":2}]"#).gives(json!([{"a": 1}, {"a": 2}])),
        post("POST /rpc/shout", 200, "hey").with("content-type", "text/plain").gives(json!("HEY")),
        // What writes is not called by reading.
        Case::new("GET /rpc/writes", 405).gives(json!({"code": "25006", "…": 0})),
        post("POST /rpc/writes", 200, "{}"),
        post("POST /rpc/add", 400, r#"{"a":1}"#).with("prefer", "handling=strict, max-affected=1").refuses("PGRST128",
            "Function must return SETOF or TABLE when max-affected preference is used with handling=strict", Value::Null, Value::Null),
        post("POST /rpc/numbers", 400, r#"{"up_to":3}"#).with("prefer", "handling=strict, max-affected=2")
            .gives(json!({"code": "PGRST124", "…": 0})),
        Case::new("PUT /rpc/add", 405).refuses("PGRST101", "Cannot use the PUT method on RPC", Value::Null, Value::Null),
        // What SQL says about the answer.
        post("POST /rpc/shaped", 418, "{}").header("x-one", "1").header("content-type", "text/x").gives(json!("tea")),
        post("POST /rpc/misshaped", 500, r#"{"headers":"[{\"a\":\"1\",\"b\":\"2\"}]","status":""}"#).gives(json!({"code": "PGRST111", "…": 0})),
        post("POST /rpc/misshaped", 500, r#"{"headers":"","status":"x"}"#).gives(json!({"code": "PGRST112", "…": 0})),
    ];
    play(&stand, cases).await;
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sql_raises_becomes_the_status_that_the_real_server_gives_it() {
    let stand = with_functions().await;
    let raises = |state: &str, status: u16| {
        let body = json!({"state": state, "message": "m", "detail": "d"}).to_string();
        Case::new("POST /rpc/fails", status)
            .sends(body.leak())
            .refuses(state, "m", json!("d"), json!("h"))
    };
    let pgrst = |message: &str, detail: Option<&str>, status: u16| {
        let body = json!({"state": "PGRST", "message": message, "detail": detail}).to_string();
        Case::new("POST /rpc/fails", status).sends(body.leak())
    };
    let about_detail = "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'.";
    let unreadable = "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error";
    let mut cases: Vec<Case> = [
        ("P0001", 400),
        ("PT402", 402),
        ("PT418", 418),
        ("23503", 409),
        ("23505", 409),
        ("23514", 400),
        ("22012", 400),
        ("42501", 403),
        ("42883", 404),
        ("42P01", 404),
        ("42P17", 500),
        ("21000", 500),
        ("25006", 405),
        ("25001", 500),
        ("28000", 403),
        ("0L000", 403),
        ("0P000", 403),
        ("08006", 503),
        ("09000", 500),
        ("2D000", 500),
        ("38000", 500),
        ("39000", 500),
        ("3B000", 500),
        ("53000", 503),
        ("53400", 500),
        ("54000", 500),
        ("55000", 500),
        ("57P01", 503),
        ("57014", 500),
        ("58000", 500),
        ("F0000", 500),
        ("HV000", 500),
        ("P0002", 500),
        ("XX000", 500),
        ("22023", 400),
        ("ABCDE", 400),
    ]
    .map(|(state, status)| raises(state, status))
    .into();
    cases.extend([
        raises("PT401", 401).header("www-authenticate", "Bearer"),
        raises("42501", 401).by("anon").header("www-authenticate", "Bearer"),
        pgrst(r#"{"code":"X1","message":"m","details":"d","hint":null}"#, Some(r#"{"status":402,"headers":{"x-two":"2"}}"#), 402)
            .refuses("X1", "m", json!("d"), Value::Null).header("x-two", "2").header("proxy-status", "PostgREST; error=X1"),
        pgrst(r#"{"code":"X1","message":"m"}"#, Some(r#"{"status":401,"headers":{}}"#), 401).without("www-authenticate"),
        pgrst("no json", Some("{}"), 500).refuses("PGRST121", unreadable, json!("Invalid JSON value for MESSAGE: 'no json'"),
            json!("MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'.")),
        pgrst(r#"{"code":"X1","message":"m"}"#, None, 500)
            .refuses("PGRST121", unreadable, json!("DETAIL is missing in the RAISE statement"), json!(about_detail)),
        pgrst(r#"{"code":"X1","message":"m"}"#, Some("{}"), 500)
            .refuses("PGRST121", unreadable, json!("Invalid JSON value for DETAIL: '{}'"), json!(about_detail)),
        Case::new("POST /rpc/sleepy", 500).sends("{}").gives(json!({"code": "57014", "…": 0})),
    ]);
    play(&stand, cases).await;
    stand.stop().await;
}
