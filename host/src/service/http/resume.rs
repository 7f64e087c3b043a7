//! Resuming a download: after a lost connection, a retry asks only for the rest of the file ([RFC 9110, section 14]).
//!
//! A file is put together from two answers only if the server says that both are parts of the same file, and if the second answer is exactly the
//! rest. Otherwise the download begins again.
//!
//! [RFC 9110, section 14]: https://www.rfc-editor.org/rfc/rfc9110#section-14

use std::time::Duration;

use tw_plugin_protocol::{Header, HttpRequest, HttpResponse};

use super::failure::only_reads;

/// A file whose beginning has arrived, and whose rest can be requested.
pub(crate) struct Partial {
    /// The answer that the file began with.
    pub(crate) head: HttpResponse,
    /// The header that tells this version of the file from others, `etag` or `last-modified`.
    validator: Header,
    /// The size of the whole file.
    total: u64,
    /// The number of bytes that have arrived.
    pub(crate) length: u64,
}

impl Partial {
    /// Begins a file with its first answer. Returns `None` if the server doesn't say what is needed to request a rest: the size, and a strong
    /// validator. The client removes the size of a body that it decompresses, and the place in such a body is not known.
    pub(crate) fn new(request: &HttpRequest, head: &HttpResponse) -> Option<Self> {
        let has_range = has_header(request, "range") || has_header(request, "if-range");
        if head.status != 200 || !only_reads(request) || has_range {
            return None;
        }
        if head.header("accept-ranges") == Some("none") {
            return None;
        }
        Some(Self {
            validator: find_validator(head)?,
            total: content_length(head)?,
            head: head.clone(),
            length: 0,
        })
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Returns the request for the rest of the file. If the file has changed, the server answers with all of it.
    pub(crate) fn request_rest(&self, request: &HttpRequest) -> HttpRequest {
        let mut rest = request.clone();
        let range = format!("bytes={}-", self.length);
        rest.headers.push(Header::new("range", range));
        let validator = self.validator.value.clone();
        rest.headers.push(Header::new("if-range", validator));
        if !has_header(request, "accept-encoding") {
            rest.headers
                .push(Header::new("accept-encoding", "identity"));
        }
        rest
    }

    /// True if the answer is exactly the rest of this file.
    pub(crate) fn is_rest(&self, answer: &HttpResponse) -> bool {
        let (begin, total) = (self.length, self.total);
        let Some(last) = total.checked_sub(1) else {
            return false;
        };
        let range = format!("bytes {begin}-{last}/{total}");
        // A server need not repeat `last-modified`, but must repeat `etag`.
        let is_same_version = match answer.header(&self.validator.name) {
            Some(value) => value == self.validator.value,
            None => self.validator.name == "last-modified",
        };
        answer.status == 206
            && answer.header("content-range") == Some(range.as_str())
            && content_length(answer) == Some(total - begin)
            && answer.header("content-encoding") == self.head.header("content-encoding")
            && is_same_version
    }
}

fn has_header(request: &HttpRequest, name: &str) -> bool {
    let mut headers = request.headers.iter();
    headers.any(|header| header.name.eq_ignore_ascii_case(name))
}

fn content_length(answer: &HttpResponse) -> Option<u64> {
    answer.header("content-length")?.parse().ok()
}

/// Returns the header that tells versions of a file apart. `None` if the server sends none, or one that two versions can share: a weak `etag`, or a
/// `last-modified` of the same second (RFC 9110, section 8.8.2.2).
fn find_validator(head: &HttpResponse) -> Option<Header> {
    if let Some(etag) = head.header("etag") {
        return etag.starts_with('"').then(|| Header::new("etag", etag));
    }
    let time = |name| httpdate::parse_http_date(head.header(name)?).ok();
    let age = time("date")?.duration_since(time("last-modified")?).ok()?;
    let modified = head.header("last-modified")?;
    (age >= Duration::from_secs(1)).then(|| Header::new("last-modified", modified))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ETAG: (&str, &str) = ("etag", "\"one\"");
    const SIZE: (&str, &str) = ("content-length", "10");

    fn answer(status: u16, headers: &[(&str, &str)]) -> HttpResponse {
        let headers = headers.iter();
        HttpResponse {
            status,
            headers: headers
                .map(|(name, value)| Header::new(*name, *value))
                .collect(),
            ..Default::default()
        }
    }

    /// Begins a file of ten bytes, of which four have arrived.
    fn begin(headers: &[(&str, &str)]) -> Option<Partial> {
        let partial = Partial::new(&HttpRequest::default(), &answer(200, headers))?;
        let length = 4;
        Some(Partial { length, ..partial })
    }

    fn list_headers(request: &HttpRequest) -> Vec<(&str, &str)> {
        let headers = request.headers.iter();
        headers
            .map(|header| (header.name.as_str(), header.value.as_str()))
            .collect()
    }

    #[test]
    fn the_rest_is_requested_on_the_condition_that_the_file_is_the_same() {
        let partial = begin(&[ETAG, SIZE]).expect("the rest can be requested");
        let rest = partial.request_rest(&HttpRequest::default());
        let headers = [
            ("range", "bytes=4-"),
            ("if-range", "\"one\""),
            ("accept-encoding", "identity"),
        ];
        assert_eq!(list_headers(&rest), headers);
    }

    #[test]
    fn a_file_without_a_size_or_a_strong_validator_is_not_resumed() {
        let modified = ("last-modified", "Thu, 01 Jan 2026 10:00:00 GMT");
        let later = ("date", "Thu, 01 Jan 2026 10:00:01 GMT");
        let same = ("date", "Thu, 01 Jan 2026 10:00:00 GMT");
        assert!(begin(&[modified, later, SIZE]).is_some());
        for headers in [
            &[ETAG][..],
            &[SIZE],
            &[("etag", "W/\"one\""), SIZE],
            &[modified, same, SIZE],
            &[modified, SIZE],
            &[ETAG, SIZE, ("accept-ranges", "none")],
        ] {
            assert!(begin(headers).is_none(), "{headers:?}");
        }
    }

    #[test]
    fn only_a_read_of_a_whole_file_is_resumed() {
        let head = answer(200, &[ETAG, SIZE]);
        let post = HttpRequest {
            method: "POST".to_owned(),
            ..Default::default()
        };
        let part = HttpRequest {
            headers: vec![Header::new("Range", "bytes=0-5")],
            ..Default::default()
        };
        assert!(Partial::new(&post, &head).is_none());
        assert!(Partial::new(&part, &head).is_none());
        let head = answer(206, &[ETAG, SIZE]);
        assert!(Partial::new(&HttpRequest::default(), &head).is_none());
    }

    #[test]
    fn an_answer_that_is_not_exactly_the_rest_is_refused() {
        let partial = begin(&[ETAG, SIZE]).expect("the rest can be requested");
        let range = ("content-range", "bytes 4-9/10");
        let size = ("content-length", "6");
        assert!(partial.is_rest(&answer(206, &[range, size, ETAG])));
        assert!(!partial.is_rest(&answer(200, &[range, size, ETAG])));
        for headers in [
            [("content-range", "bytes 3-9/10"), size, ETAG],
            [("content-range", "bytes 4-8/10"), size, ETAG],
            [("content-range", "bytes 4-9/11"), size, ETAG],
            [("content-range", "bytes 4-9/*"), size, ETAG],
            [range, ("content-length", "7"), ETAG],
            [range, size, ("etag", "\"two\"")],
            [range, size, ("x-none", "")],
            [range, ("x-none", ""), ETAG],
        ] {
            assert!(!partial.is_rest(&answer(206, &headers)), "{headers:?}");
        }
        let encoded = ("content-encoding", "br");
        assert!(!partial.is_rest(&answer(206, &[range, size, ETAG, encoded])));
    }

    #[test]
    fn the_rest_of_a_dated_file_need_not_repeat_the_date() {
        let modified = ("last-modified", "Thu, 01 Jan 2026 10:00:00 GMT");
        let date = ("date", "Thu, 01 Jan 2026 11:00:00 GMT");
        let partial = begin(&[modified, date, SIZE]).expect("the rest can be requested");
        let (range, size) = (("content-range", "bytes 4-9/10"), ("content-length", "6"));
        let changed = ("last-modified", "Thu, 01 Jan 2026 10:30:00 GMT");
        assert!(partial.is_rest(&answer(206, &[range, size])));
        assert!(!partial.is_rest(&answer(206, &[range, size, changed])));
    }
}
