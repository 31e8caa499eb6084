//! The files of the page: named by their content, tied together by `index.html`.
//!
//! Everything under `/assets/` carries its hash in its name and may be cached for ever;
//! `index.html` and what lies in `web/static/` keep their names and must be revalidated.
//! Nothing is inline, so a Content-Security-Policy of `script-src 'self' 'wasm-unsafe-eval'`
//! holds.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use sha2::{Digest as _, Sha256};

use super::assets;
use super::fingerprint::hex;
use super::texts;
use crate::process;

/// Where in `web/index.html` the style sheet goes.
const STYLES: &str = "<!-- xtask: styles -->";
/// Where in `web/index.html` the preload and the script go.
const SCRIPTS: &str = "<!-- xtask: scripts -->";
/// Kinds of files that a style sheet may name and that are served as they are.
const SERVED_AS_THEY_ARE: [&str; 4] = ["woff2", "svg", "png", "webp"];

/// What one page is made from.
pub(crate) struct Page<'a> {
    /// `web/`.
    pub(crate) sources: &'a Path,
    /// What wasm-bindgen wrote.
    pub(crate) bound: &'a Path,
    /// The bundler.
    pub(crate) esbuild: &'a Path,
    /// Twilio's Voice SDK, as npm has it.
    pub(crate) voice_sdk: &'a Path,
    /// Readable instead of small.
    pub(crate) dev: bool,
}

