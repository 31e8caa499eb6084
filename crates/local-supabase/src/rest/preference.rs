//! The `Prefer` header.

use axum::http::HeaderMap;

use super::error::ApiError;

/// `return=`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Return {
    Representation,
    HeadersOnly,
    Minimal,
}

/// `resolution=`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolution {
    MergeDuplicates,
    IgnoreDuplicates,
}

/// `count=`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    Exact,
    Planned,
    Estimated,
}

/// What the client prefers. Of a preference given twice the first counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Preferences {
    pub(crate) resolution: Option<Resolution>,
    /// `missing=default` (true) or `missing=null`.
    pub(crate) missing_default: Option<bool>,
    pub(crate) returning: Option<Return>,
    pub(crate) count: Option<Count>,
    /// `handling=strict` (true) or `handling=lenient`.
    pub(crate) strict: Option<bool>,
    pub(crate) timezone: Option<String>,
    pub(crate) max_affected: Option<i64>,
    /// What was not understood.
    pub(crate) invalid: Vec<String>,
}

/// Which preferences a kind of request can honour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Honours {
    Read,
    /// `resolves`: there is a key by which rows can be found to be there already.
    Insert {
        resolves: bool,
    },
    Update,
    Put,
    Delete,
    Call,
}

impl Preferences {
    /// Whether the rows that a write or a call gives are to be counted for the client.
    pub(crate) fn counts(&self) -> bool {
        matches!(self.count, Some(Count::Exact | Count::Estimated))
    }

    pub(crate) fn parse(headers: &HeaderMap) -> Self {
        let mut preferences = Self::default();
        let items = headers
            .get_all("prefer")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|item| !item.is_empty());
        for item in items {
            preferences.take(item);
        }
        preferences
    }

    fn take(&mut self, item: &str) {
        let (name, value) = item.split_once('=').unwrap_or((item, ""));
        match (name, value) {
            ("resolution", "merge-duplicates") => {
                self.resolution.get_or_insert(Resolution::MergeDuplicates);
            }
            ("resolution", "ignore-duplicates") => {
                self.resolution.get_or_insert(Resolution::IgnoreDuplicates);
            }
            ("missing", "default" | "null") => {
                self.missing_default.get_or_insert(value == "default");
            }
            ("return", "representation") => {
                self.returning.get_or_insert(Return::Representation);
            }
            ("return", "headers-only") => {
                self.returning.get_or_insert(Return::HeadersOnly);
            }
            ("return", "minimal") => {
                self.returning.get_or_insert(Return::Minimal);
            }
            ("count", "exact") => {
                self.count.get_or_insert(Count::Exact);
            }
            ("count", "planned") => {
                self.count.get_or_insert(Count::Planned);
            }
            ("count", "estimated") => {
                self.count.get_or_insert(Count::Estimated);
            }
            ("handling", "strict" | "lenient") => {
                self.strict.get_or_insert(value == "strict");
            }
            ("timezone", zone) => {
                self.timezone.get_or_insert_with(|| zone.to_owned());
            }
            ("max-affected", number) => {
                if let Ok(number) = number.parse() {
                    self.max_affected.get_or_insert(number);
                }
            }
            // Read and not honoured: the server is not set up to let callers end transactions.
            ("tx", "commit" | "rollback") => {}
            _ => self.invalid.push(item.to_owned()),
        }
    }

    /// With `handling=strict`, what was not understood is refused.
    pub(crate) fn check(&self) -> Result<(), ApiError> {
        if self.strict != Some(true) || self.invalid.is_empty() {
            return Ok(());
        }
        Err(
            ApiError::bad_request("PGRST122", "Invalid preferences given with handling=strict")
                .with_details(format!("Invalid preferences: {}", self.invalid.join(", "))),
        )
    }

    /// The number of rows that the request may change, if that is to be enforced.
    pub(crate) fn enforced_maximum(&self) -> Option<i64> {
        self.max_affected.filter(|_| self.strict == Some(true))
    }

    /// `preference-applied`, or `None` if nothing was.
    pub(crate) fn applied(&self, honours: Honours) -> Option<String> {
        let mut applied: Vec<String> = Vec::new();
        let writes = !matches!(honours, Honours::Read | Honours::Call);
        if honours == (Honours::Insert { resolves: true }) {
            applied.extend(self.resolution.map(|resolution| match resolution {
                Resolution::MergeDuplicates => "resolution=merge-duplicates".to_owned(),
                Resolution::IgnoreDuplicates => "resolution=ignore-duplicates".to_owned(),
            }));
        }
        if matches!(honours, Honours::Insert { .. } | Honours::Update) {
            applied
                .extend(self.missing_default.map(|default| {
                    format!("missing={}", if default { "default" } else { "null" })
                }));
        }
        if writes {
            applied.extend(self.returning.map(|returning| match returning {
                Return::Representation => "return=representation".to_owned(),
                Return::HeadersOnly => "return=headers-only".to_owned(),
                Return::Minimal => "return=minimal".to_owned(),
            }));
        }
        applied.extend(self.count.map(|count| match count {
            Count::Exact => "count=exact".to_owned(),
            Count::Planned => "count=planned".to_owned(),
            Count::Estimated => "count=estimated".to_owned(),
        }));
        applied.extend(
            self.strict
                .map(|strict| format!("handling={}", if strict { "strict" } else { "lenient" })),
        );
        applied.extend(
            self.timezone
                .as_ref()
                .map(|zone| format!("timezone={zone}")),
        );
        if matches!(honours, Honours::Update | Honours::Delete | Honours::Call) {
            applied.extend(
                self.enforced_maximum()
                    .map(|maximum| format!("max-affected={maximum}")),
            );
        }
        (!applied.is_empty()).then(|| applied.join(", "))
    }
}
