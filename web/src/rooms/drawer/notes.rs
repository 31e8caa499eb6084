//! The note on a call and what came of it, while somebody types: pure, so that every order of typing, saving and
//! hearing of a colleague can be tried.
//!
//! What is typed is never lost and never written over a colleague's words. The two texts are compared one by one with
//! what the database has: a text that only one side touched is merged in silence, one that both changed is a clash,
//! which is shown, and nothing is sent until it is settled.

use serde_json::{Value, json};

/// Both texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// What was said.
    pub(super) note: String,
    /// What came of it, in a word or two.
    pub(super) outcome: String,
}

/// Both texts as they stand in the database, in the row's `version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) words: Words,
    pub(super) version: i64,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Note,
    Outcome,
}

/// How a clash is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// What was typed here.
    Mine,
    /// What the colleague wrote.
    Theirs,
    /// The colleague's words, and below them what was added here.
    Both,
}

/// What became of an attempt to save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Saved; the row as it is.
    Done(Stored),
    /// The row had changed; here it is.
    Overtaken(Stored),
    /// The server cannot be reached, and may have saved it or not.
    Unreachable,
    /// It will not be saved, and why not.
    Refused(String),
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Typed(Part, String),
    /// The row was read, or told of.
    Heard(Stored),
    /// What is typed is on its way.
    Sent,
    Answered(Answer),
    Settled(Part, Choice),
}

/// How it stands, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing was typed.
    Untouched,
    /// Something will be sent in a moment.
    Typing,
    /// It is on its way.
    Saving,
    /// It is saved.
    Saved,
    /// A colleague has changed the same text.
    Clash,
    /// It could not be sent, and will be again.
    Offline,
    /// It will not be saved as long as this is so.
    Refused(String),
}

/// So many texts that were sent are remembered of each draft.
const SENT_AT_MOST: usize = 4;

/// One text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    /// As it was in the database when it was last the same as here.
    base: String,
    /// As it stands here.
    pub(super) text: String,
    /// What somebody else has written meanwhile.
    pub(super) theirs: Option<String>,
    /// What was sent from here and may have arrived.
    sent: Vec<String>,
}

impl Draft {
    fn of(text: &str) -> Self {
        Self {
            base: text.to_owned(),
            text: text.to_owned(),
            ..Self::default()
        }
    }

    fn is_unsaved(&self) -> bool {
        self.text != self.base
    }

    fn agree(&mut self, text: &str) {
        text.clone_into(&mut self.base);
        self.theirs = None;
        self.sent.clear();
    }

    /// Remembers what is sent now, of each text once, and not for ever: what may still arrive was sent lately.
    fn send(&mut self) {
        self.sent.retain(|sent| *sent != self.text);
        self.sent.push(self.text.clone());
        if self.sent.len() > SENT_AT_MOST {
            self.sent.remove(0);
        }
    }

    fn heard(&mut self, stored: &str) {
        let is_mine = stored == self.text || self.sent.iter().any(|sent| sent == stored);
        if is_mine {
            self.agree(stored);
        } else if !self.is_unsaved() {
            stored.clone_into(&mut self.text);
            self.agree(stored);
        } else if stored == self.base {
            self.theirs = None;
        } else {
            self.theirs = Some(stored.to_owned());
        }
    }

    fn settle(&mut self, choice: Choice) {
        let Some(theirs) = self.theirs.take() else {
            return;
        };
        match choice {
            Choice::Mine => {}
            Choice::Theirs => self.text.clone_from(&theirs),
            Choice::Both => self.text = both(&self.base, &theirs, &self.text),
        }
        self.agree(&theirs);
    }
}

/// Their text, and below it what `mine` has more than `base`.
fn both(base: &str, theirs: &str, mine: &str) -> String {
    let added = mine.strip_prefix(base).unwrap_or(mine).trim_start();
    format!("{}\n{added}", theirs.trim_end())
}

/// The two drafts, and what is known of the row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Notes {
    pub(super) note: Draft,
    pub(super) outcome: Draft,
    version: i64,
    is_sending: bool,
    was_saved: bool,
    trouble: Option<Answer>,
}

impl Notes {
    /// Nothing typed yet.
    pub(super) fn of(stored: &Stored) -> Self {
        Self {
            note: Draft::of(&stored.words.note),
            outcome: Draft::of(&stored.words.outcome),
            version: stored.version,
            is_sending: false,
            was_saved: false,
            trouble: None,
        }
    }

