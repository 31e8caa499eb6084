//! What the server knows of the database: tables, keys, foreign keys and functions of the exposed schemas.

mod hint;
mod load;
mod relationship;

pub(crate) use load::load;
#[cfg(test)]
pub(crate) use relationship::Cardinality;
pub(crate) use relationship::Relationship;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// A schema and a name in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name {
    pub(crate) schema: String,
    pub(crate) name: String,
}

/// A column of a table or view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// As SQL spells it, with its schema where that is not pg_catalog.
    pub(crate) type_name: String,
    /// The SQL expression of its default.
    pub(crate) default: Option<String>,
}

/// A table, view, materialized view, foreign or partitioned table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) name: Name,
    pub(crate) columns: Vec<Column>,
    pub(crate) primary_key: Vec<String>,
    pub(crate) writable: Writable,
}

/// What can be written to a table or view, whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Writable {
    pub(crate) insert: bool,
    pub(crate) update: bool,
    pub(crate) delete: bool,
}

impl Writable {
    /// By the bits that `pg_relation_is_updatable` gives: 1 shifted by the number of the command.
    pub(crate) fn from_bits(bits: i32) -> Self {
        Self {
            insert: bits & 8 != 0,
            update: bits & 4 != 0,
            delete: bits & 16 != 0,
        }
    }
}

impl Table {
    /// The column of that name.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A parameter that a caller may give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameter {
    /// Empty for an unnamed parameter.
    pub(crate) name: String,
    pub(crate) type_name: String,
    pub(crate) required: bool,
}

/// What a function gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Returns {
    Void,
    Scalar,
    /// A row; the table whose row type it is, if it is one.
    Row(Option<Name>),
}

/// A function that `/rpc` can call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: Name,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) returns: Returns,
    pub(crate) returns_set: bool,
    /// Volatile functions may write, so they are not called by GET and not in a read-only transaction.
    pub(crate) volatile: bool,
}

/// A snapshot of the catalog.
#[derive(Debug, Default)]
pub(crate) struct SchemaCache {
    pub(crate) tables: BTreeMap<Name, Arc<Table>>,
    pub(crate) functions: BTreeMap<Name, Vec<Arc<Function>>>,
    pub(crate) relationships: HashMap<Name, Vec<Relationship>>,
    /// `alter role … set name = value` of the roles that requests become: `set role` alone does not apply them.
    pub(crate) role_settings: HashMap<String, Vec<(String, String)>>,
}
