//! The function that plugins call, and the way from a method's name to its service.

use std::sync::Arc;

use tw_plugin_abi::{Panic, RResult, RSlice, RStr, Reply, guard};
use tw_plugin_protocol::{
    AuthWhoami, Call, CancelReply, CancelStatus, ClockFormat, ClockNow, ClockParse, ClockSleep,
    ConfigSection, ConfigSectionReply, Empty, ErrorMessage, FolderList, GRANTED, HttpBatch,
    HttpBatchNext, HttpBatchOpen, HttpClose, HttpDownload, HttpOpen, HttpRead, HttpSend,
    HttpUploadBegin, HttpUploadEnd, HttpUploadWrite, InputDocument, InputRead, LogWrite, METHODS,
    OutputBegin, OutputEnd, OutputRows, OutputWrite, ProgressFinish, ProgressStart, ProgressUpdate,
    PromptChoose, PromptConfirm, PromptEdit, PromptInteractive, PromptPassword, PromptText,
    SystemOpen, SystemRun, TerminalInfo, TokenGet, WorkspaceList, WorkspaceListReply,
    WorkspaceResolve, to_bytes,
};

use super::{
    Answer, State, cancel::cancel_error, clock, folder, input, prompt, request, sessions, system,
};
use crate::{
    config::read_settings,
    error::{Error, ErrorKind, code},
    process::find_unstarted_thread,
};

/// The function that every plugin calls. It catches every panic.
pub(super) extern "C" fn call(
    run: u64,
    method: RStr<'_>,
    payload: RSlice<'_, u8>,
    body: RSlice<'_, u8>,
) -> RResult<Reply, Reply> {
    let answer = guard(|| answer(run, method.as_str(), payload.as_slice(), body.as_slice()));
    let answer = answer.unwrap_or_else(|panic| Err(explain_panic(&panic)));
    match answer {
        Ok((message, body)) => RResult::ROk(Reply::new(message, body)),
        Err(error) => RResult::RErr(Reply::new(to_bytes(&ErrorMessage::from(error)), Vec::new())),
    }
}

/// Makes the error of a panic. The standard library and tokio panic if they can't start a thread, which is no fault of `tw`.
fn explain_panic(panic: &Panic) -> Error {
    if let Some(error) = find_unstarted_thread(&panic.message) {
        return Error::no_thread(&error);
    }
    let message = format!("tw itself failed at {}: please report it", panic.place);
    Error::new(ErrorKind::Panic, message).code(code::INTERNAL)
}

fn answer(run: u64, method: &str, payload: &[u8], body: &[u8]) -> Answer<Vec<u8>> {
    let Some(state) = sessions().get(&run).map(Arc::clone) else {
        return Err(Error::new(
            ErrorKind::Closed,
            "the run has ended, so the host's services are closed",
        ));
    };
    let answer = state
        .check(method)
        .and_then(|()| request::check_needs(method, payload))
        .and_then(|()| state.serve(method, payload, body));
    if let Err(error) = &answer
        && let Ok(mut last_error) = state.last_error.lock()
    {
        error.message().clone_into(&mut last_error);
    }
    answer
}

impl State {
    /// Refuses a method whose service the manifest doesn't declare, and most methods of a canceled run.
    fn check(&self, method: &str) -> Result<(), Error> {
        let service = service(method);
        let is_declared =
            GRANTED.contains(&service) || self.services.iter().any(|declared| declared == service);
        if METHODS.contains(&method) && !is_declared {
            let message = format!(
                "it calls `{method}`, and its manifest doesn't declare the service `{service}`"
            );
            let hint = format!(
                "its author adds `Service::{}` to `Plugin::uses`",
                capitalize(service)
            );
            return Err(Error::new(ErrorKind::Refused, message)
                .code(code::SERVICE_NOT_DECLARED)
                .hint(hint));
        }
        // A canceled run may still report what it did.
        let is_report = matches!(service, "cancel" | "log" | "progress" | "output");
        let is_report = is_report
            || matches!(
                method,
                HttpClose::METHOD
                    | HttpBatchNext::METHOD
                    | HttpUploadWrite::METHOD
                    | HttpUploadEnd::METHOD
            );
        match self.cancel.is_cancelled() && !is_report {
            true => Err(cancel_error()),
            false => Ok(()),
        }
    }