    /// The next state.
    pub(super) fn after(mut self, event: Event) -> Self {
        match event {
            Event::Typed(part, text) => {
                let draft = self.draft(part);
                draft.text = text;
                if draft.theirs.as_ref() == Some(&draft.text) {
                    draft.settle(Choice::Mine);
                }
                // Somebody who was refused may try again.
                self.trouble = self.trouble.filter(|it| *it == Answer::Unreachable);
            }
            Event::Heard(stored) => self.heard(&stored),
            Event::Sent => {
                self.is_sending = true;
                for draft in [&mut self.note, &mut self.outcome] {
                    draft.send();
                }
            }
            Event::Answered(answer) => {
                self.is_sending = false;
                self.trouble = None;
                match answer {
                    Answer::Done(stored) => {
                        self.was_saved = true;
                        self.heard(&stored);
                    }
                    Answer::Overtaken(stored) => self.heard(&stored),
                    Answer::Unreachable | Answer::Refused(_) => self.trouble = Some(answer),
                }
            }
            Event::Settled(part, choice) => self.draft(part).settle(choice),
        }
        self
    }

    fn draft(&mut self, part: Part) -> &mut Draft {
        match part {
            Part::Note => &mut self.note,
            Part::Outcome => &mut self.outcome,
        }
    }

    fn heard(&mut self, stored: &Stored) {
        if stored.version < self.version {
            return;
        }
        self.version = stored.version;
        self.note.heard(&stored.words.note);
        self.outcome.heard(&stored.words.outcome);
    }

    /// Whether something here is not in the database.
    pub(super) fn is_unsaved(&self) -> bool {
        self.note.is_unsaved() || self.outcome.is_unsaved()
    }

    /// What to send now, and the version that the row must still have.
    pub(super) fn to_send(&self) -> Option<(Words, i64)> {
        let is_stuck = matches!(self.standing(), Standing::Clash | Standing::Refused(_));
        let words = Words {
            note: self.note.text.clone(),
            outcome: self.outcome.text.clone(),
        };
        (self.is_unsaved() && !self.is_sending && !is_stuck).then_some((words, self.version))
    }

    /// How it stands.
    pub(super) fn standing(&self) -> Standing {
        let clashes = self.note.theirs.is_some() || self.outcome.theirs.is_some();
        match &self.trouble {
            _ if clashes => Standing::Clash,
            Some(Answer::Refused(why)) if self.is_unsaved() => Standing::Refused(why.clone()),
            Some(Answer::Unreachable) if self.is_unsaved() => Standing::Offline,
            _ if self.is_sending => Standing::Saving,
            _ if self.is_unsaved() => Standing::Typing,
            _ if self.was_saved => Standing::Saved,
            _ => Standing::Untouched,
        }
    }

    /// What is to be kept in this browser until it is saved; none if nothing is.
    pub(super) fn to_keep(&self) -> Option<String> {
        let draft = |draft: &Draft| {
            json!({
                "base": draft.base, "text": draft.text, "theirs": draft.theirs, "sent": draft.sent,
            })
        };
        let kept = json!({
            "note": draft(&self.note), "outcome": draft(&self.outcome), "version": self.version,
        });
        self.is_unsaved().then(|| kept.to_string())
    }

    /// What was kept, before the row is heard of again.
    pub(super) fn kept(text: &str) -> Option<Self> {
        let kept: Value = serde_json::from_str(text).ok()?;
        let draft = |name: &str| {
            let draft = kept.get(name)?;
            let sent = draft.get("sent")?.as_array()?.iter();
            Some(Draft {
                base: draft.get("base")?.as_str()?.to_owned(),
                text: draft.get("text")?.as_str()?.to_owned(),
                theirs: draft
                    .get("theirs")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
                sent: sent
                    .filter_map(|sent| Some(sent.as_str()?.to_owned()))
                    .collect(),
            })
        };
        Some(Self {
            note: draft("note")?,
            outcome: draft("outcome")?,
            version: kept.get("version")?.as_i64()?,
            is_sending: false,
            was_saved: false,
            trouble: None,
        })
    }
}

#[cfg(test)]
mod tests;
