//! A cursor over one query parameter, and the fault that it reports, worded as PostgREST words it.

use std::fmt;

/// Where a parameter could not be read, and what would have been read there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Counted in characters from 1.
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// In bytes, to compare how far two readers came.
    pub(super) position: usize,
    /// Whether something was read for good before it failed: then no other reading is tried.
    pub(super) committed: bool,
    unexpected: Option<char>,
    /// PostgREST puts what follows a complete item into single quotes.
    after_item: bool,
    pub(super) expecting: &'static str,
}

impl Fault {
    /// As the fault of a reader after which no other is tried.
    pub(super) fn committed(mut self) -> Self {
        self.committed = true;
        self
    }

    /// Another character is told, where the reader met it further on in a word.
    pub(super) fn met(mut self, unexpected: Option<char>) -> Self {
        self.unexpected = unexpected;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unexpected {
            Some(found) if self.after_item => write!(
                f,
                "unexpected '{}' expecting {}",
                shown(found, '\''),
                self.expecting
            ),
            Some(found) => write!(
                f,
                "unexpected \"{}\" expecting {}",
                shown(found, '"'),
                self.expecting
            ),
            None => write!(f, "unexpected end of input expecting {}", self.expecting),
        }
    }
}

/// A character as Haskell shows it between these quotes.
fn shown(c: char, quote: char) -> String {
    match c {
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        '\r' => "\\r".to_owned(),
        '\\' => "\\\\".to_owned(),
        _ if c == quote => format!("\\{c}"),
        _ if c.is_ascii_graphic() || c == ' ' => c.to_string(),
        _ => format!("\\{}", u32::from(c)),
    }
}

/// What PostgREST calls a place where a name could stand.
pub(crate) const FIELD_NAME: &str = "field name (* or [a..z0..9_$])";

/// Trees deeper than this are refused, so that no request can exhaust the stack.
pub(crate) const MAX_DEPTH: usize = 24;

/// Reads one parameter from left to right.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    input: &'a str,
    position: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(input: &'a str) -> Self {
        Self { input, position: 0 }
    }

    pub(crate) fn rest(&self) -> &'a str {
        &self.input[self.position..]
    }

    pub(crate) fn at_end(&self) -> bool {
        self.position == self.input.len()
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.position += next.len_utf8();
        Some(next)
    }

    /// Steps over `token` if it stands here.
    pub(crate) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.position += token.len();
        }
        found
    }

    /// As [`Cursor::eat`], for words that may be written in either case.
    pub(crate) fn eat_ignoring_case(&mut self, word: &str) -> bool {
        let found = self
            .rest()
            .get(..word.len())
            .is_some_and(|here| here.eq_ignore_ascii_case(word));
        if found {
            self.position += word.len();
        }
        found
    }

    pub(crate) fn skip_blanks(&mut self) {
        while self.eat(" ") || self.eat("\t") {}
    }

    /// Takes characters as long as `wanted` holds.
    pub(crate) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.position += end;
        &rest[..end]
    }

    pub(crate) fn expect(&mut self, token: &str, expecting: &'static str) -> Result<(), Fault> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(self.fault(expecting))
        }
    }

    pub(crate) fn fault(&self, expecting: &'static str) -> Fault {
        let (mut line, mut column) = (1, 1);
        for c in self.input[..self.position].chars() {
            match c {
                '\n' => (line, column) = (line + 1, 1),
                '\t' => column += 8 - (column - 1) % 8,
                _ => column += 1,
            }
        }
        Fault {
            line,
            column,
            position: self.position,
            committed: false,
            unexpected: self.peek(),
            after_item: false,
            expecting,
        }
    }

    /// The fault of something that stands where an item is complete.
    pub(crate) fn fault_after_item(&self, expecting: &'static str) -> Fault {
        Fault {
            after_item: true,
            ..self.fault(expecting)
        }
    }

    /// As [`Cursor::fault`], so many bytes further on.
    pub(super) fn fault_ahead(&self, bytes: usize, expecting: &'static str) -> Fault {
        let mut ahead = self.clone();
        ahead.position = (ahead.position + bytes).min(self.input.len());
        ahead.fault(expecting)
    }

    /// `"…"` with backslash escapes; `None`, and no step, where no whole quoted text stands.
    pub(crate) fn quoted(&mut self) -> Option<String> {
        let start = self.position;
        let mut text = String::new();
        if !self.eat("\"") {
            return None;
        }
        loop {
            match self.bump() {
                Some('"') => return Some(text),
                Some('\\') => text.extend(self.bump()),
                Some(other) => text.push(other),
                None => {
                    self.position = start;
                    return None;
                }
            }
        }
    }

    /// A name: quoted, or letters, digits, `_`, `$`, inner blanks and inner dashes (but not the arrow `->`).
    pub(crate) fn field_name(&mut self) -> Result<String, Fault> {
        self.words(is_name_character, FIELD_NAME)
    }

    /// A key of a JSON object: whatever does not end it.
    pub(crate) fn json_key_name(&mut self) -> Result<String, Fault> {
        self.words(
            |c| !"(-:.,>)".contains(c),
            "any non reserved character different from: .,>()",
        )
    }

    fn words(
        &mut self,
        wanted: impl Fn(char) -> bool,
        expecting: &'static str,
    ) -> Result<String, Fault> {
        if let Some(name) = self.quoted() {
            return Ok(name);
        }
        let mut parts = Vec::new();
        loop {
            let part = self.take_while(&wanted);
            if part.is_empty() {
                return Err(self.fault(expecting));
            }
            parts.push(part.trim());
            if !self.rest().starts_with('-') || self.rest().starts_with("->") {
                return Ok(parts.join("-"));
            }
            self.position += 1;
        }
    }
}

/// Whether `c` may stand in a name that is not quoted.
pub(crate) fn is_name_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | ' ')
}
