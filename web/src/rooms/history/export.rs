//! Everything that fits, as a file: fetched page by page, written by [`super::csv`], handed to the browser.

use gloo_timers::callback::Timeout;
use js_sys::Array;
use switchboard_model::request::history as request;
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::list::{page_size, rows};
use super::wanted::Wanted;
use super::{csv, when};
use crate::api::Api;
use crate::browser::{now_ms, window};

/// A file has no more calls than this.
pub(super) const MOST: usize = 10_000;
/// The most that one request brings.
const PAGE: usize = 500;

/// A browser takes a file soon after the press, not at once.
const TAKEN_MS: u32 = 60_000;

/// Why there is no file.
pub(super) struct NotWritten;

/// Saves the file. The answer is how many calls are in it, and whether there are more.
pub(super) async fn save(api: &Api, wanted: &Wanted) -> Result<(usize, bool), NotWritten> {
    let mut calls = Vec::new();
    let mut after = None;
    let is_cut = loop {
        let next = request::search(&wanted.search, wanted.sort, after, page_size(PAGE));
        let page = rows(api, &next).await.ok_or(NotWritten)?;
        let is_last = page.len() < PAGE;
        after = page.last().map(super::listed::Listed::cursor);
        calls.extend(page);
        if is_last {
            break false;
        }
        if calls.len() >= MOST {
            // A last look tells a list of just so many from a longer one.
            let rest = request::search(&wanted.search, wanted.sort, after, 1);
            break !rows(api, &rest).await.ok_or(NotWritten)?.is_empty();
        }
    };
    let table = csv::table(&calls, &when::own_zone(), when::sheet);
    hand_over(&table, &format!("calls-{}.csv", when::day_in(now_ms(), ""))).ok_or(NotWritten)?;
    Ok((calls.len(), is_cut))
}

/// Gives the browser a file to save.
fn hand_over(text: &str, name: &str) -> Option<()> {
    let kind = BlobPropertyBag::new();
    kind.set_type("text/csv;charset=utf-8");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &kind).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let document = window()?.document()?;
    let link: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // Until then every browser has taken the file.
    Timeout::new(TAKEN_MS, move || {
        let _ = Url::revoke_object_url(&url);
    })
    .forget();
    Some(())
}
