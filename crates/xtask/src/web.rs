//! `cargo xtask web`: the dashboard as the browser downloads it, in `dist/dashboard`.
//!
//! Compile to wasm, bind it (wasm-bindgen as a library, so that Cargo.lock keeps it equal to the
//! crate's own version), shrink it with wasm-opt, bundle script and style, give every file a
//! name that is its content's hash, compress, and put the folder in place in one step.

mod assets;
pub(crate) mod compiler;
mod fingerprint;
mod names;
mod page;
mod sizes;
// The page's own build script uses the rest of it.
#[allow(dead_code)]
#[path = "../../../web/build/texts.rs"]
mod texts;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::Context as _;
use wasm_bindgen_cli_support::Bindgen;

use crate::{npm, process, root};
use compiler::Compiler;

/// The page's programs, as cargo and as the page call them: the board, and the rooms beside it.
const PROGRAMS: [(&str, &str); 2] = [
    ("switchboard-web.wasm", "dashboard"),
    ("switchboard-rooms.wasm", "rooms"),
];

/// How to build the page.
#[derive(clap::Args, Debug, Default, Clone)]
pub(crate) struct Options {
    /// Quick to build instead of small: for somebody who edits the page.
    #[arg(long)]
    dev: bool,
    /// Build even when nothing changed.
    #[arg(long)]
    force: bool,
    /// Print the sizes as one JSON object on standard output.
    #[arg(long)]
    sizes_json: bool,
}

impl Options {
    /// Quick to build, for somebody who edits the page.
    pub(crate) fn dev() -> Self {
        Self {
            dev: true,
            ..Self::default()
        }
    }
}

/// The folder that the webhook serves.
pub(crate) fn dashboard() -> PathBuf {
    root::root().join("dist/dashboard")
}

/// Builds the page, or finds that it is built already, and prints its sizes. Fails, with the page in place, when the
/// first view is heavier than it may be.
pub(crate) fn build(options: &Options) -> anyhow::Result<()> {
    let work = root::target().join("web");
    fs::create_dir_all(&work).with_context(|| format!("cannot create {}", work.display()))?;
    // Two builds at once would write the same files: the second waits, then finds nothing to do.
    let lock = File::create(work.join("lock")).context("cannot create the web build's lock")?;
    lock.lock().context("cannot take the web build's lock")?;

    let started = Instant::now();
    let dashboard = dashboard();
    let mark = dashboard.with_file_name(".dashboard-fingerprint");
    let fingerprint = fingerprint::of_sources(options.dev)?;
    let is_built = dashboard.join("index.html").is_file()
        && fs::read_to_string(&mark).is_ok_and(|built| built == fingerprint);
    if is_built && !options.force {
        eprintln!("dist/dashboard is up to date");
    } else {
        make(options.dev, &work, &dashboard)?;
        fs::write(&mark, &fingerprint)
            .with_context(|| format!("cannot write {}", mark.display()))?;
        eprintln!(
            "dist/dashboard built in {:.1} s",
            started.elapsed().as_secs_f64()
        );
    }
    let sizes = sizes::of_dashboard(&dashboard)?;
    if options.sizes_json {
        println!("{}", serde_json::to_string(&sizes)?);
    } else {
        eprint!("{sizes}");
    }
    // Other compilers have not all the switches that make it small.
    if !options.dev && Compiler::find()? == Compiler::Debian {
        sizes.hold()?;
    }
    Ok(())
}

fn make(dev: bool, work: &Path, dashboard: &Path) -> anyhow::Result<()> {
    let tools = root::root().join("crates/xtask");
    npm::ensure(&tools)?;
    let modules = tools.join("node_modules");
    let tools = modules.join(".bin");

    let programs = compile(dev, work)?;
    let bound = work.join("bound");
    remove(&bound)?;
    for (module, name) in PROGRAMS {
        bind(&programs.join(module), name, &bound)?;
        if !dev {
            shrink(&tools.join("wasm-opt"), &bound, name)?;
        }
    }

    let fresh = dashboard.with_file_name(format!(".dashboard-{}", std::process::id()));
    remove(&fresh)?;
    let page = page::Page {
        sources: &root::root().join("web"),
        bound: &bound,
        esbuild: &tools.join("esbuild"),
        voice_sdk: &modules.join("@twilio/voice-sdk/dist/twilio.min.js"),
        dev,
    };
    page.write(&fresh)?;
    if !dev {
        assets::compress_all(&fresh)?;
    }
    replace(&fresh, dashboard)
}

/// Compiles the crate and returns the folder with its modules.
fn compile(dev: bool, work: &Path) -> anyhow::Result<PathBuf> {
    let compiler = Compiler::find()?;
    let target_dir = work.join(compiler.folder());
    let profile = if dev { "web-dev" } else { "web" };
    process::run(
        compiler
            .cargo_build(profile, &target_dir, !dev)
            .current_dir(root::root()),
    )?;
    Ok(target_dir.join(compiler::TARGET).join(profile))
}

/// Writes the glue between a module and the browser, and the module that goes with it.
fn bind(module: &Path, name: &str, bound: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(module.is_file(), "cargo wrote no {}", module.display());
    Bindgen::new()
        .input_path(module)
        .out_name(name)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_producers_section(true)
        .generate(bound)
        .with_context(|| format!("wasm-bindgen failed on {name}"))
}

/// Makes a module small, and its functions stand beside their like: in the order of their names they compress by
/// another hundredth. The names are kept until that is done; those that it shares with its glue become short in both.
fn shrink(wasm_opt: &Path, bound: &Path, name: &str) -> anyhow::Result<()> {
    let own = format!("{name}_bg");
    let wasm = bound.join(format!("{own}.wasm"));
    let smaller = ["-Oz", "--converge", "--low-memory-unused", "--debuginfo"];
    // What only the whole program shows: values that never come, places that always hold the same.
    let whole = [
        "--gufa",
        "-Os",
        "--converge",
        "--low-memory-unused",
        "--debuginfo",
    ];
    // Control flow that is taken apart and put together anew is shorter than what the compiler made of it.
    let anew = [
        "--flatten",
        "--rereloop",
        "-Oz",
        "-Oz",
        "--low-memory-unused",
        "--debuginfo",
    ];
    let sorted = ["--reorder-functions-by-name", "--debuginfo"];
    let nameless = ["--strip-debug", "--strip-producers", names::PASS];
    let mut printed = String::new();
    for options in [&smaller[..], &whole, &anew, &sorted, &nameless] {
        let mut command = Command::new(wasm_opt);
        printed = process::output(command.args(options).arg(&wasm).arg("-o").arg(&wasm))?;
    }
    let glue = bound.join(format!("{name}.js"));
    let long =
        fs::read_to_string(&glue).with_context(|| format!("cannot read {}", glue.display()))?;
    fs::write(
        &glue,
        names::follow(&long, &format!("./{own}.js"), &printed)?,
    )
    .with_context(|| format!("cannot write {}", glue.display()))
}

/// Puts the finished folder in the old one's place.
fn replace(fresh: &Path, dashboard: &Path) -> anyhow::Result<()> {
    let old = fresh.with_extension("old");
    if dashboard.exists() {
        fs::rename(dashboard, &old).context("cannot move the old dashboard away")?;
    }
    fs::rename(fresh, dashboard).context("cannot put the new dashboard in place")?;
    remove(&old)
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}
