//! A panic on a thread that a plugin started becomes a warning. The test needs a process of its own, because the guard
//! of a plugin keeps all panics of a process from being printed.

use serde_json::{Value, json};
use tw_plugin_abi::{__private::guard_plugin, HostRef, RResult, RSlice, RStr, Reply};
use tw_plugin_api::{
    __private::{Package, handle},
    prelude::*,
};

const PACKAGE: Package = Package {
    name: "tw-plugin-pets",
    version: "1.0.0",
    description: "",
    authors: "",
    license: "",
    homepage: "",
};

extern "C" fn refuse(
    _: u64,
    _: RStr<'_>,
    _: RSlice<'_, u8>,
    _: RSlice<'_, u8>,
) -> RResult<Reply, Reply> {
    RResult::RErr(Reply::default())
}

/// Starts a thread that panics, and returns the warnings that the host gets. The command fails if `fails` is true.
fn warnings(fails: bool) -> Value {
    let feed = move |_: (), _: &Host| {
        let thread = std::thread::spawn(|| panic!("spilled tea"));
        assert!(thread.join().is_err());
        match fails {
            true => Err(Error::failure("no food")),
            false => Ok(Output::none()),
        }
    };
    let plugin = || Plugin::new().command(Command::new("feed", feed));
    let request = json!({ "command": ["feed"] }).to_string();
    let reply = guard_plugin(|| {
        let host = HostRef::new(1, refuse);
        handle(&PACKAGE, plugin, host, "run", request.as_bytes())
    });
    let reply = match (reply, fails) {
        (Ok(Ok(reply)), false) | (Ok(Err(reply)), true) => reply,
        (reply, _) => panic!("{reply:?}"),
    };
    let message: Value = serde_json::from_slice(reply.payload.as_slice()).unwrap_or_default();
    message["warnings"].clone()
}

#[test]
fn a_panic_on_another_thread_is_a_warning_of_the_result_and_of_the_failure() {
    for fails in [false, true] {
        let warnings = warnings(fails);
        let warning = warnings[0].as_str().unwrap_or_default();
        assert!(
            warning.starts_with("a thread of it panicked at ")
                && warning.contains("stray_panics.rs:")
                && warning.ends_with(": spilled tea"),
            "{warnings}"
        );
        assert_eq!(warnings.as_array().map(Vec::len), Some(1), "{warnings}");
    }
}
