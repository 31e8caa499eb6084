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
    let accept: Vec<&str> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .collect();
    let mut ranked: Vec<(f32, &str)> = accept.iter().map(|item| (quality(item), *item)).collect();
    ranked.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    if ranked.is_empty() {
        ranked.push((1.0, "*/*"));
    }
    ranked
        .iter()
        .find_map(|(_, item)| media(item, root))
        .ok_or_else(|| {
            let listed: Vec<String> = accept.iter().map(|item| shown(item)).collect();
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

fn quality(item: &str) -> f32 {
    item.split(';')
        .filter_map(|parameter| parameter.trim().strip_prefix("q="))
        .find_map(|quality| quality.parse().ok())
        .unwrap_or(1.0)
}

fn media(item: &str, root: bool) -> Option<Media> {
    let mut parts = item.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let without_nulls = parts.any(|parameter| parameter == "nulls=stripped");
    match (name.as_str(), root) {
        ("*/*" | "application/*" | "application/json" | "application/openapi+json", true) => {
            Some(Media::OpenApi)
        }
        ("*/*" | "application/*" | "application/json", false) => Some(Media::Json),
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

/// A media type as PostgREST repeats it: without its quality, and a plan with what it is a plan for.
fn shown(item: &str) -> String {
    let kept: Vec<&str> = item
        .split(';')
        .map(str::trim)
        .filter(|part| !part.starts_with("q="))
        .collect();
    match kept[..] {
        ["application/vnd.pgrst.plan+json" | "application/vnd.pgrst.plan"] => {
            format!("{}; for=\"application/json\"", kept[0])
        }
        _ => kept.join(";"),
    }
}
