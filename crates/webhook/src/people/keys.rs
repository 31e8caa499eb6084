//! The keys that the project publishes, with which it signs sessions: kept for a while, and asked for again.
//!
//! Anybody can send a token that names a key, and the project may take its time to answer. So a key that is known is
//! answered at once whatever else goes on; only who names another waits, for the one question that is under way.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::jwk::{Jwk, JwkSet};
use reqwest::Url;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::warn;

/// How long the keys are kept, and how often they are asked for at most.
pub(super) const KEYS_LAST: Duration = Duration::from_secs(600);
pub(super) const KEYS_AGAIN: Duration = Duration::from_secs(10);
/// How long one question may take: never so long that two are under way at once.
const KEYS_TAKE: Duration = Duration::from_secs(3);
const _: () = assert!(KEYS_TAKE.as_secs() < KEYS_AGAIN.as_secs());
/// The largest answer that is read.
const MAX_KEYS_BYTES: usize = 64 * 1024;

/// The public keys of one project.
#[derive(Clone)]
pub(super) struct Keys {
    url: String,
    http: reqwest::Client,
    known: Arc<watch::Sender<Known>>,
}

/// What is known of them.
#[derive(Default)]
struct Known {
    /// As they were last read, and when.
    read: Option<(JwkSet, Instant)>,
    /// When they were last asked for, with or without an answer.
    asked: Option<Instant>,
    /// Whether that question is still under way.
    is_asking: bool,
    /// Whether the last question that came to its end got no answer.
    is_unanswered: bool,
}

/// The project has not said which keys it has.
pub(super) struct Unread;

impl Keys {
    /// Those that the project at `supabase_url` publishes. Asks nobody yet.
    pub(super) fn new(supabase_url: &Url) -> anyhow::Result<Self> {
        let base = supabase_url.as_str().trim_end_matches('/');
        Ok(Self {
            url: format!("{base}/auth/v1/.well-known/jwks.json"),
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(KEYS_TAKE)
                .build()?,
            known: Arc::default(),
        })
    }

    /// The key of that name; `None` if the project has none. While the project does not say which keys it has, a name
    /// that is not known says nothing against the session.
    pub(super) async fn named(&self, kid: &str) -> Result<Option<Jwk>, Unread> {
        if self.known.send_if_modified(|known| known.begin(kid)) {
            // By itself: whoever asks may be dropped in the middle, and others wait for the answer.
            let keys = self.clone();
            tokio::spawn(async move {
                let answer = keys.fetch().await;
                keys.known.send_modify(|known| known.end(answer));
            });
        }
        let mut known = self.known.subscribe();
        let known = known.wait_for(|known| known.can_tell(kid)).await;
        let known = known.map_err(|_| Unread)?;
        match known.find(kid) {
            Some(key) => Ok(Some(key.clone())),
            None if known.is_unanswered => Err(Unread),
            None => Ok(None),
        }
    }

    async fn fetch(&self) -> anyhow::Result<JwkSet> {
        let mut response = self.http.get(&self.url).send().await?.error_for_status()?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            anyhow::ensure!(body.len() + chunk.len() <= MAX_KEYS_BYTES, "too many keys");
            body.extend_from_slice(&chunk);
        }
        Ok(serde_json::from_slice(&body)?)
    }
}

impl Known {
    fn find(&self, kid: &str) -> Option<&Jwk> {
        self.read.as_ref().and_then(|(set, _)| set.find(kid))
    }

    fn is_old(&self) -> bool {
        self.read
            .as_ref()
            .is_none_or(|(_, since)| since.elapsed() >= KEYS_LAST)
    }

    /// Whether somebody who names this key has the project asked now. However many come, and whatever the project
    /// answers, it is not asked more often than every [`KEYS_AGAIN`].
    fn begin(&mut self, kid: &str) -> bool {
        let is_kept = self.find(kid).is_some() && !self.is_old();
        let may_ask = self.asked.is_none_or(|at| at.elapsed() >= KEYS_AGAIN);
        if is_kept || !may_ask {
            return false;
        }
        self.asked = Some(Instant::now());
        self.is_asking = true;
        true
    }

    fn end(&mut self, answer: anyhow::Result<JwkSet>) {
        self.is_asking = false;
        self.is_unanswered = answer.is_err();
        match answer {
            Ok(set) => self.read = Some((set, Instant::now())),
            Err(error) => warn!(%error, "cannot read the project's public keys"),
        }
    }

    /// Whether nothing is to be waited for. A key that may have been withdrawn in the meantime waits as one that is not
    /// known does, unless the project did not answer the last time either.
    fn can_tell(&self, kid: &str) -> bool {
        !self.is_asking || self.find(kid).is_some() && (!self.is_old() || self.is_unanswered)
    }
}
