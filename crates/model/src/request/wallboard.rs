//! The figures of a day, for the big screen. A day is the office's, as `2026-01-31`; `None` is today.
//!
//! What each figure means is said by the comments on the columns of these types, in `supabase/migrations`.

use super::Request;

fn of_day(function: &'static str, day: Option<&str>) -> Request {
    let query = day.map(|day| ("day", day.to_owned()));
    Request::get(function, query.into_iter().collect())
}

/// The team's figures now and of a day: one row of the database's type `wallboard_figures`.
pub fn figures(day: Option<&str>) -> Request {
    of_day("rpc/wallboard", day)
}

/// A day by hour: rows of `wallboard_hour`.
pub fn hours(day: Option<&str>) -> Request {
    of_day("rpc/wallboard_hours", day)
}

/// What each agent did on a day: rows of `wallboard_agent`.
pub fn agents(day: Option<&str>) -> Request {
    of_day("rpc/wallboard_agents", day)
}

/// What each figure means, in a sentence to show on hover: rows of `list` (the type's name), `figure` and `words`.
pub fn figures_in_words() -> Request {
    Request::get("rpc/figures_in_words", Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_named_or_it_is_today() {
        assert_eq!(figures(None).path_and_query(), "/rest/v1/rpc/wallboard");
        assert_eq!(
            hours(Some("2026-01-31")).path_and_query(),
            "/rest/v1/rpc/wallboard_hours?day=2026-01-31"
        );
        assert_eq!(
            agents(Some("2026-01-31")).path_and_query(),
            "/rest/v1/rpc/wallboard_agents?day=2026-01-31"
        );
    }
}
