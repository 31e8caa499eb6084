//! The addresses that we give to Twilio, and what stands in them.

use axum::http::Uri;
use switchboard_model::{Call, CallId};
use switchboard_twilio::{DialResult, Form, PublicUrl};

use crate::rows::Place;

/// Builds absolute URLs of this service. Every URL about a call carries its id (`c`) and epoch (`e`), and those of a
/// `<Dial>` its number (`r`), so that a late request can be told from a current one. Keys are in alphabetical order:
/// some of Twilio's servers sort them before they sign.
#[derive(Clone, Debug)]
pub struct Urls {
    base: PublicUrl,
}

/// What stands in a URL of ours. Anything unreadable counts as absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Which call.
    pub call: Option<CallId>,
    /// Which epoch.
    pub epoch: Option<i32>,
    /// Which render.
    pub render: Option<i32>,
}

impl About {
    /// Reads the query of a request.
    #[must_use]
    pub fn of(uri: &Uri) -> Self {
        uri.query().map_or_else(Self::default, Self::of_query)
    }

    /// Reads a query.
    #[must_use]
    pub fn of_query(query: &str) -> Self {
        let form = Form::parse(query.as_bytes());
        Self {
            call: form.get("c").and_then(|text| text.parse().ok()),
            epoch: form.get("e").and_then(|text| text.parse().ok()),
            render: form.get("r").and_then(|text| text.parse().ok()),
        }
    }

    /// The `<Dial>` that it is about.
    #[must_use]
    pub fn place(self) -> Option<Place> {
        Some(Place {
            epoch: self.epoch?,
            render: self.render?,
        })
    }
}

/// What was posted, and what we had written into the URL; of both, what was posted counts.
#[must_use]
pub fn with_query(form: &Form, query: &str) -> Form {
    let ours = Form::parse(query.as_bytes());
    let ours = ours.pairs().filter(|(key, _)| form.get(key).is_none());
    form.pairs().chain(ours).collect()
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
        self.base
            .join(&format!("/twilio/voice?c={}&e={}", call.id, call.epoch))
    }

    /// Asks on after a `<Dial>`.
    #[must_use]
    pub fn dial(&self, call: &Call, render: i32) -> String {
        self.about("/twilio/dial", call, render)
    }

    /// Hears of a leg of a `<Dial>`.
    #[must_use]
    pub fn leg(&self, call: &Call, render: i32) -> String {
        self.about("/twilio/leg", call, render)
    }

    /// Asks on after a message.
    #[must_use]
    pub fn recorded(&self, call: &Call, render: i32) -> String {
        self.about("/twilio/recorded", call, render)
    }

    /// Hears that a message is ready.
    #[must_use]
    pub fn recording(&self, call: &Call, render: i32) -> String {
        self.about("/twilio/recording", call, render)
    }

    /// What waiting customers hear when nobody chose other music.
    #[must_use]
    pub fn hold_music(&self) -> String {
        self.base.join("/twilio/hold.wav")
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

    /// Asks on after a `<Dial>` once more. A redirect posts nothing of how the `<Dial>` ended, so the URL says it.
    #[must_use]
    pub fn dial_again(&self, about: About, result: &DialResult) -> String {
        let numbers = [("e", about.epoch), ("r", about.render)];
        let pairs = [
            ("DialBridged", result.is_bridged.map(|is| is.to_string())),
            (
                "DialCallStatus",
                Some(result.dial_status.as_str().to_owned()),
            ),
            ("c", about.call.map(|id| id.to_string())),
        ];
        let numbers = numbers.map(|(key, number)| (key, number.map(|number| number.to_string())));
        let pairs = pairs.into_iter().chain(numbers);
        let query: Form = pairs
            .filter_map(|(key, value)| Some((key, value?)))
            .collect();
        self.base.join(&format!("/twilio/dial?{}", query.encode()))
    }

    fn about(&self, path: &str, call: &Call, render: i32) -> String {
        let (id, epoch) = (call.id, call.epoch);
        self.base
            .join(&format!("{path}?c={id}&e={epoch}&r={render}"))
    }
}
