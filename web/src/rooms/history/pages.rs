//! The list as it grows: page after page, and what came in meanwhile.
//!
//! Pages are read by key, so nothing is skipped or shown twice. What is new waits above the list until the reader asks
//! for it: a list that moves under the pointer makes people press the wrong call.

use std::rc::Rc;

use yew::prelude::*;

use super::listed::Listed;

/// What is asked for next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// The first page of another search is on its way; what is shown belongs to the last one.
    #[default]
    Loading,
    /// All that was asked for is there.
    Ready,
    /// The first page did not come.
    Failed,
    /// The next page is on its way.
    LoadingMore,
    /// It did not come.
    MoreFailed,
}

/// The list.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pages {
    /// What is shown.
    pub(super) rows: Vec<Listed>,
    /// How many calls fit that are newer than the list.
    pub(super) newer: usize,
    /// How many fit in all; 10001 is more than 10000.
    pub(super) count: Option<u64>,
    /// Whether the last row is the last of all.
    pub(super) is_whole: bool,
    pub(super) stage: Stage,
    /// Which search the list belongs to.
    pub(super) number: u32,
    fresh: Vec<Listed>,
}

/// What happens to it. Each carries the number of its search, and what belongs to an older one changes nothing.
pub(super) enum Told {
    /// Something else is looked for, under that number.
    Began(u32),
    /// The first page came, or not.
    First(u32, Option<Vec<Listed>>),
    /// The next page is asked for.
    MoreAsked(u32),
    /// It came, or not.
    More(u32, Option<Vec<Listed>>),
    /// How many fit.
    Counted(u32, u64),
    /// The list from its top as it is now; the number behind is how many were asked for.
    Fresh(u32, Vec<Listed>, usize),
    /// The reader wants to see what is newer.
    NewerWanted(u32),
}

/// How many rows a page has.
pub(super) const PAGE: usize = 50;

impl Reducible for Pages {
    type Action = Told;

    fn reduce(self: Rc<Self>, told: Told) -> Rc<Self> {
        let mut next = Rc::unwrap_or_clone(self);
        next.hear(told);
        Rc::new(next)
    }
}

impl Pages {
    fn hear(&mut self, told: Told) {
        match told {
            Told::Began(number) => {
                self.number = number;
                self.stage = Stage::Loading;
                (self.newer, self.fresh) = (0, Vec::new());
            }
            Told::First(number, rows) if number == self.number => match rows {
                Some(rows) => {
                    self.is_whole = rows.len() < PAGE;
                    self.rows = rows;
                    self.stage = Stage::Ready;
                }
                None => {
                    (self.rows, self.count) = (Vec::new(), None);
                    self.stage = Stage::Failed;
                }
            },
            Told::MoreAsked(number) if number == self.number => self.stage = Stage::LoadingMore,
            Told::More(number, rows) if number == self.number => match rows {
                Some(rows) => {
                    self.is_whole = rows.len() < PAGE;
                    let known = |row: &Listed, all: &[Listed]| all.iter().any(|it| it.id == row.id);
                    for row in rows {
                        if !known(&row, &self.rows) {
                            self.rows.push(row);
                        }
                    }
                    self.stage = Stage::Ready;
                }
                None => self.stage = Stage::MoreFailed,
            },
            Told::Counted(number, count) if number == self.number => self.count = Some(count),
            Told::Fresh(number, rows, asked) if number == self.number => self.refresh(rows, asked),
            Told::NewerWanted(number) if number == self.number => {
                self.rows = std::mem::take(&mut self.fresh);
                self.is_whole = self.rows.len() < PAGE;
                self.newer = 0;
            }
            // Of a search that nobody waits for any more.
            Told::First(..)
            | Told::MoreAsked(_)
            | Told::More(..)
            | Told::Counted(..)
            | Told::Fresh(..)
            | Told::NewerWanted(_) => {}
        }
    }

    /// Calls that are shown change where they stand, those that no longer fit leave, new ones wait.
    fn refresh(&mut self, fresh: Vec<Listed>, asked: usize) {
        if self.stage == Stage::Loading || self.stage == Stage::Failed {
            return;
        }
        if self.rows.is_empty() {
            self.is_whole = fresh.len() < asked;
            self.rows = fresh;
            return;
        }
        let end = fresh
            .last()
            .map(|last| (last.sort_value, last.id.to_string()));
        let is_all = fresh.len() < asked;
        self.rows
            .retain_mut(|row| match fresh.iter().find(|it| it.id == row.id) {
                Some(now) => {
                    *row = now.clone();
                    true
                }
                // Below the end of what was asked for nothing is known.
                None => {
                    let place = (row.sort_value, row.id.to_string());
                    !is_all && end.as_ref().is_some_and(|end| place < *end)
                }
            });
        let is_new = |row: &&Listed| self.rows.iter().all(|it| it.id != row.id);
        self.newer = fresh.iter().filter(is_new).count();
        if self.is_whole && self.newer == 0 {
            self.is_whole = is_all;
        }
        self.fresh = fresh;
    }
}

