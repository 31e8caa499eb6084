//! The files of the page: named by their content, tied together by `index.html`.
//!
//! Everything under `/assets/` carries its hash in its name and may be cached for ever;
//! `index.html` and what lies in `web/static/` keep their names and must be revalidated.
//! Nothing is inline, so a Content-Security-Policy of `script-src 'self' 'wasm-unsafe-eval'`
//! holds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use sha2::{Digest as _, Sha256};

use super::assets;
use super::fingerprint::hex;
use crate::process;

/// Where in `web/index.html` the style sheet goes.
const STYLES: &str = "<!-- xtask: styles -->";
/// Where in `web/index.html` the preload and the script go.
const SCRIPTS: &str = "<!-- xtask: scripts -->";
/// Where in `web/boot.js` the module's path goes.
const MODULE: &str = "{{wasm}}";
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
        let wasm = fs::read(self.bound.join("dashboard_bg.wasm"))?;
        let wasm = add(&assets, "dashboard", "wasm", &wasm)?;
        let voice = self.voice(&assets)?;
        let script = add(&assets, "dashboard", "js", &self.script(&wasm, &voice)?)?;
        let style = self.style()?;
        let style = match style {
            Some(style) => Some(add(&assets, "dashboard", "css", &style)?),
            None => None,
        };

        let template = self.sources.join("index.html");
        let template = fs::read_to_string(&template)
            .with_context(|| format!("cannot read {}", template.display()))?;
        let index = fill(&template, &wasm, &script, style.as_deref())?;
        fs::write(folder.join("index.html"), index).context("cannot write index.html")
    }

    /// The script that is fetched when somebody goes on duty, and the SDK that it fetches in turn where callers come
    /// by Twilio. Returns the script's path in the page.
    fn voice(&self, assets: &Path) -> anyhow::Result<String> {
        let sdk = fs::read(self.voice_sdk)
            .with_context(|| format!("cannot read {}", self.voice_sdk.display()))?;
        let sdk = add(assets, "twilio", "min.js", &sdk)?;
        let entry = self.sources.join("voice/index.js");
        let sdk = format!("--define:TWILIO_SDK={sdk:?}");
        let voice = self.bundle(&entry, "voice.js", &["--format=esm", &sdk])?;
        add(assets, "voice", "js", &voice)
    }

    /// The one script of the first view: `web/boot.js` with wasm-bindgen's glue.
    fn script(&self, wasm: &str, voice: &str) -> anyhow::Result<Vec<u8>> {
        let template = self.sources.join("boot.js");
        let template = fs::read_to_string(&template)
            .with_context(|| format!("cannot read {}", template.display()))?;
        ensure!(
            template.matches(MODULE).count() == 1,
            "web/boot.js must contain `{MODULE}` once"
        );
        let boot = self.bound.join("boot.js");
        fs::write(&boot, template.replace(MODULE, wasm))?;
        let voice = format!("--define:VOICE_SCRIPT={voice:?}");
        let options = ["--format=esm", "--external:/assets/*", &voice];
        self.bundle(&boot, "script.js", &options)
    }

    /// The one style sheet: `web/styles/index.css` with what it imports, or all of `web/styles`
    /// in the order of their names.
    fn style(&self) -> anyhow::Result<Option<Vec<u8>>> {
        let styles = self.sources.join("styles");
        if !styles.is_dir() {
            return Ok(None);
        }
        let index = styles.join("index.css");
        let entry = if index.is_file() {
            index
        } else {
            let mut sheets: Vec<PathBuf> = fs::read_dir(&styles)?
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
            entry
        };
        let served: Vec<String> = SERVED_AS_THEY_ARE
            .iter()
            .map(|kind| format!("--external:*.{kind}"))
            .collect();
        let served: Vec<&str> = served.iter().map(String::as_str).collect();
        self.bundle(&entry, "style.css", &served).map(Some)
    }

    fn bundle(&self, entry: &Path, name: &str, more: &[&str]) -> anyhow::Result<Vec<u8>> {
        let out = self.bound.join(name);
        let mut command = Command::new(self.esbuild);
        command
            .arg(entry)
            .args([
                "--bundle",
                "--target=esnext",
                "--log-level=warning",
                "--legal-comments=none",
            ])
            .args(more)
            .arg(format!("--outfile={}", out.display()));
        if !self.dev {
            command.arg("--minify");
        }
        process::run(&mut command)?;
        fs::read(&out).with_context(|| format!("cannot read {}", out.display()))
    }
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
fn fill(template: &str, wasm: &str, script: &str, style: Option<&str>) -> anyhow::Result<String> {
    for place in [STYLES, SCRIPTS] {
        ensure!(
            template.matches(place).count() == 1,
            "web/index.html must contain `{place}` once, inside <head>"
        );
    }
    let styles = style.map_or_else(String::new, |style| {
        format!(r#"<link rel="stylesheet" href="{style}">"#)
    });
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
        let html = fill(
            TEMPLATE,
            "/assets/a.wasm",
            "/assets/a.js",
            Some("/assets/a.css"),
        )
        .unwrap();
        assert!(html.contains(r#"<link rel="preload" href="/assets/a.wasm" as="fetch""#));
        assert!(html.contains(r#"<link rel="stylesheet" href="/assets/a.css">"#));
        assert!(html.contains(r#"<script type="module" src="/assets/a.js"></script>"#));
        assert!(!html.contains("<!--"));
    }

    #[test]
    fn a_template_without_its_places_is_refused() {
        let error = fill("<head><!-- xtask: styles --></head>", "a", "b", None).unwrap_err();
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
