//! Short names between a module and its glue.
//!
//! wasm-bindgen tells its imports apart by a hash in each name. Hashes do not compress, and every one of them is sent
//! twice: in the module and in the script. wasm-opt gives the module short names and prints which; the glue follows.

use anyhow::{Context as _, ensure};

/// What wasm-opt calls the one module that it makes of all that a program imports from.
const MODULE: &str = "a";

/// The pass that shortens a module's names and prints the old ones beside the new.
pub(crate) const PASS: &str = "--minify-imports-and-exports-and-modules";

/// The glue with the names that the module has now. `own` is how the glue calls itself in the module's imports, and
/// `printed` what [`PASS`] said.
pub(crate) fn follow(glue: &str, own: &str, printed: &str) -> anyhow::Result<String> {
    let (mut glue, mut others) = (glue.to_owned(), String::new());
    for names in printed.lines().filter_map(read) {
        match &names[..] {
            [module, old, new] if module == own => {
                let (old, new) = (format!(" {old}: function"), format!(" {new}: function"));
                glue = swap(&glue, &old, &new)?;
            }
            [module, old, new] => {
                let from = import_of(&glue, module)
                    .with_context(|| format!("the glue does not import {module}"))?;
                others += &format!(" {new}: {from}.{old},");
            }
            [old, new] => glue = swap_export(&glue, old, new),
            _ => {}
        }
    }
    let (before, rest) = glue
        .split_once(&format!("{own:?}: import0,"))
        .context("the glue gives the module no imports")?;
    let (_, after) = rest
        .split_once("    };")
        .context("the glue's imports have no end")?;
    Ok(format!(
        "{before}{MODULE}: {{ __proto__: null, ...import0,{others} }},\n    }};{after}"
    ))
}

/// A line of what wasm-opt prints, which is a JSON object but for a comma too many: a list of names.
fn read(line: &str) -> Option<Vec<String>> {
    serde_json::from_str(line.trim().trim_end_matches(',')).ok()
}

/// What the glue calls everything that it imports from a module.
fn import_of<'a>(glue: &'a str, module: &str) -> Option<&'a str> {
    let end = format!(" from {module:?}");
    glue.lines()
        .find_map(|line| line.trim_end_matches(';').strip_suffix(&end))?
        .strip_prefix("import * as ")
}

/// Replaces what is there exactly once.
fn swap(text: &str, old: &str, new: &str) -> anyhow::Result<String> {
    let count = text.matches(old).count();
    ensure!(count == 1, "`{old}` is {count} times in the glue");
    Ok(text.replacen(old, new, 1))
}

/// Renames an export wherever the glue uses it; some it never does.
fn swap_export(glue: &str, old: &str, new: &str) -> String {
    let old = format!("wasm.{old}");
    let mut parts = glue.split(&old);
    let mut renamed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_longer =
            part.starts_with(|next: char| next.is_alphanumeric() || "_$".contains(next));
        renamed += if is_longer { &old } else { "wasm." };
        if !is_longer {
            renamed += new;
        }
        renamed += part;
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = r#"import * as import1 from "./snippets/x/hands.js"
    wasm.open(ptr0);
    wasm.open_door(ptr0);
    const import0 = {
        __wbg_get_d7176cfb: function(arg0) {
        },
    };
    return {
        __proto__: null,
        "./page_bg.js": import0,
        "./snippets/x/hands.js": import1,
    };
"#;
    const PRINTED: &str = r#"{
 "imports": [
  ["./page_bg.js", "__wbg_get_d7176cfb", "b"],
  ["./snippets/x/hands.js", "hands", "c"],
 ],
"exports": [
  ["open", "d"],
  ["open_door", "e"]
 ]
}"#;

    #[test]
    fn the_glue_takes_the_names_of_the_module() {
        let short = follow(GLUE, "./page_bg.js", PRINTED).unwrap();
        assert_eq!(
            short,
            r#"import * as import1 from "./snippets/x/hands.js"
    wasm.d(ptr0);
    wasm.e(ptr0);
    const import0 = {
        b: function(arg0) {
        },
    };
    return {
        __proto__: null,
        a: { __proto__: null, ...import0, c: import1.hands, },
    };
"#
        );
    }

    #[test]
    fn a_name_that_the_glue_does_not_have_is_told() {
        let other = PRINTED.replace("__wbg_get", "__wbg_set");
        let error = follow(GLUE, "./page_bg.js", &other).unwrap_err();
        assert!(error.to_string().contains("__wbg_set_d7176cfb"));
        let other = PRINTED.replace("hands.js", "feet.js");
        let error = follow(GLUE, "./page_bg.js", &other).unwrap_err();
        assert!(error.to_string().contains("feet.js"));
    }
}
