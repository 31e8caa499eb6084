//! Webhook processes: the real service and the real reconciler, on rows and a Twilio that are simulated. A process that
//! is killed stops in the middle of whatever it awaits.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rand::RngExt as _;
use switchboard_model::{Call, CallId, Member, MemberId, NewCall};
use switchboard_twilio::rest::{
    CallPage, CallResource, CallUpdate, CallsQuery, RestError, read_call, read_calls,
};
use switchboard_twilio::{CallSid, PublicUrl};
use switchboard_twilio_sim::sim::{
    Answer as Said, HttpRequest, RequestId, RestAnswer, RestRequest,
};
use switchboard_webhook::config::Voice;
use switchboard_webhook::reconciler::Reconciler;
use switchboard_webhook::rows::{
    Answer, Floor, Guard, LegWord, News, Picture, Place, Release, Rendered, Rendering, Rows, Step,
    Work,
};
use switchboard_webhook::service::{Reply, Service};
use switchboard_webhook::store::StoreError;
use switchboard_webhook::telephony::Telephony;
use switchboard_webhook::urls::Urls;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::tables::Tables;
use crate::world::{BASE, Event, Shared};

/// The database and Twilio, as one process reaches them.
#[derive(Clone)]
pub(crate) struct Link {
    shared: Shared,
    /// Whether the database has failed whoever asks through this link.
    has_failed: Arc<AtomicBool>,
}

impl Link {
    pub(crate) fn new(shared: Shared) -> Self {
        Self {
            shared,
            has_failed: Arc::default(),
        }
    }

    async fn rows<T>(
        &self,
        ask: impl FnOnce(&mut dyn Tables) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let (there, back) = {
            let mut world = self.shared.lock();
            (world.some_ms(1, 6), world.some_ms(1, 6))
        };
        sleep(there).await;
        let lost = |text: &str| {
            self.has_failed.store(true, Ordering::Relaxed);
            Err(StoreError::Unreachable(text.to_owned()))
        };
        let answer = {
            let mut world = self.shared.lock();
            let rate = world.weather.rows_lost;
            if world.is_down || world.chance(rate) {
                return lost("nobody listens");
            }
            let answer = ask(&mut *world.tables);
            world.spread();
            let rate = world.weather.rows_unanswered;
            if world.chance(rate) {
                return lost("the connection broke");
            }
            answer
        };
        self.shared.stirred.notify_one();
        sleep(back).await;
        answer
    }

    async fn twilio(&self, request: RestRequest) -> Result<RestAnswer, RestError> {
        let (there, back) = {
            let mut world = self.shared.lock();
            (world.some_ms(20, 80), world.some_ms(20, 80))
        };
        sleep(there).await;
        let answer = {
            let mut world = self.shared.lock();
            if let RestRequest::Update { sid, form } = &request {
                let now = world.now();
                world.updates.push((now, sid.clone()));
                let what = form
                    .get("Url")
                    .or(form.get("Status"))
                    .unwrap_or_default()
                    .to_owned();
                world.note(|| format!("rest update {} {what}", crate::world::last(sid)));
            }
            world.ask_twilio(request)
        };
        self.shared.stirred.notify_one();
        let answer = answer.await.ok().flatten().ok_or(RestError::Unreachable)?;
        sleep(back).await;
        Ok(answer)
    }
}

impl Telephony for Link {
    async fn update(&self, leg: &CallSid, update: &CallUpdate) -> Result<CallResource, RestError> {
        let (sid, form) = (leg.to_string(), update.form());
        let answer = self.twilio(RestRequest::Update { sid, form }).await?;
        read_call(answer.status, None, answer.body.to_string().as_bytes())
    }

    async fn fetch(&self, leg: &CallSid) -> Result<CallResource, RestError> {
        let sid = leg.to_string();
        let answer = self.twilio(RestRequest::Fetch { sid }).await?;
        read_call(answer.status, None, answer.body.to_string().as_bytes())
    }

    async fn list(&self, query: &CallsQuery) -> Result<CallPage, RestError> {
        let query = query.form();
        let answer = self.twilio(RestRequest::List { query }).await?;
        read_calls(answer.status, None, answer.body.to_string().as_bytes())
    }
}

impl Rows for Link {
    fn insert_or_read(&self, call: &NewCall) -> impl Answer<Call> {
        let call = call.clone();
        async move { self.rows(|tables| tables.insert_or_read(&call)).await }
    }

    fn place(&self, call: &NewCall, agent: MemberId) -> impl Answer<Call> {
        let call = call.clone();
        async move { self.rows(|tables| tables.place(&call, agent)).await }
    }

    fn call(&self, id: CallId) -> impl Answer<Option<Call>> {
        self.rows(move |tables| tables.call(id))
    }

    fn call_by_sid(&self, sid: &str) -> impl Answer<Option<Call>> {
        let sid = sid.to_owned();
        async move { self.rows(|tables| tables.call_by_sid(&sid)).await }
    }

    fn member_by_identity(&self, identity: &str) -> impl Answer<Option<Member>> {
        let identity = identity.to_owned();
        async move {
            self.rows(|tables| tables.member_by_identity(&identity))
                .await
        }
    }

    fn change(&self, guard: &Guard, step: &Step) -> impl Answer<Option<Call>> {
        let (guard, step) = (guard.clone(), step.clone());
        async move {
            let meanwhile = self.shared.lock().meanwhile.take();
            self.rows(|tables| {
                if let Some(meanwhile) = meanwhile {
                    meanwhile(tables);
                }
                tables.change(&guard, &step)
            })
            .await
        }
    }

