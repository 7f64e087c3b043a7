//! Multipart forms.

use std::{fmt::Display, path::Path};

use tw_plugin_protocol::FormPart;

use crate::Request;

/// A form with texts and files, which a request sends as `multipart/form-data` ([RFC 7578]).
///
/// ```
/// # use tw_plugin_api::{Form, prelude::*};
/// # fn run(host: &Host, file: &std::path::Path) -> Result<()> {
/// let form = Form::new().text("header", true).file("file", file, "text/csv");
/// host.http().post("/datasets/7/upload").multipart(form).send()?.ok()?;
/// # Ok(())
/// # }
/// ```
///
/// [RFC 7578]: https://www.rfc-editor.org/rfc/rfc7578
#[derive(Debug, Clone, Default)]
#[must_use = "a form does nothing until a request sends it"]
pub struct Form(Vec<FormPart>);

impl Form {
    /// Creates a form without parts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    pub fn text(mut self, name: &str, text: impl Display) -> Self {
        self.0.push(FormPart {
            name: name.to_owned(),
            text: text.to_string(),
            ..Default::default()
        });
        self
    }

    /// Adds a file. The host reads the file while it sends it, as for [`Request::body_file`].
    pub fn file(mut self, name: &str, path: impl AsRef<Path>, content_type: &str) -> Self {
        self.0.push(FormPart {
            name: name.to_owned(),
            file: Some(path.as_ref().as_os_str().to_owned().into()),
            content_type: Some(content_type.to_owned()),
            ..Default::default()
        });
        self
    }
}

impl Request<'_> {
    /// Sets the body to a form. The host sets the content type, with the boundary between the parts.
    ///
    /// For [`sensitive`](Self::sensitive), `/` and the name of a part stand for that part, and `""` for the whole form. A
    /// form without parts is no body.
    pub fn multipart(mut self, form: Form) -> Self {
        self.body = Ok(None);
        self.message.body_file = None;
        self.message.form = form.0;
        self
    }
}
