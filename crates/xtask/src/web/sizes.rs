//! What the page weighs.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

/// Bytes of a minimal React and supabase-js build of the same board, brotli: 110 KiB.
pub(crate) const REFERENCE_BYTES: u64 = 110 * 1024;
/// How many times that the page may weigh.
pub(crate) const ALLOWED_RATIO: f64 = 1.4;

/// What the files of the first view are called: a reader downloads the texts of one language. The others come when
/// somebody goes on duty or enters a room.
const FIRST_VIEW: [&str; 2] = ["dashboard-", "dashboard.en-"];

/// The files that a browser downloads.
#[derive(Debug, Serialize)]
pub(crate) struct Sizes {
    files: Vec<Size>,
    /// Bytes on the wire for the first view: brotli of wasm, js, css and texts.
    pub(crate) wire_bytes: u64,
    /// Of the reference build.
    pub(crate) ratio: f64,
    allowed_ratio: f64,
}

#[derive(Debug, Serialize)]
struct Size {
    name: String,
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Weighs the files under `assets/`. A file without a compressed sibling counts in full.
pub(crate) fn of_dashboard(dashboard: &Path) -> anyhow::Result<Sizes> {
    let assets = dashboard.join("assets");
    let mut files = Vec::new();
    for entry in
        fs::read_dir(&assets).with_context(|| format!("cannot read {}", assets.display()))?
    {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !["wasm", "js", "css", "txt"]
            .iter()
            .any(|kind| name.ends_with(&format!(".{kind}")))
        {
            continue;
        }
        let raw = fs::metadata(&path)?.len();
        let beside = |suffix: &str| {
            fs::metadata(assets.join(format!("{name}{suffix}"))).map_or(raw, |file| file.len())
        };
        let (gzip, brotli) = (beside(".gz"), beside(".br"));
        files.push(Size {
            name,
            raw,
            gzip,
            brotli,
        });
    }
    files.sort_by_key(|file| std::cmp::Reverse(file.raw));
    let wire_bytes = files
        .iter()
        .filter(|file| FIRST_VIEW.iter().any(|name| file.name.starts_with(name)))
        .map(|file| file.brotli)
        .sum();
    Ok(Sizes {
        files,
        wire_bytes,
        ratio: wire_bytes as f64 / REFERENCE_BYTES as f64,
        allowed_ratio: ALLOWED_RATIO,
    })
}

impl Sizes {
    /// Whether the first view weighs no more than it may.
    ///
    /// # Errors
    /// By how much it is too heavy.
    pub(crate) fn hold(&self) -> anyhow::Result<()> {
        let allowed = REFERENCE_BYTES as f64 * ALLOWED_RATIO;
        anyhow::ensure!(
            self.wire_bytes as f64 <= allowed,
            "the first view weighs {} bytes and may weigh {allowed}",
            self.wire_bytes
        );
        Ok(())
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kib = |bytes: u64| format!("{:.1}", bytes as f64 / 1024.0);
        writeln!(
            out,
            "{:<36}{:>10}{:>10}{:>10}  KiB",
            "", "raw", "gzip", "brotli"
        )?;
        for file in &self.files {
            writeln!(
                out,
                "{:<36}{:>10}{:>10}{:>10}",
                file.name,
                kib(file.raw),
                kib(file.gzip),
                kib(file.brotli)
            )?;
        }
        writeln!(
            out,
            "on the wire: {} KiB, {:.2} × the reference build (allowed {}); the others come with going on duty and with the rooms",
            kib(self.wire_bytes),
            self.ratio,
            self.allowed_ratio
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder whose first view weighs that much, beside files that do not count.
    fn weighed(name: &str, bytes: usize) -> Sizes {
        let folder = std::env::temp_dir().join(format!("sizes-{name}-{}", std::process::id()));
        let assets = folder.join("assets");
        fs::create_dir_all(&assets).unwrap();
        for (file, bytes) in [
            ("dashboard-1.wasm", 500_000),
            ("dashboard-1.wasm.br", bytes - 1_000),
            ("dashboard-1.js", 600),
            ("dashboard.en-1.txt", 400),
            ("dashboard.es-1.txt", 90_000),
            ("rooms-1.wasm", 90_000),
            ("voice-1.js", 90_000),
        ] {
            fs::write(assets.join(file), vec![b'x'; bytes]).unwrap();
        }
        let sizes = of_dashboard(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        sizes
    }

    #[test]
    fn a_first_view_that_is_too_heavy_is_refused() {
        assert!(weighed("full", 157_696).hold().is_ok());
        let error = weighed("over", 157_697).hold().unwrap_err();
        assert!(error.to_string().contains("157697"), "{error}");
    }
}
