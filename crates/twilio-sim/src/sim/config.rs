//! What is the same for the whole life of a simulation.

use switchboard_twilio::{AuthToken, PublicUrl};

use super::{FaultRates, Flow, Timing};

/// What is the same for the whole life of a simulation.
#[derive(Debug, Clone)]
pub struct Config {
    /// Decides every accident, and who calls when.
    pub seed: u64,
    /// Decides the names of legs. A database that outlives a simulation would take equal names for repetitions.
    pub names: u64,
    /// The webhook; relative URLs in TwiML are below it.
    pub base: PublicUrl,
    /// Requests are signed with it.
    pub token: AuthToken,
    /// `AC…`.
    pub account_sid: String,
    /// The number's voice URL. What follows a `#` are connection overrides, here and below.
    pub voice_url: String,
    /// Asked when a URL gives no verbs.
    pub fallback_url: String,
    /// Told of the end of a caller's leg.
    pub status_url: String,
    /// The TwiML App's voice URL, for browsers that call out.
    pub app_url: String,
    /// Where recordings can be fetched, without a slash at the end.
    pub api_url: String,
    /// How long things take.
    pub timing: Timing,
    /// What goes wrong.
    pub faults: FaultRates,
    /// Whether a leg that nobody has answered can be redirected.
    pub unanswered_redirect: UnansweredRedirect,
    /// Who calls by themselves, once [`super::Command::Flow`] lets them.
    pub flow: Option<Flow>,
    /// Seconds since 1970 at the start, for dates.
    pub started_at_s: u64,
}

/// Whether REST can redirect a leg that rings (`answerOnBridge`, nobody accepted): it is not known what Twilio does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum UnansweredRedirect {
    /// As any other.
    Works,
    /// 21220.
    Refused,
}

/// The account that simulated calls belong to unless another is named.
pub const ACCOUNT_SID: &str = "AC00000000000000000000000000000000";

impl Config {
    /// Twilio as it is configured for a webhook at `base`, without faults.
    #[must_use]
    pub fn new(seed: u64, base: PublicUrl, token: AuthToken) -> Self {
        Self {
            seed,
            names: seed,
            flow: None,
            voice_url: base.join("/twilio/voice#rc=5&rp=all"),
            fallback_url: base.join("/twilio/fallback#rc=5&rp=all"),
            status_url: base.join("/twilio/status#rc=5&rp=all"),
            app_url: base.join("/twilio/voice#rc=5&rp=all"),
            api_url: "http://127.0.0.1:8081".to_owned(),
            base,
            token,
            account_sid: ACCOUNT_SID.to_owned(),
            timing: Timing::default(),
            faults: FaultRates::none(),
            unanswered_redirect: UnansweredRedirect::Works,
            started_at_s: 1_767_225_600,
        }
    }
}
