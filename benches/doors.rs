//! Measures the two doors of a plugin: loading the library, and calling its function.

use std::{
    hint::black_box,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tw_tests::{Library, refusing_host};

/// The number of copies of the library that each door loads. A library that is already mapped would not be mapped again.
const LOADS: usize = 200;
/// The number of calls through each door.
const CALLS: usize = 20_000;

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
            (
                &pair[0],
                &mut root,
                Library::open_root as fn(&Path) -> Library,
            ),
            (&pair[1], &mut plain, Library::open_plain),
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
            black_box(door.call(refusing_host(), "dance", &[]).is_err());
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
