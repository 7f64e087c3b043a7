//! Whole files: 1,000 secrets at once, beside 1,000 commands and a loop of curl.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use tw_sandbox::Sandbox;
use tw_tests::{Installation, World};

use crate::output;

const SECRETS: usize = 1000;
/// At the public API's pace, fewer are enough.
const PACED: usize = 200;
const RATE: usize = 20;

pub(crate) fn measure() {
    println!("\n`tw secrets import` of {SECRETS} secrets over http, no limit, median of 5 runs");
    let world = world(Sandbox::builder(), SECRETS);
    let creates = median(5, || {
        for secret in world.sandbox.secrets(None) {
            world
                .sandbox
                .edit(|state, _| state.remove_secret(secret.id));
        }
        world.sandbox.clear_requests();
        timed(|| drop(output(import(&world, &[]).command())))
    });
    let calls = world.sandbox.requests().len();
    let updates = median(5, || timed(|| drop(output(import(&world, &[]).command()))));
    println!("  calls            {calls} (one list, one write each)");
    println!("  creates          {:.0} ms", creates * 1000.0);
    println!("  updates          {:.0} ms", updates * 1000.0);
    println!("  peak memory      {} KB", peak(&world));

    let adds = timed(|| {
        for at in 0..SECRETS {
            let name = format!("ADDED_{at}");
            output(
                world
                    .command(["secrets", "add", "-n", &name, "-v", "some-value"])
                    .command(),
            );
        }
    });
    let curls = timed(|| {
        let bearer = format!("Authorization: Bearer {}", world.sandbox.token());
        let url = format!("{}/pipeline-secrets", world.sandbox.url());
        for at in 0..SECRETS {
            let body = format!("{{\"name\":\"CURLED_{at}\",\"value\":\"some-value\"}}");
            let json = "Content-Type: application/json";
            let line = ["-sSf", "-H", &bearer, "-H", json, "-d", &body, &url];
            output(Command::new("curl").args(line));
        }
    });
    for (name, time) in [("tw secrets add", adds), ("curl", curls)] {
        println!(
            "  {SECRETS} × {name:<14} {:.0} ms: import takes {:.3}×",
            time * 1000.0,
            creates / time
        );
    }

    println!("\nThe same at {RATE} calls a second, {PACED} secrets, a server that refuses more");
    let world = self::world(Sandbox::builder().rate(RATE), PACED);
    output(import(&world, &["--rate", "20"]).command());
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
        "  {} calls in {span:.2} s: {:.1} a second of {RATE}; {refused} answered 429",
        requests.len(),
        (requests.len() - 1) as f64 / span
    );
}

fn world(sandbox: tw_sandbox::Builder, secrets: usize) -> World {
    let world = World::of(sandbox.start(), Installation::bundled());
    let file: String = (0..secrets)
        .map(|at| format!("NAME_{at}=some-value-{at}\n"))
        .collect();
    std::fs::write(world.installation.home().join("secrets.env"), file)
        .expect("the home can be written");
    world
}

fn import(world: &World, more: &[&str]) -> tw_tests::Tw {
    world
        .command(["secrets", "import", "secrets.env"])
        .args(more)
}

/// What GNU time says of the memory that it took at most.
fn peak(world: &World) -> String {
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
    String::from_utf8_lossy(&output(&mut time).stderr)
        .trim()
        .to_owned()
}

fn timed(work: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    work();
    begin.elapsed().as_secs_f64()
}

fn median(runs: usize, mut run: impl FnMut() -> f64) -> f64 {
    let mut times: Vec<f64> = (0..runs).map(|_| run()).collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}
