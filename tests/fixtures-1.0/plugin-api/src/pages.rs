//! Lists that the server returns page by page.

use std::{
    collections::{BTreeMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{HttpRequest, Parameter, explain_decoding, explain_mismatch};
use zeroize::Zeroizing;

use crate::{Error, ErrorKind, Host, Progress, Request, Response, Result, request::describe_call};

/// The number of items on a page if the plugin doesn't say. The Platform's API returns at most 100.
const SIZE: u64 = 100;
/// The number of pages after which a list counts as endless if the plugin doesn't say.
const MOST_PAGES: u32 = 10_000;

impl<'a> Request<'a> {
    /// Sends the request once for each page of a list, and iterates over the items of all pages. `list` is the name of the
    /// list in the response, such as `workflows`. See [`Pages`].
    pub fn pages<T: DeserializeOwned>(self, list: &str) -> Pages<'a, T> {
        Pages {
            walk: Walk::new(self, list),
            items: Vec::new().into_iter(),
        }
    }
}

/// An iterator over the items of a list that the server returns page by page, from [`Request::pages`].
///
/// The items are read while they are used: each page is one request, which is sent when the items of the page before it
/// are used up. After an error, the iterator ends. If the user presses Ctrl-C, the next page fails with
/// [`ErrorKind::Cancelled`].
///
/// There are two kinds of paging:
///
/// - By offset: each request has the query parameters `max` and `offset`. The list ends with an empty page, or when as
///   many items were read as `totalSize` in the response says.
/// - [By cursor](Self::cursor): each response has the cursor of the next page. The list ends with a response that has
///   none.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Run {
///     run_name: String,
/// }
///
/// # fn run(host: &Host) -> Result<()> {
/// let workspace = host.workspace()?;
/// let runs = host.http().get("/workflow").workspace(&workspace);
/// for run in runs.pages::<Run>("workflows").label("Reading runs") {
///     host.log().info(&run?.run_name);
/// }
///
/// let objects = host.http().get("/data-links/7/browse").pages::<JsonObject>("objects").cursor("nextPageToken");
/// let objects: Vec<JsonObject> = objects.collect::<Result<_>>()?;
/// # Ok(())
/// # }
/// # use tw_plugin_api::JsonObject;
/// ```
#[must_use = "pages are requested when the iterator is used"]
pub struct Pages<'a, T> {
    walk: Walk<'a>,
    /// The items of the current page.
    items: std::vec::IntoIter<T>,
}

impl<T> Pages<'_, T> {
    /// Sets how many items a page has at most. Without this, it is 100 for paging by offset, and the server's own number
    /// for paging by cursor.
    pub fn size(mut self, items: u64) -> Self {
        self.walk.size = Some(items);
        self
    }

    /// Pages by cursor. `name` is the field of the response with the cursor of the next page, and the query parameter that
    /// takes the cursor.
    pub fn cursor(mut self, name: &str) -> Self {
        self.walk.cursor = Some(name.to_owned());
        self
    }

    /// Limits the number of pages, so that a faulty server can't keep the command busy for ever. Without this, it is
    /// 10,000. A list with more pages fails.
    pub fn max_pages(mut self, pages: u32) -> Self {
        self.walk.max_pages = pages;
        self
    }

    /// Shows a progress display with this label while there are more pages, if standard error is a terminal.
    pub fn label(mut self, label: &str) -> Self {
        self.walk.label = Some(label.to_owned());
        self
    }
}

impl<T: DeserializeOwned> Iterator for Pages<'_, T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        loop {
            if let Some(item) = self.items.next() {
                return Some(Ok(item));
            }
            let items = self.walk.fetch().transpose()?.and_then(|list| {
                let items = serde_json::from_str(list.get());
                let items: Vec<T> =
                    items.map_err(|error| self.walk.explain_items(&list, &error))?;
                self.walk.finish_page(&list, items.len())?;
                Ok(items)
            });
            match items {
                Ok(items) => self.items = items.into_iter(),
                Err(error) => {
                    self.walk.end();
                    return Some(Err(error));
                }
            }
        }
    }
}

impl<T: DeserializeOwned> std::iter::FusedIterator for Pages<'_, T> {}

impl<T> std::fmt::Debug for Pages<'_, T> {
    /// Shows the request without its query, which can contain secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages")
            .field("request", &self.walk.message)
            .field("list", &self.walk.list)
            .finish_non_exhaustive()
    }
}

/// The way through the pages. It doesn't depend on the type of the items, so that a plugin contains its code only once.
struct Walk<'a> {
    host: &'a Host,
    message: HttpRequest,
    /// `Err` if the body could not be built, which the first page reports.
    body: Result<Zeroizing<Vec<u8>>>,
    list: String,
    cursor: Option<String>,
    size: Option<u64>,
    max_pages: u32,
    label: Option<String>,
    /// `None` if there is no label, before the first page, and after the last one.
    progress: Option<Progress<'a>>,
    pages: u32,
    /// The number of items before the next page.
    offset: u64,
    /// The number of items in the list. `None` if the server doesn't say.
    total: Option<u64>,
    /// The cursor of the next page. `None` if paging is by offset, or if there is no next page.
    next: Option<String>,
    /// The hashes of all cursors, or of all pages if paging is by offset.
    seen: HashSet<u64>,
    is_over: bool,
}

