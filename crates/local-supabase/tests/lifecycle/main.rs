//! Starting, stopping and starting again on the same data; and every reason not to start, in words.

mod leftovers;
mod project;
mod refusals;
mod restarts;
