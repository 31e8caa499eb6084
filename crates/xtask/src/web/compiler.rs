//! Which compiler builds the page.
//!
//! In this order: the active toolchain, if it has the wasm target; rustup, unless
//! `RUSTUP_AUTO_INSTALL=0` forbids it to fetch; the distribution's `rustc-web`, which builds the
//! standard library from its sources; else a sentence that says what to install.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::bail;

use crate::process;

/// The target that every browser runs.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's packages that make the third way possible.
pub(crate) const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

/// Where Debian puts its compiler, whatever stands first on PATH.
const DEBIAN_BIN: &str = "/usr/bin";
/// Where `rust-web-src` puts the sources of the standard library.
const DEBIAN_STD: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
const FLAGS: &str = "-Clinker-flavor=wasm-ld";
/// Takes some 20 KiB off the wire. Panics stop the page without a word (`web/boot.js` notices), and
/// `{:?}` writes nothing, so no text of the page may be made with it. `--dev` builds keep both.
const SMALL_FLAGS: &str = "-Clinker-flavor=wasm-ld -Zlocation-detail=none -Zfmt-debug=none \
     -Zunstable-options -Cpanic=immediate-abort";
const DEBIAN_LINKER: &str = "/usr/bin/wasm-ld-22";

/// A compiler that can build the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Compiler {
    /// The active toolchain, with a prebuilt standard library.
    Active,
    /// Debian's `rustc-web`, with the standard library built from source.
    Debian,
}

impl Compiler {
    /// Finds one, letting rustup add the target where it may fetch.
    pub(crate) fn find() -> anyhow::Result<Self> {
        if active_has_target() {
            return Ok(Self::Active);
        }
        if rustup_may_fetch() && process::on_path("rustup").is_some() {
            eprintln!("rustup target add {TARGET}");
            process::run(Command::new("rustup").args(["target", "add", TARGET]))?;
            if active_has_target() {
                return Ok(Self::Active);
            }
        }
        if debian_is_installed() {
            return Ok(Self::Debian);
        }
        bail!(
            "no compiler here can build for {TARGET}.\n  With rustup: rustup target add {TARGET}\n  \
             On Debian:   apt-get install --no-install-recommends {}",
            DEBIAN_PACKAGES.join(" ")
        )
    }

    /// The name of its own target folder: compilers that share one rebuild each other's work.
    pub(crate) fn folder(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Debian => "debian",
        }
    }

    /// `cargo build` for the page with that profile, into that target folder.
    pub(crate) fn cargo_build(&self, profile: &str, target_dir: &Path, small: bool) -> Command {
        let mut command = match self {
            Self::Active => Command::new("cargo"),
            Self::Debian => Command::new(Path::new(DEBIAN_BIN).join("cargo")),
        };
        process::forget_outer_cargo(&mut command)
            .args(["build", "--package", "switchboard-web", "--target", TARGET])
            .args(["--profile", profile])
            .env("CARGO_TARGET_DIR", target_dir);
        if *self == Self::Debian {
            command
                .arg("-Zbuild-std=std,panic_abort")
                .env("PATH", debian_first_path())
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER)
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", {
                    if small { SMALL_FLAGS } else { FLAGS }
                });
            if small {
                command.arg("-Zbuild-std-features=optimize_for_size");
            }
        }
        command
    }
}

/// Whether rustup may fetch: `RUSTUP_AUTO_INSTALL=0` is how a machine says no.
pub(crate) fn rustup_may_fetch() -> bool {
    std::env::var("RUSTUP_AUTO_INSTALL").as_deref() != Ok("0")
}

/// Whether the active toolchain has the standard library for the wasm target.
pub(crate) fn active_has_target() -> bool {
    let mut rustc = Command::new("rustc");
    process::output(process::forget_outer_cargo(&mut rustc).args(["--print", "sysroot"])).is_ok_and(
        |sysroot| {
            PathBuf::from(sysroot)
                .join("lib/rustlib")
                .join(TARGET)
                .join("lib")
                .is_dir()
        },
    )
}

/// Whether Debian's compiler, its sources and its linker are all there.
pub(crate) fn debian_is_installed() -> bool {
    [
        "/usr/bin/cargo",
        "/usr/bin/rustc",
        DEBIAN_STD,
        DEBIAN_LINKER,
    ]
    .iter()
    .all(|file| Path::new(file).exists())
}

fn debian_first_path() -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(PathBuf::from(DEBIAN_BIN)).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).unwrap_or(path)
}
