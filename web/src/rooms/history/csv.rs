//! Calls as a table for spreadsheets: RFC 4180, with the mark by which they know UTF-8.

use switchboard_model::{Address, Direction, PhoneNumber};

use super::listed::Listed;
use super::words;
use crate::texts::history as texts;

/// U+FEFF: without it Excel takes the file for its own old encoding.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The table. `local` writes a moment as the reader's spreadsheet reads it, `zone` names the clock that it is by.
pub(super) fn table(calls: &[Listed], zone: &str, local: impl Fn(i64) -> String) -> String {
    let mut text = String::from(BYTE_ORDER_MARK);
    let head = [
        texts::csv_began(zone),
        texts::csv_direction().to_owned(),
        texts::csv_number().to_owned(),
        texts::csv_name().to_owned(),
        texts::csv_company().to_owned(),
        texts::csv_outcome().to_owned(),
        texts::csv_agents().to_owned(),
        texts::csv_waited().to_owned(),
        texts::csv_talked().to_owned(),
        texts::csv_called_back(zone),
        texts::csv_called_back_by().to_owned(),
        texts::csv_disposition().to_owned(),
        texts::csv_note().to_owned(),
        texts::csv_message().to_owned(),
        texts::csv_id().to_owned(),
    ];
    line(&mut text, &head);
    for call in calls {
        line(&mut text, &fields(call, &local));
    }
    text
}

fn fields(call: &Listed, local: &impl Fn(i64) -> String) -> [String; 15] {
    let seconds = |seconds: Option<i64>| seconds.map(|it| it.to_string()).unwrap_or_default();
    let owned = |text: &Option<String>| text.clone().unwrap_or_default();
    let direction = match call.direction {
        Direction::Inbound => texts::inbound(),
        Direction::Outbound => texts::outbound(),
    };
    [
        local(call.began_ms),
        direction.to_owned(),
        match &call.number {
            Address::Withheld => String::new(),
            number => number.as_stored(),
        },
        owned(&call.name),
        owned(&call.company),
        words::ending(call),
        call.agents.join(", "),
        seconds(call.waited_s),
        seconds(call.talked_s),
        call.called_back_ms.map(local).unwrap_or_default(),
        owned(&call.called_back_by),
        call.disposition.clone(),
        call.note.clone(),
        if call.has_recording { texts::yes() } else { "" }.to_owned(),
        call.id.to_string(),
    ]
}

fn line(text: &mut String, fields: &[String]) {
    for (index, value) in fields.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        field(text, value);
    }
    text.push_str("\r\n");
}

/// A field in quotes. A caller's name or a note may begin like a formula, which a spreadsheet would run: an apostrophe
/// makes a text of it. A number is none, and is read by other programs as it stands.
fn field(text: &mut String, value: &str) {
    text.push('"');
    let is_number = PhoneNumber::parse(value).is_ok();
    if value.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_number {
        text.push('\'');
    }
    text.push_str(&value.replace('"', "\"\""));
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::listed::tests::listed;
    use super::*;

    fn written(call: Listed) -> String {
        let text = table(&[call], "UTC", |ms| ms.to_string());
        let (head, rest) = text.split_once("\r\n").unwrap();
        assert!(head.starts_with("\u{feff}\"Began (UTC)\","));
        assert_eq!(head.matches("\",\"").count(), 14);
        rest.to_owned()
    }

    #[test]
    fn a_call_is_one_line_in_quotes() {
        let line = written(listed(1, 1));
        assert_eq!(
            line,
            "\"1767603600250\",\"Incoming\",\"+12025550150\",\"Ada Moreno\",\"\",\"Answered by Doug, Rhonda\",\
             \"Doug, Rhonda\",\"12\",\"180\",\"\",\"\",\"\",\"\",\"\",\"22222222-0000-4000-8000-000000000001\"\r\n"
        );
    }

    #[test]
    fn quotes_commas_and_line_ends_stay_within_their_field() {
        let mut call = listed(1, 1);
        call.note = "said \"no\", then\r\nhung up".to_owned();
        assert!(written(call).contains(",\"said \"\"no\"\", then\r\nhung up\","));
    }

    #[test]
    fn no_field_begins_like_a_formula() {
        for odd in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            let mut call = listed(1, 1);
            call.name = Some(odd.to_owned());
            assert!(written(call).contains(&format!(",\"'{odd}\",")), "{odd:?}");
        }
        let mut call = listed(1, 1);
        call.name = Some("A=B".to_owned());
        assert!(written(call).contains(",\"A=B\","));
    }
}