impl Page<'_> {
    /// Writes the whole page into an empty folder.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let assets = folder.join("assets");
        fs::create_dir_all(&assets)
            .with_context(|| format!("cannot create {}", assets.display()))?;
        let statics = self.sources.join("static");
        if statics.is_dir() {
            assets::copy_all(&statics, folder)?;
        }
        let wasm = add_file(
            &assets,
            "dashboard",
            "wasm",
            &self.bound.join("dashboard_bg.wasm"),
        )?;
        let voice = self.voice(&assets)?;
        let rooms = self.rooms(&assets)?;
        let script = self.script(&assets, &wasm, &voice, &rooms)?;
        let script = add(&assets, "dashboard", "js", &script)?;
        let style = self.style("styles")?;
        let style = add(&assets, "dashboard", "css", &style)?;

        let template = self.sources.join("index.html");
        let template = fs::read_to_string(&template)
            .with_context(|| format!("cannot read {}", template.display()))?;
        let index = fill(&template, &wasm, &script, &style)?;
        fs::write(folder.join("index.html"), index).context("cannot write index.html")
    }

    /// The script that is fetched when somebody goes on duty, and the SDK that it fetches in turn where callers come
    /// by Twilio. Returns the script's path in the page.
    fn voice(&self, assets: &Path) -> anyhow::Result<String> {
        let sdk = fs::read(self.voice_sdk)
            .with_context(|| format!("cannot read {}", self.voice_sdk.display()))?;
        let sdk = add(assets, "twilio", "min.js", &sdk)?;
        let entry = self.sources.join("voice/index.js");
        let voice = self.bundle(&entry, "voice.js", &[define("TWILIO_SDK", &sdk)?])?;
        add(assets, "voice", "js", &voice)
    }

    /// The rooms beside the board: program, texts and style, which are fetched when one is entered. Returns the path of
    /// the script that fetches them.
    fn rooms(&self, assets: &Path) -> anyhow::Result<String> {
        let module = add_file(assets, "rooms", "wasm", &self.bound.join("rooms_bg.wasm"))?;
        let style = add(assets, "rooms", "css", &self.style("rooms/styles")?)?;
        let (texts, _) = self.texts(assets, "rooms", |_| true)?;
        let entry = self.beside_its_glue("rooms/index.js", "rooms-index.js")?;
        let defines = [
            define("ROOMS_MODULE", &module)?,
            define("ROOMS_STYLE", &style)?,
            define("ROOMS_TEXTS", &texts)?,
        ];
        let script = self.bundle(&entry, "rooms-bundle.js", &defines)?;
        add(assets, "rooms", "js", &script)
    }

    /// The one script of the first view: `web/boot.js` with wasm-bindgen's glue.
    fn script(
        &self,
        assets: &Path,
        wasm: &str,
        voice: &str,
        rooms: &str,
    ) -> anyhow::Result<Vec<u8>> {
        let first = |text: &texts::Text| texts::FIRST.contains(&text.topic.as_str());
        let (texts, board) = self.texts(assets, "dashboard", first)?;
        // The lines that the script shows by itself when the program has stopped.
        let (mut number, mut stopped) = (0, BTreeMap::new());
        for text in &board {
            if text.topic == "page" {
                stopped.insert(&text.name, number);
            }
            number += text.forms.len();
        }
        let boot = self.beside_its_glue("boot.js", "boot.js")?;
        let defines = [
            define("BOARD_MODULE", &wasm)?,
            define("BOARD_TEXTS", &texts)?,
            define("STOPPED_TEXTS", &stopped)?,
            define("VOICE_SCRIPT", &voice)?,
            define("VOICE_STYLE", &self.voice_style(assets)?)?,
            define("VOICE_TEXTS", &self.voice_texts(assets)?)?,
            define("ROOMS_SCRIPT", &rooms)?,
        ];
        self.bundle(&boot, "script.js", &defines)
    }

    /// Writes a file of texts for every language. Returns their paths by language, and what is in them.
    fn texts(
        &self,
        assets: &Path,
        name: &str,
        wanted: impl Fn(&texts::Text) -> bool,
    ) -> anyhow::Result<(BTreeMap<&'static str, String>, Vec<texts::Text>)> {
        let mut paths = BTreeMap::new();
        let mut first = None;
        for language in texts::LANGUAGES {
            let mut read =
                texts::read(&self.sources.join("texts"), language).map_err(anyhow::Error::msg)?;
            read.retain(&wanted);
            let lines: Vec<&str> = read
                .iter()
                .flat_map(|text| text.forms.iter().map(String::as_str))
                .collect();
            let name = format!("{name}.{language}");
            paths.insert(
                language,
                add(assets, &name, "txt", lines.join("\n").as_bytes())?,
            );
            first.get_or_insert(read);
        }
        Ok((paths, first.unwrap_or_default()))
    }

    /// Writes how the bar of the audio looks. Returns the sheet's path.
    fn voice_style(&self, assets: &Path) -> anyhow::Result<String> {
        add(assets, "voice", "css", &self.style("voice/styles")?)
    }

    /// Writes what the script of the audio says, by name: one file for every language. Returns their paths.
    fn voice_texts(&self, assets: &Path) -> anyhow::Result<BTreeMap<&'static str, String>> {
        let mut paths = BTreeMap::new();
        for language in texts::LANGUAGES {
            let mut read =
                texts::read(&self.sources.join("texts"), language).map_err(anyhow::Error::msg)?;
            read.retain(|text| text.topic == "voice");
            let named: BTreeMap<&str, &str> = read
                .iter()
                .map(|text| (text.name.as_str(), text.forms[0].as_str()))
                .collect();
            let content = serde_json::to_vec(&named)?;
            paths.insert(
                language,
                add(assets, &format!("voice.{language}"), "json", &content)?,
            );
        }
        Ok(paths)
    }

    /// Copies a script to where wasm-bindgen's glue is, which it imports as its neighbour. What it imports of
    /// `web/` itself is copied with it.
    fn beside_its_glue(&self, source: &str, name: &str) -> anyhow::Result<PathBuf> {
        let source = self.sources.join(source);
        let text = fs::read_to_string(&source)
            .with_context(|| format!("cannot read {}", source.display()))?;
        let copy = self.bound.join(name);
        fs::write(&copy, text.replace("../language.js", "./language.js"))?;
        fs::copy(
            self.sources.join("language.js"),
            self.bound.join("language.js"),
        )?;
        Ok(copy)
    }

    /// All sheets of a folder, in the order of their names.
    fn style(&self, folder: &str) -> anyhow::Result<Vec<u8>> {
        let mut sheets: Vec<PathBuf> = fs::read_dir(self.sources.join(folder))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        sheets.retain(|sheet| sheet.extension().is_some_and(|kind| kind == "css"));
        sheets.sort();
        let imports: String = sheets
            .iter()
            .map(|sheet| format!("@import {:?};\n", sheet.display().to_string()))
            .collect();
        let entry = self.bound.join("all.css");
        fs::write(&entry, imports)?;
        let served = SERVED_AS_THEY_ARE.map(|kind| format!("--external:*.{kind}"));
        self.bundle(&entry, "style.css", &served)
    }

    fn bundle(&self, entry: &Path, name: &str, more: &[String]) -> anyhow::Result<Vec<u8>> {
        let out = self.bound.join(name);
        let mut command = Command::new(self.esbuild);
        command
            .arg(entry)
            .args([
                "--bundle",
                "--target=esnext",
                "--external:/assets/*",
                "--log-level=warning",
                "--legal-comments=none",
            ])
            .args(more)
            .arg(format!("--outfile={}", out.display()));
        if name.ends_with(".js") {
            command.arg("--format=esm");
        }
        if !self.dev {
            command.arg("--minify");
        }
        process::run(&mut command)?;
        fs::read(&out).with_context(|| format!("cannot read {}", out.display()))
    }
}

