//! One seed, from the first call to the last.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::plan::{Plan, STORM};
use crate::process::Process;
use crate::tables::Tables;
use crate::verdict::{Watch, accounts};
use crate::world::{Event, Shared, Way};

/// From when on row and audio must agree: the slowest repair is the sweeper's, each minute, and what follows from it.
const AGREE: Duration = STORM.saturating_add(Duration::from_secs(80));
/// When everybody hangs up.
const FAREWELL: Duration = STORM.saturating_add(Duration::from_secs(130));
/// When the last trace must be gone.
const OVER: Duration = FAREWELL.saturating_add(Duration::from_secs(150));
/// How often row and audio are compared.
const LOOK: Duration = Duration::from_secs(1);

/// What one seed came to.
pub(crate) struct Outcome {
    /// What was wrong.
    pub(crate) verdict: Result<(), String>,
    /// What happened, if the plan wants it told.
    pub(crate) log: Vec<String>,
    /// From claim to audio.
    pub(crate) connected: Vec<(Way, Duration)>,
    /// From a change to the answer that the customer hears.
    pub(crate) lags: Vec<Duration>,
    /// How many calls there were.
    pub(crate) calls: usize,
}

/// Runs a plan on a thread of its own time.
pub(crate) fn run(plan: Plan, tables: Box<dyn Tables>) -> Outcome {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(live(plan, tables))
}

async fn live(plan: Plan, tables: Box<dyn Tables>) -> Outcome {
    let mut processes: Vec<_> = (0..plan.processes).map(Process::new).collect();
    let shared = Shared::new(plan, tables);
    let start = Instant::now();
    for process in &mut processes {
        process.boot(&shared);
    }
    shared.lock().begin();
    let verdict = follow(&shared, &mut processes, start).await;
    let mut world = shared.lock();
    Outcome {
        verdict,
        log: world.log(),
        connected: std::mem::take(&mut world.connected),
        lags: std::mem::take(&mut world.lags),
        calls: world.tables.all().len(),
    }
}

async fn follow(shared: &Shared, processes: &mut [Process], start: Instant) -> Result<(), String> {
    let mut watch = Watch::default();
    let mut next_look = start + AGREE;
    let mut has_ended = false;
    loop {
        while let Some(event) = { shared.lock().due() } {
            happen(event, shared, processes);
        }
        {
            let mut world = shared.lock();
            if world.sim.next_wake().is_some_and(|at| at <= world.now()) {
                world.twilio(switchboard_twilio_sim::sim::Input::Wake);
            }
            world.measure();
            world.spread();
        }
        if std::mem::take(&mut shared.lock().has_news) {
            for process in &*processes {
                process.hint(shared);
            }
        }
        let now = Instant::now();
        if now >= next_look {
            next_look = now + LOOK;
            let mut world = shared.lock();
            if !has_ended && now >= start + FAREWELL {
                has_ended = true;
                world.farewell();
            }
            watch.look(&mut world)?;
            let is_over = world.sim.is_quiet()
                && world.tables.all().iter().all(|call| !call.status.is_live());
            if has_ended && (is_over && now >= start + FAREWELL + LOOK * 5 || now >= start + OVER) {
                return accounts(&mut world);
            }
        }
        let next = shared.next().min(next_look);
        // Whoever stirs wants the same as the end of the wait: a look.
        let _ = timeout_at(next, shared.stirred.notified()).await;
    }
}

fn happen(event: Event, shared: &Shared, processes: &mut [Process]) {
    match event {
        Event::Ask(request) => {
            let up: Vec<_> = (0..processes.len())
                .filter(|n| processes[*n].is_up())
                .collect();
            // The load balancer sends to whoever lives.
            let chosen = match up.len() {
                0 => 0,
                n => up[usize::try_from(request.id).unwrap() % n],
            };
            processes[chosen].ask(*request, shared);
        }
        Event::Answer(id, answer) => {
            for process in processes {
                process.answered(id);
            }
            shared
                .lock()
                .twilio(switchboard_twilio_sim::sim::Input::Answer(id, answer));
        }
        Event::Kill(number) => processes[number].kill(shared),
        Event::Boot(number) => processes[number].boot(shared),
        Event::Outage(begins) => {
            let mut world = shared.lock();
            world.note(|| format!("the database is down: {begins}"));
            world.is_down = begins && !world.is_calm;
        }
        Event::Calm => {
            for process in processes {
                process.boot(shared);
            }
            let mut world = shared.lock();
            world.note(|| "calm".to_owned());
            world.calm();
        }
        Event::Person(person) => shared.lock().person_acts(person),
        Event::Tab(person) => shared.lock().open_tab(person),
        Event::Caller(number) => shared.lock().calls_in(number),
        Event::Press(sid) => shared.lock().press(sid),
        Event::Frame(..)
        | Event::FromPage(..)
        | Event::Connect(..)
        | Event::Heard(..)
        | Event::Me(..)
        | Event::Duty(..)
        | Event::Row(..)
        | Event::Snapshot(_)
        | Event::Act(..)
        | Event::Acted(..)
        | Event::Report(..)
        | Event::Reported(..)
        | Event::Heartbeat(_)
        | Event::Retry(_)
        | Event::Lead(_) => shared.lock().page_event(event),
    }
}
