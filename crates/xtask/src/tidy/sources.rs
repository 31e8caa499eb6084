//! Rules over the text of every tracked file.

use std::fs;
use std::process::Command;

use crate::{process, root};

/// A Rust or JavaScript file that is longer wants to be two.
const LONGEST_SOURCE: usize = 500;
/// A test file may tell more cases in a row.
const LONGEST_TESTS: usize = 900;
/// Longest migration: one topic each.
const LONGEST_MIGRATION: usize = 150;
/// Bytes; bigger files are not sources.
const BIGGEST: u64 = 1024 * 1024;

/// A tracked file. `text` is empty for what is not text.
#[derive(Debug)]
pub(super) struct File {
    /// From the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

/// Every file that is, or is about to be, committed.
pub(super) fn tracked_files() -> anyhow::Result<Vec<File>> {
    let root = root::root();
    let listed = process::output(
        Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"])
            .current_dir(&root),
    )?;
    Ok(listed
        .lines()
        .filter(|path| root.join(path).is_file())
        .map(|path| File {
            path: path.to_owned(),
            text: fs::read_to_string(root.join(path)).unwrap_or_default(),
        })
        .collect())
}

/// Every breach in these files.
pub(super) fn breaches(files: &[File]) -> Vec<String> {
    files
        .iter()
        .flat_map(|file| {
            [
                size(file),
                words(file),
                machine_paths(file),
                migration(file),
            ]
            .concat()
        })
        .collect()
}

fn is_generated(path: &str) -> bool {
    path.ends_with("-lock.json") || path.ends_with(".lock") || path.contains("proptest-regressions")
}

fn is_source(path: &str) -> bool {
    [".rs", ".mjs", ".js", ".css"]
        .iter()
        .any(|kind| path.ends_with(kind))
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.contains("/e2e/")
}

fn size(file: &File) -> Vec<String> {
    let path = &file.path;
    let lines = file.text.lines().count();
    let longest = if is_test(path) {
        LONGEST_TESTS
    } else {
        LONGEST_SOURCE
    };
    let mut said = Vec::new();
    if is_source(path) && lines > longest {
        said.push(format!(
            "{path}: {lines} lines, more than {longest}: split it by noun"
        ));
    }
    let bytes = file.text.len() as u64;
    if bytes > BIGGEST && !is_generated(path) {
        said.push(format!("{path}: {bytes} bytes, more than {BIGGEST}"));
    }
    said
}

/// Words that must not be committed in Rust; each is spelled in two parts so that this file may
/// name them.
const WORDS: [(&str, &str, &str); 4] = [
    ("#[ig", "nore", "a test that does not run proves nothing"),
    ("to", "do!(", "unfinished code"),
    ("unimpl", "emented!(", "unfinished code"),
    ("db", "g!(", "left from debugging"),
];

fn words(file: &File) -> Vec<String> {
    if !file.path.ends_with(".rs") {
        return Vec::new();
    }
    let mut said = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        for (first, second, why) in WORDS {
            if line.contains(&format!("{first}{second}")) {
                said.push(format!(
                    "{}:{}: `{first}{second}`: {why}",
                    file.path,
                    number + 1
                ));
            }
        }
    }
    said
}

/// Paths that exist on one machine only.
fn machine_paths(file: &File) -> Vec<String> {
    if is_generated(&file.path) {
        return Vec::new();
    }
    let homes = [
        ["/ro", "ot/"],
        ["/ho", "me/"],
        ["/wo", "rk/"],
        ["/Us", "ers/"],
    ]
    .map(|parts| parts.concat());
    let mut said = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        for home in &homes {
            let is_path = line.match_indices(home.as_str()).any(|(at, _)| {
                // `https://example.com/home/…` and `src/work/…` are not paths of a machine.
                !line[..at]
                    .ends_with(|before: char| before.is_alphanumeric() || "/.-_})".contains(before))
            });
            if is_path {
                said.push(format!(
                    "{}:{}: a path of one machine ({home})",
                    file.path,
                    number + 1
                ));
            }
        }
    }
    said
}

/// `supabase/migrations/YYYYMMDDHHMMSS_topic.sql`, short, with a header that says why.
fn migration(file: &File) -> Vec<String> {
    let Some(name) = file.path.strip_prefix("supabase/migrations/") else {
        return Vec::new();
    };
    let path = &file.path;
    let mut said = Vec::new();
    let topic = name
        .strip_suffix(".sql")
        .and_then(|name| name.split_at_checked(14))
        .filter(|(stamp, _)| stamp.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|(_, rest)| rest.strip_prefix('_'));
    let is_topic = |topic: &str| {
        !topic.is_empty()
            && topic
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    if !topic.is_some_and(is_topic) {
        said.push(format!("{path}: not named YYYYMMDDHHMMSS_topic.sql"));
    }
    if !file.text.starts_with("--") {
        said.push(format!("{path}: has no header that says why"));
    }
    let lines = file.text.lines().count();
    if lines > LONGEST_MIGRATION {
        said.push(format!(
            "{path}: {lines} lines, more than {LONGEST_MIGRATION}: one topic each"
        ));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(path: &str, text: &str) -> Vec<String> {
        breaches(&[File {
            path: path.to_owned(),
            text: text.to_owned(),
        }])
    }

    #[test]
    fn a_long_file_is_a_breach() {
        let long = "line\n".repeat(LONGEST_SOURCE + 1);
        assert_eq!(said("crates/a/src/b.rs", &long).len(), 1);
        assert!(said("crates/a/src/b/tests.rs", &long).is_empty());
        assert!(said("docs/b.md", &long).is_empty());
    }

    #[test]
    fn unfinished_code_and_skipped_tests_are_breaches() {
        for (first, second, _) in WORDS {
            assert_eq!(
                said("crates/a/src/b.rs", &format!("    {first}{second}")).len(),
                1
            );
        }
    }

    #[test]
    fn a_path_of_one_machine_is_a_breach() {
        let path = ["/ho", "me/me/x"].concat();
        assert_eq!(said("README.md", &format!("see {path}")).len(), 1);
        assert!(said("README.md", &format!("see https://example.com{path}")).is_empty());
    }

    #[test]
    fn a_migration_is_named_by_time_and_topic_and_says_why() {
        let good = "supabase/migrations/20260105090000_calls.sql";
        assert!(said(good, "-- Why.\n").is_empty());
        assert_eq!(said(good, "create table a();\n").len(), 1);
        assert_eq!(
            said(good, &"-- Why.\n".repeat(LONGEST_MIGRATION + 1)).len(),
            1
        );
        for bad in [
            "2026_calls.sql",
            "20260105090000_Calls.sql",
            "20260105090000_.sql",
            "calls.sql",
        ] {
            assert_eq!(
                said(&format!("supabase/migrations/{bad}"), "-- Why.\n").len(),
                1,
                "{bad}"
            );
        }
    }
}