impl<'a> Walk<'a> {
    fn new(request: Request<'a>, list: &str) -> Self {
        let host = request.host();
        let (message, body) = match request.into_parts() {
            Ok((message, body)) => (message, Ok(body)),
            Err(error) => (HttpRequest::default(), Err(error)),
        };
        let offset = message.query.iter().find(|pair| pair.name == "offset");
        let offset = offset.and_then(|pair| pair.value.parse().ok());
        Self {
            host,
            message,
            body,
            list: list.to_owned(),
            cursor: None,
            size: None,
            max_pages: MOST_PAGES,
            label: None,
            progress: None,
            pages: 0,
            offset: offset.unwrap_or_default(),
            total: None,
            next: None,
            seen: HashSet::new(),
            is_over: false,
        }
    }

    /// Requests the next page and returns its list. Returns `None` after the last page.
    fn fetch(&mut self) -> Result<Option<Box<RawValue>>> {
        if self.is_over {
            return Ok(None);
        }
        let body = self.body.as_ref().map_err(Clone::clone)?.clone();
        if self.pages == self.max_pages {
            let pages = self.max_pages;
            return Err(self.make_endless(&format!("has more than {pages} pages")));
        }
        if self.pages == 0 {
            let label = self.label.as_ref();
            self.progress = label.map(|label| self.host.progress(label, None));
        }
        self.pages += 1;
        self.set_query();
        let call = describe_call(&self.message);
        let (response, bytes) = self.host.call::<protocol::HttpSend>(&self.message, &body)?;
        let response = Response::new(call, response, bytes).ok()?;
        self.read_page(response.bytes()).map(Some)
    }

    fn set_query(&mut self) {
        let is_by_offset = self.cursor.is_none();
        let has_size = self.message.query.iter().any(|pair| pair.name == "max");
        let default = (is_by_offset && !has_size).then_some(SIZE);
        if let Some(size) = self.size.or(default) {
            self.set_parameter("max", size.to_string());
        }
        if is_by_offset {
            self.set_parameter("offset", self.offset.to_string());
        }
        if let (Some(name), Some(next)) = (self.cursor.clone(), self.next.clone()) {
            self.set_parameter(&name, next);
        }
    }

    fn set_parameter(&mut self, name: &str, value: String) {
        let query = &mut self.message.query;
        query.retain(|pair| pair.name != name);
        query.push(Parameter::new(name, value));
    }

    /// Returns the list of a page, and notes what the page says about the pages after it.
    fn read_page(&mut self, body: &[u8]) -> Result<Box<RawValue>> {
        let fields: serde_json::Result<BTreeMap<String, Box<RawValue>>> =
            serde_json::from_slice(body);
        let mut fields = fields.map_err(|error| {
            let call = describe_call(&self.message);
            let message = explain_decoding(&call, body, &error);
            Error::new(ErrorKind::InvalidResponse, message)
        })?;
        let list = fields.remove(&self.list);
        let list =
            list.ok_or_else(|| self.make_mismatch(&format!("{}: missing field", self.list)))?;
        let total = fields.get("totalSize");
        self.total = total.and_then(|total| serde_json::from_str(total.get()).ok());
        if let Some(name) = &self.cursor {
            let next: Option<String> = match fields.get(name) {
                Some(next) => serde_json::from_str(next.get()).map_err(|error| {
                    self.make_mismatch(&explain_mismatch(next.get().as_bytes(), name, &error))
                })?,
                None => None,
            };
            self.next = next.filter(|next| !next.is_empty());
        }
        Ok(list)
    }

    /// Decides whether there is another page. `list` is the list of the page that was read, with `items` items.
    ///
    /// # Errors
    /// If the server repeats a page or a cursor: it ignores the offset, or its list has no end.
    fn finish_page(&mut self, list: &RawValue, items: usize) -> Result<()> {
        self.offset = self.offset.saturating_add(items as u64);
        let is_last = match self.cursor {
            Some(_) => self.next.is_none(),
            None => items == 0 || self.total.is_some_and(|total| self.offset >= total),
        };
        if self.cursor.is_none() && items > 0 {
            self.check_is_new(list.get())?;
        }
        if let Some(next) = self.next.clone() {
            self.check_is_new(&next)?;
        }
        match is_last {
            true => self.end(),
            false => self.show_progress(),
        }
        Ok(())
    }

    fn check_is_new(&mut self, mark: &str) -> Result<()> {
        let mut hasher = DefaultHasher::new();
        mark.hash(&mut hasher);
        match self.seen.insert(hasher.finish()) {
            true => Ok(()),
            false => Err(self.make_endless("repeats a page")),
        }
    }

    /// Replaces the spinner of the first page with a bar, because only the first page says how long the list is.
    fn show_progress(&mut self) {
        if let (1, Some(label), Some(total)) = (self.pages, &self.label, self.total) {
            self.progress = None;
            self.progress = Some(self.host.progress(label, Some(total)));
        }
        if let Some(progress) = &self.progress {
            progress.done(self.offset);
        }
    }

    fn end(&mut self) {
        self.is_over = true;
        self.progress = None;
    }

    fn explain_items(&self, list: &RawValue, error: &serde_json::Error) -> Error {
        self.make_mismatch(&explain_mismatch(list.get().as_bytes(), &self.list, error))
    }

    fn make_mismatch(&self, mismatch: &str) -> Error {
        let call = describe_call(&self.message);
        let message =
            format!("The server's answer to {call} is not of the expected form: {mismatch}");
        Error::new(ErrorKind::InvalidResponse, message)
    }

    fn make_endless(&self, why: &str) -> Error {
        let call = describe_call(&self.message);
        let message = format!("The server's list at {call} {why}");
        Error::new(ErrorKind::InvalidResponse, message)
    }
}
