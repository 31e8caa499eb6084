//! "Perhaps you meant": the nearest known name.

use std::collections::BTreeSet;

use super::{Name, SchemaCache};

/// Tables and functions less alike than this are not proposed: nobody shall find out names by guessing.
const ALIKE: f64 = 0.75;

/// What is no secret is proposed sooner.
const SLIGHTLY_ALIKE: f64 = 0.33;

impl SchemaCache {
    /// A table whose name is nearly `name`.
    pub(crate) fn nearest_table(&self, name: &Name) -> Option<&Name> {
        nearest(name, self.tables.keys(), ALIKE)
    }

    /// A function whose name is nearly `name`.
    pub(crate) fn nearest_function(&self, name: &Name) -> Option<&Name> {
        nearest(name, self.functions.keys(), ALIKE)
    }

    /// The parameters of the overload that is nearest to what was given: `(a, b)`, sorted.
    pub(crate) fn nearest_parameters(&self, name: &Name, given: &[&str]) -> Option<String> {
        let list = |mut names: Vec<&str>| {
            names.sort_unstable();
            format!("({})", names.join(", "))
        };
        let wanted = list(given.to_vec());
        let overloads = self.functions.get(name).into_iter().flatten();
        let known = overloads.map(|function| {
            let names = function.parameters.iter();
            list(names.map(|parameter| parameter.name.as_str()).collect())
        });
        known
            .map(|known| (likeness(&known, &wanted), known))
            .filter(|(likeness, _)| *likeness >= SLIGHTLY_ALIKE)
            .max_by(|(one, _), (other, _)| one.total_cmp(other))
            .map(|(_, known)| known)
    }

    /// What may have been meant by an embed of `target` in `origin` that is not there: for a table that relates to
    /// none the table itself may be wrong. The first name is meant instead of the second.
    pub(crate) fn nearest_relative<'a>(
        &'a self,
        origin: &'a Name,
        target: &'a str,
    ) -> Option<(&'a str, &'a str)> {
        let Some(relatives) = self.relationships.get(origin) else {
            let parent = nearest(origin, self.relationships.keys(), SLIGHTLY_ALIKE)?;
            return Some((&parent.name, &origin.name));
        };
        let wanted = Name {
            schema: origin.schema.clone(),
            name: target.to_owned(),
        };
        let relatives = relatives
            .iter()
            .map(|relationship| &relationship.foreign_table)
            .filter(|name| name.name != target);
        let child = nearest(&wanted, relatives, SLIGHTLY_ALIKE)?;
        Some((&child.name, target))
    }
}

fn nearest<'a>(
    wanted: &Name,
    names: impl Iterator<Item = &'a Name>,
    enough: f64,
) -> Option<&'a Name> {
    names
        .filter(|name| name.schema == wanted.schema)
        .map(|name| (likeness(&name.name, &wanted.name), name))
        .filter(|(likeness, _)| *likeness >= enough)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name)
}

/// 1 for names that are equal but for their case, 0 for names that share no two letters in a row.
fn likeness(one: &str, other: &str) -> f64 {
    let letters = |name: &str| -> Vec<char> { name.to_lowercase().chars().take(256).collect() };
    let (one, other) = (letters(one), letters(other));
    let pairs = |name: &[char]| -> BTreeSet<[char; 2]> {
        let letters = name
            .iter()
            .copied()
            .filter(|c| c.is_alphanumeric() || *c == ' ');
        let framed: Vec<char> = ['-'].into_iter().chain(letters).chain(['-']).collect();
        framed.windows(2).map(|pair| [pair[0], pair[1]]).collect()
    };
    if pairs(&one).is_disjoint(&pairs(&other)) {
        return 0.0;
    }
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
        assert!((likeness("Calls", "cALLS") - 1.0).abs() < f64::EPSILON);
        assert!(likeness("()", "(x)").abs() < f64::EPSILON);
        assert!(likeness("voip_users", "users") < 0.75);
        assert!((likeness("calls", "calls") - 1.0).abs() < f64::EPSILON);
    }
}
