//! Reads `web/texts/<language>/<topic>.json`: every sentence that a person reads, in one place.
//!
//! A topic is an object of texts. A text may have `{places}` for what is only known later, and one
//! that counts is an object with a form for `one` and a form for `other`. Texts are numbered:
//! those of the first view first, then the other topics and each topic's texts by name. The
//! page is built with the numbers and downloads the lines of one language.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The languages, the first of which says what texts there are.
pub(crate) const LANGUAGES: [&str; 2] = ["en", "es"];
/// The topics of the first view.
pub(crate) const FIRST: [&str; 2] = ["board", "page"];
/// The topics that scripts read, and the programs do not.
pub(crate) const OF_SCRIPTS: [&str; 2] = ["page", "voice"];

/// One text, as it is numbered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Text {
    /// Its topic.
    pub(crate) topic: String,
    /// Its name there.
    pub(crate) name: String,
    /// One form, or those for `one` and for `other`.
    pub(crate) forms: Vec<String>,
}

impl Text {
    /// The names of its places.
    pub(crate) fn places(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for form in &self.forms {
            for part in form.split('{').skip(1) {
                found.extend(part.split_once('}').map(|(place, _)| place.to_owned()));
            }
        }
        found
    }
}

/// All texts of a language, in the order of their numbers.
///
/// # Errors
/// A sentence that names the file and what is wrong with it.
pub(crate) fn read(folder: &Path, language: &str) -> Result<Vec<Text>, String> {
    let folder = folder.join(language);
    let mut topics = BTreeSet::new();
    let entries =
        fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|kind| kind == "json") {
            topics.extend(
                path.file_stem()
                    .map(|stem| stem.to_string_lossy().into_owned()),
            );
        }
    }
    let others = topics
        .iter()
        .map(String::as_str)
        .filter(|topic| !FIRST.contains(topic));
    let mut texts = Vec::new();
    for topic in FIRST.into_iter().chain(others) {
        let file = folder.join(format!("{topic}.json"));
        let wrong = |what: &dyn std::fmt::Display| format!("{}: {what}", file.display());
        let content = fs::read_to_string(&file).map_err(|error| wrong(&error))?;
        let content: BTreeMap<String, serde_json::Value> =
            serde_json::from_str(&content).map_err(|error| wrong(&error))?;
        for (name, value) in content {
            let forms = forms(&value).ok_or_else(|| {
                wrong(&format!(
                    "`{name}` is neither one line nor `one` and `other`"
                ))
            })?;
            texts.push(Text {
                topic: topic.to_owned(),
                name,
                forms,
            });
        }
    }
    Ok(texts)
}

fn forms(value: &serde_json::Value) -> Option<Vec<String>> {
    let line = |value: &serde_json::Value| {
        value
            .as_str()
            .filter(|text| !text.contains('\n'))
            .map(str::to_owned)
    };
    if let Some(text) = line(value) {
        return Some(vec![text]);
    }
    let counted = value.as_object().filter(|forms| forms.len() == 2)?;
    Some(vec![
        line(counted.get("one")?)?,
        line(counted.get("other")?)?,
    ])
}

/// Whether the other languages say what the first one says: the same texts with the same places.
///
/// # Errors
/// A sentence that names the first text that differs.
pub(crate) fn agree(first: &[Text], other: &[Text], language: &str) -> Result<(), String> {
    let id = |text: &Text| format!("{}.{}", text.topic, text.name);
    for (a, b) in first.iter().zip(other) {
        if id(a) != id(b) {
            let missing = id(a).min(id(b));
            return Err(format!(
                "web/texts: `{missing}` is not in every language (looking at {language})"
            ));
        }
        if a.places() != b.places() || a.forms.len() != b.forms.len() {
            return Err(format!(
                "web/texts/{language}: `{}` has other places or forms than in {}",
                id(a),
                LANGUAGES[0]
            ));
        }
    }
    if first.len() == other.len() {
        Ok(())
    } else {
        Err(format!(
            "web/texts/{language} has {} texts, {} has {}",
            other.len(),
            LANGUAGES[0],
            first.len()
        ))
    }
}
