//! A cursor over one query parameter, and the fault that it reports, worded as PostgREST words it.

use std::fmt;

/// Where a parameter could not be read, and what would have been read there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Counted in characters from 1.
    pub(crate) column: usize,
    unexpected: Option<char>,
    expecting: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unexpected {
            Some(found) => write!(f, "unexpected \"{found}\" expecting {}", self.expecting),
            None => write!(f, "unexpected end of input expecting {}", self.expecting),
        }
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
        Fault {
            column: self.input[..self.position].chars().count() + 1,
            unexpected: self.peek(),
            expecting,
        }
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
        if let Some(name) = self.quoted() {
            return Ok(name);
        }
        let mut parts = Vec::new();
        loop {
            let part = self.take_while(is_name_character);
            if part.is_empty() {
                return Err(self.fault(FIELD_NAME));
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
