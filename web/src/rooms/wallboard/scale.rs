//! What the chart draws, as numbers: which hours, how high, and where the lines of the grid are.

use super::day::Hour;

/// Hours that are always drawn, so that a quiet day looks like one: from this one …
const FIRST_HOUR: u8 = 8;
/// … until before this one.
const LAST_HOUR: u8 = 18;
/// At most so many lines above the zero.
const LINES: u64 = 5;
const HOUR_MS: i64 = 3_600_000;

/// An hour of the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) starts_ms: i64,
    pub(super) hour: u8,
    /// What is known of it; nothing of an hour that has not begun, which is not the same as no calls.
    pub(super) calls: Option<Calls>,
    /// Calls in the same hour of the day that it is compared with, where that is known.
    pub(super) before: Option<u64>,
    /// Whether it is not over.
    pub(super) is_running: bool,
}

/// The calls of an hour by what became of them. Together they are all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Calls {
    pub(super) answered: u64,
    pub(super) missed: u64,
    pub(super) other: u64,
}

impl Calls {
    /// All of them.
    pub(super) fn all(self) -> u64 {
        self.answered + self.missed + self.other
    }
}

/// The hours that are drawn: those of the day's work, and whatever else had a call on either day.
pub(super) fn columns(hours: &[Hour], before: &[Hour], now_ms: i64) -> Vec<Column> {
    let all: Vec<Column> = hours
        .iter()
        .enumerate()
        .map(|(index, hour)| Column {
            starts_ms: hour.starts_ms,
            hour: hour.hour,
            calls: (hour.starts_ms <= now_ms).then_some(Calls {
                answered: hour.answered,
                missed: hour.missed,
                other: hour.offered.saturating_sub(hour.answered + hour.missed),
            }),
            before: same_hour(hours, index, before),
            is_running: hour.starts_ms <= now_ms && now_ms < hour.starts_ms + HOUR_MS,
        })
        .collect();
    let is_wanted = |column: &Column| {
        (FIRST_HOUR..LAST_HOUR).contains(&column.hour)
            || column.is_running
            || column.calls.is_some_and(|calls| calls.all() > 0)
            || column.before.is_some_and(|calls| calls > 0)
    };
    let first = all.iter().position(is_wanted).unwrap_or(0);
    let last = all.iter().rposition(is_wanted).map_or(0, |last| last + 1);
    all.into_iter().take(last).skip(first).collect()
}

/// The calls of the other day in the same hour by the clock: the second of two that say the same is compared with the
/// second, and with nothing where there is only one.
fn same_hour(hours: &[Hour], index: usize, before: &[Hour]) -> Option<u64> {
    let hour = hours[index].hour;
    let nth = hours[..index]
        .iter()
        .filter(|other| other.hour == hour)
        .count();
    let mut same = before.iter().filter(|other| other.hour == hour);
    same.nth(nth).map(|hour| hour.offered)
}

/// The values of the grid's lines, from zero up to one that nothing is above. Calls are whole.
pub(super) fn lines(columns: &[Column]) -> Vec<u64> {
    let counts = columns
        .iter()
        .flat_map(|column| [column.calls.map(Calls::all), column.before]);
    let most = counts.flatten().max().unwrap_or(0).max(LINES - 1);
    let steps = (0..).flat_map(|power| [1, 2, 5].map(|step| step * 10_u64.pow(power)));
    // Some step is large enough for every number.
    let step = steps
        .take(50)
        .find(|step| most.div_ceil(*step) <= LINES)
        .unwrap_or(most);
    (0..=most.div_ceil(step)).map(|line| line * step).collect()
}

/// How much of the height `calls` take under the highest line, from 0 to 100.
#[allow(clippy::cast_precision_loss)]
pub(super) fn height(calls: u64, lines: &[u64]) -> f64 {
    let top = lines.last().copied().unwrap_or(1).max(1);
    calls as f64 / top as f64 * 100.0
}

