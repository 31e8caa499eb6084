//! The schema cache: read at the first request, and anew on `NOTIFY pgrst`.

use std::{sync::Arc, time::Duration};

use deadpool_postgres::Pool;
use futures::{StreamExt, future, stream};
use tokio::sync::RwLock;
use tokio_postgres::{AsyncMessage, NoTls};

use super::{
    SCHEMAS,
    error::ApiError,
    schema::{self, SchemaCache},
};
use crate::Gateway;

/// Between attempts to listen again after the connection was lost.
const RETRY: Duration = Duration::from_secs(1);

/// Holds the newest snapshot of the catalog.
pub(super) struct Cache {
    pool: Pool,
    snapshot: RwLock<Option<Arc<SchemaCache>>>,
}

impl Cache {
    pub(super) fn new(pool: Pool) -> Self {
        Self {
            pool,
            snapshot: RwLock::new(None),
        }
    }

    /// The snapshot; reads it if there is none, or none with a table in it.
    pub(super) async fn get(&self) -> Result<Arc<SchemaCache>, ApiError> {
        let snapshot = self.snapshot.read().await.clone();
        match snapshot {
            Some(snapshot) if !snapshot.tables.is_empty() => Ok(snapshot),
            _ => self.reload().await,
        }
    }

    /// Reads the catalog, and lets every connection forget its prepared statements.
    pub(super) async fn reload(&self) -> Result<Arc<SchemaCache>, ApiError> {
        let mut held = self.snapshot.write().await;
        let schemas: Vec<String> = SCHEMAS.iter().map(|schema| (*schema).to_owned()).collect();
        let loaded = schema::load(&self.pool, &schemas).await.map_err(|error| {
            tracing::error!(%error, "cannot read the schema cache");
            ApiError::unavailable()
        })?;
        self.pool.manager().statement_caches.clear();
        let snapshot = Arc::new(loaded);
        *held = Some(snapshot.clone());
        tracing::debug!(tables = snapshot.tables.len(), "schema cache read");
        Ok(snapshot)
    }
}

/// Reloads `cache` whenever somebody notifies `pgrst`, until the stack stops.
pub(super) async fn listen(gateway: Gateway, cache: Arc<Cache>) {
    let stopped = gateway.stopped();
    let forever = async {
        loop {
            if let Err(error) = listen_once(&gateway, &cache).await {
                tracing::debug!(%error, "not listening for schema changes");
            }
            tokio::time::sleep(RETRY).await;
        }
    };
    tokio::pin!(stopped, forever);
    future::select(stopped, forever).await;
}

async fn listen_once(gateway: &Gateway, cache: &Cache) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = gateway.admin_database.connect(NoTls).await?;
    let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
    let listening = client.batch_execute("listen pgrst");
    tokio::pin!(listening);
    let mut ready = false;
    loop {
        tokio::select! {
            result = &mut listening, if !ready => {
                result?;
                ready = true;
                // What was notified while nobody listened is made up for.
                if cache.snapshot.read().await.is_some() {
                    // A failure is logged there, and the next request tries again.
                    let _ = cache.reload().await;
                }
            }
            message = messages.next() => match message {
                None => return Ok(()),
                Some(Err(error)) => return Err(error),
                Some(Ok(AsyncMessage::Notification(notification)))
                    if matches!(notification.payload(), "" | "reload schema") =>
                {
                    let _ = cache.reload().await;
                }
                Some(Ok(_)) => {}
            },
        }
    }
}