    fn serve(self: &Arc<Self>, method: &str, payload: &[u8], body: &[u8]) -> Answer<Vec<u8>> {
        match service(method) {
            "http" => self.serve_http(method, payload, body),
            "input" => self.serve_input(method, payload, body),
            "prompt" => self.serve_prompt(method, payload, body),
            "system" => self.serve_system(method, payload),
            "clock" => self.serve_clock(method, payload),
            "output" => self.serve_output(method, payload, body),
            "progress" => self.serve_progress(method, payload),
            _ => self.serve_other(method, payload),
        }
    }

    fn serve_http(self: &Arc<Self>, method: &str, payload: &[u8], body: &[u8]) -> Answer<Vec<u8>> {
        let http = &self.http;
        match method {
            HttpSend::METHOD => reply::<HttpSend>(payload, |request| http.send(&request, body)),
            HttpBatch::METHOD => reply::<HttpBatch>(payload, |request| {
                http.batch(&request, body, &self.displays)
            }),
            HttpBatchOpen::METHOD => reply::<HttpBatchOpen>(payload, |request| {
                without_body(self.open_batch(request, body)?)
            }),
            HttpBatchNext::METHOD => {
                reply::<HttpBatchNext>(payload, |request| http.next_of_batch(request.stream))
            }
            HttpDownload::METHOD => reply::<HttpDownload>(payload, |request| {
                http.download(&request, body, &self.displays)
            }),
            HttpUploadBegin::METHOD => reply::<HttpUploadBegin>(payload, |request| {
                without_body(self.begin_upload(request)?)
            }),
            HttpUploadWrite::METHOD => reply::<HttpUploadWrite>(payload, |request| {
                without_body(http.write_upload(request.stream, body)?)
            }),
            HttpUploadEnd::METHOD => {
                reply::<HttpUploadEnd>(payload, |request| http.end_upload(request.stream))
            }
            HttpOpen::METHOD => reply::<HttpOpen>(payload, |request| http.open(&request, body)),
            HttpRead::METHOD => reply::<HttpRead>(payload, |request| http.read(&request)),
            HttpClose::METHOD => reply::<HttpClose>(payload, |request| {
                http.close(request.stream);
                done()
            }),
            _ => Err(unknown(method)),
        }
    }

    fn serve_input(&self, method: &str, payload: &[u8], body: &[u8]) -> Answer<Vec<u8>> {
        let (redactor, cancel) = (&self.redactor, &self.cancel);
        match method {
            InputRead::METHOD => reply::<InputRead>(payload, |request| {
                input::read(request, body, redactor, cancel)
            }),
            InputDocument::METHOD => reply::<InputDocument>(payload, |request| {
                without_body(input::document(request, body, redactor, cancel, &self.log)?)
            }),
            _ => Err(unknown(method)),
        }
    }

    fn serve_prompt(&self, method: &str, payload: &[u8], body: &[u8]) -> Answer<Vec<u8>> {
        let cancel = &self.cancel;
        match method {
            PromptInteractive::METHOD => {
                reply::<PromptInteractive>(payload, |_| without_body(prompt::interactive()))
            }
            PromptText::METHOD => reply::<PromptText>(payload, |request| {
                without_body(prompt::text(request, cancel)?)
            }),
            PromptPassword::METHOD => reply::<PromptPassword>(payload, |request| {
                prompt::password(request, &self.redactor, cancel)
            }),
            PromptChoose::METHOD => reply::<PromptChoose>(payload, |request| {
                without_body(prompt::choose(request, cancel)?)
            }),
            PromptEdit::METHOD => reply::<PromptEdit>(payload, |request| self.edit(&request, body)),
            PromptConfirm::METHOD => reply::<PromptConfirm>(payload, |request| {
                without_body(prompt::confirm(request, cancel)?)
            }),
            _ => Err(unknown(method)),
        }
    }

    fn serve_output(&self, method: &str, payload: &[u8], body: &[u8]) -> Answer<Vec<u8>> {
        match method {
            OutputBegin::METHOD => reply::<OutputBegin>(payload, |request| {
                self.output().begin(request, body)?;
                done()
            }),
            OutputRows::METHOD => reply::<OutputRows>(payload, |_| {
                self.output().add_rows(body)?;
                done()
            }),
            OutputEnd::METHOD => reply::<OutputEnd>(payload, |_| {
                self.output().end_rows()?;
                done()
            }),
            OutputWrite::METHOD => reply::<OutputWrite>(payload, |_| {
                self.write_output(body)?;
                done()
            }),
            _ => Err(unknown(method)),
        }
    }

