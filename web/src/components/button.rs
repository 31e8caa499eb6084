//! Buttons: one shape, four tones.

use yew::prelude::*;

use super::icon::icon;
use crate::hooks::hands::key_of;
use crate::texts;

/// How much a button asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// The next thing to do.
    Primary,
    /// An ordinary action.
    Tonal,
    /// A small one.
    Quiet,
    /// It ends a call.
    Ending,
}

/// How big it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    Small,
    Medium,
    Large,
}

/// Whether it can be pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It can.
    Ready,
    /// Not now.
    Off,
    /// Its action is on the way.
    Busy,
}

impl Mode {
    /// Ready if `can`.
    pub(crate) fn when(can: bool) -> Self {
        if can { Self::Ready } else { Self::Off }
    }
}

/// A button before it is drawn.
pub(crate) struct Button {
    label: &'static str,
    tone: Tone,
    size: Size,
    icon: Option<&'static str>,
    mode: Mode,
    hint: Option<AttrValue>,
    does: Option<&'static str>,
    has_key: bool,
    about: Option<String>,
}

impl Button {
    /// A button with that word on it.
    pub(crate) fn new(tone: Tone, size: Size, label: &'static str) -> Self {
        Self {
            label,
            tone,
            size,
            icon: None,
            mode: Mode::Ready,
            hint: None,
            does: None,
            has_key: false,
            about: None,
        }
    }

    /// With an icon before the word; it turns while the action is on the way.
    pub(crate) fn icon(mut self, name: &'static str) -> Self {
        self.icon = Some(name);
        self
    }

    /// Whether it can be pressed.
    pub(crate) fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Why it is as it is, shown when the pointer rests on it.
    pub(crate) fn hint(mut self, hint: Option<AttrValue>) -> Self {
        self.hint = hint;
        self
    }

    /// The action that a key presses it for, if it is `has_key` that the key means; see `hands.js`.
    pub(crate) fn does(mut self, action: &'static str, has_key: bool) -> Self {
        self.does = Some(action);
        self.has_key = has_key;
        self
    }

    /// Whom it concerns, for somebody who does not see on which card it is.
    pub(crate) fn about(mut self, whom: &str) -> Self {
        self.about = Some(texts::about(self.label, whom));
        self
    }

    /// A button that calls `on_press`.
    pub(crate) fn draw(self, on_press: Callback<MouseEvent>) -> Html {
        self.html("button", Some(on_press))
    }

    /// The button that submits its form.
    pub(crate) fn draw_submit(self) -> Html {
        self.html("submit", None)
    }

    fn html(self, kind: &'static str, onclick: Option<Callback<MouseEvent>>) -> Html {
        let tone = match self.tone {
            Tone::Primary => "primary",
            Tone::Tonal => "tonal",
            Tone::Quiet => "quiet",
            Tone::Ending => "ending",
        };
        let size = match self.size {
            Size::Small => "small",
            Size::Medium => "medium",
            Size::Large => "large",
        };
        let is_busy = self.mode == Mode::Busy;
        // A disabled button loses the keyboard. One that is busy keeps it, and does nothing.
        let onclick = onclick.filter(|_| !is_busy);
        html! {
            <button
                class="button"
                type={kind}
                data-tone={tone}
                data-size={size}
                disabled={self.mode == Mode::Off}
                aria-disabled={is_busy.then_some("true")}
                aria-busy={is_busy.to_string()}
                aria-label={self.about}
                aria-keyshortcuts={self.does.filter(|_| self.has_key).map(key_of)}
                data-do={self.does}
                title={self.hint}
                {onclick}
            >
                if is_busy {
                    <span class="spinner" />
                } else if let Some(name) = self.icon {
                    { icon(name) }
                }
                <span class="button-word">{ self.label }</span>
            </button>
        }
    }
}
