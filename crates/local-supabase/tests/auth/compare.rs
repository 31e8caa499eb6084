//! Equality up to what differs from run to run: ids, tokens, times.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;
use switchboard_local_supabase::Jwt;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// The recorder kept these headers, and those that start with `x-` or `access-control-`.
const KEPT_HEADERS: &[&str] = &[
    "content-type",
    "allow",
    "vary",
    "cache-control",
    "www-authenticate",
    "location",
];

/// Knows which real value each placeholder of the recording stands for.
pub(crate) struct Comparison {
    base_url: String,
    bound: HashMap<String, String>,
}

impl Comparison {
    pub(crate) fn new(base_url: &str) -> Self {
        Self {
            base_url: base_url.to_owned(),
            bound: HashMap::new(),
        }
    }

    pub(crate) fn bind(&mut self, placeholder: &str, value: &str) {
        self.bound.insert(placeholder.to_owned(), value.to_owned());
    }

    pub(crate) fn bound(&self, placeholder: &str) -> &str {
        &self.bound[placeholder]
    }

    /// Puts the real values for the placeholders in `text`.
    pub(crate) fn fill(&self, text: &str) -> String {
        self.bound
            .iter()
            .fold(text.to_owned(), |text, (placeholder, value)| {
                text.replace(placeholder, value)
            })
    }

    /// Compares, and remembers what new placeholders stand for. Different placeholders stand for different values.
    pub(crate) fn value(
        &mut self,
        at: &str,
        expected: &Value,
        actual: &Value,
    ) -> Result<(), String> {
        let differs = || Err(format!("{at} is {actual} instead of {expected}"));
        match (expected, actual) {
            (Value::Object(wanted), Value::Object(found)) => {
                let keys = |object: &serde_json::Map<String, Value>| {
                    object.keys().cloned().collect::<BTreeSet<_>>()
                };
                if keys(wanted) != keys(found) {
                    return Err(format!(
                        "{at} has the keys {:?} instead of {:?}",
                        keys(found),
                        keys(wanted)
                    ));
                }
                wanted.iter().try_for_each(|(key, value)| {
                    self.value(&format!("{at}.{key}"), value, &found[key])
                })
            }
            (Value::Array(wanted), Value::Array(found)) if wanted.len() == found.len() => wanted
                .iter()
                .zip(found)
                .try_for_each(|(wanted, found)| self.value(at, wanted, found)),
            (Value::String(wanted), found) => match (wanted.as_str(), found) {
                ("<epoch>", Value::Number(_)) => Ok(()),
                ("<timestamptz>", Value::String(text))
                    if OffsetDateTime::parse(text, &Rfc3339).is_ok() =>
                {
                    Ok(())
                }
                ("<jwt>", Value::String(text)) if text.split('.').count() == 3 => Ok(()),
                (wanted, Value::String(text)) if is_numbered(wanted) => {
                    let known = self.bound.get(wanted);
                    let taken = self
                        .bound
                        .iter()
                        .any(|(name, value)| name != wanted && value == text && is_numbered(name));
                    if known.is_some_and(|known| known != text) || (known.is_none() && taken) {
                        return differs();
                    }
                    self.bind(wanted, text);
                    Ok(())
                }
                (wanted, Value::String(text))
                    if self.fill(wanted).replace("<base_url>", &self.base_url) == *text =>
                {
                    Ok(())
                }
                _ => differs(),
            },
            _ if expected == actual => Ok(()),
            _ => differs(),
        }
    }
}

fn is_numbered(placeholder: &str) -> bool {
    ["<uuid:", "<refresh:"]
        .iter()
        .any(|kind| placeholder.starts_with(kind))
        && placeholder.ends_with('>')
}

pub(crate) fn headers(expected: &Value, actual: &HashMap<String, String>) -> Result<(), String> {
    let kept = |name: &str| {
        KEPT_HEADERS.contains(&name)
            || name.starts_with("x-")
            || name.starts_with("access-control-")
    };
    let wanted: BTreeSet<(String, String)> = expected
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
    let found: BTreeSet<(String, String)> = actual
        .iter()
        .filter(|(name, _)| kept(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if wanted == found {
        Ok(())
    } else {
        Err(format!("headers are {found:?} instead of {wanted:?}"))
    }
}

/// Of lists the recorder kept only the shape.
pub(crate) fn user_list(expected: &Value, actual: &Value) -> Result<(), String> {
    let users = actual["users"].as_array().ok_or("no users")?;
    let keys: BTreeSet<&str> = users
        .last()
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str())
        .collect();
    // The recorder looked at one user, who may or may not have been confirmed or have signed in.
    let always: Vec<&str> = expected["user_keys"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let same = expected["users_returned"] == users.len()
        && expected["aud"] == actual["aud"]
        && always.iter().all(|key| keys.contains(key));
    if same {
        Ok(())
    } else {
        Err(format!("{actual} instead of {expected}"))
    }
}

pub(crate) fn decode(jwt: &Jwt, token: &str) -> Result<Value, String> {
    jwt.decode(token)
        .map(|claims| Value::Object(claims.raw().clone()))
        .map_err(|fault| fault.to_string())
}

pub(crate) fn lives_for(claims: &Value, seconds: &Value) -> bool {
    let time = |name: &str| claims[name].as_i64().unwrap_or_default();
    seconds.as_i64() == Some(time("exp") - time("iat"))
}

pub(crate) fn refresh_token_shape(shape: &Value, answer: &Value) -> Result<(), String> {
    let token = answer["refresh_token"].as_str().unwrap_or_default();
    let letters = token
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if letters && shape["length"] == token.len() {
        Ok(())
    } else {
        Err(format!("refresh token {token}"))
    }
}
