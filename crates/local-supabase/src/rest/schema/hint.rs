//! "Perhaps you meant": the nearest known name.

use super::{Name, SchemaCache};

/// Names less alike than this are not worth proposing.
const ALIKE: f64 = 0.75;

impl SchemaCache {
    /// A table whose name is nearly `name`.
    pub(crate) fn nearest_table(&self, name: &Name) -> Option<&Name> {
        nearest(name, self.tables.keys())
    }

    /// A function whose name is nearly, but not exactly, `name`.
    pub(crate) fn nearest_function(&self, name: &Name) -> Option<&Name> {
        nearest(name, self.functions.keys()).filter(|near| *near != name)
    }

    /// A table that relates to `origin` and whose name is nearly `target`.
    pub(crate) fn nearest_relative(&self, origin: &Name, target: &str) -> Option<&Name> {
        let wanted = Name {
            schema: origin.schema.clone(),
            name: target.to_owned(),
        };
        let relatives = self.relationships.get(origin).into_iter().flatten();
        nearest(
            &wanted,
            relatives.map(|relationship| &relationship.foreign_table),
        )
    }
}

fn nearest<'a>(wanted: &Name, names: impl Iterator<Item = &'a Name>) -> Option<&'a Name> {
    names
        .filter(|name| name.schema == wanted.schema)
        .map(|name| (likeness(&name.name, &wanted.name), name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name)
}

/// 1 for equal names, 0 for names that share nothing.
fn likeness(one: &str, other: &str) -> f64 {
    let (one, other): (Vec<char>, Vec<char>) =
        (one.chars().collect(), other.chars().take(256).collect());
    let longest = one.len().max(other.len()).max(1);
    1.0 - distance(&one, &other) as f64 / longest as f64
}

/// Levenshtein's distance.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let cost = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::likeness;

    #[test]
    fn a_slip_of_the_pen_is_alike_and_another_word_is_not() {
        assert!(likeness("calls", "callz") > 0.75);
        assert!(likeness("voip_users", "users") < 0.75);
        assert!((likeness("calls", "calls") - 1.0).abs() < f64::EPSILON);
    }
}
