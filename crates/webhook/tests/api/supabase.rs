//! One database for all tests that run at the same time: started by the first, stopped with the last.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use switchboard_local_supabase::{LocalSupabase, Options};
use tokio::sync::oneshot;
use tokio_postgres::{Client, NoTls};

static RUNNING: Mutex<Weak<Supabase>> = Mutex::new(Weak::new());

/// A real database behind a real REST server, on a thread of its own: each test's runtime ends with the test.
pub(crate) struct Supabase {
    pub(crate) url: String,
    db_url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Supabase {
    /// The one that runs, or a new one.
    pub(crate) async fn shared() -> Arc<Self> {
        let shared = tokio::task::spawn_blocking(|| {
            let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
            running.upgrade().unwrap_or_else(|| {
                let started = Arc::new(Self::start());
                *running = Arc::downgrade(&started);
                started
            })
        });
        shared.await.unwrap()
    }

    fn start() -> Self {
        let (tell, told) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let serve = async move {
            let stack = LocalSupabase::start(Options::default()).await.unwrap();
            tell.send((stack.url().to_owned(), stack.db_url())).unwrap();
            // Also when the sender is gone.
            let _ = stopped.await;
            stack.stop().await;
        };
        let thread = std::thread::spawn(move || {
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap()
                .block_on(serve);
        });
        let (url, db_url) = told
            .recv()
            .expect("the stand-in must start; its own error stands above");
        Self {
            url,
            db_url,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// A connection as the owner of the tables, for looking and for what agents do.
    pub(crate) async fn database(&self) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.db_url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }
}

impl Drop for Supabase {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed already.
            let _ = thread.join();
        }
    }
}

/// How long anything may take before a test says that it does not happen: far longer than it ever does.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks until the answer is `true`.
pub(crate) async fn until<F: Future<Output = bool>>(mut holds: impl FnMut() -> F) {
    let asking = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .expect("it never happened");
}
