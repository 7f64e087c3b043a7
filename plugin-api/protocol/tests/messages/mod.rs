//! All messages, and their golden files.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tw_plugin_protocol::*;

/// A function that reads a message of some type and writes it again.
pub(crate) type Rewrite = fn(&str) -> Result<String, serde_json::Error>;

pub(crate) struct Method {
    pub(crate) name: &'static str,
    request: Rewrite,
    reply: Rewrite,
}

fn rewrite<T: Serialize + DeserializeOwned + Default>(
    text: &str,
) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&from_bytes::<T>(text.as_bytes())?)
}

fn method<C: Call>() -> Method {
    Method {
        name: C::METHOD,
        request: rewrite::<C::Request>,
        reply: rewrite::<C::Reply>,
    }
}

pub(crate) fn methods() -> Vec<Method> {
    vec![
        method::<Describe>(),
        method::<Run>(),
        method::<Complete>(),
        method::<HttpSend>(),
        method::<HttpBatch>(),
        method::<HttpBatchOpen>(),
        method::<HttpBatchNext>(),
        method::<HttpDownload>(),
        method::<HttpUploadBegin>(),
        method::<HttpUploadWrite>(),
        method::<HttpUploadEnd>(),
        method::<HttpOpen>(),
        method::<HttpRead>(),
        method::<HttpClose>(),
        method::<AuthWhoami>(),
        method::<TokenGet>(),
        method::<WorkspaceResolve>(),
        method::<WorkspaceList>(),
        method::<ConfigSection>(),
        method::<InputRead>(),
        method::<InputDocument>(),
        method::<PromptInteractive>(),
        method::<PromptText>(),
        method::<PromptPassword>(),
        method::<PromptConfirm>(),
        method::<PromptChoose>(),
        method::<PromptEdit>(),
        method::<SystemOpen>(),
        method::<SystemRun>(),
        method::<TerminalInfo>(),
        method::<FolderList>(),
        method::<OutputBegin>(),
        method::<OutputRows>(),
        method::<OutputEnd>(),
        method::<OutputWrite>(),
        method::<ProgressStart>(),
        method::<ProgressUpdate>(),
        method::<ProgressFinish>(),
        method::<LogWrite>(),
        method::<ClockNow>(),
        method::<ClockParse>(),
        method::<ClockFormat>(),
        method::<ClockSleep>(),
        method::<CancelStatus>(),
    ]
}

/// Returns the function for every message, by the name of the message's golden file. A file of a variant has a longer
/// name: `run.reply.record.json` is a `run.reply`.
pub(crate) fn messages() -> BTreeMap<String, Rewrite> {
    let mut messages = BTreeMap::from([("error".to_owned(), rewrite::<ErrorMessage> as Rewrite)]);
    for method in methods() {
        messages.insert(format!("{}.request", method.name), method.request);
        messages.insert(format!("{}.reply", method.name), method.reply);
    }
    messages
}

pub(crate) fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Returns the contents of the golden files, by their names without `.json`.
pub(crate) fn goldens() -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder("golden")).unwrap();
    let golden = |path: PathBuf| {
        let file = path.file_name().unwrap().to_str().unwrap();
        let name = file
            .strip_suffix(".json")
            .unwrap_or_else(|| panic!("the golden file {file} has no extension `.json`"));
        (name.to_owned(), fs::read_to_string(&path).unwrap())
    };
    entries.map(|entry| golden(entry.unwrap().path())).collect()
}

/// Returns the name and the content of each golden file, with the function that rewrites its message.
pub(crate) fn goldens_with_rewrite() -> Vec<(String, String, Rewrite)> {
    let messages = messages();
    let message = |name: &str| {
        let is_of = |message: &str| {
            name.strip_prefix(message)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        messages
            .iter()
            .find(|(message, _)| is_of(message))
            .map(|(_, rewrite)| *rewrite)
    };
    let golden = |(name, text): (String, String)| {
        let rewrite =
            message(&name).unwrap_or_else(|| panic!("no message is called like {name}.json"));
        (name, text, rewrite)
    };
    goldens().into_iter().map(golden).collect()
}

/// Returns the JSON pointers of all fields and items.
pub(crate) fn pointers(value: &Value) -> Vec<String> {
    let below: Vec<(String, &Value)> = match value {
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.map(|(at, item)| (at.to_string(), item)).collect()
        }
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| (name.clone(), field))
            .collect(),
        _ => Vec::new(),
    };
    let below = below.into_iter().flat_map(|(name, value)| {
        let deeper = pointers(value).into_iter();
        let deeper = deeper.map(|pointer| format!("/{name}{pointer}"));
        std::iter::once(format!("/{name}")).chain(deeper.collect::<Vec<_>>())
    });
    below.collect()
}
