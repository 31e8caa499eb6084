//! `.env.example` names the settings that the programs read, all of them and no other.

use std::collections::BTreeSet;

use crate::settings;

use super::sources::File;

const EXAMPLE: &str = ".env.example";
/// Only programs have settings; xtask reads those of the others.
const PROGRAMS: [&str; 3] = [
    "crates/local-supabase/src/",
    "crates/twilio-sim/src/",
    "crates/webhook/src/",
];

/// Where the example and the programs disagree.
pub(super) fn breaches(files: &[File]) -> Vec<String> {
    let Some(example) = files.iter().find(|file| file.path == EXAMPLE) else {
        return vec![format!("{EXAMPLE} is missing")];
    };
    let listed: BTreeSet<String> = settings::parse(&example.text).into_keys().collect();
    let read: BTreeSet<String> = files
        .iter()
        .filter(|file| {
            PROGRAMS
                .iter()
                .any(|program| file.path.starts_with(program))
        })
        .flat_map(|file| env_keys(&file.text))
        .collect();
    let unlisted = read
        .difference(&listed)
        .map(|name| format!("{EXAMPLE}: {name} is read by a program but not listed"));
    let unread = listed
        .difference(&read)
        .map(|name| format!("{EXAMPLE}: {name} is listed but no program reads it"));
    unlisted.chain(unread).collect()
}

/// The names in clap's `env = "NAME"`.
fn env_keys(text: &str) -> Vec<String> {
    text.split("env = \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(example: &str, source: &str) -> Vec<File> {
        [(EXAMPLE, example), ("crates/webhook/src/config.rs", source)]
            .map(|(path, text)| File {
                path: path.to_owned(),
                text: text.to_owned(),
            })
            .into()
    }

    #[test]
    fn a_setting_must_be_listed_and_read() {
        let source = "#[arg(long, env = \"A\", default_value = \"x\")]";
        assert!(breaches(&files("A=1\n", source)).is_empty());
        assert!(breaches(&files("", source))[0].contains("A is read"));
        assert!(breaches(&files("A=1\nB=2\n", source))[0].contains("B is listed"));
    }
}
