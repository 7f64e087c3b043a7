//! Measures the two doors of a plugin: loading the library, and calling its function.

use std::{
    hint::black_box,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tw_plugin_abi::{
    HostRef, PluginRootRef, ROOT_SYMBOL, RResult, RSlice, RStr, Reply,
    load::AbiHeaderRef,
    plain::{self, ENTRY_SYMBOL},
};

/// The number of copies of the library that each door loads. A library that is already mapped would not be mapped again.
const LOADS: usize = 200;
/// The number of calls through each door.
const CALLS: usize = 20_000;

/// A mapped library, through one of its doors.
enum Door {
    Root(PluginRootRef),
    Plain(plain::Entry),
}

pub(crate) fn report(library: &Path) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let copies: Vec<PathBuf> = (0..2 * LOADS)
        .map(|number| {
            let copy = folder.path().join(format!("{number}.so"));
            std::fs::copy(library, &copy).expect("the library can be copied");
            copy
        })
        .collect();
    // The loads take turns, so that both doors meet the same conditions.
    let (mut root, mut plain) = (Vec::new(), Vec::new());
    let mut doors = Vec::new();
    for pair in copies.chunks(2) {
        for (copy, times, open) in [
            (&pair[0], &mut root, open_root as fn(&Path) -> Door),
            (&pair[1], &mut plain, open_plain),
        ] {
            let begin = Instant::now();
            let door = open(copy);
            times.push(begin.elapsed());
            doors.push(door);
        }
    }
    println!("\nThe doors of a plugin, medians");
    print("load", median(root), median(plain));
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..CALLS {
        for (door, times) in doors.iter().zip(&mut times) {
            let begin = Instant::now();
            // An unknown method is the shortest call of a plugin.
            black_box(call(door, "dance").is_err());
            times.push(begin.elapsed());
        }
    }
    let [root, plain] = times.map(median);
    print("call", root, plain);
}

fn print(what: &str, root: Duration, plain: Duration) {
    println!(
        "  {what:<5} root {:.2} µs, plain {:.2} µs: {:.2}×",
        root.as_secs_f64() * 1e6,
        plain.as_secs_f64() * 1e6,
        plain.as_secs_f64() / root.as_secs_f64()
    );
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Maps a library as `tw` does, and never unmaps it.
fn map(path: &Path) -> &'static libloading::Library {
    // SAFETY: this workspace built the library.
    let library = unsafe { libloading::Library::new(path) }.expect("the library can be mapped");
    Box::leak(Box::new(library))
}

fn open_root(path: &Path) -> Door {
    // SAFETY: the library exports this type under this name.
    let header = unsafe { map(path).get::<AbiHeaderRef>(ROOT_SYMBOL) };
    let header = header.expect("the library exports a root").upgrade();
    let root = header
        .expect("the header has this version of abi_stable")
        .init_root_module::<PluginRootRef>();
    Door::Root(root.expect("the layout matches"))
}

fn open_plain(path: &Path) -> Door {
    // SAFETY: the library exports this type under this name.
    let entry = unsafe { map(path).get::<plain::Entry>(ENTRY_SYMBOL) };
    Door::Plain(*entry.expect("the library exports a plain entry"))
}

fn call(door: &Door, method: &str) -> Result<Reply, Reply> {
    let host = HostRef::new(1, no_host);
    match door {
        Door::Root(root) => {
            (root.call())(host, method.into(), RSlice::EMPTY, RSlice::EMPTY).into_result()
        }
        // SAFETY: the entry is that of a plugin of this workspace.
        Door::Plain(entry) => unsafe { plain::call(*entry, host, method, &[], &[]) },
    }
}

extern "C" fn no_host(
    _: u64,
    _: RStr<'_>,
    _: RSlice<'_, u8>,
    _: RSlice<'_, u8>,
) -> RResult<Reply, Reply> {
    RResult::RErr(Reply::default())
}