/// When somebody has waited since, if they have waited `wait_s` seconds now. The database tells whole seconds: the same
/// caller's beginning does not jump about between two answers.
pub(super) fn waiting_since(
    known_ms: Option<i64>,
    wait_s: Option<i64>,
    now_ms: i64,
) -> Option<i64> {
    const ROUNDED_MS: i64 = 1_500;
    let since_ms = now_ms - wait_s? * 1000;
    let same = known_ms.filter(|known| (known - since_ms).abs() <= ROUNDED_MS);
    Some(same.unwrap_or(since_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(hour: u8, offered: u64) -> Hour {
        Hour {
            starts_ms: i64::from(hour) * HOUR_MS,
            hour,
            offered,
            answered: offered / 2,
            missed: offered / 3,
        }
    }

    fn day(calls: &[(u8, u64)]) -> Vec<Hour> {
        let of = |n: u8| {
            calls
                .iter()
                .find(|(hour, _)| *hour == n)
                .map_or(0, |(_, calls)| *calls)
        };
        (0..24).map(|n| hour(n, of(n))).collect()
    }

    fn drawn(columns: &[Column]) -> (u8, u8) {
        (columns[0].hour, columns[columns.len() - 1].hour)
    }

    #[test]
    fn hours_that_have_not_begun_are_a_gap_and_hours_without_calls_are_zero() {
        let columns = columns(&day(&[(9, 6)]), &[], 11 * HOUR_MS + 5);
        let calls: Vec<_> = columns
            .iter()
            .map(|column| column.calls.map(Calls::all))
            .collect();
        assert_eq!(calls[..5], [Some(0), Some(6), Some(0), Some(0), None]);
        let running: Vec<_> = columns
            .iter()
            .filter(|column| column.is_running)
            .map(|column| column.hour)
            .collect();
        assert_eq!(running, [11]);
    }

    #[test]
    fn calls_outside_the_hours_of_work_are_drawn_too() {
        let night = 48 * HOUR_MS;
        assert_eq!(drawn(&columns(&day(&[]), &[], night)), (8, 17));
        assert_eq!(drawn(&columns(&day(&[(5, 1)]), &[], night)), (5, 17));
        assert_eq!(drawn(&columns(&day(&[]), &day(&[(22, 1)]), night)), (8, 22));
    }

    #[test]
    fn what_became_of_calls_adds_up() {
        let columns = columns(&day(&[(9, 7)]), &[], 48 * HOUR_MS);
        let calls = columns[1].calls.unwrap();
        assert_eq!(
            calls,
            Calls {
                answered: 3,
                missed: 2,
                other: 2
            }
        );
        assert_eq!(calls.all(), 7);
    }

    #[test]
    fn an_hour_that_comes_twice_is_compared_with_one_that_came_twice() {
        let mut twice = day(&[(2, 4)]);
        twice.insert(
            3,
            Hour {
                starts_ms: 3 * HOUR_MS,
                ..hour(2, 9)
            },
        );
        let usual = day(&[(2, 5)]);
        let before = |hours: &[Hour], before: &[Hour]| -> Vec<_> {
            let columns = columns(hours, before, 0);
            columns
                .iter()
                .filter(|column| column.hour == 2)
                .map(|column| column.before)
                .collect()
        };
        assert_eq!(before(&twice, &usual), [Some(5), None]);
        assert_eq!(before(&usual, &twice), [Some(4)]);
    }

    #[test]
    fn lines_begin_at_zero_are_whole_and_few_and_nothing_is_above_the_last() {
        let top = |most: u64| {
            let columns = columns(&day(&[(9, most)]), &[], 48 * HOUR_MS);
            lines(&columns)
        };
        assert_eq!(top(0), [0, 1, 2, 3, 4]);
        assert_eq!(top(5), [0, 1, 2, 3, 4, 5]);
        assert_eq!(top(7), [0, 2, 4, 6, 8]);
        assert_eq!(top(23), [0, 5, 10, 15, 20, 25]);
        assert_eq!(top(1_001), [0, 500, 1_000, 1_500]);
        for most in 0..3_000 {
            let lines = top(most);
            assert_eq!(lines[0], 0);
            assert!(
                lines.len() <= 6 && lines[lines.len() - 1] >= most,
                "{most}: {lines:?}"
            );
        }
    }

    #[test]
    fn heights_are_in_proportion_to_calls() {
        let lines = [0, 5, 10];
        assert!((height(5, &lines) - 50.0).abs() < 1e-9);
        assert!((height(10, &lines) - 100.0).abs() < 1e-9);
        assert!(height(0, &lines).abs() < 1e-9);
        assert!(height(0, &[]).abs() < 1e-9);
    }

    #[test]
    fn a_wait_goes_on_from_its_beginning_whatever_was_rounded() {
        assert_eq!(waiting_since(None, None, 90_000), None);
        let since = waiting_since(None, Some(30), 90_000);
        assert_eq!(since, Some(60_000));
        assert_eq!(waiting_since(since, Some(31), 90_700), Some(60_000));
        assert_eq!(
            waiting_since(since, Some(12), 91_000),
            Some(79_000),
            "somebody else"
        );
        for (off, same) in [
            (1_500, true),
            (1_501, false),
            (-1_500, true),
            (-1_501, false),
        ] {
            let again = waiting_since(Some(60_000 + off), Some(30), 90_000);
            assert_eq!(again == Some(60_000 + off), same, "{off} ms off");
        }
        assert_eq!(waiting_since(since, None, 91_000), None);
    }
}
