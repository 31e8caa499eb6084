//! Where things lie in this repository.

use std::path::{Path, PathBuf};

/// The repository's root folder, absolute.
///
/// It is read from where cargo says this package lies now, so that a moved or copied checkout
/// keeps working; the compiled-in path is the fallback for a binary that is started by hand.
pub(crate) fn root() -> PathBuf {
    let package = std::env::var("CARGO_MANIFEST_DIR")
        .unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    Path::new(&package)
        .ancestors()
        .nth(2)
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Cargo's output folder for native code.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
