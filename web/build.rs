//! Writes one function for every text of `web/texts`, so that a text that is not there, or a place
//! that is not filled, does not compile.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

#[path = "build/texts.rs"]
mod texts;

use texts::Text;

fn main() {
    let folder = Path::new("texts");
    println!("cargo::rerun-if-changed=texts");
    println!("cargo::rerun-if-changed=build");
    if let Err(sentence) = write(folder) {
        println!("cargo::error={sentence}");
    }
}

fn write(folder: &Path) -> Result<(), String> {
    let read = texts::read(folder, texts::LANGUAGES[0])?;
    for language in &texts::LANGUAGES[1..] {
        texts::agree(&read, &texts::read(folder, language)?, language)?;
    }
    let mut code = String::new();
    let mut number = 0;
    for (index, text) in read.iter().enumerate() {
        let before = index
            .checked_sub(1)
            .map(|before| read[before].topic.as_str());
        if before != Some(text.topic.as_str()) {
            if before.is_some() {
                code.push_str("}\n");
            }
            let _ = writeln!(
                code,
                "pub(crate) mod {} {{\n#[allow(unused_imports)]\nuse super::{{fill, say}};",
                text.topic
            );
        }
        if !texts::OF_SCRIPTS.contains(&text.topic.as_str()) {
            function(&mut code, text, number);
        }
        number += text.forms.len();
    }
    code.push_str("}\n");
    let lines: Vec<&str> = read
        .iter()
        .flat_map(|text| text.forms.iter().map(String::as_str))
        .collect();
    let folder = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    let folder = Path::new(&folder);
    let wrote = fs::write(folder.join("texts.rs"), code)
        .and_then(|()| fs::write(folder.join("texts.txt"), lines.join("\n")));
    wrote.map_err(|error| error.to_string())
}

fn function(code: &mut String, text: &Text, number: usize) {
    let name = &text.name;
    let is_counted = text.forms.len() == 2;
    let places = text.places();
    let _ = writeln!(
        code,
        "/// “{}”",
        text.forms[text.forms.len() - 1].replace('[', "\\[")
    );
    if places.is_empty() && !is_counted {
        let _ = writeln!(
            code,
            "pub(crate) fn {name}() -> &'static str {{ say({number}) }}"
        );
        return;
    }
    // What is counted decides the form and fills the place of its name.
    let words: Vec<&String> = places
        .iter()
        .filter(|place| !is_counted || *place != "count")
        .collect();
    let count = if is_counted { "count: u64, " } else { "" };
    let parameters: String = words
        .iter()
        .map(|place| format!("{place}: &str, "))
        .collect();
    let mut filled: String = words
        .iter()
        .map(|place| format!("({place:?}, {place}), "))
        .collect();
    if is_counted {
        filled.push_str("(\"count\", &count.to_string()), ");
    }
    let number = if is_counted {
        format!("if count == 1 {{ {number} }} else {{ {} }}", number + 1)
    } else {
        number.to_string()
    };
    let _ = writeln!(
        code,
        "pub(crate) fn {name}({count}{parameters}) -> String {{ fill({number}, &[{filled}]) }}"
    );
}
