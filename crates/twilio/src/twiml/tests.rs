//! What is rendered is parsed back by an independent XML parser.

use proptest::prelude::*;

use super::*;

const HOSTILE: [&str; 9] = [
    "</Say><Hangup/>",
    "\"/><Dial>+19005550100</Dial><Say x=\"",
    "' onload='x",
    "]]>",
    "<!--",
    "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e;",
    "&amp;&#x41;&nope;",
    "tab\tline\r\nend \u{0}\u{8}\u{1b}\u{fffe}\u{ffff}",
    "Zoë 李 🙂 \u{202e}",
];

fn say(text: &str) -> Verb {
    Verb::Say(Say {
        text: text.to_owned(),
        language: None,
    })
}

fn dial(text: &str) -> Verb {
    Verb::Dial(Dial {
        answer_on_bridge: true,
        timeout_s: 15,
        action: text.to_owned(),
        caller_id: Some(text.to_owned()),
        record: Some(DialRecording {
            mode: RecordMode::FromAnswerDual,
            status_callback: text.to_owned(),
        }),
        clients: vec![Client {
            identity: text.to_owned(),
            status_callback: text.to_owned(),
            events: vec![Event::Answered, Event::Completed],
            parameters: vec![(text.to_owned(), text.to_owned())],
        }],
        numbers: vec![Number {
            number: text.to_owned(),
            status_callback: text.to_owned(),
            events: vec![Event::Answered],
        }],
    })
}

/// XML cannot carry these characters in any form.
fn carried(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' => c,
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
            _ => c,
        })
        .collect()
}

/// Renders two verbs full of `text` and reads every one of them back.
fn survives(text: &str) {
    let xml = Twiml::new([say(text), dial(text)]).to_string();
    let document = roxmltree::Document::parse(&xml).unwrap_or_else(|e| panic!("{e}: {xml}"));
    let response = document.root_element();
    let verbs: Vec<_> = response.children().collect();
    assert_eq!(
        verbs
            .iter()
            .map(|v| v.tag_name().name())
            .collect::<Vec<_>>(),
        ["Say", "Dial"],
        "{xml}"
    );
    assert_eq!(verbs[0].text().unwrap_or_default(), carried(text));
    assert_eq!(verbs[1].attribute("action").unwrap(), carried(text));
    assert_eq!(verbs[1].attribute("callerId").unwrap(), carried(text));
    let [client, number] = verbs[1].children().collect::<Vec<_>>()[..] else {
        panic!("two nouns: {xml}")
    };
    assert_eq!(number.attribute("statusCallback").unwrap(), carried(text));
    assert_eq!(number.text().unwrap_or_default(), carried(text));
    assert_eq!(client.attribute("statusCallback").unwrap(), carried(text));
    let nouns: Vec<_> = client.children().collect();
    assert_eq!(nouns[0].text().unwrap_or_default(), carried(text));
    assert_eq!(nouns[1].attribute("name").unwrap(), carried(text));
    assert_eq!(nouns[1].attribute("value").unwrap(), carried(text));
}

#[test]
fn hostile_text_stays_text() {
    HOSTILE.into_iter().for_each(survives);
}

proptest! {
    #[test]
    fn any_text_stays_text(text in any::<String>()) {
        survives(&text);
    }
}

#[test]
fn ringing_everyone_reads_as_twilio_expects() {
    let twiml = Twiml::new([Verb::Dial(Dial {
        answer_on_bridge: true,
        timeout_s: 15,
        action: "https://x/twilio/dial?c=1&e=0".to_owned(),
        clients: vec![Client {
            identity: "agent_doug".to_owned(),
            status_callback: "https://x/twilio/leg?c=1&e=0".to_owned(),
            events: Event::ALL.to_vec(),
            parameters: vec![("call_id".to_owned(), "1".to_owned())],
        }],
        ..Dial::default()
    })]);
    assert_eq!(
        twiml.to_string(),
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#,
            r#"<Dial answerOnBridge="true" timeout="15" action="https://x/twilio/dial?c=1&amp;e=0" method="POST">"#,
            r#"<Client statusCallback="https://x/twilio/leg?c=1&amp;e=0" statusCallbackMethod="POST" "#,
            r#"statusCallbackEvent="initiated ringing answered completed"><Identity>agent_doug</Identity>"#,
            r#"<Parameter name="call_id" value="1"/></Client></Dial></Response>"#,
        )
    );
}

#[test]
fn an_empty_answer_is_an_empty_response() {
    assert_eq!(
        Twiml::empty().to_string(),
        r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#
    );
}
