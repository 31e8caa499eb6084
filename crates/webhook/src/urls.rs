//! The addresses that we give to Twilio.

use switchboard_model::Call;
use switchboard_twilio::PublicUrl;

/// Builds absolute URLs of this service. Every URL about a call carries its id (`c`) and epoch (`e`), so that a late
/// request can be told from a current one. Keys are in alphabetical order: some of Twilio's servers sort them before
/// they sign.
#[derive(Clone, Debug)]
pub struct Urls {
    base: PublicUrl,
}

impl Urls {
    /// URLs below `base`.
    #[must_use]
    pub fn new(base: PublicUrl) -> Self {
        Self { base }
    }

    /// Asks again what this call should hear.
    #[must_use]
    pub fn voice(&self, call: &Call) -> String {
        self.about("/twilio/voice", call)
    }

    /// Asks on after a `<Dial>`.
    #[must_use]
    pub fn dial(&self, call: &Call) -> String {
        self.about("/twilio/dial", call)
    }

    /// Hears of an agent's leg.
    #[must_use]
    pub fn leg(&self, call: &Call) -> String {
        self.about("/twilio/leg", call)
    }

    /// Asks what a call should hear when nothing is known of it yet.
    #[must_use]
    pub fn first(&self) -> String {
        self.again("/twilio/voice")
    }

    /// The request that came in as `path_and_query`, once more.
    #[must_use]
    pub fn again(&self, path_and_query: &str) -> String {
        self.base.join(path_and_query)
    }

    fn about(&self, path: &str, call: &Call) -> String {
        self.base
            .join(&format!("{path}?c={}&e={}", call.id, call.epoch))
    }
}
