//! A plugin's call finds its service.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use tw_plugin_abi::{RResult, RSlice, RStr, Reply, guard};
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{
    Call, CancelReply, ConfigSectionReply, Empty, ErrorKind, ErrorMessage, to_bytes,
};

use super::{Answer, State, clock, closed, fail, input, prompt, sessions};

/// The function that every plugin calls. Nothing unwinds out of it.
pub(super) extern "C" fn call(
    run: u64,
    method: RStr<'_>,
    payload: RSlice<'_, u8>,
    body: RSlice<'_, u8>,
) -> RResult<Reply, Reply> {
    let answered = guard(|| answer(run, method.as_str(), payload.as_slice(), body.as_slice()));
    let answered = answered.unwrap_or_else(|panic| {
        Err(fail(
            ErrorKind::Panic,
            format!("tw itself failed at {}: please report it", panic.place),
        ))
    });
    match answered {
        Ok((message, body)) => RResult::ROk(Reply::new(message, body)),
        Err(error) => RResult::RErr(Reply::new(to_bytes(&error), Vec::new())),
    }
}

fn answer(run: u64, method: &str, payload: &[u8], body: &[u8]) -> Answer<Vec<u8>> {
    let state = sessions().get(&run).map(Arc::clone).ok_or_else(closed)?;
    let answered = state
        .check(method)
        .and_then(|()| state.serve(method, payload, body));
    if let Err(error) = &answered
        && let Ok(mut said) = state.said.lock()
    {
        said.clone_from(&error.message);
    }
    answered
}

impl State {
    /// Whether the plugin may call this method now.
    fn check(&self, method: &str) -> Result<(), ErrorMessage> {
        let service = method.split('.').next().unwrap_or(method);
        if protocol::METHODS.contains(&method)
            && !self.services.iter().any(|declared| declared == service)
        {
            self.note_refusal(service, method);
            return Err(ErrorMessage {
                hint: Some(format!(
                    "its author adds `Service::{}` to `Plugin::uses`",
                    capitalised(service)
                )),
                ..fail(
                    ErrorKind::Refused,
                    format!(
                        "it calls `{method}`, and its manifest doesn't declare the service `{service}`"
                    ),
                )
            });
        }
        // A run that is asked to stop may still report what it did.
        let reports = matches!(service, "cancel" | "log" | "progress" | "output")
            || method == protocol::HttpClose::METHOD;
        match self.cancel.is_cancelled() && !reports {
            true => Err(super::cancel::cancelled()),
            false => Ok(()),
        }
    }

    /// Log lines and displays are sent without waiting for an answer: their refusal is said once.
    fn note_refusal(&self, service: &str, method: &str) {
        let mut refused = self
            .refused
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if matches!(service, "log" | "progress") && !refused.iter().any(|known| known == service) {
            refused.push(service.to_owned());
            self.log.warn(&format!("it calls `{method}`, and its manifest doesn't declare the service `{service}`: its author adds `Service::{}` to `Plugin::uses`", capitalised(service)));
        }
    }

