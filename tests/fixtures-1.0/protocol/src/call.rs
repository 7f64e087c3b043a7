//! Every method, with its name, its request and its reply, in one table.

use serde::{Serialize, de::DeserializeOwned};

use crate::*;

/// A method: what is asked and what is answered.
pub trait Call {
    /// The name on the wire, `service.verb` for the host's services.
    const METHOD: &'static str;
    /// The message of the call.
    type Request: Serialize + DeserializeOwned + Default;
    /// The message of a success. A failure is an [`ErrorMessage`].
    type Reply: Serialize + DeserializeOwned + Default;
}

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident $method:literal: $request:ty => $reply:ty;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $name;

            impl Call for $name {
                const METHOD: &'static str = $method;
                type Request = $request;
                type Reply = $reply;
            }
        )*

        /// The names of all methods of this protocol.
        pub const METHODS: &[&str] = &[$($method),*];
    };
}

calls! {
    /// Host to plugin: what are you?
    Describe "describe": DescribeRequest => Manifest;
    /// Host to plugin: run this command. The reply's body is the result value, JSON; empty where there is none.
    Run "run": RunRequest => Outcome;

    /// One HTTP request. The body of the call is the request's, that of the reply the response's.
    HttpSend "http.send": HttpRequest => HttpResponse;
    /// Many requests, run concurrently; one raw body serves all of them, each names its [`Span`].
    HttpBatch "http.batch": BatchRequest => BatchReply;
    /// One request whose response is read piece by piece. What is left open when `run` ends, the host closes.
    HttpOpen "http.open": HttpRequest => StreamHead;
    /// The next piece of an open response; it is the reply's body.
    HttpRead "http.read": StreamRead => StreamChunk;
    /// The response is no longer wanted. Closing what is closed is no failure.
    HttpClose "http.close": StreamRef => Empty;

    /// Whose token this is.
    AuthWhoami "auth.whoami": Empty => User;
    /// The token itself, as the reply's body. Needs the service `token`, which `tw plugin info` shows to everybody.
    TokenGet "token.get": Empty => Empty;

    /// The workspace that the run's workspace option names, resolved once a run.
    WorkspaceResolve "workspace.resolve": Empty => Workspace;

    /// The plugin's own section of the configuration file.
    ConfigSection "config.section": Empty => ConfigSectionReply;

    /// The bytes of standard input or of a file, as the reply's body.
    InputRead "input.read": InputRequest => InputReply;
    /// Standard input, a file or a text, parsed. The text is the body of the call.
    InputDocument "input.document": DocumentRequest => Document;

    /// Whether there is somebody to ask.
    PromptInteractive "prompt.interactive": Empty => InteractiveReply;
    /// Asks for a line of text.
    PromptText "prompt.text": TextPrompt => TextReply;
    /// Asks for a text without showing it; it is the reply's body.
    PromptPassword "prompt.password": PasswordPrompt => Empty;
    /// Asks for a yes or a no.
    PromptConfirm "prompt.confirm": ConfirmPrompt => ConfirmReply;

    /// Begins a long result: the view of it, and as the body the value without its rows. It is shown when `run` has succeeded.
    OutputBegin "output.begin": OutputHead => Empty;
    /// More rows of it: the body of the call is a JSON array.
    OutputRows "output.rows": Empty => Empty;
    /// The end of the long result.
    OutputEnd "output.end": Empty => Empty;

    /// Begins a progress display.
    ProgressStart "progress.start": ProgressBegin => ProgressRef;
    /// Moves it.
    ProgressUpdate "progress.update": ProgressState => Empty;
    /// Ends it.
    ProgressFinish "progress.finish": ProgressRef => Empty;

    /// A line of log, shown under `--verbose`; a warning is always shown.
    LogWrite "log.write": LogLine => Empty;

    /// What time it is.
    ClockNow "clock.now": Empty => Time;
    /// Waits; cut short by a cancellation.
    ClockSleep "clock.sleep": Sleep => Empty;

    /// Whether the person has asked for the run to stop.
    CancelStatus "cancel.status": Empty => CancelReply;
}

/// The bytes of a message.
///
/// Messages are structs of texts, numbers and lists, which always have a JSON form; were one not to, the
/// reader would be told by an empty message, which reads as all defaults.
pub fn to_bytes(message: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(message).unwrap_or_default()
}
