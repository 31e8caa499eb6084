//! Pages: the `Range` header, and `content-range` with its status.

use axum::http::{HeaderMap, Method, StatusCode, header};

use super::{
    error::ApiError,
    query::{Page, Query},
};

/// The page that is asked for at the top level, by `limit` and `offset` or by the `Range` header of a GET.
pub(crate) fn top_page(
    query: &Query,
    headers: &HeaderMap,
    method: &Method,
) -> Result<Option<Page>, ApiError> {
    let asked = query
        .pages
        .iter()
        .find(|(path, _)| path.is_empty())
        .map(|(_, page)| *page);
    if let Some(page) = asked {
        if page.limit.is_some_and(|limit| limit < 0) {
            return Err(ApiError::range(
                "Limit should be greater than or equal to zero.",
            ));
        }
        return Ok(Some(Page {
            offset: page.offset.max(0),
            ..page
        }));
    }
    let header = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    match header.filter(|_| method == Method::GET).and_then(bounds) {
        None => Ok(None),
        Some((first, None)) => Ok(Some(Page {
            limit: None,
            offset: first,
        })),
        Some((first, Some(last))) if last < first => Err(ApiError::range(
            "The lower boundary must be lower than or equal to the upper boundary in the Range header.",
        )),
        Some((first, Some(last))) => Ok(Some(Page {
            limit: Some((last - first).saturating_add(1)),
            offset: first,
        })),
    }
}

/// `first-last` or `first-`; anything else is no range.
fn bounds(header: &str) -> Option<(i64, Option<i64>)> {
    let (first, last) = header.trim().split_once('-')?;
    let first = first.parse().ok().filter(|first| *first >= 0)?;
    if last.is_empty() {
        return Some((first, None));
    }
    Some((first, Some(last.parse().ok().filter(|last| *last >= 0)?)))
}

/// `0-4/*`: which rows these are, of how many.
pub(crate) fn content_range(offset: i64, rows: i64, total: Option<i64>) -> String {
    let total = total.map_or_else(|| "*".to_owned(), |total| total.to_string());
    if rows > 0 {
        format!("{offset}-{}/{total}", offset.saturating_add(rows - 1))
    } else {
        format!("*/{total}")
    }
}

/// 200; 206 if there are more rows; 416 if the page lies beyond the last one.
pub(crate) fn status(page: Page, rows: i64, total: Option<i64>) -> StatusCode {
    match total {
        _ if page.limit == Some(0) => StatusCode::OK,
        Some(total) if page.offset > total => StatusCode::RANGE_NOT_SATISFIABLE,
        Some(total) if rows < total => StatusCode::PARTIAL_CONTENT,
        _ => StatusCode::OK,
    }
}
