//! What packages cost: installing beside a download of the same bytes, verification at load, start-up with many installed.

use std::path::Path;

use tw_sandbox::{Sandbox, Secret};
use tw_tests::{
    Installation, Registry, artifacts,
    fruit::{FIRST, digest, pack, public_key},
};

use crate::{hyperfine, output, parts_of, prepared};

pub(crate) fn measure() {
    install();
    verification();
    start_up();
}

/// `tw` with the bundled plugins, for a person who trusts acme.
fn trusting() -> Installation {
    let this = Installation::bundled();
    let mut trust = this.command(["plugin", "key", "trust", "acme", &public_key("acme")]);
    output(trust.command());
    this
}

fn installs(installation: &Installation, source: &str) {
    let mut install = installation.command(["plugin", "install", "--yes", source]);
    output(install.command());
}

fn install() {
    let here = trusting();
    let Some(registry) = Registry::open(&here.prefix().join("registry")) else {
        return;
    };
    println!(
        "\n`tw plugin install` from a registry on this machine, beside curl of the same package, median wall time"
    );
    let package = pack(1, FIRST, Some("acme"));
    let place = format!("oci://{}/plugins/fruit-001:{FIRST}", registry.host());
    let path = package.display().to_string();
    output(here.command(["plugin", "publish", &place, &path]).command());
    let content = std::fs::read(&package).expect("the package can be read");
    let tw = here.tw().display().to_string();
    let home = here.home();
    let curl = format!(
        "curl -sSf -o /dev/null http://{}/v2/plugins/fruit-001/blobs/{}",
        registry.host(),
        digest(&content)
    );
    let install = format!("{tw} plugin install --yes {place}");
    let remove = format!("sh -c '{tw} plugin remove fruit-001 || true'");
    let present = format!("{tw} plugin install --yes {place}");
    let lines: [(&String, &Path, &str); 3] = [
        (&curl, &home, ""),
        (&install, &home, &remove),
        (&install, &home, &present),
    ];
    let times = prepared(&lines, 60);
    for (name, time) in [("cold", times[1]), ("warm", times[2])] {
        println!(
            "  {name:<6} tw {:.2} ms, curl {:.2} ms: {:.2}×   ({} KB)",
            time * 1000.0,
            times[0] * 1000.0,
            time / times[0],
            content.len() / 1000
        );
    }
}

/// What it costs that an installed library is read whole, compared and mapped from sealed memory: the same plugin, bundled and installed.
fn verification() {
    println!(
        "\nVerification at load, median of 51 runs: `tw secrets list` over http, the plugin installed"
    );
    let bundled = Installation::bundled();
    let installed = Installation::bare();
    let library = artifacts().plugins["tw-plugin-secrets"]
        .display()
        .to_string();
    let root = tw_tests::root();
    let file = |name: &str| root.join(name).display().to_string();
    let out = installed.prefix().display().to_string();
    let mut pack = installed.command(["plugin", "pack", &library, "--out", &out]);
    pack = pack.args([
        "--license",
        &file("LICENSE"),
        "--readme",
        &file("README.md"),
    ]);
    output(pack.command());
    let package = format!("{out}/secrets-0.1.0-x86_64-linux.tar.gz");
    let mut install =
        installed.command(["plugin", "install", "--yes", "--allow-unsigned", &package]);
    output(install.command());

    let sandbox = Sandbox::builder()
        .secret(Secret::new("KEY", "value"))
        .start();
    let line = [
        "--insecure",
        "-u",
        sandbox.url(),
        "-t",
        sandbox.token(),
        "secrets",
        "list",
    ];
    for (name, time) in parts_of(&installed, &line) {
        if matches!(name.as_str(), "verify" | "sealing" | "mapping") {
            println!("  {name:<16} {time} µs");
        }
    }
    let command =
        |installation: &Installation| format!("{} {}", installation.tw().display(), line.join(" "));
    let times = [
        hyperfine(&[command(&bundled)], &bundled.home(), 300)[0],
        hyperfine(&[command(&installed)], &installed.home(), 300)[0],
    ];
    println!(
        "  bundled {:.2} ms, installed {:.2} ms: {:.2}×",
        times[0] * 1000.0,
        times[1] * 1000.0,
        times[1] / times[0]
    );
}

fn start_up() {
    println!("\nStart-up with 1 and with 100 installed plugins, median wall time");
    let (one, hundred) = (trusting(), trusting());
    for number in 1..=100 {
        let package = pack(number, FIRST, Some("acme")).display().to_string();
        if number == 1 {
            installs(&one, &package);
        }
        installs(&hundred, &package);
    }
    for installation in [&one, &hundred] {
        // Until the index knows that nothing changes any more.
        std::thread::sleep(std::time::Duration::from_millis(200));
        for _ in 0..2 {
            output(installation.command(["--help"]).command());
        }
    }
    for arguments in ["--version", "secrets --help", "fruit-001", "--help"] {
        let times: Vec<f64> = {
            let line = |installation: &Installation| {
                format!("{} {arguments}", installation.tw().display())
            };
            let (few, many) = (line(&one), line(&hundred));
            let (few_home, many_home) = (one.home(), hundred.home());
            prepared(&[(&few, &few_home, ""), (&many, &many_home, "")], 200)
        };
        println!(
            "  tw {arguments:<16} {:.2} ms → {:.2} ms: {:.2}×",
            times[0] * 1000.0,
            times[1] * 1000.0,
            times[1] / times[0]
        );
    }
}
