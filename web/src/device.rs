//! The browser's side of a [`VoiceDevice`], and what is kept in this browser of the wish to be on duty.
//!
//! One trait, three implementations: [`Off`], [`Simulator`] and [`Twilio`]. The last two are bound
//! to JavaScript (`web/voice`): Twilio's SDK is JavaScript, sound and microphone are the browser's,
//! and none of it is fetched before somebody goes on duty. In Rust it would weigh 13 KiB more on the
//! wire of everybody who only looks at a board. What is decided, is decided in Rust by
//! [`switchboard_softphone`]; the script only does as it is told.

use js_sys::Promise;
use switchboard_model::{MemberId, PhoneNumber};
use switchboard_softphone::{Carrier, Order, VoiceDevice};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

use crate::browser::{keep, kept};
use crate::config::Config;

#[wasm_bindgen(module = "/voice.js")]
extern "C" {
    #[wasm_bindgen(js_name = loadVoice)]
    fn load_voice(
        kind: &str,
        voice_url: &str,
        supabase_url: &str,
        supabase_key: &str,
        member: &str,
        emit: &Closure<dyn FnMut(String)>,
        spaced: &Closure<dyn FnMut(String) -> String>,
    ) -> Promise;

    /// The audio of a tab whose calls come by the simulator's socket (`web/voice/simulator.js`).
    type Simulator;

    #[wasm_bindgen(method, js_name = order)]
    fn tell(this: &Simulator, verb: &str, leg: &str, detail: &str);

    /// The audio of a tab whose calls come by Twilio's Voice SDK (`web/voice/twilio.js`).
    type Twilio;

    #[wasm_bindgen(method, js_name = order)]
    fn tell(this: &Twilio, verb: &str, leg: &str, detail: &str);
}

/// No audio at all.
struct Off;

impl VoiceDevice for Off {
    fn order(&self, _: &str, _: &str, _: &str) {}
}

impl VoiceDevice for Simulator {
    fn order(&self, verb: &str, leg: &str, detail: &str) {
        self.tell(verb, leg, detail);
    }
}

impl VoiceDevice for Twilio {
    fn order(&self, verb: &str, leg: &str, detail: &str) {
        self.tell(verb, leg, detail);
    }
}

/// What this tab speaks through. Dropping it hangs up.
pub(crate) struct Device {
    voice: Box<dyn VoiceDevice>,
    // JavaScript calls it for as long as the device lives.
    _emit: Closure<dyn FnMut(String)>,
    _spaced: Closure<dyn FnMut(String) -> String>,
}

impl Device {
    pub(crate) fn order(&self, verb: &str, leg: &str, detail: &str) {
        self.voice.order(verb, leg, detail);
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.order("end", "", "");
    }
}

/// Fetches the device of that member. Every signal comes as a JSON text. `None` if it could not be
/// fetched.
pub(crate) async fn load(
    config: Config,
    me: MemberId,
    emit: impl FnMut(String) + 'static,
) -> Option<Device> {
    let emit = Closure::<dyn FnMut(String)>::new(emit);
    // Numbers look the same wherever they stand.
    let spaced = |number: String| PhoneNumber::parse(&number).map_or(number, |one| one.spaced());
    let spaced = Closure::<dyn FnMut(String) -> String>::new(spaced);
    let fetch = async |kind| {
        let (url, key) = (&config.supabase_url, &config.supabase_key);
        let me = me.to_string();
        let voice = load_voice(kind, &config.voice_url, url, key, &me, &emit, &spaced);
        JsFuture::from(voice).await.ok()
    };
    let voice: Box<dyn VoiceDevice> = match config.carrier {
        Carrier::Off => Box::new(Off),
        Carrier::Simulator => Box::new(fetch("sim").await?.unchecked_into::<Simulator>()),
        Carrier::Twilio => Box::new(fetch("twilio").await?.unchecked_into::<Twilio>()),
    };
    Some(Device {
        voice,
        _emit: emit,
        _spaced: spaced,
    })
}

/// An order as the device is told it: the verb, the leg that it is about, and the rest. What the
/// page does by itself is told as nothing.
pub(crate) fn words(order: &Order) -> (&'static str, &str, &str) {
    let flag = |on| if on { "on" } else { "" };
    match order {
        Order::Lead => ("lead", "", ""),
        Order::Open => ("open", "", ""),
        Order::Register => ("register", "", ""),
        Order::Close => ("close", "", ""),
        Order::StepAside => ("stepAside", "", ""),
        Order::Keep => ("keep", "", ""),
        Order::Accept(leg) => ("accept", leg, ""),
        Order::Disconnect(leg) => ("disconnect", leg, ""),
        Order::Connect(number) => ("connect", "", number),
        Order::Mute(leg, muted) => ("mute", leg, flag(*muted)),
        Order::Music(on) => ("music", "", flag(*on)),
        Order::Wait => ("wait", "", ""),
        Order::Report(state) => ("report", "", state),
        // With what only the page knows: which call, and who calls.
        Order::Ring(_) => ("ring", "", ""),
        Order::Claim(_) => ("claim", "", ""),
        Order::Ask(..) | Order::Say(_) => ("", "", ""),
    }
}

