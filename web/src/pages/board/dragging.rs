//! A call in the hand: what its drag means on the board as it was drawn last, and what it says.

use std::cell::RefCell;
use std::rc::Rc;

use yew::prelude::*;

use crate::drag::{Drag, Move, Place};
use crate::format::capitals;
use crate::hooks::actions::Ask;
use crate::hooks::hands::Did;
use crate::store::{Action, Store};
use crate::texts;
use crate::view::{BoardView, drop_intent};

/// The drag that is on, if one is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Dragging(pub(super) Option<Drag<Rc<BoardView>>>);

impl Reducible for Dragging {
    type Action = (Move, Option<Rc<BoardView>>);

    fn reduce(self: Rc<Self>, (moved, view): Self::Action) -> Rc<Self> {
        let drag = match (moved, view) {
            (Move::Lift(call), Some(view)) => Some(Drag {
                call,
                over: None,
                view: Rc::new(view.lifting(call)),
            }),
            _ => self.0.clone().and_then(|drag| drag.moved(moved)),
        };
        Rc::new(Self(drag))
    }
}

/// What a moment of a drag is judged by: everything as it was drawn last.
pub(super) struct Drawn {
    pub(super) store: UseReducerHandle<Store>,
    pub(super) view: Option<Rc<BoardView>>,
    pub(super) drag: UseReducerHandle<Dragging>,
    pub(super) on_ask: Callback<Ask>,
}

impl Drawn {
    /// Follows the hands, and asks for what the end of a drag means.
    fn follow(&self, did: Did) {
        let moved = match did {
            Did::Moved(moved) => moved,
            Did::InVain => {
                self.say(texts::lifted_in_vain().to_owned());
                Move::End
            }
            Did::WouldEnd(key) => return self.say(texts::end_again(&capitals(&key))),
        };
        let dropped = match (moved, &self.drag.0) {
            (Move::Drop, Some(drag)) => drag.over.and_then(|place| {
                drop_intent(&self.store, drag.call, place)
                    .map(|intent| Ask::Call(drag.call, intent))
            }),
            _ => None,
        };
        self.drag.dispatch((moved, self.view.clone()));
        if let Some(ask) = dropped {
            self.on_ask.emit(ask);
        }
    }

    fn say(&self, sentence: String) {
        self.store.dispatch(Action::Said(sentence));
    }
}

/// What a drag says to somebody who does not see it.
pub(super) fn lifted(drag: &Drag<Rc<BoardView>>) -> AttrValue {
    match drag.over {
        Some(Place::Slot(number)) => texts::drop_to_park(&number.to_string()).into(),
        Some(Place::Desk(desk)) => {
            let mut agents = drag.view.agents.iter();
            match agents.find(|agent| agent.id == desk) {
                Some(agent) if !agent.is_me => texts::drop_to_transfer(&agent.name).into(),
                _ => texts::drop_to_take().into(),
            }
        }
        None => texts::lifted(&drag.view.lifted).into(),
    }
}

pub(super) type LastDrawn = Rc<RefCell<Option<Rc<Drawn>>>>;

/// A place for what was drawn last, and a callback that follows the hands by it. The callback stays the same for ever.
#[hook]
pub(super) fn use_drag() -> (LastDrawn, Callback<Did>) {
    let drawn = use_mut_ref(|| None::<Rc<Drawn>>);
    let on_did = {
        let drawn = drawn.clone();
        use_callback((), move |did, ()| {
            let drawn = drawn.borrow().clone();
            if let Some(drawn) = drawn {
                drawn.follow(did);
            }
        })
    };
    (drawn, on_did)
}
