//! What comes late, twice, or in another order than it happened, said to the service directly: each rule by which it
//! changes nothing has a test of its own here, on the tables in memory and on the real ones.

use std::time::Duration;

use switchboard_local_supabase::{LocalSupabase, Options};
use switchboard_model::{Call, EndReason, Intent, MemberId, ParkReason, Status};
use switchboard_twilio::{Form, PublicUrl};
use switchboard_twilio_sim::sim::{Command, Fault, Input};
use switchboard_webhook::config::Voice;
use switchboard_webhook::reconciler::Reconciler;
use switchboard_webhook::rows::{Guard, LegState, LegWord, Rows as _, Scene, Step};
use switchboard_webhook::service::{Reply, Service};
use switchboard_webhook::urls::Urls;

use crate::memory::Memory;
use crate::plan::{Plan, member_id};
use crate::process::Link;
use crate::real::Real;
use crate::tables::Tables;
use crate::world::{BASE, Shared};

const CALLER: &str = "CA00000000000000000000000000000001";
const AGENT: &str = "agent_0";
/// A number that the office may call.
const NUMBER: &str = "+12025550141";

/// One service and its tables; nothing happens by itself.
struct Desk {
    shared: Shared,
    service: Service<Link, Link>,
}

impl Desk {
    fn of(plan: Plan, tables: Box<dyn Tables>) -> Self {
        let shared = Shared::new(plan, tables);
        let link = Link::new(shared.clone());
        let urls = Urls::new(PublicUrl::parse(BASE).unwrap());
        Self {
            shared,
            service: Service::new(link.clone(), link, urls, Voice::Sim),
        }
    }

    /// The first two of the team can be rung.
    fn go_on_duty(&self) {
        let mut world = self.shared.lock();
        for n in 0..2 {
            world.tables.tell_available(member_id(n), true);
            world.tables.tell_device(member_id(n), "ready");
            world.tables.heartbeat(member_id(n));
        }
    }

    fn act(&self, me: MemberId, call: &Call, intent: Intent) -> Call {
        let mut world = self.shared.lock();
        world.tables.act(me, call.id, intent).unwrap()
    }

    async fn say(&self, path: &str, pairs: &[(&str, &str)]) -> Reply {
        let form: Form = pairs.iter().copied().collect();
        self.service.answer(path, &form).await.unwrap()
    }

    /// A leg of the caller's asks what to do.
    async fn ask(&self, from: &str, to: &str) -> String {
        let pairs = [
            ("CallSid", CALLER),
            ("AccountSid", "AC1"),
            ("From", from),
            ("To", to),
            ("CallStatus", "ringing"),
            ("Direction", "inbound"),
            ("ApiVersion", "2010-04-01"),
        ];
        match self.say("/twilio/voice", &pairs).await {
            Reply::Twiml(twiml) => twiml.to_string(),
            other => panic!("{other:?}"),
        }
    }

    /// A dialled leg says how it is, about that epoch and render.
    async fn leg(&self, call: &Call, (epoch, render): (i32, i32), to: &str, word: Word) {
        let path = format!("/twilio/leg?c={}&e={epoch}&r={render}", call.id);
        let sid = format!("CA{render:032}");
        let sequence = word.0.to_string();
        let pairs = [
            ("CallSid", sid.as_str()),
            ("ParentCallSid", CALLER),
            ("AccountSid", "AC1"),
            ("From", "+12025550199"),
            ("To", to),
            ("CallStatus", word.1),
            ("Direction", "outbound-dial"),
            ("ApiVersion", "2010-04-01"),
            ("SequenceNumber", &sequence),
        ];
        assert_eq!(self.say(&path, &pairs).await, Reply::Done);
    }

    /// The end of a `<Dial>` is told.
    async fn dial_over(&self, call: &Call, (epoch, render): (i32, i32)) -> Reply {
        let path = format!("/twilio/dial?c={}&e={epoch}&r={render}", call.id);
        let pairs = [
            ("CallSid", CALLER),
            ("AccountSid", "AC1"),
            ("From", "+12025550150"),
            ("To", "+12025550199"),
            ("CallStatus", "in-progress"),
            ("Direction", "inbound"),
            ("ApiVersion", "2010-04-01"),
            ("DialCallStatus", "completed"),
            ("DialBridged", "true"),
        ];
        self.say(&path, &pairs).await
    }

    async fn scene(&self) -> Scene {
        let rows = &self.service.rows;
        let call = rows.call_by_sid(CALLER).await.unwrap().unwrap();
        rows.picture(call.id).await.unwrap().unwrap().scene
    }

    /// A caller whose call the first agent has just claimed, in the dial that rings there.
    async fn claimed(&self) -> Call {
        self.go_on_duty();
        self.ask("+12025550150", "+12025550199").await;
        let call = self.scene().await.call;
        self.act(member_id(0), &call, Intent::Answer)
    }

