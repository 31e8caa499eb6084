//! Filters, orders, ranges and counts.

use serde_json::{Value, json};

use super::{Case, board, play};

fn parse(what: &str, column: usize, details: &str) -> (String, Value) {
    (
        format!("\"failed to parse {what}\" (line 1, column {column})"),
        json!(details),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operator_finds_what_the_real_server_finds() {
    let stand = board().await;
    let found = |filter: &'static str, versions: Value| {
        let request = format!("GET /calls?select=version&order=version&{filter}").leak();
        let rows: Vec<Value> = versions
            .as_array()
            .expect("a list")
            .iter()
            .map(|version| json!({"version": version}))
            .collect();
        Case::new(request, 200).gives(json!(rows))
    };
    let refused = |filter: &'static str, status: u16, code: &str| {
        let request = format!("GET /calls?{filter}").leak();
        Case::new(request, status).gives(json!({"code": code, "…": 0}))
    };
    let cases = vec![
        found("version=neq.100", json!([101, 102, 103, 104, 105])),
        found("version=eq(any).{100,102}", json!([100, 102])),
        found("version=gt(all).{101,103}", json!([104, 105])),
        found("version=not.lt(any).{103,101}", json!([103, 104, 105])),
        found("caller_name=like(any).{*nn*,B*}", json!([100, 102])),
        found("caller_name=ilike(all).{*A*,*q*}", json!([100])),
        found("caller_name=match.^B", json!([102])),
        found("caller_name=not.imatch.^b", json!([100, 104, 105])),
        found("assigned_to=is.not_null", json!([102])),
        found("on_hold=is.unknown", json!([])),
        found("on_hold=is.FALSE", json!([100, 101, 102, 103, 104, 105])),
        found("on_hold=not.is.false", json!([])),
        found(
            "caller_name=isdistinct.Bob",
            json!([100, 101, 103, 104, 105]),
        ),
        found("caller_name=fts(english).esq", json!([100])),
        found("caller_name=plfts.o'brien%20esq", json!([100])),
        found("caller_name=phfts(simple).brien%20esq", json!([100])),
        found(
            "caller_name=wfts(english).bob%20or%20esq",
            json!([100, 102]),
        ),
        found("caller_name=not.fts.bob", json!([100, 104, 105])),
        found(
            "status=in.(%22ringing%22,parked)&version=gt.101",
            json!([103, 105]),
        ),
        found(
            "caller_name=in.(%22Ann%20%5C%22Quote%5C%22%20O'Brien,%20Esq.%22)",
            json!([100]),
        ),
        found(
            "and=(version.gte.101,or(status.eq.active,not.and(status.eq.ringing,version.lt.105)))",
            json!([102, 103, 104, 105]),
        ),
        found(
            "or=(version.in.(100,101),status.eq.active,%20caller_name.like.Zo*)",
            json!([100, 101, 102, 105]),
        ),
        found("not.and=(version.gt.100,version.lt.105)", json!([100, 105])),
        found("id-%3E%3Ex=is.null&version=eq.100", json!([100])),
        found(
            "caller_name=eq.Bob&version=eq.102&status=eq.active",
            json!([102]),
        ),
        refused("status=cs.x", 404, "42883"),
        refused("version=cs.{1}", 404, "42883"),
        refused("version=ov.{1}", 404, "42883"),
        refused("version=sl.1", 400, "42804"),
        refused("caller_name=adj.x", 404, "42883"),
        refused("version=like.1*", 404, "42883"),
        refused("status=is.true", 400, "42804"),
        refused("caller_name=fts(nolanguage).x", 400, "42704"),
        refused("caller_name=fts.a%20b", 400, "42601"),
        refused("caller_name=match.(", 400, "2201B"),
        refused("version=neq(any).{1}", 400, "PGRST100"),
        refused("version=EQ.1", 400, "PGRST100"),
        refused("calls.version=eq.1", 400, "PGRST108"),
        refused("select=version::nosuchtype", 400, "42704"),
        refused("select=status::int", 400, "22P02"),
        refused("order=nope", 400, "42703"),
        refused("or=(version.eq.1,and(nope.eq.1))", 400, "42703"),
    ];
    play(&stand, cases).await;
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_selects_and_faults_are_read_as_by_the_real_server() {
    let stand = board().await;
    let fault = |request: &'static str, what: &str, column: usize, details: &str| {
        let (message, details) = parse(what, column, details);
        Case::new(request, 400).refuses("PGRST100", &message, details, Value::Null)
    };
    let aggregate = |request: &'static str| {
        Case::new(request, 400).refuses(
            "PGRST123",
            "Use of aggregate functions is not allowed",
            Value::Null,
            Value::Null,
        )
    };
    let cases = vec![
        Case::new(
            "GET /calls?select=version&order=caller_name.nullsfirst,version.desc&limit=2",
            200,
        )
        .gives(json!([{"version": 103}, {"version": 101}])),
        Case::new(
            "GET /calls?select=v:version::text,%20status%20&version=eq.102",
            200,
        )
        .gives(json!([{"v": "102", "status": "active"}])),
        Case::new(
            "GET /calls?select=version&select=status&version=eq.102",
            200,
        )
        .gives(json!([{"version": 102}])),
        Case::new("GET /calls?select&version=eq.102", 200).gives(json!([{"version": 102, "…": 0}])),
        Case::new("GET /calls?select=%22version%22&version=eq.102", 200)
            .gives(json!([{"version": 102}])),
        Case::new("GET /calls?select=version)&version=eq.102", 200)
            .gives(json!([{"version": 102}])),
        aggregate("GET /calls?select=total:count()"),
        aggregate("GET /calls?select=status,version.max()"),
        aggregate("GET /calls?select=id,call_events(count())"),
        fault(
            "GET /calls?order=version.ascc",
            "order (version.ascc)",
            12,
            "unexpected 'c' expecting delimiter (.), \",\" or end of input",
        ),
        fault(
            "GET /calls?order=version.down",
            "order (version.down)",
            9,
            "unexpected \"d\" expecting \"asc\", \"desc\", \"nullsfirst\" or \"nullslast\"",
        ),
        fault(
            "GET /calls?status=noop.x",
            "filter (noop.x)",
            1,
            "unexpected \"o\" expecting \"not\" or operator (eq, gt, ...)",
        ),
        fault(
            "GET /calls?status=eq",
            "filter (eq)",
            3,
            "unexpected end of input expecting operator (eq, gt, ...)",
        ),
        fault(
            "GET /calls?on_hold=is.maybe",
            "filter (is.maybe)",
            4,
            "unexpected \"m\" expecting isVal: (null, not_null, true, false, unknown)",
        ),
        fault(
            "GET /calls?or=()",
            "logic tree (())",
            4,
            "unexpected \")\" expecting field name (* or [a..z0..9_$]), negation operator (not) or logic operator (and, or)",
        ),
        fault(
            "GET /calls?select=id!x",
            "select parameter (id!x)",
            3,
            "unexpected '!' expecting letter, digit, \"-\", \"->>\", \"->\", \"::\", \".\", \")\", \",\" or end of input",
        ),
        fault(
            "GET /calls?select=id::",
            "select parameter (id::)",
            5,
            "unexpected end of input expecting letter or digit",
        ),
        // The order in which faults are looked for.
        fault(
            "GET /nosuchtable?order=x.y",
            "order (x.y)",
            3,
            "unexpected \"y\" expecting \"asc\", \"desc\", \"nullsfirst\" or \"nullslast\"",
        ),
        Case::new("GET /nosuchtable?limit=-1", 416),
        Case::new("GET /nosuchtable", 404)
            .with("prefer", "handling=strict, foo=1")
            .gives(json!({"code": "PGRST205", "…": 0})),
        Case::new("GET /calls?select=id,nosuch(id)", 400)
            .with("accept", "image/png")
            .gives(json!({"code": "PGRST200", "…": 0})),
        Case::new("GET /calls", 406)
            .with("accept", "image/png")
            .with("prefer", "handling=strict, foo=1"),
        Case::new("GET /CALLS", 404).refuses(
            "PGRST205",
            "Could not find the table 'public.CALLS' in the schema cache",
            Value::Null,
            json!("Perhaps you meant the table 'public.calls'"),
        ),
        Case::new("GET /xyz", 404).refuses(
            "PGRST205",
            "Could not find the table 'public.xyz' in the schema cache",
            Value::Null,
            Value::Null,
        ),
    ];
    play(&stand, cases).await;
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_and_counts_are_reckoned_as_by_the_real_server() {
    let stand = board().await;
    let beyond = |offset: i64| {
        json!({"code": "PGRST103", "message": "Requested range not satisfiable", "hint": null,
            "details": format!("An offset of {offset} was requested, but there are only 6 rows.")})
    };
    let cases = vec![
        Case::new("GET /calls?select=id&limit=0&offset=0", 200)
            .gives(json!([]))
            .header("content-range", "*/*"),
        // The real server takes an empty span that does not begin at the start for a negative one.
        Case::new("GET /calls?select=id&limit=0&offset=3", 416).refuses(
            "PGRST103",
            "Requested range not satisfiable",
            json!("Limit should be greater than or equal to zero."),
            Value::Null,
        ),
        Case::new("GET /calls?select=id&limit=0", 206)
            .with("prefer", "count=exact")
            .gives(json!([]))
            .header("content-range", "*/6")
            .header("preference-applied", "count=exact"),
        Case::new("HEAD /calls?select=id&limit=0", 206)
            .with("prefer", "count=exact")
            .header("content-range", "*/6"),
        Case::new("GET /calls?offset=6&select=id", 206)
            .with("prefer", "count=exact")
            .gives(json!([]))
            .header("content-range", "*/6"),
        Case::new("GET /calls?offset=7", 416)
            .with("prefer", "count=exact")
            .gives(beyond(7))
            .header("content-range", "*/6")
            .without("proxy-status"),
        Case::new("HEAD /calls?offset=7", 416)
            .with("prefer", "count=exact")
            .header("content-range", "*/6"),
        Case::new("HEAD /calls?select=id", 200)
            .with("range", "0-1")
            .header("content-range", "0-5/*"),
        Case::new("GET /calls?select=version&order=version&limit=3", 200)
            .with("range", "1-9")
            .gives(json!([{"version": 101}, {"version": 102}]))
            .header("content-range", "1-2/*"),
        Case::new("GET /calls?select=version&order=version&offset=2", 200)
            .with("range", "0-3")
            .gives(json!([{"version": 102}, {"version": 103}]))
            .header("content-range", "2-3/*"),
        Case::new("GET /calls?limit=2", 416).with("range", "4-5"),
        Case::new("GET /calls?select=id", 200)
            .with("range", "bytes=0-1")
            .header("content-range", "0-5/*"),
        Case::new("GET /calls?select=id", 200)
            .with("range", "-2")
            .header("content-range", "0-5/*"),
        Case::new("GET /calls?select=id&offset=-3", 200).header("content-range", "0-5/*"),
        Case::new("GET /calls?select=id&status=eq.ringing&limit=1", 206)
            .with("prefer", "count=estimated")
            .header("content-range", "0-0/3")
            .header("preference-applied", "count=estimated"),
        Case::new(
            "GET /calls?select=id,agent:voip_users!assigned_to!inner(id)",
            200,
        )
        .with("prefer", "count=exact")
        .header("content-range", "0-0/1"),
        Case::new(
            "GET /calls?select=id,call_events!inner(version)&call_events.version=eq.103",
            200,
        )
        .with("prefer", "count=exact")
        .header("content-range", "0-0/1"),
        Case::new("GET /rpc/board_size", 200)
            .with("prefer", "count=exact")
            .gives(json!(5))
            .header("content-range", "0-0/1"),
        Case::new("GET /rpc/board_size", 200)
            .with("prefer", "count=planned")
            .header("content-range", "0-0/*")
            .header("preference-applied", "count=planned"),
        Case::new(
            "PUT /calls?id=eq.22222222-0000-4000-8000-000000000001&limit=1",
            400,
        )
        .by("service")
        .sends("{}")
        .refuses(
            "PGRST114",
            "limit/offset querystring parameters are not allowed for PUT",
            Value::Null,
            Value::Null,
        ),
    ];
    play(&stand, cases).await;
    stand.stop().await;
}
