//! Buttons: one shape, four tones.

use yew::prelude::*;

use super::icon::Icon;

/// How much a button asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    /// The next thing to do.
    Primary,
    /// An ordinary action.
    Tonal,
    /// A small one.
    #[default]
    Quiet,
    /// It ends a call.
    Ending,
}

/// How a button looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) tone: Tone,
    /// `large`, `small`, or nothing.
    pub(crate) size: &'static str,
    /// The icon before the word, if any.
    pub(crate) icon: Option<&'static str>,
}

impl Look {
    /// A look of that tone, with an icon.
    pub(crate) fn new(tone: Tone, size: &'static str, icon: &'static str) -> Self {
        let icon = Some(icon);
        Self { tone, size, icon }
    }
}

/// Whether a button can be pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It can.
    #[default]
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

/// The button.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct Props {
    /// The word on it.
    pub(crate) label: AttrValue,
    #[prop_or_default]
    pub(crate) look: Look,
    #[prop_or_default]
    pub(crate) mode: Mode,
    /// Why it is as it is, shown when the pointer rests on it.
    #[prop_or_default]
    pub(crate) hint: Option<AttrValue>,
    /// Absent on a form's submit button.
    #[prop_or_default]
    pub(crate) onclick: Option<Callback<()>>,
}

/// A button whose icon turns while its action is on the way.
#[function_component]
pub(crate) fn Button(props: &Props) -> Html {
    let tone = match props.look.tone {
        Tone::Primary => "primary",
        Tone::Tonal => "tonal",
        Tone::Quiet => "quiet",
        Tone::Ending => "ending",
    };
    let busy = props.mode == Mode::Busy;
    let kind = if props.onclick.is_some() {
        "button"
    } else {
        "submit"
    };
    let onclick = props
        .onclick
        .clone()
        .map(|asked| Callback::from(move |_: MouseEvent| asked.emit(())));
    html! {
        <button
            class="button"
            type={kind}
            data-tone={tone}
            data-size={props.look.size}
            disabled={props.mode != Mode::Ready}
            aria-busy={busy.to_string()}
            title={props.hint.clone()}
            {onclick}
        >
            if busy {
                <span class="spinner" />
            } else if let Some(name) = props.look.icon {
                <Icon {name} />
            }
            <span class="button-word">{ &props.label }</span>
        </button>
    }
}
