//! The filters of a binding: `column=operator.value`, several with commas between them, each to be passed.
//!
//! Read, worded and compared as by supabase/realtime v2.123.

/// `column=operator.value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) column: String,
    pub(super) operator: Operator,
    /// For [`Operator::In`] an array in Postgres' own notation.
    pub(super) value: String,
    /// Asked for with `not.`.
    pub(super) is_negated: bool,
}

/// The comparisons that a filter may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Eq,
    Neq,
    Lt,
    Lte,
    Gt,
    Gte,
    In,
    Like,
    Ilike,
    Is,
    Match,
    Imatch,
    IsDistinct,
}

impl Operator {
    const ALL: [(&'static str, Self); 13] = [
        ("eq", Self::Eq),
        ("neq", Self::Neq),
        ("lt", Self::Lt),
        ("lte", Self::Lte),
        ("gt", Self::Gt),
        ("gte", Self::Gte),
        ("in", Self::In),
        ("like", Self::Like),
        ("ilike", Self::Ilike),
        ("is", Self::Is),
        ("match", Self::Match),
        ("imatch", Self::Imatch),
        ("isdistinct", Self::IsDistinct),
    ];

    fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, known)| *known == self)
            .map_or("", |(name, _)| name)
    }

    /// Whether the value is a pattern or a keyword, and no value of the column's type.
    pub(super) fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Like | Self::Ilike | Self::Is | Self::Match | Self::Imatch
        )
    }
}

impl Filter {
    /// The comparison as SQL between two literals; `of` is the column's type as Postgres prints it.
    pub(super) fn sql(&self, left: &str, right: &str, of: &str) -> String {
        let same = |operator: &str| format!("{left}::{of} {operator} {right}::{of}");
        let text = |operator: &str| format!("{left}::text {operator} {right}");
        let compared = match self.operator {
            Operator::Eq => same("="),
            Operator::Neq => same("<>"),
            Operator::Lt => same("<"),
            Operator::Lte => same("<="),
            Operator::Gt => same(">"),
            Operator::Gte => same(">="),
            Operator::In => format!("{left}::{of} = any({right}::{of}[])"),
            Operator::Like => text("like"),
            Operator::Ilike => text("ilike"),
            Operator::Match => text("~"),
            Operator::Imatch => text("~*"),
            Operator::IsDistinct => same("is distinct from"),
            // Only of truth values is anything but null asked.
            Operator::Is => match self.value.to_ascii_lowercase().as_str() {
                "true" => format!("{left}::boolean is true"),
                "false" => format!("{left}::boolean is false"),
                "unknown" => format!("{left}::boolean is unknown"),
                _ => format!("{left} is null"),
            },
        };
        if self.is_negated {
            format!("not ({compared})")
        } else {
            compared
        }
    }

    /// The filter as the real server prints it in its error messages.
    pub(super) fn describe(&self) -> String {
        let (column, operator) = (&self.column, self.operator.name());
        format!(
            "{{{column:?}, {operator:?}, {:?}, {}}}",
            self.value, self.is_negated
        )
    }
}

/// Reads all filters; the error is what the real server says after "Error parsing `filter` params: ".
pub(super) fn parse(text: &str) -> Result<Vec<Filter>, String> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    segments(text.trim()).into_iter().map(parse_one).collect()
}

fn parse_one(segment: &str) -> Result<Filter, String> {
    let segment = segment.trim();
    if segment.is_empty() {
        return Err("filter must not contain empty segments (check for extra commas)".to_owned());
    }
    let Some((column, rest)) = segment.split_once('=') else {
        return Err(format!("[{segment:?}]"));
    };
    let (is_negated, rest) = match rest.strip_prefix("not.") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let Some((name, value)) = rest.split_once('.') else {
        return Err(format!("[{rest:?}]"));
    };
    let Some((_, operator)) = Operator::ALL.into_iter().find(|(known, _)| *known == name) else {
        return Err(format!("[{name:?}, {value:?}]"));
    };
    let value = if operator == Operator::In {
        let listed = value
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'));
        let listed = listed.ok_or("`in` filter value must be wrapped by parentheses")?;
        format!("{{{listed}}}")
    } else {
        unquoted(value).unwrap_or_else(|| value.to_owned())
    };
    Ok(Filter {
        column: column.to_owned(),
        operator,
        value,
        is_negated,
    })
}

/// What stands between double quotes, if that is all there is.
fn unquoted(value: &str) -> Option<String> {
    let mut letters = value.strip_prefix('"')?.chars();
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return letters.as_str().is_empty().then_some(text),
            '\\' => text.push(letters.next()?),
            other => text.push(other),
        }
    }
    None
}

/// The parts between the commas that stand outside of parentheses and quotes.
fn segments(text: &str) -> Vec<&str> {
    let (mut found, mut begins) = (Vec::new(), 0);
    let (mut depth, mut is_quoted, mut is_escaped) = (0_usize, false, false);
    let mut before = None;
    for (at, letter) in text.char_indices() {
        if is_quoted {
            is_quoted = is_escaped || letter != '"';
            is_escaped = !is_escaped && letter == '\\';
        } else {
            match letter {
                '"' => is_quoted = matches!(before, Some('.' | '(' | ',')),
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => {
                    found.push(&text[begins..at]);
                    begins = at + 1;
                }
                _ => {}
            }
        }
        before = Some(letter);
    }
    found.push(&text[begins..]);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(text: &str) -> Result<String, String> {
        let filters = parse(text)?;
        Ok(filters
            .iter()
            .map(Filter::describe)
            .collect::<Vec<_>>()
            .join(" "))
    }

    #[test]
    fn filters_are_read_one_by_one_and_all_together() {
        let cases = [
            ("", ""),
            ("  ", ""),
            ("id=eq.5", r#"{"id", "eq", "5", false}"#),
            ("id=not.eq.5", r#"{"id", "eq", "5", true}"#),
            (
                "id=gt.0, id=lt.100",
                r#"{"id", "gt", "0", false} {"id", "lt", "100", false}"#,
            ),
            (
                "s=in.(a,b),t=is.null",
                r#"{"s", "in", "{a,b}", false} {"t", "is", "null", false}"#,
            ),
            (r#"s=eq."a,b""#, r#"{"s", "eq", "a,b", false}"#),
            (r#"s=eq."a\"b,""#, r#"{"s", "eq", "a\"b,", false}"#),
            ("s=like.a%.b", r#"{"s", "like", "a%.b", false}"#),
        ];
        for (text, expected) in cases {
            assert_eq!(described(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn faults_are_worded_as_by_the_real_server() {
        let empty = "filter must not contain empty segments (check for extra commas)";
        let cases = [
            ("undefined", r#"["undefined"]"#),
            ("status=ringing", r#"["ringing"]"#),
            ("subject=foo.hey", r#"["foo", "hey"]"#),
            (
                "id=in.1,2",
                "`in` filter value must be wrapped by parentheses",
            ),
            ("id=eq.1,", empty),
            (",id=eq.1", empty),
        ];
        for (text, expected) in cases {
            assert_eq!(described(text), Err(expected.to_owned()), "{text}");
        }
    }
}
