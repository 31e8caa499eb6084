//! Whether a frame is the recorded one, letter by letter but for what differs from run to run.

use std::collections::HashMap;

/// What the placeholders of one recording stand for in this run.
#[derive(Default)]
pub(super) struct Bindings {
    values: HashMap<String, String>,
}

/// Texts after which a number or a word follows that every run draws anew.
const DRAWN: [(&str, &str); 4] = [
    (r#""version": "#, "0123456789"),
    ("Token has expired ", "0123456789"),
    (r#""phx_ref":""#, REFERENCE),
    (r#""phx_ref_prev":""#, REFERENCE),
];
const REFERENCE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// A number that no `double` holds: that one must come exactly.
const EXACT: &str = "9007199254740993";

impl Bindings {
    /// Gives a placeholder its value before any frame does.
    pub(super) fn set(&mut self, placeholder: String, value: String) {
        self.values.insert(placeholder, value);
    }

    pub(super) fn get(&self, placeholder: &str) -> Option<&str> {
        self.values.get(placeholder).map(String::as_str)
    }

    /// Where `actual` leaves `recorded`; `None` if nowhere.
    pub(super) fn difference(&mut self, recorded: &str, actual: &str) -> Option<String> {
        let (mut left, mut right) = (recorded, actual);
        while !left.is_empty() || !right.is_empty() {
            match self.step(left, right) {
                Some((used_left, used_right)) => {
                    left = &left[used_left..];
                    right = &right[used_right..];
                }
                None => {
                    let excerpt = |text: &str| text.chars().take(120).collect::<String>();
                    return Some(format!("at {:?} came {:?}", excerpt(left), excerpt(right)));
                }
            }
        }
        None
    }

    /// How many bytes of both are the same thing; `None` if they are not.
    fn step(&mut self, left: &str, right: &str) -> Option<(usize, usize)> {
        if let Some(placeholder) = left
            .strip_prefix('<')
            .and_then(|rest| rest.split('>').next())
            && let Some(length) = self.placeholder(placeholder, right)
        {
            return length.map(|length| (placeholder.len() + 2, length));
        }
        for (before, letters) in DRAWN {
            if let (Some(left_rest), Some(right_rest)) =
                (left.strip_prefix(before), right.strip_prefix(before))
                && !left_rest.starts_with(EXACT)
            {
                let end = |text: &str| text.find(|c| !letters.contains(c)).unwrap_or(text.len());
                let (left_end, right_end) = (end(left_rest), end(right_rest));
                if left_end > 0 && right_end > 0 {
                    if before.contains("phx_ref") {
                        let known = format!("ref:{}", &left_rest[..left_end]);
                        self.bind(&known, &right_rest[..right_end])?;
                    }
                    return Some((before.len() + left_end, before.len() + right_end));
                }
            }
        }
        let (one, other) = (left.chars().next()?, right.chars().next()?);
        (one == other).then(|| (one.len_utf8(), other.len_utf8()))
    }

    /// How many bytes of `actual` a placeholder stands for. The outer `None`: it is no placeholder; the inner one: it
    /// stands for something else.
    fn placeholder(&mut self, name: &str, actual: &str) -> Option<Option<usize>> {
        if let Some((letter, length)) = name.split_once('*') {
            let length: usize = length.parse().ok()?;
            let run = actual
                .get(..length)
                .filter(|run| run.bytes().all(|byte| letter.as_bytes() == [byte]));
            return Some(run.map(str::len));
        }
        if name == "uuid" {
            return Some(uuid(actual));
        }
        if name.starts_with("uuid:") {
            return Some(
                uuid(actual).filter(|length| self.bind(name, &actual[..*length]).is_some()),
            );
        }
        let (number, shape) = name.strip_prefix("ts:")?.split_once(':')?;
        let time = actual.split('"').next().unwrap_or_default();
        let fits = is_time(time, shape) && self.bind(&format!("ts:{number}"), time).is_some();
        Some(fits.then_some(time.len()))
    }

    /// The same placeholder is the same value, and another uuid is another one.
    fn bind(&mut self, placeholder: &str, value: &str) -> Option<()> {
        if let Some(known) = self.values.get(placeholder) {
            return (known == value).then_some(());
        }
        let is_uuid = placeholder.starts_with("uuid:");
        if is_uuid && self.values.values().any(|known| known == value) {
            return None;
        }
        self.values.insert(placeholder.to_owned(), value.to_owned());
        Some(())
    }
}

fn uuid(text: &str) -> Option<usize> {
    let length = 36;
    uuid::Uuid::parse_str(text.get(..length)?)
        .ok()
        .map(|_| length)
}

/// Whether `time` is written as `shape`. Trailing zeros of a fraction are left out, so that its length is chance; that
/// of a commit time is fixed.
fn is_time(time: &str, shape: &str) -> bool {
    let zone = if shape.ends_with('Z') { "Z" } else { "+00:00" };
    let Some(local) = time.strip_suffix(zone) else {
        return false;
    };
    let (seconds, fraction) = local.split_once('.').unwrap_or((local, ""));
    let pattern: String = seconds
        .chars()
        .map(|c| if c.is_ascii_digit() { '9' } else { c })
        .collect();
    let is_fraction = fraction.bytes().all(|byte| byte.is_ascii_digit());
    pattern == "9999-99-99T99:99:99"
        && is_fraction
        && if zone == "Z" {
            fraction.len() == 3
        } else {
            fraction.len() <= 6
        }
}

#[test]
fn a_placeholder_is_one_value_and_everything_else_is_the_letter() {
    let id = "11111111-0000-4000-8000-000000000001";
    let other = "22222222-0000-4000-8000-000000000001";
    let same =
        |recorded: &str, actual: &str| Bindings::default().difference(recorded, actual).is_none();
    assert!(same("<uuid:1> <uuid:1>", &format!("{id} {id}")));
    assert!(!same("<uuid:1> <uuid:1>", &format!("{id} {other}")));
    assert!(!same("<uuid:1> <uuid:2>", &format!("{id} {id}")));
    assert!(same("<k*3>d", "kkkd"));
    assert!(!same("<k*3>d", "kkd"));
    assert!(same(r#""version": 12,"#, r#""version": 4711,"#));
    assert!(!same(
        r#""version": 9007199254740993,"#,
        r#""version": 9007199254740992,"#
    ));
    assert!(!same(r#""epoch": 1"#, r#""epoch": 2"#));
    assert!(!same(r#"{"a":1}"#, r#"{"a": 1}"#));
    assert!(!same(r#"{"a":1}"#, r#"{"a":1}x"#));
    let time = r#""<ts:1:YYYY-MM-DDTHH:MM:SS.fffZ>""#;
    assert!(same(time, r#""2026-01-02T03:04:05.123Z""#));
    assert!(!same(time, r#""2026-01-02T03:04:05.12Z""#));
    assert!(!same(time, r#""2026-01-02T03:04:05.123+00:00""#));
}
