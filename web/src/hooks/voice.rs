//! Brings the board and this tab's audio together: rows and signals in, orders out.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use switchboard_model::{Board, Call, CallId, Intent, Member, MemberId};
use switchboard_softphone::{Carrier, Order, Sentence, Signal, Situation, Softphone};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::actions::Ask;
use crate::auth::Keeper;
use crate::device::{Device, load, remember_duty, was_on_duty, words};
use crate::format::{caller, millis};
use crate::session::Session;
use crate::store::{Action, Store};
use crate::texts;
use crate::view::Reach;

/// Whether the audio is on in this browser, or none where nobody carries any; and `on_ask` as it is
/// with audio: taking a call first goes on duty.
#[hook]
pub(crate) fn use_voice(
    keeper: &Keeper,
    session: &Session,
    store: &UseReducerHandle<Store>,
    on_ask: &Callback<Ask>,
) -> (Option<bool>, Callback<Ask>) {
    let is_on = use_state_eq(|| false);
    let voice = use_memo(keeper.clone(), |keeper| {
        Voice::new(keeper.clone(), store.dispatcher(), is_on.setter())
    });
    voice.on_ask.replace(on_ask.clone());
    let now = store.me().map(|me| {
        let mut situation = Situation::of(me, store.board.calls(), store.link.is_live());
        situation
            .ringing
            .retain(|call| !store.hushed.contains(call));
        let named = |id: &CallId| Some((*id, caller(store.board.call(*id)?, &store.board).0));
        let mine = situation.mine.map(|mine| mine.id);
        let callers: Callers = situation.ringing.iter().filter_map(named).collect();
        let mine = mine.and_then(|id| Some((id, lines(store.board.call(id)?, &store.board))));
        let lost = |one: &&Member| one.id != me.id && !Reach::of(one, true).can_be_rung();
        let lost = store.board.members().into_iter().filter(lost);
        let lost: Lost = lost.map(|one| (one.id, one.display_name.clone())).collect();
        (me.id, situation, callers, mine, lost, store.link.is_live())
    });
    {
        let (voice, now) = (voice.clone(), now);
        use_effect_with((now, session.clone()), move |(now, session)| {
            if let Some((me, now, callers, mine, lost, is_live)) = now {
                voice.callers.replace(callers.clone());
                voice.mine.replace(mine.clone());
                voice.lost.replace(lost.clone());
                voice.is_live.set(*is_live);
                voice.see(*me, now, &session.access_token);
            }
        });
    }
    {
        let voice = voice.clone();
        use_effect_with((), move |()| move || drop(voice.device.take()));
    }
    let asked = use_callback(on_ask.clone(), move |ask, on_ask| match ask {
        Ask::Call(call, intent @ (Intent::Answer | Intent::Retrieve | Intent::Resume)) => {
            voice.take(call, intent);
        }
        Ask::Call(call, Intent::Transfer { to }) if voice.doubts(call, to) => {}
        Ask::Mute(on) => voice.hear(Signal::Mute(on)),
        Ask::Duty(on) => voice.duty(on),
        Ask::Dial(number) => voice.dial(number),
        Ask::Call(..) | Ask::NotMe(_) => on_ask.emit(ask),
    });
    match keeper.config().carrier {
        Carrier::Off => (None, on_ask.clone()),
        Carrier::Simulator | Carrier::Twilio => (Some(*is_on), asked),
    }
}

/// The calls that ring, and who calls.
type Callers = Vec<(CallId, String)>;

/// The colleagues who cannot be rung.
type Lost = Vec<(MemberId, String)>;

/// What the bar shows of my call: since when I have it, whether it is on hold, with whom I talk, who handed it over.
fn lines(call: &Call, board: &Board) -> String {
    let since = millis(call.answered_at.unwrap_or(call.created_at)).to_string();
    let held = if call.on_hold { "held" } else { "" };
    let giver = call
        .moved_by
        .filter(|giver| Some(*giver) != call.assigned_to);
    let giver = giver.and_then(|giver| board.member(giver));
    let giver = giver.map_or("", |giver| &giver.display_name);
    let other = caller(call, board).0;
    [&since, "\n", held, "\n", &other, "\n", giver].concat()
}

struct Voice {
    // The device must not keep the page alive.
    this: Weak<Voice>,
    keeper: Keeper,
    dispatch: UseReducerDispatcher<Store>,
    is_on: UseStateSetter<bool>,
    on_ask: RefCell<Callback<Ask>>,
    me: Cell<Option<MemberId>>,
    now: RefCell<Situation>,
    callers: RefCell<Callers>,
    mine: RefCell<Option<(CallId, String)>>,
    lost: RefCell<Lost>,
    /// What is shown of my being muted, where I could be.
    muted: Cell<Option<bool>>,
    /// What the requests of the audio are made with.
    access: RefCell<String>,
    phone: RefCell<Softphone>,
    device: RefCell<Option<Device>>,
    is_loading: Cell<bool>,
    /// What it is to be told first, once it is here.
    verbs: RefCell<Vec<&'static str>>,
    /// The board goes on; otherwise it shows what was.
    is_live: Cell<bool>,
}

impl Voice {
    fn new(
        keeper: Keeper,
        dispatch: UseReducerDispatcher<Store>,
        is_on: UseStateSetter<bool>,
    ) -> Rc<Self> {
        Rc::new_cyclic(|this| Self {
            this: this.clone(),
            keeper,
            dispatch,
            is_on,
            on_ask: RefCell::default(),
            me: Cell::default(),
            now: RefCell::default(),
            callers: RefCell::default(),
            mine: RefCell::default(),
            lost: RefCell::default(),
            muted: Cell::default(),
            access: RefCell::default(),
            phone: RefCell::default(),
            device: RefCell::default(),
            is_loading: Cell::default(),
            verbs: RefCell::default(),
            is_live: Cell::default(),
        })
    }

