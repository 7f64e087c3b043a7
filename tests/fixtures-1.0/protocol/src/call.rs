//! The table of all methods, with their requests and replies.

use serde::{Serialize, de::DeserializeOwned};

use crate::*;

/// A method: its name, and the types of its messages.
pub trait Call {
    /// The name on the wire. The methods of the host's services have the form `service.verb`.
    const METHOD: &'static str;
    /// The message of a call.
    type Request: Serialize + DeserializeOwned + Default;
    /// The message of a successful reply. The message of a failure is an [`ErrorMessage`].
    type Reply: Serialize + DeserializeOwned + Default;
}

macro_rules! calls {
    ($($(#[doc = $doc:literal])* $name:ident $method:literal: $request:ty => $reply:ty;)*) => {
        $(
            $(#[doc = $doc])*
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
    /// Host to plugin: return the manifest.
    Describe "describe": DescribeRequest => Manifest;
    /// Host to plugin: run a command. The body of the reply is the result value as JSON. It is empty if there is no
    /// value.
    Run "run": RunRequest => Outcome;
    /// Host to plugin: complete a value of an argument, while a user types a command line. The user waits for the answer, so
    /// the host gives up after a short time, and shows no failure. The plugin may call the services that its manifest
    /// declares, except that nothing can be asked or shown.
    Complete "complete": CompleteRequest => CompleteReply;

    /// Sends an HTTP request. The body of the call is the body of the request; the body of the reply is the body of the
    /// response.
    HttpSend "http.send": HttpRequest => HttpResponse;
    /// Sends many HTTP requests concurrently. All requests share the body of the call, and all responses share the body
    /// of the reply. Each message names its [`Span`] of the body.
    HttpBatch "http.batch": BatchRequest => BatchReply;
    /// Starts sending many HTTP requests concurrently, as `http.batch` does. The outcomes are read while requests are in flight.
    /// The host closes all open batches at the end of `run`.
    HttpBatchOpen "http.batch_open": BatchRequest => StreamRef;
    /// Waits for the next outcomes of an open batch. All responses share the body of the reply. A canceled run may call
    /// this method, because the outcomes say what was carried out.
    HttpBatchNext "http.batch_next": StreamRef => BatchArrivals;
    /// Sends an HTTP request and saves the body of a successful response as a file. The file appears when it is complete.
    /// If the status is not a success, there is no file, and the body of the reply is the body of the response.
    HttpDownload "http.download": DownloadRequest => HttpResponse;
    /// Starts sending an HTTP request whose body the plugin sends in pieces. The host closes all open uploads at the end of
    /// `run`.
    HttpUploadBegin "http.upload_begin": UploadRequest => StreamRef;
    /// Sends the next piece of the body, which is the body of the call. The call returns when the host has room for the piece.
    /// A canceled run may call this method and `http.upload_end`, because they say what became of the request.
    HttpUploadWrite "http.upload_write": StreamRef => UploadState;
    /// Ends the body, and waits for the response, whose body is the body of the reply. Without this call, the server never
    /// gets a complete request. The host has then closed the upload.
    HttpUploadEnd "http.upload_end": StreamRef => HttpResponse;
    /// Sends an HTTP request whose response is read in pieces. The host closes all open responses at the end of `run`.
    HttpOpen "http.open": HttpRequest => StreamHead;
    /// Reads the next piece of an open response. The body of the reply is the piece.
    HttpRead "http.read": StreamRead => StreamChunk;
    /// Closes an open response, batch or upload. The requests of a batch that were not sent are never sent, and the host doesn't
    /// wait for the requests in flight. The server doesn't get the rest of an upload. Closing something that is closed succeeds.
    HttpClose "http.close": StreamRef => Empty;

    /// Returns the user that the access token belongs to.
    AuthWhoami "auth.whoami": Empty => User;
    /// Returns the access token, as the body of the reply. A plugin needs the service `token`, which `tw plugin info`
    /// shows.
    TokenGet "token.get": Empty => Empty;

    /// Returns the workspace that the request or the workspace option of the command line names. The host asks the API for
    /// the user's workspaces at most once for each run.
    WorkspaceResolve "workspace.resolve": WorkspaceRequest => Workspace;
    /// Returns all workspaces that the user can work in. The first is the user's personal workspace.
    WorkspaceList "workspace.list": Empty => WorkspaceListReply;

    /// Returns the plugin's settings: the section `[plugin.NAME]` of the configuration file. Fails if the section has another
    /// key, or a value that doesn't fit its declaration.
    ConfigSection "config.section": ConfigSectionRequest => ConfigSectionReply;

    /// Reads standard input or a file. The body of the reply is its content.
    InputRead "input.read": InputRequest => InputReply;
    /// Parses standard input, a file, or the body of the call as a document.
    InputDocument "input.document": DocumentRequest => Document;

    /// Returns whether there is a terminal to ask on.
    PromptInteractive "prompt.interactive": Empty => InteractiveReply;
    /// Asks for a line of text.
    PromptText "prompt.text": TextPrompt => TextReply;
    /// Asks for a secret, without showing what the user types. The body of the reply is the secret.
    PromptPassword "prompt.password": PasswordPrompt => Empty;
    /// Asks a yes-or-no question.
    PromptConfirm "prompt.confirm": ConfirmPrompt => ConfirmReply;
    /// Lets the user choose from a list.
    PromptChoose "prompt.choose": ChoosePrompt => ChooseReply;
    /// Lets the user change a text in their editor. The body of the call is the text; the body of the reply is the text that
    /// the user saved.
    PromptEdit "prompt.edit": EditPrompt => Empty;

    /// Shows a page in the user's browser, and doesn't wait.
    SystemOpen "system.open": OpenRequest => Empty;
    /// Runs a program in the foreground, with the terminal of `tw`, and waits until it ends. What it prints to standard output
    /// is a part of the result. Its environment has no access token.
    SystemRun "system.run": ProcessRequest => ProcessReply;

    /// Describes the terminal that shows the result.
    TerminalInfo "terminal.info": Empty => TerminalReply;

    /// Returns the plugin's own folders. The host creates them, for this user only.
    FolderList "folder.list": Empty => FolderListReply;

    /// Starts a long result. The body of the call is the value without its rows, as JSON. The host shows the result
    /// when `run` has succeeded, or earlier if [`OutputHead::stream`] allows that.
    ///
    /// A command that sends a long result returns no view and no body: the host refuses a second result.
    OutputBegin "output.begin": OutputHead => Empty;
    /// Adds rows to the long result. The body of the call is a JSON array.
    OutputRows "output.rows": Empty => Empty;
    /// Ends the long result.
    OutputEnd "output.end": Empty => Empty;
    /// Writes bytes of the result to standard output at once. The body of the call is the bytes. A pipe or a file gets
    /// them unchanged; on a terminal, the host replaces control characters. The call returns when the bytes are
    /// written. It fails with [`ErrorKind::Closed`] if the reader has closed standard output, and a command that then
    /// fails with this kind ends the process quietly. The outcome of a command that writes bytes has no view and no
    /// value, and such a command sends no rows.
    OutputWrite "output.write": Empty => Empty;

    /// Shows a progress display.
    ProgressStart "progress.start": ProgressBegin => ProgressRef;
    /// Changes a progress display.
    ProgressUpdate "progress.update": ProgressState => Empty;
    /// Removes a progress display.
    ProgressFinish "progress.finish": ProgressRef => Empty;

    /// Writes a line to the log. The host shows warnings always, and other lines under `--verbose`.
    LogWrite "log.write": LogLine => Empty;

    /// Returns the current time.
    ClockNow "clock.now": Empty => Time;
    /// Reads a point in time as a user types it.
    ClockParse "clock.parse": ParseTime => Time;
    /// Describes a point in time.
    ClockFormat "clock.format": FormatTime => Time;
    /// Waits. Fails at once if the run is canceled.
    ClockSleep "clock.sleep": Sleep => Empty;

    /// Returns whether the run is canceled.
    CancelStatus "cancel.status": Empty => CancelReply;
}

/// The services that every plugin may call. They show nothing of the user to the plugin and change nothing but the plugin's
/// own folders, so manifests don't declare them.
pub const GRANTED: &[&str] = &[
    "cancel", "clock", "folder", "log", "output", "progress", "terminal",
];

/// Serializes a message.
///
/// The messages consist of texts, numbers and lists, so serialization can't fail. If it did, the result would be empty,
/// which the host reads as a message with all defaults.
pub fn to_bytes(message: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(message).unwrap_or_default()
}
