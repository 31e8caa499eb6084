//! Which tables can be embedded in which, and by what names they are told apart.

use std::collections::{BTreeSet, HashMap};

use super::{Name, SchemaCache, Table};

/// A foreign key as the catalog holds it.
#[derive(Debug, Clone)]
pub(crate) struct ForeignKey {
    pub(crate) constraint: String,
    pub(crate) table: Name,
    pub(crate) foreign_table: Name,
    /// Own column, foreign column.
    pub(crate) columns: Vec<(String, String)>,
}

/// How many rows of the other table belong to one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cardinality {
    OneToMany,
    ManyToOne,
    OneToOne,
    ManyToMany,
}

/// The table between the two sides of a many-to-many relationship.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Junction {
    pub(crate) table: Name,
    /// The two foreign keys, towards the table and towards the foreign table.
    pub(crate) constraints: [String; 2],
    /// Column of the junction, column of the foreign table.
    pub(crate) foreign_columns: Vec<(String, String)>,
}

/// A way from one table to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Relationship {
    pub(crate) table: Name,
    pub(crate) foreign_table: Name,
    pub(crate) cardinality: Cardinality,
    pub(crate) constraint: String,
    /// Column of the table; column of the foreign table, or of the junction if there is one.
    pub(crate) columns: Vec<(String, String)>,
    pub(crate) junction: Option<Junction>,
}

impl Relationship {
    /// Whether a row has at most one partner, which is embedded as an object and not as a list.
    pub(crate) fn to_one(&self) -> bool {
        matches!(
            self.cardinality,
            Cardinality::ManyToOne | Cardinality::OneToOne
        )
    }

    /// `many-to-one`, for error details.
    pub(crate) fn cardinality_text(&self) -> &'static str {
        match self.cardinality {
            Cardinality::OneToMany => "one-to-many",
            Cardinality::ManyToOne => "many-to-one",
            Cardinality::OneToOne => "one-to-one",
            Cardinality::ManyToMany => "many-to-many",
        }
    }

    /// `fkey using calls(assigned_to) and voip_users(id)`, for error details.
    pub(crate) fn description(&self) -> String {
        let list = |columns: Vec<&str>| columns.join(", ");
        let own = list(self.columns.iter().map(|(own, _)| own.as_str()).collect());
        let other = list(
            self.columns
                .iter()
                .map(|(_, other)| other.as_str())
                .collect(),
        );
        match &self.junction {
            None => format!(
                "{} using {}({own}) and {}({other})",
                self.constraint, self.table.name, self.foreign_table.name
            ),
            Some(junction) => {
                let far = junction
                    .foreign_columns
                    .iter()
                    .map(|(column, _)| column.as_str())
                    .collect();
                let [near_key, far_key] = &junction.constraints;
                format!(
                    "{} using {near_key}({other}) and {far_key}({})",
                    junction.table.name,
                    list(far)
                )
            }
        }
    }

    /// What to write as a hint to mean this one.
    pub(crate) fn hint(&self) -> &str {
        match &self.junction {
            Some(junction) => &junction.table.name,
            None => &self.constraint,
        }
    }

    fn single_column(&self) -> Option<(&str, &str)> {
        match self.columns.as_slice() {
            [(own, other)] if self.junction.is_none() => Some((own, other)),
            _ => None,
        }
    }

    /// Whether this is what `target!hint` means.
    fn answers(&self, schema: &str, target: &str, hint: Option<&str>) -> bool {
        let is_foreign_table =
            self.foreign_table.name == target && self.foreign_table.schema == schema;
        let is_constraint = |name: &str| self.junction.is_none() && self.constraint == name;
        let own = |name: &str| self.single_column().is_some_and(|(own, _)| own == name);
        let other = |name: &str| self.single_column().is_some_and(|(_, other)| other == name);
        let many = self.cardinality == Cardinality::OneToMany;
        let one = self.cardinality == Cardinality::ManyToOne;
        let is_self = self.table == self.foreign_table;
        match hint {
            // A self-reference is a list by the table's name, and its parent by the column's.
            None if is_self => (is_foreign_table && many) || (own(target) && one),
            Some(hint) if is_self => is_foreign_table && many && other(hint),
            None => is_foreign_table || is_constraint(target) || own(target),
            Some(hint) => {
                let by_junction = self
                    .junction
                    .as_ref()
                    .is_some_and(|junction| junction.table.name == hint);
                is_foreign_table && (is_constraint(hint) || own(hint) || other(hint) || by_junction)
            }
        }
    }
}

impl SchemaCache {
    /// The relationships that `target!hint` could mean, seen from `origin`.
    pub(crate) fn find_relationships(
        &self,
        origin: &Name,
        target: &str,
        hint: Option<&str>,
    ) -> Vec<&Relationship> {
        self.relationships
            .get(origin)
            .into_iter()
            .flatten()
            .filter(|relationship| relationship.answers(&origin.schema, target, hint))
            .collect()
    }
}

/// Every way between tables: each foreign key both ways, and pairs of keys that make a table a junction.
pub(super) fn relationships(
    foreign_keys: &[ForeignKey],
    unique: &HashMap<Name, Vec<Vec<String>>>,
    tables: &HashMap<Name, Table>,
) -> Vec<Relationship> {
    let mut all = Vec::new();
    for key in foreign_keys {
        let own: BTreeSet<&String> = key.columns.iter().map(|(own, _)| own).collect();
        let is_unique = unique.get(&key.table).is_some_and(|keys| {
            keys.iter()
                .any(|key| key.iter().collect::<BTreeSet<_>>() == own)
        });
        let (forward, inverse) = if is_unique {
            (Cardinality::OneToOne, Cardinality::OneToOne)
        } else {
            (Cardinality::ManyToOne, Cardinality::OneToMany)
        };
        all.push(Relationship {
            table: key.table.clone(),
            foreign_table: key.foreign_table.clone(),
            cardinality: forward,
            constraint: key.constraint.clone(),
            columns: key.columns.clone(),
            junction: None,
        });
        all.push(Relationship {
            table: key.foreign_table.clone(),
            foreign_table: key.table.clone(),
            cardinality: inverse,
            constraint: key.constraint.clone(),
            columns: key
                .columns
                .iter()
                .map(|(own, other)| (other.clone(), own.clone()))
                .collect(),
            junction: None,
        });
    }
    for near in foreign_keys {
        for far in foreign_keys {
            if near.table == far.table
                && near.constraint != far.constraint
                && tables
                    .get(&near.table)
                    .is_some_and(|table| joins(table, near, far))
            {
                all.push(many_to_many(near, far));
            }
        }
    }
    all.sort_by_key(|relationship| relationship.cardinality);
    all
}

/// A table is a junction if both keys are part of its primary key.
fn joins(table: &Table, near: &ForeignKey, far: &ForeignKey) -> bool {
    near.columns
        .iter()
        .chain(&far.columns)
        .all(|(column, _)| table.primary_key.contains(column))
}

fn many_to_many(near: &ForeignKey, far: &ForeignKey) -> Relationship {
    Relationship {
        table: near.foreign_table.clone(),
        foreign_table: far.foreign_table.clone(),
        cardinality: Cardinality::ManyToMany,
        constraint: near.constraint.clone(),
        columns: near
            .columns
            .iter()
            .map(|(own, other)| (other.clone(), own.clone()))
            .collect(),
        junction: Some(Junction {
            table: near.table.clone(),
            constraints: [near.constraint.clone(), far.constraint.clone()],
            foreign_columns: far.columns.clone(),
        }),
    }
}
