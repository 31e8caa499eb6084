//! What the page does besides listening: it has a session, and it fetches the board.

use crate::weather::Trouble;
use crate::world::{Happening, ToPage, World};
use switchboard_model::Snapshot;
use switchboard_realtime::refetch::{Next, Urgency};
use switchboard_realtime::{Input, Token, TokenReason};

impl World {
    pub(crate) fn bring_token(&mut self, reason: TokenReason) {
        let local = self.page.local(self.now);
        let good = self
            .page
            .session
            .as_ref()
            .is_some_and(|session| session.expires_local > local + 30_000);
        if reason == TokenReason::Join && good {
            self.give_token();
        } else {
            let at = self.now + self.dice.between(2, 400);
            self.at(at, Happening::RefreshToken);
        }
    }

    /// Auth answers, or nobody does.
    pub(crate) fn refresh_token(&mut self) {
        if self.weather.is(Trouble::AuthDown) {
            return;
        }
        self.watch.tokens += 1;
        let jwt = format!("token-{}-{}", self.now + self.lifetime, self.watch.tokens);
        let lifetime = self.lifetime;
        let at = self.now + self.dice.between(1, 60);
        self.at(at, Happening::Page(ToPage::Token { jwt, lifetime }));
    }

    pub(crate) fn give_token(&mut self) {
        let Some(session) = self.page.session.clone() else {
            return;
        };
        let jwt = if self.page.session_is_bad {
            "garbage".to_owned()
        } else {
            session.jwt
        };
        let expires = u64::try_from(session.expires_local).unwrap_or(0);
        self.feed(Input::Token(Token::new(jwt, expires)));
    }

    pub(crate) fn want(&mut self, urgency: Urgency) {
        let (now, chance) = (self.now as i64, self.dice.chance());
        let next = self.page.plan.wanted(urgency, now, chance);
        self.plan(next);
    }

    pub(crate) fn plan(&mut self, next: Next) {
        let Next::In(wait) = next else { return };
        self.page.plan_number += 1;
        let number = self.page.plan_number;
        self.at(
            self.now + u64::from(wait),
            Happening::Page(ToPage::RefetchDue(number)),
        );
    }

    pub(crate) fn fetch(&mut self) {
        self.page.plan.started(self.now as i64);
        self.watch.fetches(self.now);
        self.page.asked = Some(self.page.board.snapshot_asked());
        let slow = self.weather.is(Trouble::RestSlow);
        let at = self.now
            + if slow {
                self.dice.below(5_000)
            } else {
                self.dice.between(1, 40)
            };
        self.at(at, Happening::ReadSnapshot);
    }

    pub(crate) fn read_snapshot(&mut self) {
        let is_down = self.weather.is(Trouble::RestDown);
        let snapshot = (!is_down)
            .then(|| Box::new(self.database.snapshot(!self.weather.is(Trouble::Revoked))));
        let slow = self.weather.is(Trouble::RestSlow);
        let at = self.now
            + if slow {
                self.dice.below(5_000)
            } else {
                self.dice.between(1, 80)
            };
        self.at(at, Happening::Page(ToPage::Snapshot(snapshot)));
    }

    pub(crate) fn fetched(&mut self, snapshot: Option<Box<Snapshot>>) {
        let came = snapshot.is_some();
        self.watch
            .log(self.now, || format!("snapshot came: {came}"));
        if let (Some(snapshot), Some(asked)) = (snapshot, self.page.asked) {
            self.page.board.apply_snapshot(asked, *snapshot);
            self.watch.shows(&self.page.board);
        }
        let (now, chance) = (self.now as i64, self.dice.chance());
        let next = self.page.plan.finished(now, chance);
        self.plan(next);
        self.feed(if came {
            Input::SnapshotDone
        } else {
            Input::SnapshotFailed
        });
    }
}
