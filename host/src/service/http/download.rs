//! Downloads: answers that the host writes to a file. A retry requests only the rest of the file if the server allows that.

use std::{
    cell::Cell,
    ffi::OsString,
    fs::File,
    io::{Seek, SeekFrom, Write},
    path::PathBuf,
};

use reqwest::Response;
use tempfile::NamedTempFile;
use tw_plugin_protocol::{
    DownloadRequest, HttpRequest, HttpResponse, ProgressBegin, ProgressRef, ProgressState, Span,
};

use super::{
    Http,
    course::Course,
    exchange::{deadline, with_deadline},
    failure::{self, Broken},
    header::describe,
    resume::Partial,
};
use crate::{
    error::{Error, ErrorKind},
    files::{self, show_path},
    service::{Answer, progress::Displays, waiting::Wait},
};

impl Http {
    /// Sends a plugin's request and saves a successful answer as a file.
    pub(in crate::service) fn download(
        &self,
        download: &DownloadRequest,
        body: &[u8],
        displays: &Displays,
    ) -> Answer<HttpResponse> {
        let request = &download.request;
        let content = self.prepare(request, body)?;
        // Nothing is sent if the file can't be written anyway.
        let target = Target::create(&download.path.clone().into())?;
        let (deadline, course) = (deadline(request), Course::new(&self.connected));
        let mut part: Option<Partial> = None;
        let attempt = async |wait: &Wait| {
            let begun = part.as_ref().filter(|part| part.length > 0);
            let rest = begun.map(|part| part.request_rest(request));
            let asked = rest.as_ref().unwrap_or(request);
            let sending = self.send_attempt(asked, &content, &course, wait);
            let (mut response, mut sent) = sending.await?;
            let is_rest = |part: &Partial| part.is_rest(&describe(&response));
            let is_rest = part.as_ref().is_some_and(is_rest);
            // 206 and 416 answer a request for a part, and the plugin requested the whole file.
            if rest.is_some() && !is_rest && matches!(response.status().as_u16(), 206 | 416) {
                self.trace_head(request, &response, &sent);
                part = None;
                (response, sent) = self.send_attempt(request, &content, &course, wait).await?;
            }
            if !response.status().is_success() {
                return self.receive(request, response, &sent).await;
            }
            self.trace_head(request, &response, &sent);
            let mut head = describe(&response);
            match &part {
                Some(part) if is_rest => head = part.head.clone(),
                _ => part = Partial::new(request, &head),
            }
            let total = part.as_ref().map(Partial::total);
            let total = total.or(response.content_length());
            let progress = Progress::start(displays, download.label.as_deref(), total);
            let saving = self.save(request, response, &target, &progress, &mut part);
            let length = saving.await.inspect_err(|_| {
                if part.as_ref().is_some_and(|part| part.length > 0) {
                    course.mark_progress();
                }
            })?;
            self.trace_saved(request, &sent, length);
            Ok((head, Vec::new()))
        };
        let work = self.send_with_retries(request, &course, deadline, attempt);
        let work = with_deadline(deadline, request, &course, work);
        let (mut response, bytes) = self.measure_request(request, &course, work)?;
        response.body = Some(Span::new(0, bytes.len()));
        if (200..300).contains(&response.status) {
            target.place()?;
        }
        Ok((response, bytes))
    }

    /// Writes the body of an answer to the temporary file, after the bytes of `part`. Returns the size of the file.
    async fn save(
        &self,
        request: &HttpRequest,
        mut response: Response,
        target: &Target,
        progress: &Progress<'_>,
        part: &mut Option<Partial>,
    ) -> Result<u64, Broken> {
        let mut length = part.as_ref().map_or(0, |part| part.length);
        let mut file = target.cut(length)?;
        while let Some(chunk) = self.next_chunk(request, &mut response).await? {
            length += chunk.len() as u64;
            if let Some(most) = request.max_body.filter(|most| length > *most) {
                return Err(failure::from_large_body(request, &format!("{most} bytes")));
            }
            // This blocks the runtime's thread, for less time than the network takes for the same bytes.
            let written = file.write_all(&chunk);
            written.map_err(|error| target.make_unwritable(error))?;
            if let Some(part) = part {
                part.length = length;
            }
            progress.update(length);
        }
        Ok(length)
    }
}

/// A file that is being downloaded. Dropping it removes the temporary file.
struct Target {
    /// The path as the plugin named it, for messages.
    named: PathBuf,
    /// The path of the file that is made or replaced: a link stays, and the file that it points to is replaced.
    path: PathBuf,
    new: NamedTempFile,
}

impl Target {
    fn create(path: &OsString) -> Result<Self, Error> {
        let named = PathBuf::from(path);
        let path = std::fs::canonicalize(&named).unwrap_or_else(|_| named.clone());
        let old = std::fs::metadata(&path).ok();
        // A rename would replace a device such as /dev/null with a file.
        if old.as_ref().is_some_and(|old| !old.is_file()) {
            let message = format!(
                "{} is not a regular file, so it can't be replaced",
                show_path(&named)
            );
            return Err(Error::new(ErrorKind::Failure, message));
        }
        let new = files::create_beside(&path, 0o666).and_then(|new| {
            if let Some(old) = old {
                new.as_file().set_permissions(old.permissions())?;
            }
            Ok(new)
        });
        match new {
            Ok(new) => Ok(Self { named, path, new }),
            Err(error) => Err(Error::unwritable(&named, error)),
        }
    }

    /// Cuts the file, which can have a part of an earlier attempt, and continues after these bytes.
    fn cut(&self, length: u64) -> Result<&File, Error> {
        let mut file = self.new.as_file();
        let cut = file.set_len(length);
        let cut = cut.and_then(|()| file.seek(SeekFrom::Start(length)));
        cut.map_err(|error| self.make_unwritable(error))?;
        Ok(file)
    }

    fn place(self) -> Result<(), Error> {
        let Self { named, path, new } = self;
        files::place(new, &path).map_err(|error| Error::unwritable(&named, error))
    }

    fn make_unwritable(&self, error: std::io::Error) -> Error {
        Error::unwritable(&self.named, error)
    }
}

const MIB: u64 = 1 << 20;

/// The progress display of a download, in MiB. Dropping it removes the display.
struct Progress<'a> {
    displays: &'a Displays,
    label: String,
    /// `None` if the plugin wants no display.
    display: Option<ProgressRef>,
    has_total: bool,
    /// The number of MiB that the display shows.
    shown: Cell<u64>,
}

impl<'a> Progress<'a> {
    fn start(displays: &'a Displays, label: Option<&str>, total: Option<u64>) -> Self {
        let total = total.map(|total| total.div_ceil(MIB));
        let display = label.map(|label| {
            displays.start(&ProgressBegin {
                label: format!("{label} (MiB)"),
                total,
                ..Default::default()
            })
        });
        Self {
            displays,
            label: label.unwrap_or_default().to_owned(),
            display,
            has_total: total.is_some(),
            shown: Cell::default(),
        }
    }

    fn update(&self, length: u64) {
        let done = length / MIB;
        let Some(ProgressRef { progress, .. }) = self.display else {
            return;
        };
        if self.shown.replace(done) != done {
            self.displays.update(&ProgressState {
                progress,
                done,
                label: (!self.has_total).then(|| format!("{} ({done} MiB)", self.label)),
                ..Default::default()
            });
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(display) = self.display {
            self.displays.finish(display);
        }
    }
}