/// Who wanted to be on duty in this browser when the page was left.
const DUTY: &str = "switchboard.duty";

/// Whether this member did.
pub(crate) fn was_on_duty(me: MemberId) -> bool {
    kept(DUTY).is_some_and(|kept| kept == me.to_string())
}

/// Remembers it, or forgets.
pub(crate) fn remember_duty(me: MemberId, on: bool) {
    keep(DUTY, on.then(|| me.to_string()).as_deref());
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_softphone::{STATES, Signal};

    const CALL: &str = "33333333-0000-4000-8000-000000000001";
    const PAGE: &str = include_str!("../voice/index.js");
    const SIMULATOR: &str = include_str!("../voice/simulator.js");
    const TWILIO: &str = include_str!("../voice/twilio.js");

    /// Whether the script has a method of that name.
    fn has(script: &str, verb: &str) -> bool {
        let method = [format!("\n  {verb}("), format!("\n  async {verb}(")];
        method.iter().any(|method| script.contains(method))
    }

    #[test]
    fn every_order_is_known_to_the_scripts() {
        let leg = || "CA1".to_owned();
        let orders = [
            Order::Lead,
            Order::Open,
            Order::Register,
            Order::Close,
            Order::StepAside,
            Order::Keep,
            Order::Accept(leg()),
            Order::Disconnect(leg()),
            Order::Connect("+12025550101".to_owned()),
            Order::Mute(leg(), true),
            Order::Ring(None),
            Order::Music(true),
            Order::Wait,
            Order::Claim(CALL.parse().expect("a uuid")),
            Order::Report("ready"),
        ];
        let page = [
            "mine", "doubt", "access", "resume", "unlock", "board", "show", "end",
        ];
        for verb in orders.iter().map(|order| words(order).0).chain(page) {
            // Twilio's callers hear their music at Twilio's.
            let is_simulated = verb == "music";
            let by_device = has(SIMULATOR, verb) && (is_simulated || has(TWILIO, verb));
            assert!(has(PAGE, verb) || by_device, "nobody does {verb}");
        }
    }

    #[test]
    fn every_signal_of_the_scripts_is_known() {
        // For the script itself.
        let own = ["tokenWillExpire", "ringing"];
        let scripts = [
            PAGE,
            SIMULATOR,
            TWILIO,
            include_str!("../voice/bar.js"),
            include_str!("../voice/desk.js"),
            include_str!("../voice/microphone.js"),
            include_str!("../voice/sound.js"),
            include_str!("../voice/turn.js"),
        ];
        let mut met = 0;
        for script in scripts {
            let told = script.split("emit({ type: \"").skip(1);
            let named = told.chain(script.split(" tell(\"").skip(1));
            for kind in named.filter_map(|rest| rest.split('"').next()) {
                let frame = format!(
                    r#"{{"type":"{kind}","call_sid":"CA1","state":"denied","number":"+1","name":"low-mos","call":"{CALL}","intent":"transfer","to":"{CALL}"}}"#
                );
                let is_known = Signal::read(&frame).is_some() || own.contains(&kind);
                assert!(is_known, "nobody understands {kind}");
                met += 1;
            }
        }
        assert!(met > 20, "{met}");
    }

    #[test]
    fn every_state_has_words() {
        let texts: serde_json::Value =
            serde_json::from_str(include_str!("../texts/en/voice.json")).expect("it is JSON");
        let texts = texts.as_object().expect("of texts");
        let moods = include_str!("../voice/words.js");
        // Off duty needs none.
        let states: Vec<&str> = STATES
            .into_iter()
            .filter(|state| *state != "away")
            .collect();
        for state in &states {
            let key = format!("mood_{}", state.replace('-', "_"));
            assert!(texts.contains_key(&key), "nothing is said of {state}");
            let named = [format!("\n  {state}: \""), format!("\n  \"{state}\": \"")];
            assert!(
                named.iter().any(|line| moods.contains(line)),
                "{state} has no mood"
            );
        }
        let said = texts
            .keys()
            .filter(|key| key.starts_with("mood_") && *key != "mood_lost_by");
        assert_eq!(
            said.count(),
            states.len(),
            "words of a state that does not exist"
        );
    }
}
