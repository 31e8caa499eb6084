//! Every order of typing, saving and hearing of a colleague.

use super::*;

fn stored(note: &str, outcome: &str, version: i64) -> Stored {
    let (note, outcome) = (note.to_owned(), outcome.to_owned());
    Stored {
        words: Words { note, outcome },
        version,
    }
}

fn typed(notes: Notes, text: &str) -> Notes {
    notes.after(Event::Typed(Part::Note, text.to_owned()))
}

fn answered(notes: Notes, answer: Answer) -> Notes {
    notes.after(Event::Answered(answer))
}

/// Begun on nothing, `text` typed and sent.
fn sent(text: &str) -> Notes {
    typed(Notes::of(&stored("", "", 1)), text).after(Event::Sent)
}

#[test]
fn what_is_typed_is_sent_with_the_version_it_was_begun_on_and_then_saved() {
    let notes = Notes::of(&stored("", "", 1));
    assert_eq!(
        (notes.standing(), notes.to_send()),
        (Standing::Untouched, None)
    );
    let notes = typed(notes, "Wants a quote");
    assert_eq!(notes.standing(), Standing::Typing);
    let words = stored("Wants a quote", "", 1).words;
    assert_eq!(notes.to_send(), Some((words, 1)));
    let notes = notes.after(Event::Sent);
    assert_eq!(
        (notes.standing(), notes.to_send()),
        (Standing::Saving, None)
    );
    let notes = answered(notes, Answer::Done(stored("Wants a quote", "", 2)));
    assert_eq!((notes.standing(), notes.to_send()), (Standing::Saved, None));
    assert_eq!(notes.to_keep(), None);
}

#[test]
fn what_is_typed_while_it_is_saved_is_sent_next() {
    let notes = typed(sent("Wants"), "Wants a quote");
    let notes = answered(notes, Answer::Done(stored("Wants", "", 2)));
    assert_eq!(notes.note.text, "Wants a quote");
    assert_eq!(
        notes
            .to_send()
            .map(|(words, version)| (words.note, version)),
        Some(("Wants a quote".to_owned(), 2))
    );
}

#[test]
fn another_change_of_the_call_only_moves_the_version() {
    let notes = typed(Notes::of(&stored("", "", 1)), "Wants");
    let notes = answered(
        notes.after(Event::Sent),
        Answer::Overtaken(stored("", "", 5)),
    );
    assert_eq!(notes.standing(), Standing::Typing);
    assert_eq!(notes.to_send().map(|(_, version)| version), Some(5));
}

#[test]
fn a_text_that_nobody_touches_here_follows_the_row() {
    let notes = Notes::of(&stored("", "", 1)).after(Event::Heard(stored("Theirs", "solved", 3)));
    assert_eq!(
        (notes.note.text.as_str(), notes.outcome.text.as_str()),
        ("Theirs", "solved")
    );
    let notes = notes.after(Event::Heard(stored("", "", 2)));
    assert_eq!(notes.note.text, "Theirs", "an older row says nothing");
}

#[test]
fn two_people_may_each_change_one_of_the_texts() {
    let notes = typed(Notes::of(&stored("", "", 1)), "Mine");
    let notes = notes.after(Event::Heard(stored("", "solved", 2)));
    assert_eq!(notes.standing(), Standing::Typing);
    assert_eq!(
        notes.to_send(),
        Some((stored("Mine", "solved", 2).words, 2))
    );
}

#[test]
fn a_text_that_both_changed_is_a_clash_and_nothing_is_sent() {
    let notes = typed(Notes::of(&stored("Hello.", "", 1)), "Hello. Mine");
    let notes = notes.after(Event::Heard(stored("Hello. Theirs", "", 2)));
    assert_eq!((notes.standing(), notes.to_send()), (Standing::Clash, None));
    assert_eq!(notes.note.theirs.as_deref(), Some("Hello. Theirs"));
    assert_eq!(notes.note.text, "Hello. Mine", "what was typed stays");
    let settled = |choice| notes.clone().after(Event::Settled(Part::Note, choice));
    assert_eq!(
        settled(Choice::Mine).to_send(),
        Some((stored("Hello. Mine", "", 2).words, 2))
    );
    let theirs = settled(Choice::Theirs);
    assert_eq!(
        (theirs.note.text.as_str(), theirs.to_send()),
        ("Hello. Theirs", None)
    );
    assert_eq!(settled(Choice::Both).note.text, "Hello. Theirs\nMine");
}