    fn serve_progress(&self, method: &str, payload: &[u8]) -> Answer<Vec<u8>> {
        let displays = &self.displays;
        match method {
            ProgressStart::METHOD => {
                reply::<ProgressStart>(payload, |request| without_body(displays.start(&request)))
            }
            ProgressUpdate::METHOD => reply::<ProgressUpdate>(payload, |request| {
                displays.update(&request);
                done()
            }),
            ProgressFinish::METHOD => reply::<ProgressFinish>(payload, |request| {
                displays.finish(request);
                done()
            }),
            _ => Err(unknown(method)),
        }
    }

    fn serve_system(&self, method: &str, payload: &[u8]) -> Answer<Vec<u8>> {
        match method {
            SystemOpen::METHOD => {
                reply::<SystemOpen>(payload, |request| without_body(system::open(&request)?))
            }
            SystemRun::METHOD => {
                reply::<SystemRun>(payload, |request| without_body(self.run_program(request)?))
            }
            _ => Err(unknown(method)),
        }
    }

    fn serve_clock(&self, method: &str, payload: &[u8]) -> Answer<Vec<u8>> {
        match method {
            ClockNow::METHOD => reply::<ClockNow>(payload, |_| without_body(clock::now())),
            ClockParse::METHOD => reply::<ClockParse>(payload, |request| {
                without_body(clock::parse(&request.text)?)
            }),
            ClockFormat::METHOD => reply::<ClockFormat>(payload, |request| {
                without_body(clock::format(request.unix_ms)?)
            }),
            ClockSleep::METHOD => reply::<ClockSleep>(payload, |request| {
                clock::sleep(request, &self.cancel)?;
                done()
            }),
            _ => Err(unknown(method)),
        }
    }

    /// Serves the services that have one or two small methods.
    fn serve_other(&self, method: &str, payload: &[u8]) -> Answer<Vec<u8>> {
        match method {
            AuthWhoami::METHOD => {
                reply::<AuthWhoami>(payload, |_| without_body(self.identity.user(&self.http)?))
            }
            TokenGet::METHOD => reply::<TokenGet>(payload, |_| {
                let token = &self.http.credential()?.token;
                Ok((Empty {}, token.expose().as_bytes().to_vec()))
            }),
            WorkspaceResolve::METHOD => reply::<WorkspaceResolve>(payload, |request| {
                let reference = request.reference.as_deref();
                let workspace = self
                    .workspace
                    .resolve(reference, &self.identity, &self.http);
                without_body(workspace?)
            }),
            WorkspaceList::METHOD => reply::<WorkspaceList>(payload, |_| {
                without_body(WorkspaceListReply {
                    workspaces: self.workspace.list(&self.identity, &self.http)?,
                    ..Default::default()
                })
            }),
            TerminalInfo::METHOD => reply::<TerminalInfo>(payload, |_| without_body(self.terminal)),
            FolderList::METHOD => {
                reply::<FolderList>(payload, |_| without_body(folder::list(&self.plugin)?))
            }
            ConfigSection::METHOD => reply::<ConfigSection>(payload, |request| {
                let values = read_settings(&self.plugin, &request.settings)?;
                for secret in request.settings.iter().filter(|setting| setting.sensitive) {
                    if let Some(value) = values.0.get(&secret.name) {
                        self.redactor.add_argument(value);
                    }
                }
                without_body(ConfigSectionReply {
                    values,
                    ..Default::default()
                })
            }),
            LogWrite::METHOD => reply::<LogWrite>(payload, |request| {
                self.log.plugin(&request);
                done()
            }),
            CancelStatus::METHOD => reply::<CancelStatus>(payload, |_| {
                let cancelled = self.cancel.is_cancelled();
                without_body(CancelReply {
                    cancelled,
                    ..Default::default()
                })
            }),
            _ => Err(unknown(method)),
        }
    }
}

/// Returns the name of a method's service: `http` of `http.send`.
fn service(method: &str) -> &str {
    method.split('.').next().unwrap_or(method)
}

/// Reads the request, does the work, and writes the reply.
fn reply<C: Call>(
    payload: &[u8],
    work: impl FnOnce(C::Request) -> Answer<C::Reply>,
) -> Answer<Vec<u8>> {
    let (reply, body) = work(request::read(C::METHOD, payload)?)?;
    Ok((to_bytes(&reply), body))
}

fn without_body<T>(reply: T) -> Answer<T> {
    Ok((reply, Vec::new()))
}

fn done() -> Answer<Empty> {
    without_body(Empty {})
}

fn unknown(method: &str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!(
            "it calls `{}`, which this tw ({}) doesn't know",
            tw_render::text::visible(method),
            env!("CARGO_PKG_VERSION")
        ),
    )
}

fn capitalize(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
