//! From committed changes to frames of `postgres_changes`, one change after the other, in commit order.
//!
//! Named after the real server's poller. This one is told by [`super::wal`] and waits for nothing, unless the stack is
//! asked to be as slow as the real one.

use std::{collections::HashMap, sync::Arc, time::Duration};

use deadpool_postgres::Object;
use serde_json::Value;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

use super::{
    DatabaseFault, Realtime,
    changes::{Change, Kind},
    filter::Filter,
    frame::{self, Head, Version},
    hub::{ChannelId, Subscription},
    rows::{self, Rendered},
    token::Identity,
    visibility,
};

/// How often the publication is read again while nobody subscribes.
const PUBLICATION_INTERVAL: Duration = Duration::from_secs(10);
/// Most changes of one poll of the real server.
const MOST_CHANGES: usize = 100;

/// Delivers changes until their sender is gone.
pub(super) async fn run(realtime: Realtime, mut changes: mpsc::Receiver<Change>) {
    let mut poller = Poller {
        realtime,
        connection: None,
    };
    let mut poll_at = Instant::now();
    loop {
        let Ok(change) = timeout(PUBLICATION_INTERVAL, changes.recv()).await else {
            poller.refresh().await;
            continue;
        };
        let Some(mut change) = change else {
            return;
        };
        // The real server polls: at once after a poll that delivered something, else after a pause.
        let Some(pause) = poller.realtime.gateway.realtime.poll_delay.clone() else {
            poller.deliver(&change).await;
            continue;
        };
        while poll_at < Instant::now() {
            poll_at += between(&pause).max(Duration::from_millis(1));
        }
        sleep_until(poll_at).await;
        for _ in 0..MOST_CHANGES {
            poller.deliver(&change).await;
            match changes.try_recv() {
                Ok(next) => change = next,
                Err(_) => break,
            }
        }
        poll_at = Instant::now();
    }
}

/// A duration drawn from `range`, uniformly.
pub(super) fn between(range: &std::ops::RangeInclusive<Duration>) -> Duration {
    let (start, end) = (*range.start(), *range.end());
    start + end.saturating_sub(start).mul_f64(rand::random::<f64>())
}

struct Poller {
    realtime: Realtime,
    connection: Option<Object>,
}

impl Poller {
    async fn deliver(&mut self, change: &Change) {
        if let Err(error) = self.try_deliver(change).await {
            // The real server loses changes in the same way, without a frame; clients must bear it.
            tracing::warn!(table = change.table, %error, "a change could not be delivered");
            self.drop_connection();
        }
    }

    async fn refresh(&mut self) {
        let refreshed = match connection(&self.realtime, &mut self.connection).await {
            Ok(client) => self
                .realtime
                .publication
                .refresh(client)
                .await
                .map_err(DatabaseFault::from),
            Err(error) => Err(error),
        };
        if let Err(error) = refreshed {
            tracing::debug!(%error, "the publication could not be read");
            self.drop_connection();
        }
    }

    /// A connection that failed may be in any state: it is closed, not given back to the pool.
    fn drop_connection(&mut self) {
        if let Some(connection) = self.connection.take() {
            drop(Object::take(connection));
        }
    }

