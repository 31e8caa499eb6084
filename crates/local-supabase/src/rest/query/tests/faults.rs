//! What is wrong with a query, in the real server's words.

use super::*;

#[test]
fn faults_say_where_and_what_was_expected() {
    assert_eq!(
        fault("status=ringing"),
        (
            "\"failed to parse filter (ringing)\" (line 1, column 1)".to_owned(),
            "unexpected \"r\" expecting \"not\" or operator (eq, gt, ...)".to_owned()
        )
    );
    assert_eq!(
        fault("or=(a.eq.1"),
        (
            "\"failed to parse logic tree ((a.eq.1)\" (line 1, column 10)".to_owned(),
            "unexpected end of input expecting \",\" or \")\"".to_owned()
        )
    );
}

/// What the real server says of each, from its own documentation of its parsers.
#[test]
fn every_kind_of_fault_is_told_in_the_real_servers_words() {
    let name = "field name (* or [a..z0..9_$])";
    let item = "\"...\", field name (* or [a..z0..9_$]), \"*\" or \"count()\"";
    let operator = "operator (eq, gt, ...)";
    let directions = "\"asc\", \"desc\", \"nullsfirst\" or \"nullslast\"";
    let cases = [
        // filters
        ("a=noop.0", 1, "\"o\"", "\"not\" or operator (eq, gt, ...)"),
        ("a=", 1, "end of input", "\"not\" or operator (eq, gt, ...)"),
        ("a=not.x.1", 5, "\"x\"", operator),
        ("a=nothing", 4, "\"h\"", "delimiter (.)"),
        ("a=eq", 3, "end of input", operator),
        ("a=fts().v", 5, "\")\"", operator),
        ("a=eq().v", 4, "\")\"", operator),
        ("a=is().v", 3, "\"(\"", operator),
        ("a=in().v", 3, "\"(\"", operator),
        ("a=neq(any).v", 4, "\"(\"", operator),
        ("a=like(one).v", 6, "\"o\"", operator),
        (
            "a=is.nothing",
            7,
            "\"h\"",
            "isVal: (null, not_null, true, false, unknown)",
        ),
        (
            "a=is.5",
            4,
            "\"5\"",
            "isVal: (null, not_null, true, false, unknown)",
        ),
        ("a=in.(x", 6, "end of input", "\",\" or \")\""),
        // orders
        ("order=id.ac", 4, "\"c\"", directions),
        ("order=id.nulsfist", 4, "\"n\"", directions),
        ("order=id.smth34", 4, "\"s\"", directions),
        (
            "order=id.descc",
            8,
            "'c'",
            "delimiter (.), \",\" or end of input",
        ),
        ("order=id.nullslasttt", 13, "'t'", "\",\" or end of input"),
        (
            "order=id.asc.nlsfst",
            8,
            "\"l\"",
            "\"nullsfirst\" or \"nullslast\"",
        ),
        (
            "order=id.asc.nullslasttt",
            17,
            "'t'",
            "\",\" or end of input",
        ),
        (
            "order=clients(name,id)",
            8,
            "'('",
            "letter, digit, \"-\", \"->>\", \"->\", delimiter (.), \",\" or end of input",
        ),
        ("order=id,", 4, "end of input", name),
        // selects
        ("select=id,", 4, "end of input", item),
        ("select=*!hint", 2, "'!'", "\")\", \",\" or end of input"),
        (
            "select=name!hint",
            5,
            "'!'",
            "letter, digit, \"-\", \"->>\", \"->\", \"::\", \".\", \")\", \",\" or end of input",
        ),
        (
            "select=id,clients(name[])",
            16,
            "'['",
            "letter, digit, \"-\", \"->>\", \"->\", \"::\", \".\", \")\", \",\" or end of input",
        ),
        ("select=name::", 7, "end of input", "letter or digit"),
        (
            "select=data->>-78xy",
            11,
            "'x'",
            "digit, \"->\", \"::\", \".\", \",\" or end of input",
        ),
        ("select=data->>--34", 9, "\"-\"", "digit"),
        // trees
        (
            "or=()",
            4,
            "\")\"",
            "field name (* or [a..z0..9_$]), negation operator (not) or logic operator (and, or)",
        ),
        ("or=(id.in.1,2,id.eq.3)", 10, "\"1\"", "\"(\""),
        ("or=)(", 3, "\")\"", "\"(\""),
        ("and=(ord(id.eq.1,id.eq.1),id.eq.2)", 7, "\"d\"", "\"(\""),
        (
            "or=(id.eq.1,not.xor(id.eq.2,id.eq.3))",
            16,
            "\"x\"",
            "logic operator (and, or)",
        ),
        (
            "or=(a.user_group.label.eq.1)",
            6,
            "\"u\"",
            "\"not\" or operator (eq, gt, ...)",
        ),
        ("or=(on_hold.foo.1)", 4, "\"n\"", "\"or\""),
        ("columns=", 1, "end of input", name),
    ];
    for (raw, column, unexpected, expecting) in cases {
        let (message, details) = fault(raw);
        let place = format!("(line 1, column {column})");
        assert!(
            message.ends_with(&place),
            "{raw}: {message} and not {place}"
        );
        assert_eq!(
            details,
            format!("unexpected {unexpected} expecting {expecting}"),
            "{raw}"
        );
    }
}

#[test]
fn of_several_faults_the_one_that_is_looked_for_first_is_told() {
    let raw = "on_conflict=!&a=foo&select=(&columns=!&or=x&order=!";
    let mut left = raw.to_owned();
    for (what, part) in [
        ("order", "order=!"),
        ("logic tree", "&or=x"),
        ("columns parameter", "&columns=!"),
        ("select parameter", "&select=("),
        ("filter", "&a=foo"),
        ("on_conflict parameter", "on_conflict=!"),
    ] {
        let (message, _) = fault(&left);
        assert!(
            message.starts_with(&format!("\"failed to parse {what} (")),
            "{left}: {message}"
        );
        left = left.replace(part, "");
    }
}