    fn serve(&self, method: &str, payload: &[u8], body: &[u8]) -> Answer<Vec<u8>> {
        match method {
            protocol::HttpSend::METHOD => typed::<protocol::HttpSend>(payload, |request| {
                Ok(self.http.send(&request, body)?)
            }),
            protocol::HttpBatch::METHOD => typed::<protocol::HttpBatch>(payload, |request| {
                Ok(self.http.batch(&request, body, &self.displays)?)
            }),
            protocol::HttpOpen::METHOD => typed::<protocol::HttpOpen>(payload, |request| {
                Ok(self.http.open(&request, body)?)
            }),
            protocol::HttpRead::METHOD => {
                typed::<protocol::HttpRead>(payload, |request| Ok(self.http.read(&request)?))
            }
            protocol::HttpClose::METHOD => typed::<protocol::HttpClose>(payload, |request| {
                self.http.close(request.stream);
                done()
            }),
            protocol::AuthWhoami::METHOD => {
                typed::<protocol::AuthWhoami>(payload, |_| plain(self.identity.user(&self.http)?))
            }
            protocol::TokenGet::METHOD => {
                typed::<protocol::TokenGet>(payload, |_| match &self.settings.token {
                    Some(token) => Ok((Empty {}, token.expose().as_bytes().to_vec())),
                    None => Err(crate::error::Error::no_token().into()),
                })
            }
            protocol::WorkspaceResolve::METHOD => {
                typed::<protocol::WorkspaceResolve>(payload, |_| {
                    plain(self.workspace.resolve(&self.identity, &self.http)?)
                })
            }
            protocol::ConfigSection::METHOD => typed::<protocol::ConfigSection>(payload, |_| {
                let section = crate::config::plugin_section(&self.plugin);
                plain(section.map(|values| ConfigSectionReply { values })?)
            }),
            protocol::InputRead::METHOD => typed::<protocol::InputRead>(payload, |request| {
                input::read(request, body, &self.redactor, &self.cancel)
            }),
            protocol::InputDocument::METHOD => {
                let request = message(method, payload)?;
                let mut document = input::document(request, body, &self.redactor, &self.cancel)?;
                let reply = to_bytes(&document);
                document.root.wipe();
                Ok((reply, Vec::new()))
            }
            protocol::PromptInteractive::METHOD => {
                typed::<protocol::PromptInteractive>(payload, |_| plain(prompt::interactive()))
            }
            protocol::PromptText::METHOD => typed::<protocol::PromptText>(payload, |request| {
                plain(prompt::text(request, &self.cancel)?)
            }),
            protocol::PromptPassword::METHOD => {
                typed::<protocol::PromptPassword>(payload, |request| {
                    prompt::password(request, &self.redactor, &self.cancel)
                })
            }
            protocol::PromptConfirm::METHOD => {
                typed::<protocol::PromptConfirm>(payload, |request| {
                    plain(prompt::confirm(request, &self.cancel)?)
                })
            }
            protocol::OutputBegin::METHOD => typed::<protocol::OutputBegin>(payload, |request| {
                self.rows(|rows| rows.begin(request.view, body))
            }),
            protocol::OutputRows::METHOD => {
                typed::<protocol::OutputRows>(payload, |_| self.rows(|rows| rows.add(body)))
            }
            protocol::OutputEnd::METHOD => {
                typed::<protocol::OutputEnd>(payload, |_| self.rows(super::output::Rows::end))
            }
            protocol::ProgressStart::METHOD => {
                typed::<protocol::ProgressStart>(payload, |request| {
                    plain(self.displays.start(&request))
                })
            }
            protocol::ProgressUpdate::METHOD => {
                typed::<protocol::ProgressUpdate>(payload, |request| {
                    self.displays.update(&request);
                    done()
                })
            }
            protocol::ProgressFinish::METHOD => {
                typed::<protocol::ProgressFinish>(payload, |request| {
                    self.displays.finish(request);
                    done()
                })
            }
            protocol::LogWrite::METHOD => typed::<protocol::LogWrite>(payload, |request| {
                self.log.plugin(&request);
                done()
            }),
            protocol::ClockNow::METHOD => {
                typed::<protocol::ClockNow>(payload, |_| plain(clock::now()))
            }
            protocol::ClockSleep::METHOD => typed::<protocol::ClockSleep>(payload, |request| {
                clock::sleep(request, &self.cancel)?;
                done()
            }),
            protocol::CancelStatus::METHOD => typed::<protocol::CancelStatus>(payload, |_| {
                let cancelled = self.cancel.is_cancelled();
                plain(CancelReply { cancelled })
            }),
            _ => Err(fail(
                ErrorKind::Unsupported,
                format!(
                    "it calls `{}`, which this tw ({}) doesn't know",
                    tw_render::text::visible(method),
                    env!("CARGO_PKG_VERSION")
                ),
            )),
        }
    }

    fn rows(
        &self,
        work: impl FnOnce(&mut super::output::Rows) -> Result<(), ErrorMessage>,
    ) -> Answer<Empty> {
        work(
            &mut self
                .rows
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        )?;
        done()
    }
}

/// Reads the message, does the work, and writes the answer.
fn typed<C: Call>(
    payload: &[u8],
    work: impl FnOnce(C::Request) -> Answer<C::Reply>,
) -> Answer<Vec<u8>> {
    let (reply, body) = work(message::<C::Request>(C::METHOD, payload)?)?;
    Ok((to_bytes(&reply), body))
}

fn message<T: DeserializeOwned + Default>(method: &str, payload: &[u8]) -> Result<T, ErrorMessage> {
    if payload.is_empty() {
        return Ok(T::default());
    }
    // The message can hold a secret, so what is wrong is said by place.
    serde_json::from_slice(payload).map_err(|error| {
        fail(
            ErrorKind::BadRequest,
            format!(
                "its message to `{method}` can't be read (column {})",
                error.column()
            ),
        )
    })
}

/// An answer without a raw body.
fn plain<T>(reply: T) -> Answer<T> {
    Ok((reply, Vec::new()))
}

fn done() -> Answer<Empty> {
    plain(Empty {})
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
