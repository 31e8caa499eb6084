//! What the client accepts, and the shape of the body that follows from it.

use axum::http::{HeaderMap, StatusCode, header};

use super::error::ApiError;

/// A media type that the server can answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    Json,
    Array { without_nulls: bool },
    Object { without_nulls: bool },
    Csv,
    OpenApi,
}

/// How the database is to put rows into a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Nothing,
    Rows,
    RowsWithoutNulls,
    Row,
    RowWithoutNulls,
    Scalar,
    Scalars,
    Csv,
}

impl Media {
    /// As `content-type` shows it.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Json
            | Self::Array {
                without_nulls: false,
            } => "application/json; charset=utf-8",
            Self::Array {
                without_nulls: true,
            } => "application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8",
            Self::Object {
                without_nulls: false,
            } => "application/vnd.pgrst.object+json; charset=utf-8",
            Self::Object {
                without_nulls: true,
            } => "application/vnd.pgrst.object+json;nulls=stripped; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
            Self::OpenApi => "application/openapi+json; charset=utf-8",
        }
    }

    /// The shape in which rows are wanted.
    pub(crate) fn shape(self) -> Shape {
        match self {
            Self::Json
            | Self::OpenApi
            | Self::Array {
                without_nulls: false,
            } => Shape::Rows,
            Self::Array {
                without_nulls: true,
            } => Shape::RowsWithoutNulls,
            Self::Object {
                without_nulls: false,
            } => Shape::Row,
            Self::Object {
                without_nulls: true,
            } => Shape::RowWithoutNulls,
            Self::Csv => Shape::Csv,
        }
    }

    /// Whether exactly one row is wanted.
    pub(crate) fn is_single(self) -> bool {
        matches!(self, Self::Object { .. })
    }
}

/// Picks the best of what `Accept` lists. `root`: the description of the API is asked for, and not rows.
pub(crate) fn negotiate(headers: &HeaderMap, root: bool) -> Result<Media, ApiError> {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    let accepted: Vec<Asked> = accept.map_or_else(|| vec![Asked::read("*/*")], ranked);
    accepted
        .iter()
        .find_map(|asked| asked.media(root))
        .ok_or_else(|| {
            let listed: Vec<String> = accepted.iter().map(Asked::shown).collect();
            ApiError::new(
                StatusCode::NOT_ACCEPTABLE,
                "PGRST107",
                format!(
                    "None of these media types are available: {}",
                    listed.join(", ")
                ),
            )
        })
}

/// The items of a list by quality, and of equal quality the more exact one first.
fn ranked(accept: &str) -> Vec<Asked> {
    let without_blanks = accept.replace(' ', "");
    let mut items: Vec<(f32, i64, &str)> = without_blanks
        .split(',')
        .filter(|_| !without_blanks.is_empty())
        .map(|item| {
            let (name, quality) = item.split_once(";q=").unwrap_or((item, "1"));
            let number = quality.split(';').next().unwrap_or_default();
            let count = |wanted: char| name.chars().filter(|c| *c == wanted).count() as i64;
            let exactness = count(';') - count('*');
            (number.parse().unwrap_or(1.0), exactness, name)
        })
        .collect();
    items.sort_by(|one, other| other.0.total_cmp(&one.0).then(other.1.cmp(&one.1)));
    items.iter().map(|(_, _, name)| Asked::read(name)).collect()
}

/// A media type as it was given.
#[derive(Debug)]
pub(crate) struct Asked {
    given: String,
    /// In lower case, without parameters.
    name: String,
    parameters: Vec<(String, String)>,
}

impl Asked {
    pub(crate) fn read(given: &str) -> Self {
        let mut parts = given.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let parameters = parts
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| {
                let value = value.trim().trim_matches('"').to_owned();
                (name.trim().to_ascii_lowercase(), value)
            })
            .collect();
        Self {
            given: given.to_owned(),
            name,
            parameters,
        }
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    fn media(&self, root: bool) -> Option<Media> {
        let without_nulls = self.parameter("nulls") == Some("stripped");
        match (self.name.as_str(), root) {
            ("*/*" | "application/json" | "application/openapi+json", true) => Some(Media::OpenApi),
            ("*/*" | "application/json", false) => Some(Media::Json),
            ("application/vnd.pgrst.array+json" | "application/vnd.pgrst.array", false) => {
                Some(Media::Array { without_nulls })
            }
            ("application/vnd.pgrst.object+json" | "application/vnd.pgrst.object", false) => {
                Some(Media::Object { without_nulls })
            }
            ("text/csv", false) => Some(Media::Csv),
            _ => None,
        }
    }

    /// As PostgREST repeats it: in its own spelling where it knows the type, and a plan with what it is a plan for.
    pub(crate) fn shown(&self) -> String {
        let stripped = self.parameter("nulls") == Some("stripped");
        match self.name.as_str() {
            "application/json"
            | "application/geo+json"
            | "application/openapi+json"
            | "application/x-www-form-urlencoded"
            | "application/octet-stream"
            | "text/csv"
            | "text/plain"
            | "text/xml"
            | "*/*" => self.name.clone(),
            "application/vnd.pgrst.object+json" | "application/vnd.pgrst.object" if stripped => {
                "application/vnd.pgrst.object+json;nulls=stripped".to_owned()
            }
            "application/vnd.pgrst.object+json" | "application/vnd.pgrst.object" => {
                "application/vnd.pgrst.object+json".to_owned()
            }
            "application/vnd.pgrst.array+json" | "application/vnd.pgrst.array" if stripped => {
                "application/vnd.pgrst.array+json;nulls=stripped".to_owned()
            }
            "application/vnd.pgrst.array+json" | "application/vnd.pgrst.array" => {
                "application/json".to_owned()
            }
            "application/vnd.pgrst.plan+json" => self.plan("json"),
            "application/vnd.pgrst.plan" | "application/vnd.pgrst.plan+text" => self.plan("text"),
            _ => self.given.clone(),
        }
    }

    fn plan(&self, format: &str) -> String {
        let planned = Self::read(self.parameter("for").unwrap_or("application/json")).shown();
        let known = ["analyze", "verbose", "settings", "buffers", "wal"];
        let asked: Vec<&str> = self
            .parameter("options")
            .unwrap_or_default()
            .split('|')
            .collect();
        let options: Vec<&str> = known
            .into_iter()
            .filter(|option| asked.contains(option))
            .collect();
        let options = match options[..] {
            [] => String::new(),
            _ => format!("; options={}", options.join("|")),
        };
        format!("application/vnd.pgrst.plan+{format}; for=\"{planned}\"{options}")
    }
}
