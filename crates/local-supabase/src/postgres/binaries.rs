//! Finding PostgreSQL's programs where distributions put them.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::PostgresError;

/// The oldest major version that Supabase projects run on and that has what the bootstrap needs.
const OLDEST_MAJOR: u32 = 15;
/// Names a directory that is looked at before all others.
const OVERRIDE: &str = "LOCAL_SUPABASE_PG_BIN";

/// One installed PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    bin: PathBuf,
    /// Major version, as 15.
    pub major: u32,
}

impl Binaries {
    /// The best installed PostgreSQL: of the major version that wrote the data, else the newest, and with wal2json.
    pub fn find(data_major: Option<u32>) -> Result<Self, PostgresError> {
        let installed: Vec<Self> = candidates().into_iter().filter_map(Self::at).collect();
        choose(installed, data_major)
    }

    /// The program `name` of this installation.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    fn at(bin: PathBuf) -> Option<Self> {
        if !bin.join("initdb").is_file() {
            return None;
        }
        let output = Command::new(bin.join("postgres"))
            .arg("--version")
            .output()
            .ok()?;
        let major = major_of(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { bin, major })
    }

    fn has_wal2json(&self) -> bool {
        let said = Command::new(self.program("pg_config"))
            .arg("--pkglibdir")
            .output()
            .ok();
        let library = said
            .map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
            .filter(|path| path.is_dir())
            .unwrap_or_else(|| self.bin.join("../lib"));
        ["wal2json.so", "wal2json.dylib"]
            .iter()
            .any(|name| library.join(name).is_file())
    }
}

fn choose(installed: Vec<Binaries>, data_major: Option<u32>) -> Result<Binaries, PostgresError> {
    let newest = installed.iter().map(|binaries| binaries.major).max();
    let mut usable: Vec<Binaries> = installed
        .into_iter()
        .filter(|binaries| binaries.major >= OLDEST_MAJOR)
        .collect();
    // Stable: among equals the one found first stays first.
    usable.sort_by_key(|binaries| {
        (
            data_major != Some(binaries.major),
            !binaries.has_wal2json(),
            u32::MAX - binaries.major,
        )
    });
    let Some(best) = usable.into_iter().next() else {
        let found = newest
            .map(|major| format!(" (only {major})"))
            .unwrap_or_default();
        return Err(PostgresError::NoBinaries { found });
    };
    if !best.has_wal2json() {
        return Err(PostgresError::NoWal2json {
            major: best.major,
            bin: best.bin,
        });
    }
    Ok(best)
}

/// Directories that may hold the programs, in the order of preference.
fn candidates() -> Vec<PathBuf> {
    if let Some(named) = env::var_os(OVERRIDE) {
        return vec![named.into()];
    }
    let mut found = Vec::new();
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        found.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    found.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        found.push(Path::new(String::from_utf8_lossy(&output.stdout).trim()).to_owned());
    }
    found
}

/// The major version in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major_of(version_line: &str) -> Option<u32> {
    let number = version_line.split("(PostgreSQL) ").nth(1)?;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_released_and_beta_versions() {
        assert_eq!(
            major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major_of("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major_of("something else"), None);
    }

    #[test]
    fn a_postgres_that_is_too_old_is_named_in_the_refusal() {
        let old = Binaries {
            bin: "/nowhere".into(),
            major: 13,
        };
        let refusal = choose(vec![old], None).expect_err("too old").to_string();
        assert!(
            refusal.contains("(only 13)") && refusal.contains("postgresql-15-wal2json"),
            "{refusal}"
        );
    }

    #[test]
    fn a_missing_plugin_is_refused_with_the_package_that_has_it() {
        let bare = Binaries {
            bin: "/nowhere".into(),
            major: 17,
        };
        let refusal = choose(vec![bare], None).expect_err("no plugin").to_string();
        assert!(
            refusal.contains("postgresql-17-wal2json") && refusal.contains("make deps"),
            "{refusal}"
        );
    }
}
