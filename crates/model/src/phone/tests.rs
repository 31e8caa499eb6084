use super::*;

#[test]
fn an_e164_number_is_read_and_shown_in_full() {
    let number = PhoneNumber::parse("+15550100123").unwrap();
    assert_eq!(number.to_string(), "+15550100123");
}

#[test]
fn what_is_not_e164_is_refused_with_the_remedy() {
    use PhoneNumberError::*;
    for (text, error) in [
        ("15550100", NoPlus),
        ("", NoPlus),
        ("+1555 0100", NotDigits),
        ("+1555٣٤", NotDigits),
        ("+0155501", Length),
        ("+1", Length),
        ("+", Length),
        ("+1234567890123456", Length),
    ] {
        assert_eq!(PhoneNumber::parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn debug_shows_three_digits_at_most() {
    let number = PhoneNumber::parse("+15550100123").unwrap();
    assert_eq!(format!("{number:?}"), "+…123");
    assert_eq!(format!("{:?}", PhoneNumber::parse("+12").unwrap()), "+…12");
    assert_eq!(
        format!("{:?}", Address::Other("555-0100".into())),
        "other(8 characters)"
    );
    assert!(!format!("{:?}", Address::parse("+15550100123")).contains("5550100"));
}

#[test]
fn numbers_are_spaced_for_reading() {
    for (stored, shown) in [
        ("+15550100123", "+1 (555) 010-0123"),
        ("+442079460123", "+44 20 7946 0123"),
        ("+447700900123", "+44 7700 900123"),
        ("+33123456789", "+33 1 23 45 67 89"),
        ("+34912345678", "+34 912 345 678"),
        ("+4915112345678", "+49 151 1234 5678"),
        ("+5511912345678", "+55 11 91234 5678"),
        ("+919876543210", "+91 98765 43210"),
        ("+4930901820", "+49 309 018 20"),
        ("+35312345678", "+353 123 456 78"),
        ("+79161234567", "+7 916 123 45 67"),
        ("+12", "+1 2"),
        ("+999", "+999"),
    ] {
        assert_eq!(PhoneNumber::parse(stored).unwrap().spaced(), shown);
    }
}

#[test]
fn every_text_is_an_address_and_is_stored_as_it_came() {
    for text in [
        "+15550100123",
        "client:agent_doug",
        "sip:doug@example.com",
        "12345",
        "'; --",
    ] {
        assert_eq!(Address::parse(text).as_stored(), text);
    }
    for withheld in ["anonymous", "Anonymous", "unknown", "", "+266696687"] {
        assert_eq!(Address::parse(withheld), Address::Withheld, "{withheld:?}");
    }
}

proptest::proptest! {
    #[test]
    fn spacing_keeps_every_digit(digits in "[1-9][0-9]{1,14}") {
        let spaced = PhoneNumber::parse(&format!("+{digits}")).unwrap().spaced();
        let kept: String = spaced.chars().filter(char::is_ascii_digit).collect();
        proptest::prop_assert_eq!(kept, digits);
    }
}