    async fn try_deliver(&mut self, change: &Change) -> Result<(), DatabaseFault> {
        let Self {
            realtime,
            connection: kept,
        } = self;
        let kind = change.kind.name();
        let subscribers = realtime
            .hub
            .subscribers(kind, &change.schema, &change.table);
        let published = realtime
            .publication
            .has(kind, &change.schema, &change.table);
        if subscribers.is_empty() || !published {
            return Ok(());
        }
        let client = connection(realtime, kept).await?;
        let mut roles: Vec<Arc<str>> = subscribers
            .iter()
            .map(|(_, subscription)| Arc::clone(&subscription.identity.role))
            .collect();
        roles.sort_unstable();
        roles.dedup();
        let oversize = change.bytes > realtime.limits.record_bytes;
        let Some(rendered) = rows::render(client, change, &roles, oversize).await? else {
            return Ok(());
        };
        let shown = shown(client, change, &rendered, &subscribers).await?;
        let passed = passed(client, change, &subscribers).await?;
        for (channel, subscription) in &subscribers {
            let Some(data) = rendered.data.get(&subscription.identity.role) else {
                continue;
            };
            if !shown
                .get(&subscription.identity.claims)
                .copied()
                .unwrap_or(false)
            {
                continue;
            }
            // The real server lists the last binding first.
            let watches = subscription.watches.iter().rev();
            let ids: Vec<String> = watches
                .filter(|watch| watch.covers(kind, &change.schema, &change.table))
                .filter(|watch| {
                    watch.filters.iter().all(|filter| {
                        passed
                            .iter()
                            .any(|(known, passed)| *known == filter && *passed)
                    })
                })
                .map(|watch| watch.id.to_string())
                .collect();
            if !ids.is_empty() {
                let payload = format!(r#"{{"data":{data},"ids":[{}]}}"#, ids.join(","));
                realtime
                    .hub
                    .deliver(*channel, |version, topic| render(version, topic, &payload));
            }
        }
        Ok(())
    }
}

async fn connection<'a>(
    realtime: &Realtime,
    kept: &'a mut Option<Object>,
) -> Result<&'a Object, DatabaseFault> {
    let open = match kept.take() {
        Some(connection) if !connection.is_closed() => connection,
        _ => realtime.gateway.admin_pool.get().await?,
    };
    Ok(kept.insert(open))
}

fn render(version: Version, topic: &str, payload: &str) -> axum::extract::ws::Message {
    let topic = Value::from(topic);
    let head = Head {
        join_ref: &Value::Null,
        reference: &Value::Null,
        topic: &topic,
        event: "postgres_changes",
    };
    frame::render(version, &head, payload)
}

/// By a subscriber's claims: whether the row's policies show the change to it. Deletions are shown to everybody,
/// because there is no row left to ask about.
async fn shown(
    client: &Object,
    change: &Change,
    rendered: &Rendered,
    subscribers: &[(ChannelId, Arc<Subscription>)],
) -> Result<HashMap<Arc<str>, bool>, tokio_postgres::Error> {
    let mut identities: Vec<Identity> = Vec::new();
    let mut seen: HashMap<Arc<str>, bool> = HashMap::new();
    let ask = rendered.has_policies && change.kind != Kind::Delete;
    for (_, subscription) in subscribers {
        let identity = &subscription.identity;
        let is_new = seen.insert(Arc::clone(&identity.claims), !ask).is_none();
        if is_new && ask && rendered.data.contains_key(&identity.role) {
            identities.push(identity.clone());
        }
    }
    if !identities.is_empty() {
        let answers = visibility::visible_to(client, change, &identities).await?;
        seen.extend(
            identities
                .into_iter()
                .map(|identity| identity.claims)
                .zip(answers),
        );
    }
    Ok(seen)
}

async fn passed<'a>(
    client: &Object,
    change: &Change,
    subscribers: &'a [(ChannelId, Arc<Subscription>)],
) -> Result<Vec<(&'a Filter, bool)>, tokio_postgres::Error> {
    let mut filters: Vec<&Filter> = Vec::new();
    for watch in subscribers
        .iter()
        .flat_map(|(_, subscription)| &subscription.watches)
    {
        if watch.covers(change.kind.name(), &change.schema, &change.table) {
            for filter in &watch.filters {
                if !filters.contains(&filter) {
                    filters.push(filter);
                }
            }
        }
    }
    if filters.is_empty() {
        return Ok(Vec::new());
    }
    let answers = match rows::passed(client, change, &filters).await {
        Ok(answers) => answers,
        // The filter's value does not fit this table's column: nothing passes.
        Err(error) if error.as_db_error().is_some() => vec![false; filters.len()],
        Err(error) => return Err(error),
    };
    Ok(filters.into_iter().zip(answers).collect())
}
