//! HTTP responses that are saved as files.

use std::path::Path;

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::DownloadRequest;

use crate::{Request, Response, Result, request::describe_call};

impl<'a> Request<'a> {
    /// Saves the response as a file. See [`Download`].
    pub fn download(self, path: impl AsRef<Path>) -> Download<'a> {
        Download {
            request: self,
            message: DownloadRequest {
                path: path.as_ref().as_os_str().to_owned().into(),
                ..Default::default()
            },
        }
    }
}

/// A request whose response is saved as a file, from [`Request::download`].
///
/// The file appears when it is complete. Until then, the host writes to a temporary file in the same folder. A download
/// that fails or is canceled leaves nothing behind, and a file that was there before stays as it was.
///
/// The size is not limited, unless the request has a [`max_body`](Request::max_body). If the connection breaks, the host
/// retries as for other requests that may be sent twice. It requests only the rest of the file if it can tell that the file
/// is still the same: the request is a `GET` without the header `Range`, and the server sent the size, and an `ETag` that is
/// not weak or a `Last-Modified`. Otherwise, or if the server answers with another part, the download starts again from the
/// beginning. The response that the plugin gets is that of the whole file.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) -> Result<()> {
/// let log = host.http().get("/workflow/3xFP9/log");
/// log.download("run.log").label("Downloading the log").send()?.ok()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a download does nothing until it is sent"]
pub struct Download<'a> {
    request: Request<'a>,
    message: DownloadRequest,
}

impl Download<'_> {
    /// Shows a progress display with this label during the download, if standard error is a terminal.
    pub fn label(mut self, label: &str) -> Self {
        self.message.label = Some(label.to_owned());
        self
    }

    /// Sends the request, and waits until the file is complete. The body of the response is empty then.
    ///
    /// A status other than 200 to 299 is no failure here: nothing is saved, and the response has the server's answer.
    /// [`Response::ok`] turns the status into an error.
    ///
    /// # Errors
    /// As for [`Request::send`]. If the file can't be written, because the disk is full, the folder doesn't exist or may
    /// not be written to, or the path is a folder or a device.
    pub fn send(self) -> Result<Response> {
        let host = self.request.host();
        let (request, body) = self.request.into_parts()?;
        let call = describe_call(&request);
        let message = DownloadRequest {
            request,
            ..self.message
        };
        let (response, body) = host.call::<protocol::HttpDownload>(&message, &body)?;
        Ok(Response::new(call, response, body))
    }
}
