//! A host for tests: it answers the calls of a plugin with prepared replies and records the calls.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::{Value, json};
use tw_plugin_abi::{HostRef, RResult, RSlice, RStr, Reply};
use tw_plugin_api::{
    __private::{Package, handle},
    Command, Host, Output, Plugin, Values,
};
use tw_plugin_protocol::{Outcome, find_mistakes, from_bytes};

/// The package of the plugins in these tests.
pub(crate) const PACKAGE: Package = Package {
    name: "tw-plugin-pets",
    version: "1.2.3",
    description: "Manages pets",
    authors: "Ada <ada@example.com>:Bob",
    license: "Apache-2.0",
    homepage: "https://example.com/pets",
};

/// A call that the host got: the method, the message, and the raw body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) message: Value,
    pub(crate) body: Vec<u8>,
}

/// A reply: success or failure, the message, and the raw body.
type Prepared = (bool, Value, Vec<u8>);

#[derive(Default)]
struct Run {
    replies: HashMap<String, VecDeque<Prepared>>,
    calls: Vec<Recorded>,
}

/// All hosts of the process, by the number of the run in their `HostRef`.
static RUNS: LazyLock<Mutex<HashMap<u64, Run>>> = LazyLock::new(Mutex::default);

fn runs() -> MutexGuard<'static, HashMap<u64, Run>> {
    RUNS.lock().unwrap_or_else(PoisonError::into_inner)
}

extern "C" fn answer(
    run: u64,
    method: RStr<'_>,
    payload: RSlice<'_, u8>,
    body: RSlice<'_, u8>,
) -> RResult<Reply, Reply> {
    let mut runs = runs();
    let run = runs.entry(run).or_default();
    run.calls.push(Recorded {
        method: method.as_str().to_owned(),
        message: serde_json::from_slice(payload.as_slice()).unwrap_or_default(),
        body: body.as_slice().to_vec(),
    });
    let prepared = run.replies.get_mut(method.as_str());
    let (is_success, message, body) =
        prepared
            .and_then(VecDeque::pop_front)
            .unwrap_or((true, json!({}), Vec::new()));
    let reply = Reply::new(message.to_string().into_bytes(), body);
    match is_success {
        true => RResult::ROk(reply),
        false => RResult::RErr(reply),
    }
}

/// A host. Without a prepared reply, it answers a call with an empty message.
pub(crate) struct FakeHost(u64);

impl FakeHost {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Prepares the reply to the next call of a method that has no reply yet.
    pub(crate) fn reply(self, method: &str, message: Value) -> Self {
        self.prepare(method, (true, message, Vec::new()))
    }

    pub(crate) fn reply_with_body(self, method: &str, message: Value, body: &[u8]) -> Self {
        self.prepare(method, (true, message, body.to_vec()))
    }

    pub(crate) fn fail(self, method: &str, message: Value) -> Self {
        self.prepare(method, (false, message, Vec::new()))
    }

    fn prepare(self, method: &str, reply: Prepared) -> Self {
        let mut runs = runs();
        let replies = &mut runs.entry(self.0).or_default().replies;
        replies
            .entry(method.to_owned())
            .or_default()
            .push_back(reply);
        drop(runs);
        self
    }

    /// Returns the calls since this was last asked.
    pub(crate) fn calls(&self) -> Vec<Recorded> {
        std::mem::take(&mut runs().entry(self.0).or_default().calls)
    }

    /// Calls a method of a plugin. Returns the message and the raw body of the reply.
    pub(crate) fn handle(
        &self,
        plugin: Plugin,
        method: &str,
        payload: &str,
    ) -> Result<(Value, Vec<u8>), Value> {
        let host = HostRef::new(self.0, answer);
        let read = |reply: &Reply| -> Value {
            serde_json::from_slice(reply.payload.as_slice()).expect("a reply is JSON")
        };
        handle(&PACKAGE, || plugin, host, method, payload.as_bytes())
            .map(|reply| (read(&reply), reply.body.to_vec()))
            .map_err(|reply| read(&reply))
    }

    /// Runs a command of a plugin. Returns the outcome and the value, or the failure.
    ///
    /// # Panics
    /// If a JSON pointer of the result's view matches nothing in the value.
    #[track_caller]
    pub(crate) fn run(&self, plugin: Plugin, request: &Value) -> Result<(Value, Vec<u8>), Value> {
        let reply = self.handle(plugin, "run", &request.to_string())?;
        check_view(&reply.0, &reply.1);
        Ok(reply)
    }

    /// Runs a command whose body is `work`, and returns the result of `work`.
    pub(crate) fn during_run<T: Send + 'static>(
        &self,
        request: Value,
        work: impl Fn(&Host) -> T + Send + Sync + 'static,
    ) -> T {
        let result = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&result);
        let command = Command::new("work", move |_: Values, host: &Host| {
            let done = work(host);
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
            Ok(Output::none())
        });
        let mut request = request;
        request["command"] = json!(["work"]);
        let plugin = Plugin::new().command(command);
        self.run(plugin, &request).expect("the command succeeds");
        let mut result = result.lock().unwrap_or_else(PoisonError::into_inner);
        result.take().expect("the command ran")
    }

    /// Runs `work` in a command without arguments.
    pub(crate) fn with<T: Send + 'static>(
        &self,
        work: impl Fn(&Host) -> T + Send + Sync + 'static,
    ) -> T {
        self.during_run(json!({}), work)
    }
}

/// Panics if a JSON pointer of the result's view matches nothing in the value.
#[track_caller]
fn check_view(outcome: &Value, value: &[u8]) {
    let outcome: Outcome = from_bytes(outcome.to_string().as_bytes()).expect("an outcome");
    let value: Value = serde_json::from_slice(value).unwrap_or_default();
    let mistakes = outcome.view.map(|view| find_mistakes(&value, &view));
    let mistakes = mistakes.unwrap_or_default().join("; ");
    assert!(mistakes.is_empty(), "{mistakes}");
}

/// Returns the manifest of a plugin, as the host gets it.
pub(crate) fn manifest(plugin: Plugin) -> Value {
    let reply = FakeHost::new().handle(plugin, "describe", "{}");
    reply.expect("a plugin describes itself").0
}