    /// The same, and they talk.
    async fn talking(&self) -> Call {
        let call = self.claimed().await;
        let place = self.place().await;
        self.leg(&call, place, "client:agent_0", ANSWERED).await;
        let call = self.scene().await.call;
        assert!(call.connected_at.is_some());
        call
    }

    /// That the agent's leg answered is noted, and not written to the row.
    async fn note_answer(&self, call: &Call) {
        let word = LegWord {
            id: call.id,
            place: self.scene().await.place().unwrap(),
            key: AGENT.to_owned(),
            sid: "CA2".to_owned(),
            state: LegState::Answered,
            sequence: Some(2),
        };
        self.service.rows.note_leg(&word).await.unwrap();
    }

    async fn place(&self) -> (i32, i32) {
        let place = self.scene().await.place().unwrap();
        (place.epoch, place.render)
    }
}

/// A `SequenceNumber` and a `CallStatus`.
type Word = (u8, &'static str);
const INITIATED: Word = (0, "initiated");
const RINGING: Word = (1, "ringing");
const ANSWERED: Word = (2, "in-progress");
const COMPLETED: Word = (3, "completed");

/// Runs a test on a desk of its own, with tables in memory and with real ones.
fn on_both<F: Future<Output = ()>>(test: impl Fn(Desk) -> F) {
    let plan = || {
        let mut plan = Plan::of(0);
        plan.members = 3;
        plan.is_open = true;
        plan.weather = crate::world::Weather::default();
        plan.accidents.clear();
        plan.park_timeout_s = 90;
        plan
    };
    let still = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
    };
    let memory = Memory::new(plan().team(), plan().office(), true);
    still().block_on(async { test(Desk::of(plan(), Box::new(memory))).await });
    let io = tokio::runtime::Runtime::new().unwrap();
    let stack = io
        .block_on(LocalSupabase::start(Options::default()))
        .unwrap();
    let tables = io.block_on(Real::of(&stack, &plan()));
    still().block_on(async { test(Desk::of(plan(), Box::new(tables))).await });
    io.block_on(stack.stop());
}

/// Every order of three.
fn orders(words: [Word; 3]) -> [[Word; 3]; 6] {
    let [a, b, c] = words;
    [
        [a, b, c],
        [a, c, b],
        [b, a, c],
        [b, c, a],
        [c, a, b],
        [c, b, a],
    ]
}

#[test]
fn who_is_called_is_connected_in_whatever_order_that_is_told() {
    // As Twilio counts them, and as they would be counted if it were picked up before it rings.
    let too_early = [(0, ANSWERED.1), (1, INITIATED.1), (2, RINGING.1)];
    for words in [[INITIATED, RINGING, ANSWERED], too_early] {
        for order in orders(words) {
            let memory = {
                let plan = Plan::of(1);
                Memory::new(plan.team(), plan.office(), true)
            };
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build()
                .unwrap();
            runtime.block_on(async {
                let mut plan = Plan::of(1);
                plan.weather = crate::world::Weather::default();
                let desk = Desk::of(plan, Box::new(memory));
                let verbs = desk.ask("client:agent_0", NUMBER).await;
                assert!(verbs.contains("<Number"), "{verbs}");
                let call = desk.scene().await.call;
                let place = desk.place().await;
                for word in order {
                    desk.leg(&call, place, NUMBER, word).await;
                }
                let call = desk.scene().await.call;
                assert!(call.connected_at.is_some(), "{order:?}");
            });
        }
    }
}

#[test]
fn an_answer_that_was_noted_by_a_service_that_died_is_told_again() {
    on_both(|desk| async move {
        let call = desk.claimed().await;
        let place = desk.place().await;
        // It noted the word, and died before it wrote the row.
        desk.note_answer(&call).await;
        assert!(desk.scene().await.call.connected_at.is_none());
        desk.leg(&call, place, "client:agent_0", ANSWERED).await;
        assert!(desk.scene().await.call.connected_at.is_some());
    });
}

#[test]
fn an_answer_that_twilio_does_not_confirm_costs_nobody_the_call_before_time_is_over() {
    on_both(|desk| async move {
        let call = desk.claimed().await;
        desk.note_answer(&call).await;
        // Twilio knows of no such leg: the caller is between two dials.
        let reconciler = Reconciler::new(desk.service.clone(), "one");
        assert_eq!(reconciler.pass(Duration::ZERO).await.unwrap(), 1);
        let now = desk.scene().await.call;
        assert_eq!(
            (now.status, now.assigned_to, now.epoch),
            (Status::Active, Some(member_id(0)), call.epoch)
        );
    });
}

