//! JSON texts as [`Value`]s and back, as far as rows and frames need it.
//!
//! `serde_json` does this for every type, with fractions to the last digit and faults by line and column. A browser
//! downloads what the page is made of, and this file is about 9 KB smaller there; the tests hold it to what
//! `serde_json` says. The one difference: a number that is not whole, or beyond 64 bits (however far: `1e999` too),
//! reads and is written as `null`. No row of the board has one.

use serde_json::{Map, Value};

/// Nested deeper than this, a text is not read; as in `serde_json`.
const DEEPEST: u32 = 128;

/// Reads a text. `None` if it is not JSON.
#[inline(never)]
pub fn read(text: &str) -> Option<Value> {
    let mut reader = Reader {
        bytes: text.as_bytes(),
        at: 0,
        depth: 0,
    };
    let value = reader.value()?;
    (reader.peek() == 0 && reader.at >= reader.bytes.len()).then_some(value)
}

/// Reads a text that is an array of objects, such as PostgREST answers with rows.
pub fn rows(text: &str) -> Option<Vec<Map<String, Value>>> {
    let Value::Array(values) = read(text)? else {
        return None;
    };
    values.into_iter().map(object).collect()
}

/// The object, if it is one.
pub fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}

/// Takes a value out of an object, and leaves `null` there: to shrink the tree that an object is takes much more code.
pub fn take(fields: &mut Map<String, Value>, key: &str) -> Value {
    fields.get_mut(key).map(Value::take).unwrap_or_default()
}

/// Writes a value, without spaces.
pub fn write(value: &Value) -> String {
    let mut text = String::new();
    write_to(&mut text, value);
    text
}

fn write_to(text: &mut String, value: &Value) {
    let mut separator = "";
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => text.push_str(&whole.to_string()),
            (None, Some(whole)) => text.push_str(&whole.to_string()),
            (None, None) => text.push_str("null"),
        },
        Value::String(words) => quote(text, words),
        Value::Array(values) => {
            text.push('[');
            for value in values {
                text.push_str(separator);
                separator = ",";
                write_to(text, value);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            text.push('{');
            for (key, value) in fields {
                text.push_str(separator);
                separator = ",";
                quote(text, key);
                text.push(':');
                write_to(text, value);
            }
            text.push('}');
        }
    }
}

fn quote(text: &mut String, words: &str) {
    text.push('"');
    for character in words.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\0'..' ' => {
                text.push_str("\\u00");
                for digit in [u32::from(character) >> 4, u32::from(character) & 15] {
                    text.push(char::from_digit(digit, 16).unwrap_or('0'));
                }
            }
            _ => text.push(character),
        }
    }
    text.push('"');
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u32,
}

impl Reader<'_> {
    /// The next byte, or 0 after the end; no JSON has a 0 outside of strings, nor unescaped within.
    fn byte(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    /// The next byte after any spaces.
    fn peek(&mut self) -> u8 {
        while matches!(self.byte(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
        self.byte()
    }

    fn value(&mut self) -> Option<Value> {
        match self.peek() {
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => self.string().map(Value::String),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str, meaning: Value) -> Option<Value> {
        let is_it = self.bytes[self.at..].starts_with(word.as_bytes());
        self.at += word.len();
        is_it.then_some(meaning)
    }

    fn object(&mut self) -> Option<Value> {
        let mut fields = Map::new();
        self.items(b'}', |reader| {
            if reader.peek() != b'"' {
                return None;
            }
            let key = reader.string()?;
            if reader.peek() != b':' {
                return None;
            }
            reader.at += 1;
            let value = reader.value()?;
            fields.insert(key, value);
            Some(())
        })?;
        Some(Value::Object(fields))
    }

    fn array(&mut self) -> Option<Value> {
        let mut values = Vec::new();
        self.items(b']', |reader| {
            values.push(reader.value()?);
            Some(())
        })?;
        Some(Value::Array(values))
    }

    /// What stands between two brackets, separated by commas.
    fn items(&mut self, end: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.depth += 1;
        if self.depth >= DEEPEST {
            return None;
        }
        self.at += 1;
        if self.peek() != end {
            loop {
                item(self)?;
                match self.peek() {
                    b',' => self.at += 1,
                    next if next == end => break,
                    _ => return None,
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        self.at += 1;
        let mut read = Vec::new();
        loop {
            let byte = self.byte();
            self.at += 1;
            match byte {
                b'"' => return String::from_utf8(read).ok(),
                b'\\' => {
                    let character = self.escaped()?;
                    read.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                ..b' ' => return None,
                _ => read.push(byte),
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let byte = self.byte();
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut code = self.four_digits()?;
                // The second half of a character that takes two.
                if matches!(code, 0xd800..0xdc00) {
                    if self.bytes.get(self.at..self.at + 2)? != b"\\u" {
                        return None;
                    }
                    self.at += 2;
                    let low = self.four_digits()?;
                    code = 0x1_0000 + ((code - 0xd800) << 10) + low.checked_sub(0xdc00)?;
                    if low > 0xdfff {
                        return None;
                    }
                }
                return char::from_u32(code);
            }
            _ => return None,
        })
    }

    fn four_digits(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0, |code, digit| {
            Some(code * 16 + char::from(*digit).to_digit(16)?)
        })
    }

    fn number(&mut self) -> Option<Value> {
        let from = self.at;
        self.at += usize::from(self.byte() == b'-');
        let leads_with_zero = self.byte() == b'0';
        if self.digits()? > 1 && leads_with_zero {
            return None;
        }
        let whole = self.at;
        if self.byte() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), b'+' | b'-'));
            self.digits()?;
        }
        if self.at > whole {
            return Some(Value::Null);
        }
        let text = std::str::from_utf8(&self.bytes[from..whole]).ok()?;
        Some(match (text.parse::<i64>(), text.parse::<u64>()) {
            // The only whole number that needs a fraction's type: minus zero.
            (Ok(0), _) if text.len() > 1 => Value::Null,
            (Ok(number), _) => number.into(),
            (Err(_), Ok(number)) => number.into(),
            (Err(_), Err(_)) => Value::Null,
        })
    }

    fn digits(&mut self) -> Option<usize> {
        let from = self.at;
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        (self.at > from).then_some(self.at - from)
    }
}

#[cfg(test)]
mod tests;
