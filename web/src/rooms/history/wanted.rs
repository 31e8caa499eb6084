//! Which calls are looked for, as the address says it: `/history?q=anna&from=2026-01-05&missed=1`.
//!
//! Whatever stands in an address was written by somebody: what means nothing is left out.

use switchboard_model::request::history::{Search, Sort};
use switchboard_model::{Direction, EndReason, Status, timestamp};

/// What is looked for, and in which order it is listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Which calls.
    pub(super) search: Search,
    /// In which order.
    pub(super) sort: Sort,
}

/// The longest text that the database looks at.
const LONGEST: usize = 200;

pub(super) const SORTS: [Sort; 3] = [Sort::Newest, Sort::Waited, Sort::Talked];
pub(super) const DIRECTIONS: [Direction; 2] = [Direction::Inbound, Direction::Outbound];

impl Wanted {
    /// Reads an address; `query` gives the decoded value of a name, empty if there is none.
    pub(super) fn read(query: impl Fn(&str) -> String) -> Self {
        let named = |name: &str| query(name);
        let state = named("state");
        let reason = named("reason");
        let direction = named("direction");
        let sort = named("sort");
        Self {
            search: Search {
                words: named("q").chars().take(LONGEST).collect(),
                first_day: Some(named("from"))
                    .filter(|day| is_day(day))
                    .unwrap_or_default(),
                last_day: Some(named("to"))
                    .filter(|day| is_day(day))
                    .unwrap_or_default(),
                state: Status::ALL.into_iter().find(|it| it.as_str() == state),
                reason: EndReason::ALL.into_iter().find(|it| it.as_str() == reason),
                direction: DIRECTIONS.into_iter().find(|it| it.as_str() == direction),
                agent: named("agent").parse().ok(),
                only_missed: named("missed") == "1",
            },
            sort: SORTS
                .into_iter()
                .find(|it| it.as_str() == sort)
                .unwrap_or_default(),
        }
    }

    /// Names and values for the address; what is empty does not stand there.
    pub(super) fn pairs(&self) -> [(&'static str, String); 9] {
        let search = &self.search;
        let sort = if self.sort == Sort::default() {
            ""
        } else {
            self.sort.as_str()
        };
        [
            ("q", search.words.trim().to_owned()),
            ("from", search.first_day.clone()),
            ("to", search.last_day.clone()),
            ("state", search.state.map_or("", Status::as_str).to_owned()),
            (
                "reason",
                search.reason.map_or("", EndReason::as_str).to_owned(),
            ),
            (
                "direction",
                search.direction.map_or("", Direction::as_str).to_owned(),
            ),
            (
                "agent",
                search
                    .agent
                    .map(|agent| agent.to_string())
                    .unwrap_or_default(),
            ),
            (
                "missed",
                if search.only_missed { "1" } else { "" }.to_owned(),
            ),
            ("sort", sort.to_owned()),
        ]
    }

    /// How many of the filters behind the words say something.
    pub(super) fn filters(&self) -> usize {
        let search = &self.search;
        [
            !search.first_day.is_empty() || !search.last_day.is_empty(),
            search.state.is_some(),
            search.reason.is_some(),
            search.direction.is_some(),
            search.agent.is_some(),
        ]
        .into_iter()
        .filter(|is_set| *is_set)
        .count()
    }

    /// Whether every call fits.
    pub(super) fn is_everything(&self) -> bool {
        self.filters() == 0 && !self.search.only_missed && self.search.words.trim().is_empty()
    }
}

/// Whether that is a day that the database reads, such as `2026-01-31`.
fn is_day(text: &str) -> bool {
    let is_shaped = text.len() == 10
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_digit());
    is_shaped && timestamp::parse(&format!("{text}T00:00:00Z")).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOUG: &str = "11111111-0000-4000-8000-000000000001";

    fn read(address: &[(&str, &str)]) -> Wanted {
        Wanted::read(|name| {
            let found = address.iter().find(|(its, _)| *its == name);
            found.map_or(String::new(), |(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn what_is_wanted_comes_back_from_its_address() {
        let wanted = Wanted {
            search: Search {
                words: "anna & co".to_owned(),
                first_day: "2026-01-01".to_owned(),
                last_day: "2026-02-28".to_owned(),
                state: Some(Status::Ended),
                reason: Some(EndReason::EndedByAgent),
                direction: Some(Direction::Outbound),
                agent: DOUG.parse().ok(),
                only_missed: true,
            },
            sort: Sort::Talked,
        };
        let pairs = wanted.pairs();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        assert_eq!(read(&pairs), wanted);
        assert_eq!(wanted.filters(), 5);
    }

    #[test]
    fn an_address_that_says_nothing_wants_everything_and_the_newest_first() {
        let all = read(&[]);
        assert_eq!(all, Wanted::default());
        assert!(all.is_everything());
        assert!(all.pairs().iter().all(|(_, value)| value.is_empty()));
    }

    #[test]
    fn what_means_nothing_is_left_out() {
        let odd = [
            ("from", "yesterday"),
            ("to", "2026-02-30"),
            ("state", "sleeping"),
            ("reason", "because"),
            ("direction", "up"),
            ("agent", "doug"),
            ("missed", "yes"),
            ("sort", "longest"),
        ];
        assert_eq!(read(&odd), Wanted::default());
        assert_eq!(read(&[("q", &"x".repeat(900))]).search.words.len(), 200);
    }
}
