//! Splitting a file of SQL into its statements, which is how the Supabase CLI records a migration.

/// The statements of `sql` in order, trimmed, without their final semicolons. Comments stay where they stood.
pub fn split(sql: &str) -> Vec<String> {
    let mut statements = Vec::new();
    let (mut from, mut at) = (0, 0);
    while at < sql.len() {
        let rest = &sql[at..];
        if rest.starts_with(';') {
            push(&mut statements, &sql[from..at]);
            from = at + 1;
        }
        at += token_length(&sql[..at], rest);
    }
    push(&mut statements, &sql[from..]);
    statements
}

fn push(statements: &mut Vec<String>, text: &str) {
    let text = text.trim();
    let only_comments = text
        .lines()
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with("--"));
    if !only_comments {
        statements.push(text.to_owned());
    }
}

/// How many bytes the quoted text, comment or single character at the start of `rest` takes.
fn token_length(before: &str, rest: &str) -> usize {
    let up_to = |opening: usize, end: &str| {
        rest[opening..]
            .find(end)
            .map_or(rest.len(), |at| opening + at + end.len())
    };
    let first = rest.chars().next().map_or(1, char::len_utf8);
    match rest.as_bytes()[0] {
        b'-' if rest.starts_with("--") => up_to(2, "\n"),
        b'/' if rest.starts_with("/*") => block_comment_length(rest),
        b'\'' if before.ends_with(['e', 'E']) && !is_word(&before[..before.len() - 1]) => {
            escape_string_length(rest)
        }
        b'\'' => up_to(1, "'"),
        b'"' => up_to(1, "\""),
        // `a$1` and `a$b$` are identifiers; a quote starts only where no word goes on.
        b'$' if !is_word(before) => dollar_tag(rest).map_or(first, |tag| up_to(tag.len(), tag)),
        _ => first,
    }
}

fn is_word(before: &str) -> bool {
    before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$')
}

/// `$$` or `$name$` at the start of `rest`.
fn dollar_tag(rest: &str) -> Option<&str> {
    let end = rest[1..].find('$')? + 1;
    let name = &rest[1..end];
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    is_name.then(|| &rest[..=end])
}

/// Block comments nest in PostgreSQL.
fn block_comment_length(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// `E'…'`, where a backslash hides the quote after it.
fn escape_string_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn semicolons_inside_quotes_and_comments_do_not_split() {
        let sql = "select 'a;b', \"c;d\"; -- e;f\nselect /* g; /* h; */ */ 1;\nselect E'it\\'s;' ; select 'it''s;'";
        assert_eq!(
            split(sql),
            [
                "select 'a;b', \"c;d\"",
                "-- e;f\nselect /* g; /* h; */ */ 1",
                "select E'it\\'s;'",
                "select 'it''s;'"
            ]
        );
    }

    #[test]
    fn function_bodies_stay_whole() {
        let sql = "do $$ begin perform 1; end $$; create function f() returns int as $body$ select $1; $x$;$x$ $body$;";
        assert_eq!(split(sql).len(), 2);
    }

    #[test]
    fn what_follows_a_parameter_is_not_a_quote() {
        assert_eq!(
            split("select a$1;select $1;select 2"),
            ["select a$1", "select $1", "select 2"]
        );
    }

    #[test]
    fn comments_and_blanks_alone_are_no_statement() {
        assert!(split(" ;\n-- only words\n ; ").is_empty());
        assert_eq!(split("select 'ä€';").len(), 1);
    }

    #[test]
    fn text_that_never_ends_is_one_statement() {
        for sql in [
            "select 'a;",
            "select $$a;",
            "/* a;",
            "select \"a;",
            "select E'a;\\",
        ] {
            assert_eq!(split(sql).len(), 1, "{sql}");
        }
    }
}