    fn picture(&self, id: CallId) -> impl Answer<Option<Picture>> {
        self.rows(move |tables| tables.picture(id))
    }

    fn floor(&self) -> impl Answer<Floor> {
        self.rows(|tables| tables.floor())
    }

    fn note_render(&self, rendering: &Rendering) -> impl Answer<Rendered> {
        let rendering = rendering.clone();
        async move {
            let noted = self.rows(|tables| tables.note_render(&rendering)).await;
            if noted.is_ok() {
                self.shared.lock().rendered(rendering.id);
            }
            noted
        }
    }

    async fn note_rendered(&self, _: &[(CallId, i32)]) -> Result<(), StoreError> {
        unreachable!("is for services without audio")
    }

    fn note_leg(&self, word: &LegWord) -> impl Answer<News> {
        let word = word.clone();
        async move { self.rows(|tables| tables.note_leg(&word)).await }
    }

    fn note_connected(&self, id: CallId, place: Place) -> impl Answer<()> {
        self.rows(move |tables| tables.note_connected(id, place))
    }

    fn note_customer(&self, id: CallId, sid: &str) -> impl Answer<()> {
        let sid = sid.to_owned();
        async move { self.rows(|tables| tables.note_customer(id, &sid)).await }
    }

    fn note_over(&self, id: CallId) -> impl Answer<()> {
        self.rows(move |tables| tables.note_over(id))
    }

    fn claim_work(&self, worker: &str, at_most: i32, quiet_s: i32) -> impl Answer<Work> {
        let worker = worker.to_owned();
        async move {
            self.rows(|tables| tables.claim_work(&worker, at_most, quiet_s))
                .await
        }
    }

    fn release_work(&self, id: CallId, worker: &str, release: Release) -> impl Answer<()> {
        let worker = worker.to_owned();
        async move {
            self.rows(|tables| tables.release_work(id, &worker, release))
                .await
        }
    }
}

/// One process, running or dead.
pub(crate) struct Process {
    name: String,
    running: Option<Running>,
    asked: BTreeSet<RequestId>,
}

struct Running {
    service: Service<Link, Link>,
    tasks: JoinSet<()>,
}

impl Process {
    pub(crate) fn new(number: usize) -> Self {
        Self {
            name: format!("process {number}"),
            running: None,
            asked: BTreeSet::new(),
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.running.is_some()
    }

    pub(crate) fn boot(&mut self, shared: &Shared) {
        if self.is_up() {
            return;
        }
        shared.lock().note(|| format!("{} starts", self.name));
        let link = Link::new(shared.clone());
        let urls = Urls::new(PublicUrl::parse(BASE).unwrap());
        let service = Service::new(link.clone(), link, urls, Voice::Sim);
        let mut tasks = JoinSet::new();
        let reconciler = Reconciler::new(service.clone(), self.name.clone());
        tasks.spawn(async move { reconciler.run().await });
        let endings = service.endings.clone();
        tasks.spawn(async move { endings.run().await });
        self.running = Some(Running { service, tasks });
    }

    /// Whoever waits for an answer of this process gets none.
    pub(crate) fn kill(&mut self, shared: &Shared) {
        if self.running.take().is_none() {
            return;
        }
        let mut world = shared.lock();
        world.note(|| format!("{} is killed", self.name));
        for id in std::mem::take(&mut self.asked) {
            world.soon(1, 5, Event::Answer(id, Said::Unreachable));
        }
    }

    /// Something has changed in the database.
    pub(crate) fn hint(&self, shared: &Shared) {
        let rate = shared.lock().weather.hints_lost;
        if let Some(running) = &self.running
            && !shared.lock().chance(rate)
        {
            running.service.hint.notify_one();
        }
    }

    pub(crate) fn answered(&mut self, id: RequestId) {
        self.asked.remove(&id);
    }

    /// One request, in a task of its own, which dies with the process.
    pub(crate) fn ask(&mut self, request: HttpRequest, shared: &Shared) {
        let Some(running) = &mut self.running else {
            let refused = Event::Answer(request.id, Said::Unreachable);
            shared.lock().soon(1, 5, refused);
            return;
        };
        self.asked.insert(request.id);
        let mut service = running.service.clone();
        let shared = shared.clone();
        let link = Link::new(shared.clone());
        service.rows = link.clone();
        running.tasks.spawn(async move {
            let uri = request.url.strip_prefix(BASE).unwrap();
            let reply = service.answer(uri, &request.form).await;
            let is_written = match &reply {
                Ok(Reply::Twiml(_)) => {
                    uri.starts_with("/twilio/voice") && !link.has_failed.load(Ordering::Relaxed)
                }
                Ok(Reply::Done) => uri.starts_with("/twilio/status"),
                _ => false,
            };
            let response = |status, body| Said::Response { status, body };
            let answer = match reply {
                Ok(Reply::Twiml(twiml)) => Said::twiml(twiml.to_string()),
                Ok(Reply::Done) => response(204, String::new()),
                Ok(Reply::Later) => response(503, String::new()),
                Ok(Reply::Unknown) => response(404, String::new()),
                Err(error) => panic!("the webhook cannot read {uri}: {error}"),
            };
            let mut world = shared.lock();
            if let (true, Some(sid)) = (is_written, request.form.get("CallSid")) {
                world.met.insert(sid.to_owned());
            }
            let delay = Duration::from_millis(world.rng.random_range(1..20));
            world.after(delay, Event::Answer(request.id, answer));
            drop(world);
            shared.stirred.notify_one();
        });
        // Finished tasks are let go.
        while running
            .tasks
            .try_join_next()
            .is_some_and(|ended| match ended {
                Ok(()) => true,
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            })
        {}
    }
}
