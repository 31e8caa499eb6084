//! What our own TwiML means to the simulated Twilio.

use super::*;
use switchboard_twilio::twiml::{self, Pause, Play, Record, Redirect, Say};
use switchboard_twilio::{Client, Dial, Twiml, Verb};

#[test]
fn a_hold_loop_is_followed() {
    let answer = Twiml::new([
        Verb::Say(Say {
            text: "Hello & welcome".to_owned(),
            language: None,
        }),
        Verb::Play(Play {
            url: "https://x/hold.mp3".to_owned(),
            times: Some(0),
        }),
        Verb::Pause(Pause { seconds: 10 }),
        Verb::Redirect(Redirect {
            url: "https://x/voice?c=1&e=2".to_owned(),
            method: Method::Post,
        }),
    ]);
    let expected = [
        Step::Say("Hello & welcome".to_owned()),
        Step::Play {
            url: "https://x/hold.mp3".to_owned(),
            times: 1000,
        },
        Step::Pause(Duration::from_secs(10)),
        Step::Redirect(Target {
            url: "https://x/voice?c=1&e=2".to_owned(),
            method: Method::Post,
        }),
    ];
    assert_eq!(read(&answer.to_string()).unwrap(), expected);
}

#[test]
fn a_dial_rings_its_clients_and_numbers() {
    let answer = Twiml::new([Verb::Dial(Dial {
        answer_on_bridge: true,
        timeout_s: 15,
        action: "https://x/dial".to_owned(),
        caller_id: Some("+12025550199".to_owned()),
        clients: vec![Client {
            identity: "agent_doug".to_owned(),
            status_callback: "https://x/leg".to_owned(),
            events: Event::ALL.to_vec(),
            parameters: vec![("epoch".to_owned(), "3".to_owned())],
        }],
        numbers: vec![twiml::Number {
            number: "+12025550101".to_owned(),
            status_callback: "https://x/leg".to_owned(),
            events: vec![Event::Answered],
        }],
        ..Dial::default()
    })]);
    let callback = |events: &[Event]| {
        Some(CallbackTo {
            url: "https://x/leg".to_owned(),
            events: events.to_vec(),
        })
    };
    let expected = Step::Dial(DialStep {
        answer_on_bridge: true,
        timeout: Duration::from_secs(15),
        action: Some(Target {
            url: "https://x/dial".to_owned(),
            method: Method::Post,
        }),
        caller_id: Some("+12025550199".to_owned()),
        is_recorded: false,
        recording_callback: None,
        nouns: vec![
            Noun {
                who: Who::Client("agent_doug".to_owned()),
                parameters: [("epoch".to_owned(), "3".to_owned())].into(),
                callback: callback(&Event::ALL),
            },
            Noun {
                who: Who::Number("+12025550101".to_owned()),
                parameters: BTreeMap::new(),
                callback: callback(&[Event::Answered]),
            },
        ],
        too_many: 0,
    });
    assert_eq!(read(&answer.to_string()).unwrap(), [expected]);
}

#[test]
fn an_eleventh_client_is_not_rung() {
    let clients = "<Client>x</Client>".repeat(12);
    let steps = read(&format!("<Response><Dial>{clients}</Dial></Response>")).unwrap();
    let [Step::Dial(dial)] = &steps[..] else {
        panic!("{steps:?}")
    };
    assert_eq!((dial.nouns.len(), dial.too_many), (10, 2));
}

#[test]
fn a_recording_is_followed() {
    let answer = Twiml::new([Verb::Record(Record {
        action: "https://x/recorded".to_owned(),
        recording_status_callback: "https://x/recording".to_owned(),
        max_length_s: 120,
        play_beep: true,
        silence_s: None,
        finish_on_key: Some("#".to_owned()),
    })]);
    let expected = Step::Record(RecordStep {
        action: Some(Target {
            url: "https://x/recorded".to_owned(),
            method: Method::Post,
        }),
        callback: Some("https://x/recording".to_owned()),
        longest: Duration::from_secs(120),
        finish_on_key: "#".to_owned(),
    });
    assert_eq!(read(&answer.to_string()).unwrap(), [expected]);
}

#[test]
fn a_dial_rings_neither_shorter_nor_longer_than_twilio_allows() {
    for (asked, rings) in [("1", 5), ("5", 5), ("15", 15), ("9999", 600)] {
        let steps = read(&format!(
            "<Response><Dial timeout='{asked}'>+12025550101</Dial></Response>"
        ))
        .unwrap();
        let [Step::Dial(dial)] = &steps[..] else {
            panic!("{steps:?}")
        };
        assert_eq!(dial.timeout, Duration::from_secs(rings), "{asked}");
    }
}

#[test]
fn the_end_is_understood() {
    assert_eq!(
        read("<Response><Hangup/></Response>").unwrap(),
        [Step::Hangup]
    );
    assert_eq!(read("<Response/>").unwrap(), []);
}

#[test]
fn what_twilio_would_not_follow_is_refused() {
    for answer in [
        "",
        "Internal Server Error",
        "<html/>",
        "<Response><Shout/></Response>",
        "<Response><Pause length='x'/></Response>",
        "<Response><Dial><Conference>a</Conference></Dial></Response>",
    ] {
        assert!(read(answer).is_err(), "{answer}");
    }
}