#[cfg(test)]
mod tests {
    use super::super::listed::tests::listed;
    use super::*;

    fn page(from: u8, to: u8) -> Vec<Listed> {
        (to..=from).rev().map(|at| listed(at, at.into())).collect()
    }

    fn ids(pages: &Pages) -> Vec<i64> {
        pages.rows.iter().map(|row| row.sort_value).collect()
    }

    fn shown(rows: Vec<Listed>) -> Pages {
        let mut pages = Pages::default();
        pages.hear(Told::Began(1));
        pages.hear(Told::First(1, Some(rows)));
        pages
    }

    #[test]
    fn a_full_page_has_a_next_one_and_a_short_one_is_the_last() {
        let mut pages = shown(page(90, 41));
        assert!(!pages.is_whole);
        pages.hear(Told::MoreAsked(1));
        assert_eq!(pages.stage, Stage::LoadingMore);
        pages.hear(Told::More(1, Some(page(41, 30))));
        assert!(pages.is_whole);
        assert_eq!(
            ids(&pages),
            (30..=90).rev().collect::<Vec<i64>>(),
            "41 came twice and is there once"
        );
    }

    #[test]
    fn newer_calls_that_fill_a_page_have_a_next_one() {
        let size = u8::try_from(PAGE).unwrap();
        for (rows, is_whole) in [(size - 1, true), (size, false)] {
            let mut pages = shown(page(rows - 1, 1));
            pages.hear(Told::Fresh(1, page(rows, 1), PAGE));
            assert_eq!(pages.newer, 1);
            pages.hear(Told::NewerWanted(1));
            assert_eq!(pages.rows.len(), usize::from(rows));
            assert_eq!(pages.is_whole, is_whole, "{rows} rows");
        }
    }

    #[test]
    fn an_answer_to_an_older_search_changes_nothing() {
        let mut pages = shown(page(9, 7));
        pages.hear(Told::Began(2));
        pages.hear(Told::First(1, Some(page(3, 1))));
        pages.hear(Told::Counted(1, 3));
        assert_eq!((ids(&pages), pages.count), (vec![9, 8, 7], None));
        assert_eq!(pages.stage, Stage::Loading);
        pages.hear(Told::First(2, None));
        assert_eq!((pages.stage, pages.rows.len()), (Stage::Failed, 0));
    }

    #[test]
    fn what_is_newer_waits_until_it_is_wanted_and_what_changed_changes_in_place() {
        let mut pages = shown(page(9, 7));
        let mut now = page(10, 7);
        now[2].note = "rang twice".to_owned();
        pages.hear(Told::Fresh(1, now, 50));
        assert_eq!((ids(&pages), pages.newer), (vec![9, 8, 7], 1));
        assert_eq!(pages.rows[1].note, "rang twice");
        pages.hear(Told::NewerWanted(1));
        assert_eq!((ids(&pages), pages.newer), (vec![10, 9, 8, 7], 0));
    }

    #[test]
    fn what_no_longer_fits_leaves_and_what_was_not_asked_for_stays() {
        let mut pages = shown(page(9, 5));
        // Three were asked for: 8 no longer fits, of 6 and 5 nothing is known.
        let now = vec![listed(10, 10), listed(9, 9), listed(7, 7)];
        pages.hear(Told::Fresh(1, now, 3));
        assert_eq!((ids(&pages), pages.newer), (vec![9, 7, 6, 5], 1));
        // Fewer came than were asked for: there are no others.
        pages.hear(Told::Fresh(1, vec![listed(9, 9)], 50));
        assert_eq!((ids(&pages), pages.newer), (vec![9], 0));
    }

    #[test]
    fn an_empty_list_takes_what_comes_at_once() {
        let mut pages = shown(Vec::new());
        pages.hear(Told::Fresh(1, page(2, 1), 50));
        assert_eq!((ids(&pages), pages.newer), (vec![2, 1], 0));
    }
}
