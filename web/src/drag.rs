//! What a drag means: which place takes which call.

use switchboard_model::{Call, CallId, Intent, MemberId, Status};

/// A place that a call can be dropped on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A member's card.
    Desk(MemberId),
    /// A slot of the parking lot.
    Slot(i16),
}

/// A moment of a drag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// A call was picked up.
    Lift(CallId),
    /// It is above a place.
    Enter(Place),
    /// It left a place.
    Leave(Place),
    /// It was let go above a place.
    Drop(Place),
    /// It was let go, wherever.
    End,
}

/// A drag that is on. The board stands still under it: `view` is what was shown when the call was
/// lifted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Drag<V> {
    /// The call.
    pub(crate) call: CallId,
    /// The place that it is above.
    pub(crate) over: Option<Place>,
    /// What is shown meanwhile.
    pub(crate) view: V,
}

impl<V> Drag<V> {
    /// The drag after it entered or left a place. A drag leaves a place after it entered the next.
    pub(crate) fn moved(self, moved: Move) -> Option<Self> {
        let over = match moved {
            Move::Enter(place) => Some(place),
            Move::Leave(place) => self.over.filter(|over| *over != place),
            Move::Lift(_) => self.over,
            Move::Drop(_) | Move::End => return None,
        };
        Some(Self { over, ..self })
    }
}

/// How a place looks while a call is dragged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Target {
    /// It does not take this call.
    #[default]
    No,
    /// It would.
    Takes,
    /// It would, and the call is above it.
    Over,
}

impl Target {
    /// The CSS classes that say so.
    pub(crate) fn class(self) -> Option<&'static str> {
        match self {
            Self::No => None,
            Self::Takes => Some("takes"),
            Self::Over => Some("takes over"),
        }
    }
}

/// What dropping `call` on `place` asks for, whether or not it is allowed.
pub(crate) fn meaning(call: &Call, place: Place, me: MemberId) -> Option<Intent> {
    match (place, call.status) {
        (Place::Desk(desk), Status::Ringing) if desk == me => Some(Intent::Answer),
        (Place::Desk(desk), Status::Parked) if desk == me => Some(Intent::Retrieve),
        (Place::Desk(desk), Status::Active) if call.assigned_to != Some(desk) => {
            Some(Intent::Transfer { to: desk })
        }
        (Place::Slot(slot), Status::Active) => Some(Intent::Park { slot: Some(slot) }),
        (Place::Slot(slot), Status::Parked) if call.parking_slot != Some(slot) => {
            Some(Intent::Move { slot })
        }
        (Place::Desk(_), Status::Ringing | Status::Active | Status::Parked | Status::Ended)
        | (Place::Slot(_), Status::Ringing | Status::Parked | Status::Ended) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entering_the_next_place_before_leaving_the_last_keeps_the_next() {
        let call = "33333333-0000-4000-8000-000000000001"
            .parse()
            .expect("a uuid");
        let drag = Drag {
            call,
            over: None,
            view: (),
        };
        let (one, two) = (Place::Slot(1), Place::Slot(2));
        let over = |drag: &Option<Drag<()>>| drag.as_ref().and_then(|drag| drag.over);
        let drag = drag.moved(Move::Enter(one));
        assert_eq!(over(&drag), Some(one));
        let drag = drag.and_then(|drag| drag.moved(Move::Enter(two)));
        let drag = drag.and_then(|drag| drag.moved(Move::Leave(one)));
        assert_eq!(over(&drag), Some(two));
        let drag = drag.and_then(|drag| drag.moved(Move::Leave(two)));
        assert_eq!(over(&drag), None);
        assert_eq!(drag.and_then(|drag| drag.moved(Move::Drop(one))), None);
    }
}