/// A name of a script that the bundler replaces by its value.
fn define(name: &str, value: &impl serde::Serialize) -> anyhow::Result<String> {
    Ok(format!("--define:{name}={}", serde_json::to_string(value)?))
}

/// [`add`] with the content of a file.
fn add_file(assets: &Path, name: &str, kind: &str, from: &Path) -> anyhow::Result<String> {
    let content = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    add(assets, name, kind, &content)
}

/// Writes one file under the name of its content and returns its path in the page.
fn add(assets: &Path, name: &str, kind: &str, content: &[u8]) -> anyhow::Result<String> {
    let hash = hex(&Sha256::digest(content)[..8]);
    let file = format!("{name}-{hash}.{kind}");
    fs::write(assets.join(&file), content).with_context(|| format!("cannot write {file}"))?;
    Ok(format!("/assets/{file}"))
}

/// The page's HTML: the template with its two places filled.
///
/// The module is preloaded because the browser would learn of it only after the script ran.
fn fill(template: &str, wasm: &str, script: &str, style: &str) -> anyhow::Result<String> {
    for place in [STYLES, SCRIPTS] {
        ensure!(
            template.matches(place).count() == 1,
            "web/index.html must contain `{place}` once, inside <head>"
        );
    }
    let styles = format!(r#"<link rel="stylesheet" href="{style}">"#);
    let scripts = format!(
        r#"<link rel="preload" href="{wasm}" as="fetch" type="application/wasm" crossorigin>
    <script type="module" src="{script}"></script>"#
    );
    Ok(template.replace(STYLES, &styles).replace(SCRIPTS, &scripts))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "<head><!-- xtask: styles --><!-- xtask: scripts --></head>";

    #[test]
    fn the_page_preloads_the_module_and_has_no_inline_script() {
        let html = fill(TEMPLATE, "/assets/a.wasm", "/assets/a.js", "/assets/a.css").unwrap();
        assert!(html.contains(r#"<link rel="preload" href="/assets/a.wasm" as="fetch""#));
        assert!(html.contains(r#"<link rel="stylesheet" href="/assets/a.css">"#));
        assert!(html.contains(r#"<script type="module" src="/assets/a.js"></script>"#));
        assert!(!html.contains("<!--"));
    }

    #[test]
    fn a_template_without_its_places_is_refused() {
        let error = fill("<head><!-- xtask: styles --></head>", "a", "b", "c").unwrap_err();
        assert!(error.to_string().contains(SCRIPTS));
    }

    #[test]
    fn a_name_changes_with_the_content() {
        let folder = std::env::temp_dir().join(format!("switchboard-page-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let one = add(&folder, "a", "js", b"one").unwrap();
        let two = add(&folder, "a", "js", b"two").unwrap();
        assert_ne!(one, two);
        assert_eq!(one, add(&folder, "a", "js", b"one").unwrap());
        fs::remove_dir_all(&folder).unwrap();
    }
}
