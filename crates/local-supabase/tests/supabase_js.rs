//! Supabase's own JavaScript client works against the stand-in. Needs Node 20 with npm.

mod npm;

use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use secrecy::ExposeSecret;
use switchboard_local_supabase::{Data, LocalSupabase, Options};
use tokio::{net::TcpListener, process::Command};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/supabase_js")
}

/// A directory that is gone when it is dropped.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let name = format!("supabase-js-{}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What cannot be removed is in nobody's way.
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn start(data: &Directory, port: u16) -> LocalSupabase {
    let options = Options {
        port,
        data: Data::Kept(data.0.join("postgres")),
        ..Options::default()
    };
    LocalSupabase::start(options).await.expect("stack")
}

/// Restarts the stack, on the same port with the same data, for each connection; ends with the suite.
async fn serve_restarts(
    mut stack: LocalSupabase,
    data: &Directory,
    restarts: TcpListener,
    suite: impl Future<Output = Output>,
) -> (LocalSupabase, Output) {
    let port = stack.gateway().url.rsplit(':').next();
    let port = port.and_then(|port| port.parse().ok()).expect("a port");
    tokio::pin!(suite);
    loop {
        tokio::select! {
            output = &mut suite => return (stack, output),
            asked = restarts.accept() => {
                let done = asked.expect("a connection");
                stack.stop().await;
                stack = start(data, port).await;
                drop(done);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn supabases_own_client_signs_in_reads_writes_and_watches() {
    npm::install(&folder(), "@supabase/supabase-js").await;
    let data = Directory::new();
    let stack = start(&data, 0).await;
    let restarts = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port");
    let restart_port = restarts.local_addr().expect("an address").port();
    let suite = Command::new("npm")
        .args(["test", "--silent"])
        .current_dir(folder())
        .env("SUPABASE_URL", stack.url())
        .env("SUPABASE_ANON_KEY", &stack.keys().anon)
        .env(
            "SUPABASE_SERVICE_ROLE_KEY",
            stack.keys().service_role.expose_secret(),
        )
        .env("RESTART_PORT", restart_port.to_string())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let suite = async { suite.await.expect("npm is there") };
    let (stack, output) = serve_restarts(stack, &data, restarts, suite).await;
    stack.stop().await;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{said}");
    for line in [format!("# pass {}", tests_written()), "# skipped 0".into()] {
        assert!(
            said.lines().any(|found| found == line),
            "no `{line}`:\n{said}"
        );
    }
}

/// How many tests the suite's files hold: none may vanish without a word.
fn tests_written() -> usize {
    let files = fs::read_dir(folder()).expect("the suite");
    files
        .map(|file| file.expect("an entry").path())
        .filter(|file| file.to_string_lossy().ends_with(".test.mjs"))
        .map(|file| {
            let text = fs::read_to_string(file).expect("text");
            text.lines()
                .filter(|line| line.starts_with("test("))
                .count()
        })
        .sum()
}
