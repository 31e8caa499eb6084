//! Telephone numbers and the other things that can stand in `from_number`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An E.164 number: `+`, then 2 to 15 digits, the first of them not 0 (ITU-T E.164, 6.2).
///
/// Its `Debug` is masked, because numbers must not reach logs; `Display` gives it in full.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

/// Why a text is not an E.164 number. The text itself is left out on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneNumberError {
    /// It does not begin with `+`.
    #[error("a number starts with + and the country code, as in +15550100")]
    NoPlus,
    /// It has something else than digits after the `+`.
    #[error("a number has only digits after the +")]
    NotDigits,
    /// It begins with 0 or is too short or too long.
    #[error("a number has 2 to 15 digits and the country code does not start with 0")]
    Length,
}

impl PhoneNumber {
    /// Reads an E.164 number, as Twilio sends it.
    pub fn parse(text: &str) -> Result<Self, PhoneNumberError> {
        let digits = text.strip_prefix('+').ok_or(PhoneNumberError::NoPlus)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PhoneNumberError::NotDigits);
        }
        if !(2..=15).contains(&digits.len()) || digits.starts_with('0') {
            return Err(PhoneNumberError::Length);
        }
        Ok(Self(text.to_owned()))
    }

    /// The number as it is stored and dialled, `+` and digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number spaced for reading, as people of its country write it where that is known:
    /// `+1 (555) 010-0123`, `+44 20 7946 0123`, `+33 1 23 45 67 89`; otherwise groups of three behind the country code.
    pub fn spaced(&self) -> String {
        let digits = &self.0[1..];
        if let (Some(national), 11) = (digits.strip_prefix('1'), digits.len()) {
            let (area, local) = national.split_at(3);
            let (exchange, line) = local.split_at(3);
            return format!("+1 ({area}) {exchange}-{line}");
        }
        let (country, national) = digits.split_at(country_code_len(digits));
        let mut text = format!("+{country}");
        if let Some(groups) = groups(country, national) {
            let mut rest = national;
            for length in groups.bytes() {
                let (group, after) = rest.split_at(usize::from(length - b'0'));
                text.push(' ');
                text.push_str(group);
                rest = after;
            }
            return text;
        }
        let bytes = national.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            // A last group of one digit would look lost, so four digits stay together at the end.
            let left = bytes.len() - at;
            let take = if left == 4 || left < 3 { left } else { 3 };
            text.push(' ');
            text.push_str(&national[at..at + take]);
            at += take;
        }
        text
    }
}

/// How a national number is grouped, where its length and first digits tell (the national plans as Wikipedia's
/// "National conventions for writing telephone numbers" lists them; countries whose area codes differ in length are
/// left out, but for their mobile numbers).
fn groups(country: &str, national: &str) -> Option<&'static str> {
    // Country, first digits, how many digits are in each group: as a text, which is the smallest on the wire.
    const KNOWN: &str = "7::3322 31:6:18 32:4:3222 33::12222 34::333 39:3:334 41::2322 44:2:244 44:7:46 \
        44::46 45::2222 46:7:2322 47::2222 48::333 49:1:344 49:1:334 52::244 55::254 55::244 \
        61:4:333 61::144 81:3:144 81:6:144 81::244 86:1:344 91::55 351::333 353:8:234 \
        420::333";
    KNOWN.split(' ').find_map(|known| {
        let (code, rest) = known.split_once(':')?;
        let (first, groups) = rest.split_once(':')?;
        let digits: usize = groups.bytes().map(|group| usize::from(group - b'0')).sum();
        (code == country && national.starts_with(first) && digits == national.len())
            .then_some(groups)
    })
}

/// How many digits the country code has (ITU-T E.164 list of assigned codes): one for zones 1 and
/// 7, two for the codes listed, otherwise three. Never more than there are digits.
fn country_code_len(digits: &str) -> usize {
    const TWO: [&str; 44] = [
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46",
        "47", "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63",
        "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
    ];
    let len = match digits.as_bytes().first() {
        Some(b'1' | b'7') => 1,
        _ if digits.get(..2).is_some_and(|code| TWO.contains(&code)) => 2,
        _ => 3,
    };
    len.min(digits.len())
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.len() - self.0.len().min(3);
        write!(f, "+…{}", &self.0[shown.max(1)..])
    }
}

/// Who is at an end of a call: what Twilio puts into `From` and `To`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// A telephone number.
    Number(PhoneNumber),
    /// A browser, `client:<identity>`.
    Client(String),
    /// The caller withheld the number (`anonymous`, `unknown`, `restricted`, …) or sent nothing.
    Withheld,
    /// Anything else: short codes, SIP addresses, numbers that are not E.164. Kept as it came.
    Other(String),
}

impl Address {
    /// Reads what Twilio sends. Every text is an address: a call is never refused for an odd one.
    pub fn parse(text: &str) -> Self {
        // The words, and the keypad spellings of them that carriers put in a number's place
        // (ANONYMOUS, UNAVAILABLE, BLOCKED, RESTRICTED, UNKNOWN), stand in Twilio's help pages.
        match text.to_ascii_lowercase().as_str() {
            "" | "anonymous" | "unknown" | "restricted" | "unavailable" | "private"
            | "+266696687" | "+86282452253" | "+2562533" | "+7378742833" | "+8656696" => {
                return Self::Withheld;
            }
            _ => {}
        }
        if let Some(identity) = text.strip_prefix("client:") {
            return Self::Client(identity.to_owned());
        }
        PhoneNumber::parse(text).map_or_else(|_| Self::Other(text.to_owned()), Self::Number)
    }

    /// The text that is stored in `from_number` and `to_number`.
    pub fn as_stored(&self) -> String {
        match self {
            Self::Number(number) => number.as_str().to_owned(),
            Self::Client(identity) => format!("client:{identity}"),
            Self::Withheld => "anonymous".to_owned(),
            Self::Other(text) => text.clone(),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Client(identity) => write!(f, "client:{identity}"),
            Self::Withheld => f.write_str("withheld"),
            Self::Other(text) => write!(f, "other({} characters)", text.chars().count()),
        }
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.as_stored())
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests;
