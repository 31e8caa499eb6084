//! A map in a sorted vector.
//!
//! A board has hundreds of rows at most, and the browser downloads the code: a `BTreeMap` costs
//! about 8 KB of it for each pair of types, this a tenth.

/// Values by id, in the order of the ids.
#[derive(Clone, Debug)]
pub(super) struct ById<K, V>(Vec<(K, V)>);

impl<K, V> Default for ById<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Copy + Ord, V> ById<K, V> {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, id: K) -> Option<&V> {
        self.place(id).ok().map(|at| &self.0[at].1)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(K, V)> {
        self.0.iter()
    }

    pub(super) fn insert(&mut self, id: K, value: V) {
        match self.place(id) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (id, value)),
        }
    }

    pub(super) fn remove(&mut self, id: K) -> Option<V> {
        let at = self.place(id).ok()?;
        Some(self.0.remove(at).1)
    }

    pub(super) fn into_pairs(self) -> Vec<(K, V)> {
        self.0
    }

    fn place(&self, id: K) -> Result<usize, usize> {
        self.0.binary_search_by_key(&id, |(known, _)| *known)
    }
}
