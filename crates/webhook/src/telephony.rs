//! What the service asks of Twilio, as one trait.

use switchboard_twilio::CallSid;
use switchboard_twilio::rest::{
    CallPage, CallResource, CallUpdate, CallsQuery, RestClient, RestError,
};

/// Twilio's REST API, as far as calls that run need it.
pub trait Telephony: Clone + Send + Sync + 'static {
    /// Changes what a leg hears, or ends it.
    fn update(
        &self,
        leg: &CallSid,
        update: &CallUpdate,
    ) -> impl Future<Output = Result<CallResource, RestError>> + Send;
    /// How a leg is.
    fn fetch(&self, leg: &CallSid) -> impl Future<Output = Result<CallResource, RestError>> + Send;
    /// Legs, the newest first.
    fn list(&self, query: &CallsQuery) -> impl Future<Output = Result<CallPage, RestError>> + Send;
}

impl Telephony for RestClient {
    async fn update(&self, leg: &CallSid, update: &CallUpdate) -> Result<CallResource, RestError> {
        Self::update(self, leg, update).await
    }

    async fn fetch(&self, leg: &CallSid) -> Result<CallResource, RestError> {
        Self::fetch(self, leg).await
    }

    async fn list(&self, query: &CallsQuery) -> Result<CallPage, RestError> {
        Self::list(self, query).await
    }
}
