//! Measures `tw secrets import`, beside 1,000 runs of `tw secrets add` and of curl.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use tw_sandbox::{Builder, Sandbox};
use tw_tests::{Installation, Tw, World};

use crate::run;

const SECRETS: usize = 1000;
/// The number of secrets at the public API's rate, at which 1,000 would take almost a minute.
const LIMITED_SECRETS: usize = 200;
/// The public API's limit, in calls per second.
const RATE: usize = 20;

pub(crate) fn report() {
    let world = start_world(Sandbox::builder(), SECRETS);
    let creates = report_import(&world);
    report_single_commands(&world, creates);
    report_limited_import();
}

/// Returns the median time to create all secrets, in seconds.
fn report_import(world: &World) -> f64 {
    println!(
        "\n`tw secrets import` of {SECRETS} secrets over http, no rate limit, median of 5 runs"
    );
    let creates = median(5, || {
        for secret in world.sandbox.secrets(None) {
            world
                .sandbox
                .edit(|state, _| state.remove_secret(secret.id));
        }
        world.sandbox.clear_requests();
        time(|| drop(run(import(world, &[]).command())))
    });
    let calls = world.sandbox.requests().len();
    let updates = median(5, || time(|| drop(run(import(world, &[]).command()))));
    println!("  calls            {calls} (one list, then one write per secret)");
    println!("  creates          {:.0} ms", creates * 1000.0);
    println!("  updates          {:.0} ms", updates * 1000.0);
    println!("  peak memory      {} KB", measure_peak_memory(world));
    creates
}

fn report_single_commands(world: &World, import_time: f64) {
    let adds = time(|| {
        for number in 0..SECRETS {
            let name = format!("ADDED_{number}");
            run(world
                .command(["secrets", "add", "-n", &name, "-v", "some-value"])
                .command());
        }
    });
    let curls = time(|| {
        let bearer = format!("Authorization: Bearer {}", world.sandbox.token());
        let url = format!("{}/pipeline-secrets", world.sandbox.url());
        for number in 0..SECRETS {
            let body = format!("{{\"name\":\"CURLED_{number}\",\"value\":\"some-value\"}}");
            let json = "Content-Type: application/json";
            let arguments = ["-sSf", "-H", &bearer, "-H", json, "-d", &body, &url];
            run(Command::new("curl").args(arguments));
        }
    });
    for (name, time) in [("tw secrets add", adds), ("curl", curls)] {
        println!(
            "  {SECRETS} × {name:<14} {:.0} ms: import takes {:.3}×",
            time * 1000.0,
            import_time / time
        );
    }
}

fn report_limited_import() {
    println!(
        "\n`tw secrets import --rate {RATE}` of {LIMITED_SECRETS} secrets, with a server that allows {RATE} calls a second"
    );
    let world = start_world(Sandbox::builder().rate(RATE), LIMITED_SECRETS);
    run(import(&world, &["--rate", &RATE.to_string()]).command());
    let requests = world.sandbox.requests();
    let times: Vec<Duration> = requests.iter().map(|request| request.at).collect();
    let (first, last) = (times.iter().min(), times.iter().max());
    let span = last
        .zip(first)
        .map_or(0.0, |(last, first)| (*last - *first).as_secs_f64());
    let refused = requests
        .iter()
        .filter(|request| request.status() == Some(429))
        .count();
    println!(
        "  {} calls in {span:.2} s: {:.1} a second; {refused} were answered with 429",
        requests.len(),
        (requests.len() - 1) as f64 / span
    );
}

/// Starts a sandbox, and writes a file of this many secrets for `tw secrets import`.
fn start_world(sandbox: Builder, secrets: usize) -> World {
    let world = World::of(sandbox.start(), Installation::bundled());
    let file: String = (0..secrets)
        .map(|number| format!("NAME_{number}=some-value-{number}\n"))
        .collect();
    std::fs::write(world.installation.home().join("secrets.env"), file)
        .expect("the home is writable");
    world
}

fn import(world: &World, more: &[&str]) -> Tw {
    world
        .command(["secrets", "import", "secrets.env"])
        .args(more)
}

/// Returns the maximum resident set size of an import in KB, as GNU time prints it.
fn measure_peak_memory(world: &World) -> String {
    let mut tw = import(world, &[]);
    let line = tw.command();
    let mut time = Command::new("/usr/bin/time");
    time.args(["-f", "%M"])
        .arg(line.get_program())
        .args(line.get_args());
    time.current_dir(world.installation.home());
    for (name, value) in line.get_envs() {
        time.env(name, value.unwrap_or_default());
    }
    String::from_utf8_lossy(&run(&mut time).stderr)
        .trim()
        .to_owned()
}

/// Returns the wall time of `work`, in seconds.
fn time(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

fn median(runs: usize, mut measure: impl FnMut() -> f64) -> f64 {
    let mut times: Vec<f64> = (0..runs).map(|_| measure()).collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}
