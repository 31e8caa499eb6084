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

impl Place {
    /// Its name in the page, `slot-3` or `desk-` and the member's id; [`Place::named`] reads it.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Desk(member) => format!("desk-{member}"),
            Self::Slot(slot) => format!("slot-{slot}"),
        }
    }

    /// The place of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        if let Some(member) = name.strip_prefix("desk-") {
            return member.parse().ok().map(Self::Desk);
        }
        name.strip_prefix("slot-")?.parse().ok().map(Self::Slot)
    }
}

/// A moment of a drag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// A call was picked up.
    Lift(CallId),
    /// It is above a place, or above none.
    Over(Option<Place>),
    /// It was let go where it is.
    Drop,
    /// It was left where it was.
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
    /// The drag after that moment; none when it is over.
    pub(crate) fn moved(self, moved: Move) -> Option<Self> {
        match moved {
            Move::Over(over) => Some(Self { over, ..self }),
            Move::Lift(_) => Some(self),
            Move::Drop | Move::End => None,
        }
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
    fn a_place_reads_as_it_is_named() {
        let desk = "11111111-0000-4000-8000-000000000001";
        let places = [
            Place::Slot(3),
            Place::Slot(101),
            Place::Desk(desk.parse().expect("a uuid")),
        ];
        for place in places {
            assert_eq!(Place::named(&place.name()), Some(place));
        }
        for name in ["", "slot-", "slot-x", "desk-3", "3"] {
            assert_eq!(Place::named(name), None, "{name}");
        }
    }

    #[test]
    fn a_drag_is_above_one_place_or_none_until_it_ends() {
        let call = "33333333-0000-4000-8000-000000000001"
            .parse()
            .expect("a uuid");
        let drag = Drag {
            call,
            over: None,
            view: (),
        };
        let drag = drag.moved(Move::Over(Some(Place::Slot(1))));
        assert_eq!(
            drag.as_ref().and_then(|drag| drag.over),
            Some(Place::Slot(1))
        );
        let drag = drag.and_then(|drag| drag.moved(Move::Over(None)));
        assert_eq!(drag.as_ref().map(|drag| drag.over), Some(None));
        assert_eq!(drag.clone().and_then(|drag| drag.moved(Move::Drop)), None);
        assert_eq!(drag.and_then(|drag| drag.moved(Move::End)), None);
    }
}
