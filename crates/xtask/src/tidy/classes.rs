//! Each CSS class has one sheet that says how it looks: the sheets of the page, its rooms and its audio end up in one
//! document, where the second `.past` would change the first one's looks.

use std::collections::BTreeMap;

use super::sources::File;

/// Where the page's sheets are.
const SHEETS: [&str; 3] = ["web/styles/", "web/rooms/styles/", "web/voice/styles/"];

/// Every class that two sheets define. Below another selector (`.takes .avatar`, or nested) it is that one's business.
pub(super) fn breaches(files: &[File]) -> Vec<String> {
    let mut owners = BTreeMap::<&str, &str>::new();
    let mut said = Vec::new();
    for file in files {
        if !SHEETS.iter().any(|folder| file.path.starts_with(folder)) {
            continue;
        }
        for class in defined(&file.text) {
            let owner = *owners.entry(class).or_insert(&file.path);
            if owner != file.path && !is_part(owner, &file.path) {
                let path = &file.path;
                said.push(format!(
                    "{path}: `.{class}` is defined in {owner}: choose another name, or say below what it stands"
                ));
            }
        }
    }
    said.dedup();
    said
}

/// Whether one of two sheets is a part of what the other is about, as `drawer-room.css` is of `drawer.css`.
fn is_part(one: &str, other: &str) -> bool {
    let stem = |path: &str| path.trim_end_matches(".css").to_owned() + "-";
    one.starts_with(&stem(other)) || other.starts_with(&stem(one))
}

/// The classes that are a whole selector by themselves, hovered or not.
fn defined(sheet: &str) -> Vec<&str> {
    let mut classes = Vec::new();
    // What encloses the place that is read: whether each block is a rule. Layers and media queries are not.
    let mut rules = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(next) = sheet[at..].find(['{', '}', ';', '/']) {
        let here = at + next;
        at = here + 1;
        match sheet.as_bytes()[here] {
            b'/' => {
                if sheet[at..].starts_with('*') {
                    at = sheet[here..]
                        .find("*/")
                        .map_or(sheet.len(), |end| here + end + 2);
                    // Comments stand before what they are about.
                    if sheet[from..here].trim().is_empty() {
                        from = at;
                    }
                }
                continue;
            }
            b'{' => {
                let prelude = sheet[from..here].trim();
                let is_rule = !prelude.starts_with('@');
                if is_rule && !rules.contains(&true) {
                    classes.extend(selectors(prelude).into_iter().filter_map(alone));
                }
                rules.push(is_rule);
            }
            b'}' => {
                rules.pop();
            }
            _ => {}
        }
        from = at;
    }
    classes
}

/// The selectors of a list; a comma within brackets parts nothing.
fn selectors(list: &str) -> Vec<&str> {
    let mut depth = 0;
    list.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    })
    .collect()
}

/// The class of `.name` or `.name:hover`; none of a selector that says more: below what it stands, or of which kind.
fn alone(selector: &str) -> Option<&str> {
    let rest = selector.trim().strip_prefix('.')?;
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .unwrap_or(rest.len());
    let (class, state) = rest.split_at(end);
    let is_alone = state.is_empty() || state.starts_with(':');
    (is_alone && !state.contains([' ', '>', '+', '~', '.', '[', '('])).then_some(class)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(path: &str, text: &str) -> File {
        File {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_class_has_one_sheet() {
        let said = breaches(&[
            sheet(
                "web/styles/call.css",
                "@layer components { .past { color: red; } }",
            ),
            sheet(
                "web/rooms/styles/replay.css",
                "/* Old. */ @media (width < 9rem) { .line, .past:hover { } }",
            ),
        ]);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with("web/rooms/styles/replay.css: `.past`"));
    }

    #[test]
    fn what_stands_below_something_is_its_own_business() {
        let said = breaches(&[
            sheet("web/styles/call.css", ".past { & .key { } } .past { }"),
            sheet(
                "web/rooms/styles/replay.css",
                ".replay .past { } .replay { .past { } } .key.wide { } @media x { .past > .key, .past[data-x] { } }
                .page:is(.a, .past) > .x, .page:has(.b, .past) { }",
            ),
            sheet("web/styles/call-past.css", ".past { }"),
            sheet("docs/other.css", ".past { }"),
        ]);
        assert_eq!(said, Vec::<String>::new());
    }
}
