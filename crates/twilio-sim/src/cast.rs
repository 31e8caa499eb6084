//! The people who call. All their numbers are reserved for fiction: nobody has them.

/// Somebody who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// What stands in `From`: an E.164 number, or `anonymous`.
    pub number: &'static str,
    /// The name that the network sends along. Contacts have none here: the database knows theirs.
    pub network_name: Option<&'static str>,
    /// What to call this person in what the simulator prints.
    pub nickname: &'static str,
}

const fn contact(number: &'static str, nickname: &'static str) -> Caller {
    Caller {
        number,
        network_name: None,
        nickname,
    }
}

const fn stranger(number: &'static str, network_name: &'static str) -> Caller {
    Caller {
        number,
        network_name: Some(network_name),
        nickname: network_name,
    }
}

/// Everybody who can call. The numbers are +1 555 01xx, and abroad those that the regulators keep for films.
pub const CAST: [Caller; 24] = [
    contact("+12025550101", "Ada Moreno"),
    contact("+12025550102", "Ben Okafor"),
    contact("+12025550103", "Clara Lindqvist"),
    contact("+12025550104", "Dev Patel"),
    contact("+12025550105", "Erin Walsh"),
    stranger("+12025550117", "MARGARET HAYES"),
    stranger("+13125550142", "O'BRIEN & SONS"),
    stranger("+14155550186", "Tomás Herrera"),
    stranger("+16465550109", "Priya Raman"),
    stranger("+17185550163", "LEE HARDWARE"),
    stranger("+18085550128", "Kaleo Nakamura"),
    stranger("+442079460018", "Imogen Clarke"),
    stranger("+447700900461", "Rhys Bevan"),
    stranger("+33199005512", "Chloé Marchand"),
    stranger("+61491570156", "Lachlan Reid"),
    stranger("+61255501234", "Mia Nguyen"),
    stranger("+4915199950123", "Jürgen Weiß"),
    stranger("+46701740605", "Åsa Bergström"),
    stranger("+353209110045", "Saoirse Byrne"),
    stranger("+12125550174", "Wei Chen 陈伟"),
    contact("+19175550135", "a caller without a name"),
    contact("+14045550151", "another caller without a name"),
    contact("+442079460733", "a caller from London"),
    contact("anonymous", "a caller who withholds the number"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use switchboard_model::{Address, PhoneNumber};

    use super::*;

    #[test]
    fn everybody_has_a_number_of_their_own() {
        let numbers: BTreeSet<_> = CAST.iter().map(|caller| caller.number).collect();
        assert_eq!(numbers.len(), CAST.len());
        for caller in CAST {
            let withheld = Address::parse(caller.number) == Address::Withheld;
            assert!(
                withheld || PhoneNumber::parse(caller.number).is_ok(),
                "{}",
                caller.number
            );
        }
    }

    #[test]
    fn the_first_five_are_the_contacts_of_the_seed() {
        let seed = include_str!("../../../supabase/seed.sql");
        for caller in &CAST[..5] {
            let row = format!("('{}', '{}'", caller.number, caller.nickname);
            assert!(seed.contains(&row), "seed.sql has no {row}");
        }
    }
}
