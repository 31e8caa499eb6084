//! Files on disk: copied as they are, and compressed once so that the service never has to.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Kinds of files that shrink when compressed; fonts and pictures are compressed already.
const COMPRESSIBLE: [&str; 7] = ["html", "js", "css", "wasm", "svg", "json", "txt"];

/// Copies a folder's content into another folder.
pub(crate) fn copy_all(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("cannot write {}", target.display()))?;
        }
    }
    Ok(())
}

/// Writes `.br` (quality 11) and `.gz` (level 9) beside every file that gains by it.
pub(crate) fn compress_all(folder: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            compress_all(&path)?;
        } else if path
            .extension()
            .and_then(|kind| kind.to_str())
            .is_some_and(|kind| COMPRESSIBLE.contains(&kind))
        {
            compress(&path)?;
        }
    }
    Ok(())
}

fn compress(path: &Path) -> anyhow::Result<()> {
    let content = fs::read(path)?;
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        name
    };
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        // The largest window that every browser's `br` decoder takes.
        lgwin: 24,
        // Smaller blocks than the encoder would choose fit what the code of a module looks like.
        lgblock: 16,
        mode: brotli::enc::backward_references::BrotliEncoderMode::BROTLI_MODE_FONT,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut smaller = Vec::new();
    brotli::BrotliCompress(&mut content.as_slice(), &mut smaller, &parameters)?;
    fs::write(beside(".br"), smaller)?;

    let mut gzip = GzEncoder::new(File::create(beside(".gz"))?, Compression::best());
    gzip.write_all(&content)?;
    gzip.finish()?;
    Ok(())
}
