//! One call, from the first webhook to the last status callback.

use std::time::Duration;

use switchboard_twilio::Form;
use tokio::time::Instant;

use crate::cast::Caller;
use crate::event::Event;
use crate::line::{Line, LineError};
use crate::sid::{ACCOUNT_SID, new_call_sid};
use crate::stop::Stop;
use crate::tempo::Tempo;
use crate::twiml::{self, Step};

/// How often a webhook that cannot be reached is asked, and how long between. Twilio does the same when the URL says
/// so (`#rc=…&rp=ct,rt,5xx`).
const ATTEMPTS: u32 = 20;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(500);
/// A redirect takes this long, so that verbs which only redirect are not a storm.
const TURN: Duration = Duration::from_millis(250);

/// Who calls whom.
#[derive(Debug, Clone)]
pub struct Call {
    sid: String,
    from: String,
    to: String,
    caller_name: Option<String>,
}

/// How a call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The caller gave up, or everything was stopped.
    CallerHungUp,
    /// The switchboard ended it.
    HungUp,
    /// The webhook gave no answer that can be followed.
    Dropped,
}

/// What a call needs around it.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The way to the webhook.
    pub line: Line,
    /// How fast time runs.
    pub tempo: Tempo,
    /// Ends the call as if the caller hung up.
    pub stop: Stop,
}

impl Call {
    /// A new call.
    #[must_use]
    pub fn new(from: &str, to: &str, caller_name: Option<&str>) -> Self {
        Self {
            sid: new_call_sid(),
            from: from.to_owned(),
            to: to.to_owned(),
            caller_name: caller_name.map(str::to_owned),
        }
    }

    /// A new call by one of the cast.
    #[must_use]
    pub fn by(caller: &Caller, to: &str) -> Self {
        Self::new(caller.number, to, caller.network_name)
    }

    /// Lives through the call: follows what the webhook answers, until one side hangs up. The caller does so after
    /// `patience`. Returns an error only when the webhook does not believe us, which no patience mends.
    pub async fn live(
        &self,
        setting: &Setting,
        patience: Option<Duration>,
        tell: impl Fn(Event),
    ) -> Result<Outcome, LineError> {
        let Setting { line, tempo, stop } = setting;
        let began = Instant::now();
        let patience = async {
            match patience {
                Some(patience) => tempo.wait(patience).await,
                None => std::future::pending().await,
            }
        };
        tell(Event::Placed);
        let mut answered = false;
        let followed = tokio::select! {
            followed = self.follow(line, *tempo, &mut answered, &tell) => followed,
            () = patience => Ok(Outcome::CallerHungUp),
            () = stop.wished() => Ok(Outcome::CallerHungUp),
        };
        let lasted = began.elapsed();
        let (outcome, status) = match followed {
            Ok(outcome @ Outcome::HungUp) => {
                tell(Event::HungUp(lasted));
                (outcome, "completed")
            }
            Ok(outcome) => {
                tell(Event::CallerHungUp(lasted));
                (outcome, if answered { "completed" } else { "canceled" })
            }
            Err(Trouble::Line(LineError::Disbelieved)) => return Err(LineError::Disbelieved),
            Err(trouble) => {
                tell(Event::Dropped(trouble.to_string()));
                (Outcome::Dropped, "failed")
            }
        };
        self.report_end(line, *tempo, status, lasted, &tell).await;
        Ok(outcome)
    }

    /// Asks what to do and does it, for as long as there is something to do.
    async fn follow(
        &self,
        line: &Line,
        tempo: Tempo,
        answered: &mut bool,
        tell: &impl Fn(Event),
    ) -> Result<Outcome, Trouble> {
        let mut ask = (line.url("/twilio/voice"), Vec::new());
        loop {
            let status = if *answered { "in-progress" } else { "ringing" };
            let mut form = self.parameters(status);
            form.append(&mut ask.1);
            let answer =
                post_patiently(line, tempo, &ask.0, &form.into_iter().collect(), tell).await?;
            match self
                .run(&twiml::read(&answer)?, tempo, answered, tell)
                .await
            {
                Some((url, more)) => ask = (line.resolve(&url), more),
                None => return Ok(Outcome::HungUp),
            }
        }
    }

    /// Runs the steps of one answer. Returns what is asked next, or nothing at the end of the call.
    async fn run(
        &self,
        steps: &[Step],
        tempo: Tempo,
        answered: &mut bool,
        tell: &impl Fn(Event),
    ) -> Option<(String, Vec<Pair>)> {
        for step in steps {
            match step {
                Step::Hear { text, lasts } => {
                    *answered = true;
                    tell(Event::Heard(text.clone()));
                    tempo.wait(*lasts).await;
                }
                Step::Wait(time) => {
                    *answered = true;
                    tell(Event::Waits(*time));
                    tempo.wait(*time).await;
                }
                Step::Ring {
                    identities,
                    lasts,
                    action,
                } => {
                    tell(Event::Rings(identities.clone(), *lasts));
                    tempo.wait(*lasts).await;
                    if let Some(action) = action {
                        return Some((
                            action.clone(),
                            vec![("DialCallStatus", "no-answer".to_owned())],
                        ));
                    }
                }
                Step::Ask(url) => {
                    tempo.wait(TURN).await;
                    return Some((url.clone(), Vec::new()));
                }
                Step::HangUp => return None,
            }
        }
        None
    }

    async fn report_end(
        &self,
        line: &Line,
        tempo: Tempo,
        status: &'static str,
        lasted: Duration,
        tell: &impl Fn(Event),
    ) {
        let mut form = self.parameters(status);
        form.extend([
            ("CallDuration", lasted.as_secs().to_string()),
            ("CallbackSource", "call-progress-events".to_owned()),
            // Our number is configured with one event, `completed`, so this is the leg's first callback.
            ("SequenceNumber", "0".to_owned()),
        ]);
        let url = line.url("/twilio/status");
        if post_patiently(line, tempo, &url, &form.into_iter().collect(), &|_| {})
            .await
            .is_err()
        {
            tell(Event::EndNotTold);
        }
    }

    /// What Twilio says of a call with every request.
    fn parameters(&self, status: &'static str) -> Vec<Pair> {
        let mut pairs = vec![
            ("AccountSid", ACCOUNT_SID.to_owned()),
            ("ApiVersion", "2010-04-01".to_owned()),
            ("CallSid", self.sid.clone()),
            ("CallStatus", status.to_owned()),
            ("Called", self.to.clone()),
            ("Caller", self.from.clone()),
            ("Direction", "inbound".to_owned()),
            ("From", self.from.clone()),
            ("To", self.to.clone()),
        ];
        pairs.extend(self.caller_name.clone().map(|name| ("CallerName", name)));
        pairs
    }
}

type Pair = (&'static str, String);

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Line(#[from] LineError),
    #[error(transparent)]
    Twiml(#[from] twiml::NotTwiml),
}

/// Posts, and again while the webhook restarts.
async fn post_patiently(
    line: &Line,
    tempo: Tempo,
    url: &str,
    form: &Form,
    tell: &impl Fn(Event),
) -> Result<String, LineError> {
    let mut attempts = 1;
    loop {
        match line.post(url, form).await {
            Err(error) if error.is_passing() && attempts < ATTEMPTS => {
                if attempts == 1 {
                    tell(Event::Unreachable);
                }
                attempts += 1;
                tempo.wait(BETWEEN_ATTEMPTS).await;
            }
            answered => return answered,
        }
    }
}