#[test]
fn a_clash_is_over_when_the_colleague_takes_it_back_or_both_say_the_same() {
    let clash =
        typed(Notes::of(&stored("", "", 1)), "Mine").after(Event::Heard(stored("Theirs", "", 2)));
    let back = clash.clone().after(Event::Heard(stored("", "", 3)));
    assert_eq!(back.standing(), Standing::Typing);
    let same = typed(clash, "Theirs");
    assert_eq!(
        (same.standing(), same.to_send()),
        (Standing::Untouched, None)
    );
}

#[test]
fn my_own_words_are_no_clash_however_they_come_back() {
    // The change is told before the request is answered.
    let notes = typed(sent("Mine"), "Mine and more").after(Event::Heard(stored("Mine", "", 2)));
    assert_eq!(notes.note.theirs, None);
    // The answer was lost on its way, and so was the next one.
    let notes = answered(typed(sent("Mine"), "Mine and"), Answer::Unreachable);
    let notes = typed(notes.after(Event::Sent), "Mine and more");
    let notes = answered(notes, Answer::Overtaken(stored("Mine", "", 2)));
    assert_eq!(notes.standing(), Standing::Typing);
    assert_eq!(
        notes
            .to_send()
            .map(|(words, version)| (words.note, version)),
        Some(("Mine and more".to_owned(), 2))
    );
}

#[test]
fn without_a_server_it_is_kept_and_sent_again() {
    let notes = answered(sent("Mine"), Answer::Unreachable);
    assert_eq!(notes.standing(), Standing::Offline);
    assert!(notes.to_send().is_some());
    let kept = notes.to_keep().unwrap();
    let again = Notes::kept(&kept).unwrap();
    assert_eq!(
        (again.note.text.as_str(), again.standing()),
        ("Mine", Standing::Typing)
    );
    assert_eq!(
        again
            .clone()
            .after(Event::Heard(stored("Mine", "", 2)))
            .to_keep(),
        None,
        "it had arrived"
    );
    let more = typed(again.clone(), "Mine, more").after(Event::Heard(stored("Mine", "", 2)));
    assert_eq!(
        more.standing(),
        Standing::Typing,
        "what was sent is remembered"
    );
    let clash = again.after(Event::Heard(stored("Theirs", "", 2)));
    assert_eq!(clash.standing(), Standing::Clash);
    let kept = clash.to_keep().unwrap();
    let later = Notes::kept(&kept).unwrap();
    assert_eq!(
        (later.standing(), later.to_send()),
        (Standing::Clash, None),
        "a colleague's words are not written over by closing the call"
    );
    assert_eq!(Notes::kept("{}"), None);
}

#[test]
fn however_often_it_is_tried_little_is_kept() {
    let mut notes = sent("Mine");
    for _ in 0..100 {
        notes = answered(notes, Answer::Unreachable).after(Event::Sent);
    }
    let once = answered(sent("Mine"), Answer::Unreachable).to_keep();
    assert_eq!(answered(notes, Answer::Unreachable).to_keep(), once);
    let mut notes = sent("0");
    for text in 1..100 {
        notes = typed(answered(notes, Answer::Unreachable), &text.to_string()).after(Event::Sent);
    }
    assert_eq!(notes.note.sent, ["96", "97", "98", "99"]);
}

#[test]
fn a_refusal_is_told_until_something_else_is_typed() {
    let notes = answered(sent("Mine"), Answer::Refused("No.".to_owned()));
    assert_eq!(
        (notes.standing(), notes.to_send()),
        (Standing::Refused("No.".to_owned()), None)
    );
    assert!(notes.to_keep().is_some());
    assert_eq!(typed(notes, "Mine!").standing(), Standing::Typing);
}