    /// Looks at the board.
    fn see(&self, me: MemberId, now: &Situation, access: &str) {
        self.now.replace(now.clone());
        access.clone_into(&mut self.access.borrow_mut());
        self.order("access", access, "");
        if self.me.replace(Some(me)).is_none() && was_on_duty(me) {
            // As the page was left: perhaps it needs nobody's hand.
            self.with_device("resume");
        }
        self.settle();
    }

    fn take(&self, call: CallId, intent: Intent) {
        let may = self.phone.borrow_mut().take(call, intent);
        if may {
            self.on_ask.borrow().emit(Ask::Call(call, intent));
        } else {
            self.ask_duty(true);
        }
        self.settle();
    }

    fn dial(&self, number: String) {
        self.with_device("unlock");
        self.hear(Signal::Dial(number));
    }

    /// Whether `to` cannot be rung, so that the call would only come back: the person is asked first. Without audio here
    /// nobody can ask, and nobody is rung.
    fn doubts(&self, call: CallId, to: MemberId) -> bool {
        if !self.phone.borrow().is_on(&self.now.borrow()) {
            return false;
        }
        let lost = self.lost.borrow();
        let name = lost.iter().find(|(id, _)| *id == to);
        if let (Some((_, name)), Some(device)) = (name, &*self.device.borrow()) {
            device.order(
                "doubt",
                &call.to_string(),
                &[&to.to_string(), "\n", name].concat(),
            );
            return true;
        }
        false
    }

    fn duty(&self, on: bool) {
        self.phone.borrow_mut().press(on);
        self.ask_duty(on);
        self.settle();
    }

    /// Tells the database, and does what only a press may do.
    fn ask_duty(&self, on: bool) {
        if let Some(me) = self.me.get() {
            remember_duty(me, on);
        }
        if on {
            self.with_device("unlock");
        }
        if on != self.now.borrow().available {
            self.on_ask.borrow().emit(Ask::Duty(on));
        }
    }

    /// Fetches the device if it is not here yet; its first order is `verb`, or
    /// a later one if it is on its way already.
    fn with_device(&self, verb: &'static str) {
        if self.device.borrow().is_some() {
            return self.order(verb, "", "");
        }
        self.verbs.borrow_mut().push(verb);
        let Some(me) = self.me.get().filter(|_| !self.is_loading.replace(true)) else {
            return;
        };
        let (weak, config) = (self.this.clone(), self.keeper.config().clone());
        let emit = move |frame: String| {
            if let (Some(voice), Some(signal)) = (weak.upgrade(), Signal::read(&frame)) {
                voice.hear(signal);
            }
        };
        let weak = self.this.clone();
        spawn_local(async move {
            let device = load(config, me, emit).await;
            let Some(voice) = weak.upgrade() else { return };
            voice.is_loading.set(false);
            if device.is_none() {
                voice.say(texts::starting_failed_rest());
            }
            voice.device.replace(device);
            voice.order("access", &voice.access.borrow(), "");
            for verb in voice.verbs.take() {
                voice.order(verb, "", "");
            }
            voice.settle();
        });
    }

    fn hear(&self, signal: Signal) {
        self.phone.borrow_mut().hear(signal);
        self.settle();
    }

    /// Compares and orders. Before there is a device nothing can be ordered of it.
    fn settle(&self) {
        if self.device.borrow().is_none() {
            return;
        }
        // An order may change the board at once.
        let now = self.now.borrow().clone();
        let orders = self.phone.borrow_mut().settle(&now);
        for order in orders {
            self.carry_out(&order);
        }
        let (state, detail) = self.phone.borrow().state(&now);
        let board = if self.is_live.get() { "" } else { "stopped" };
        self.order("board", board, "");
        match &*self.mine.borrow() {
            Some((call, lines)) => self.order("mine", &call.to_string(), lines),
            None => self.order("mine", "", ""),
        }
        self.order("show", state, &detail);
        let muted = match state {
            "talking" => Some(false),
            "muted" => Some(true),
            _ => None,
        };
        if self.muted.replace(muted) != muted {
            self.dispatch.dispatch(Action::Muted(muted));
        }
        self.is_on.set(self.phone.borrow().is_on(&now));
    }

    fn say(&self, text: &'static str) {
        self.dispatch.dispatch(Action::Said(text.to_owned()));
    }

    fn caller(&self, call: CallId) -> String {
        let callers = self.callers.borrow();
        let known = callers.iter().find(|(id, _)| *id == call);
        known.map_or_else(String::new, |(_, name)| name.clone())
    }

    fn order(&self, verb: &str, leg: &str, detail: &str) {
        if let Some(device) = &*self.device.borrow() {
            device.order(verb, leg, detail);
        }
    }

    fn carry_out(&self, order: &Order) {
        match order {
            Order::Ask(call, intent) => self.on_ask.borrow().emit(Ask::Call(*call, *intent)),
            Order::Say(sentence) => self.say(match sentence {
                Sentence::DialElsewhere => texts::dial_elsewhere(),
                Sentence::NotWithoutMicrophone => texts::not_without_microphone(),
                Sentence::NotWithoutAudio => texts::not_without_audio(),
                Sentence::OnAnotherCall => texts::on_another_call(),
            }),
            Order::Ring(Some(call)) => {
                self.order("ring", &call.to_string(), &self.caller(*call));
            }
            Order::Claim(call) => self.order("claim", &call.to_string(), ""),
            order => {
                let (verb, leg, detail) = words(order);
                self.order(verb, leg, detail);
            }
        }
    }
}
