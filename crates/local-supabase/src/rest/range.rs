//! Pages: the `Range` header, and `content-range` with its status.

use axum::http::{HeaderMap, Method, StatusCode, header};

use super::{
    error::ApiError,
    query::{Query, Span},
};

/// The rows that are asked for at the top level, by `limit` and `offset` and by the `Range` header of a GET.
pub(crate) fn top_page(
    query: &Query,
    headers: &HeaderMap,
    method: &Method,
) -> Result<Span, ApiError> {
    let asked = query
        .spans
        .iter()
        .find(|(path, _)| path.is_empty())
        .map_or(Span::ALL, |(_, span)| *span);
    if asked.is_limit_zero() {
        return Ok(asked);
    }
    let header = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok())
        .filter(|_| method == Method::GET)
        .and_then(bounds)
        .unwrap_or(Span::ALL);
    if header.is_empty() {
        return Err(ApiError::range(
            "The lower boundary must be lower than or equal to the upper boundary in the Range header.",
        ));
    }
    let both = header.and(asked);
    if asked.is_empty() || both.is_empty() {
        return Err(ApiError::range(
            "Limit should be greater than or equal to zero.",
        ));
    }
    if method == Method::PUT && both != Span::ALL {
        return Err(ApiError::bad_request(
            "PGRST114",
            "limit/offset querystring parameters are not allowed for PUT",
        ));
    }
    Ok(both)
}

/// `first-last` or `first-`; anything else is no range.
fn bounds(header: &str) -> Option<Span> {
    let (first, last) = header.split_once('-')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(i64::MAX / 2))
    };
    Some(Span {
        first: number(first)?,
        last: match last {
            "" => None,
            last => Some(number(last)?),
        },
    })
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
pub(crate) fn status(offset: i64, rows: i64, total: Option<i64>) -> StatusCode {
    match total {
        Some(total) if offset > total => StatusCode::RANGE_NOT_SATISFIABLE,
        Some(total) if rows < total => StatusCode::PARTIAL_CONTENT,
        _ => StatusCode::OK,
    }
}