#[test]
fn a_leg_goes_forward_only() {
    on_both(|desk| async move {
        let call = desk.talking().await;
        let place = desk.place().await;
        desk.leg(&call, place, "client:agent_0", RINGING).await;
        desk.leg(&call, place, "client:agent_0", INITIATED).await;
        let state = |scene: &Scene| scene.audio.legs[AGENT].state;
        assert_eq!(state(&desk.scene().await), LegState::Answered);
        desk.leg(&call, place, "client:agent_0", COMPLETED).await;
        desk.leg(&call, place, "client:agent_0", ANSWERED).await;
        assert_eq!(state(&desk.scene().await), LegState::Ended);
    });
}

#[test]
fn who_has_hung_up_is_not_connected_by_an_answer_that_comes_late() {
    on_both(|desk| async move {
        let call = desk.claimed().await;
        let place = desk.place().await;
        desk.leg(&call, place, "client:agent_0", COMPLETED).await;
        desk.leg(&call, place, "client:agent_0", ANSWERED).await;
        assert_eq!(desk.scene().await.call.connected_at, None);
    });
}

#[test]
fn an_older_dial_of_the_same_epoch_has_no_say() {
    on_both(|desk| async move {
        let call = desk.claimed().await;
        let old = desk.place().await;
        // The same row is rendered once more: its legs are others.
        desk.ask("+12025550150", "+12025550199").await;
        let new = desk.place().await;
        assert_eq!((old.0, old.1 + 1), new);
        desk.leg(&call, old, "client:agent_0", ANSWERED).await;
        let scene = desk.scene().await;
        assert_eq!(scene.audio.legs[AGENT].state, LegState::Dialled);
        assert_eq!(scene.call.connected_at, None, "nobody talks in this dial");
        desk.leg(&call, new, "client:agent_0", ANSWERED).await;
        let before = desk.scene().await;
        assert!(before.call.connected_at.is_some());
        desk.leg(&call, old, "client:agent_0", COMPLETED).await;
        let Reply::Twiml(verbs) = desk.dial_over(&call, old).await else {
            panic!("no verbs");
        };
        assert!(verbs.to_string().contains("<Redirect"), "{verbs}");
        // Times apart: those of the real tables are made older all the while.
        let noted = |scene: &Scene| {
            let legs = scene.audio.legs.iter();
            let legs: Vec<_> = legs
                .map(|(who, leg)| (who.clone(), leg.state, leg.sid.clone(), leg.sequence))
                .collect();
            let lease = scene.audio.lease_until.is_some();
            (scene.call.version, scene.audio.render, lease, legs)
        };
        assert_eq!(noted(&desk.scene().await), noted(&before));
        // The end of the one that runs does count.
        desk.dial_over(&call, new).await;
        let call = desk.scene().await.call;
        assert_eq!(
            (call.status, call.park_reason),
            (Status::Parked, Some(ParkReason::AgentDropped))
        );
    });
}

#[test]
fn a_row_that_went_on_and_came_back_is_another_row() {
    on_both(|desk| async move {
        let call = desk.talking().await;
        let place = desk.place().await;
        // Between the look at the row and the change, the agent puts the caller on hold and takes them back: everything
        // is as it was but the epoch, and the end of the older dial must not cost the call.
        let id = call.id;
        desk.shared.lock().meanwhile = Some(Box::new(move |tables| {
            tables.act(member_id(0), id, Intent::Hold).unwrap();
            tables.act(member_id(0), id, Intent::Resume).unwrap();
        }));
        desk.dial_over(&call, place).await;
        let now = desk.scene().await.call;
        assert_eq!(
            (now.status, now.assigned_to, now.epoch),
            (Status::Active, Some(member_id(0)), call.epoch + 2)
        );
        // So it is for every change that the service makes.
        let stale = Guard::of(&call);
        for step in [
            Step::Connect,
            Step::Park(ParkReason::AgentDropped),
            Step::Requeue,
            Step::End(EndReason::Completed),
        ] {
            let changed = desk.service.rows.change(&stale, &step).await.unwrap();
            assert_eq!(changed, None, "{step:?}");
        }
    });
}

/// Nobody else may have taken the call before this process stops to work on it.
#[test]
fn work_on_a_call_that_takes_too_long_is_given_up_and_tried_again() {
    on_both(|mut desk| async move {
        desk.service.timings.piece = Duration::from_secs(1);
        desk.talking().await;
        let unanswered = Input::Do(Command::Once(Fault::RestUnanswered));
        desk.shared.lock().twilio(unanswered);
        let reconciler = Reconciler::new(desk.service.clone(), "one");
        let began = tokio::time::Instant::now();
        assert_eq!(reconciler.pass(Duration::ZERO).await.unwrap(), 1);
        // Virtual time: one request alone may take 4 s.
        assert!(began.elapsed() < Duration::from_secs(2));
        assert_eq!(desk.scene().await.audio.attempts, 1);
    });
}
