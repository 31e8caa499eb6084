//! The browser's side of a [`VoiceDevice`]: JavaScript that is fetched when somebody goes on duty,
//! and what is kept in this browser of the wish to be.

use js_sys::Promise;
use switchboard_model::MemberId;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

use crate::browser::{keep, kept};
use crate::config::Config;
use crate::voice::{Carrier, VoiceDevice};

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
    ) -> Promise;

    type Voice;

    #[wasm_bindgen(method)]
    fn order(this: &Voice, verb: &str, leg: &str, detail: &str);
}

/// A device of Twilio's SDK or of the simulator. Dropping it hangs up.
struct Device {
    voice: Voice,
    // JavaScript calls it for as long as the device lives.
    _emit: Closure<dyn FnMut(String)>,
}

impl VoiceDevice for Device {
    fn order(&self, verb: &str, leg: &str, detail: &str) {
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
) -> Option<Box<dyn VoiceDevice>> {
    let kind = match config.carrier {
        Carrier::Off => return Some(Box::new(crate::voice::Silent)),
        Carrier::Simulator => "sim",
        Carrier::Twilio => "twilio",
    };
    let emit = Closure::<dyn FnMut(String)>::new(emit);
    let (url, key) = (&config.supabase_url, &config.supabase_key);
    let voice = load_voice(kind, &config.voice_url, url, key, &me.to_string(), &emit);
    let voice = JsFuture::from(voice).await.ok()?;
    Some(Box::new(Device {
        voice: voice.unchecked_into(),
        _emit: emit,
    }))
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
