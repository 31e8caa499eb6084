//! The tests' own text: which tests there are, and what is in them.

use std::path::{Path, PathBuf};

/// A test function as it is written.
pub(crate) struct Written {
    pub(crate) name: String,
    /// From its attribute to the next test's.
    pub(crate) body: String,
}

/// Every test in the Rust files below a folder of this crate.
pub(crate) fn tests_under(folder: &str) -> Vec<Written> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.iter().flat_map(|file| tests_in(file)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn tests_in(file: &Path) -> Vec<Written> {
    let text = std::fs::read_to_string(file).unwrap();
    // Only attributes that stand at the start of a line, so that this sentence is no test.
    let marks: Vec<usize> = text
        .match_indices("#[")
        .map(|(at, _)| at)
        .filter(|at| text[..*at].rsplit('\n').next().unwrap().trim().is_empty())
        .filter(|at| text[*at..].starts_with("#[test]") || text[*at..].starts_with("#[tokio::test"))
        .collect();
    let ends = marks.iter().skip(1).copied().chain([text.len()]);
    marks
        .iter()
        .zip(ends)
        .filter_map(|(start, end)| {
            let body = text[*start..end].to_owned();
            let (_, rest) = body.split_once("fn ")?;
            let name = rest.split('(').next()?.to_owned();
            Some(Written { name, body })
        })
        .collect()
}
