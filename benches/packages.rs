//! Measures packages: installing beside a download of the same bytes, verification at load, and start-up with 100 installed plugins.

use tw_sandbox::{Sandbox, Secret};
use tw_tests::{
    Installation, Registry, artifacts,
    fruit::{FIRST, digest, pack, public_key},
};

use crate::{
    list_arguments, run,
    timing::{Measured, measure_phases, time_commands},
};

pub(crate) fn report() {
    report_install();
    report_verification();
    report_start_up();
}

/// Returns an installation with the bundled plugins, whose user trusts the key `acme`.
fn install_tw_with_key() -> Installation {
    let installation = Installation::bundled();
    let key = public_key("acme");
    let mut trust = installation.command(["plugin", "key", "trust", "acme", &key, "--plugin", "*"]);
    run(trust.command());
    installation
}

fn report_install() {
    let installation = install_tw_with_key();
    let Some(registry) = Registry::open(&installation.prefix().join("registry")) else {
        return;
    };
    println!(
        "\n`tw plugin install` from a local registry, beside curl of the same package, median wall time"
    );
    let package = pack(1, FIRST, Some("acme"));
    let source = format!("oci://{}/plugins/fruit-001:{FIRST}", registry.host());
    let path = package.display().to_string();
    let mut publish = installation.command(["plugin", "publish", &source, &path]);
    run(publish.command());
    let content = std::fs::read(&package).expect("the package can be read");
    let tw = installation.tw().display().to_string();
    let home = installation.home();
    let curl = format!(
        "curl -sSf -o /dev/null http://{}/v2/plugins/fruit-001/blobs/{}",
        registry.host(),
        digest(&content)
    );
    let install = format!("{tw} plugin install --yes {source}");
    let remove = format!("sh -c '{tw} plugin remove fruit-001 || true'");
    let times = time_commands(
        &[
            Measured::new(&curl, &home),
            Measured::new(&install, &home).prepare(&remove),
            Measured::new(&install, &home).prepare(&install),
        ],
        60,
    );
    for (name, time) in [
        ("not installed yet", times[1]),
        ("already installed", times[2]),
    ] {
        println!(
            "  {name:<18} tw {:.2} ms, curl {:.2} ms: {:.2}×   ({} KB)",
            time * 1000.0,
            times[0] * 1000.0,
            time / times[0],
            content.len() / 1000
        );
    }
}

/// Compares a bundled plugin with the same plugin installed. The host reads, hashes and seals an installed library before it maps the
/// library.
fn report_verification() {
    println!(
        "\nVerification of an installed plugin: `tw secrets list` over http, median of 51 runs"
    );
    let bundled = Installation::bundled();
    let installed = Installation::bare();
    install_secrets(&installed);

    let sandbox = Sandbox::builder()
        .secret(Secret::new("KEY", "value"))
        .start();
    let arguments = list_arguments(&sandbox);
    for (name, time) in measure_phases(&installed, &arguments) {
        if matches!(name.as_str(), "verify" | "sealing" | "mapping") {
            println!("  {name:<16} {time} µs");
        }
    }
    let [bundled, installed] = [bundled, installed].map(|installation| {
        let line = format!("{} {}", installation.tw().display(), arguments.join(" "));
        time_commands(&[Measured::new(&line, &installation.home())], 300)[0]
    });
    println!(
        "  bundled {:.2} ms, installed {:.2} ms: {:.2}×",
        bundled * 1000.0,
        installed * 1000.0,
        installed / bundled
    );
}

/// Packs the bundled `secrets` plugin and installs the package.
fn install_secrets(installation: &Installation) {
    let library = artifacts().plugins["tw-plugin-secrets"]
        .display()
        .to_string();
    let root = tw_tests::root();
    let file = |name: &str| root.join(name).display().to_string();
    let out = installation.prefix().display().to_string();
    let pack = installation.command(["plugin", "pack", &library, "--out", &out]);
    let mut pack = pack.args([
        "--license",
        &file("LICENSE"),
        "--readme",
        &file("README.md"),
    ]);
    run(pack.command());
    let package = format!("{out}/secrets-0.1.0-x86_64-linux.tar.gz");
    let mut install =
        installation.command(["plugin", "install", "--yes", "--allow-unsigned", &package]);
    run(install.command());
}

fn report_start_up() {
    println!("\nStart-up with 1 and with 100 installed plugins, median wall time");
    let (one, hundred) = (install_tw_with_key(), install_tw_with_key());
    for number in 1..=100 {
        let package = pack(number, FIRST, Some("acme")).display().to_string();
        let install = ["plugin", "install", "--yes", &package];
        if number == 1 {
            run(one.command(install).command());
        }
        run(hundred.command(install).command());
    }
    for installation in [&one, &hundred] {
        // The cache does not rely on files that changed within the last 50 ms, so the next commands write it again.
        std::thread::sleep(std::time::Duration::from_millis(200));
        for _ in 0..2 {
            run(installation.command(["--help"]).command());
        }
    }
    for arguments in ["--version", "secrets --help", "fruit-001", "--help"] {
        let commands = [&one, &hundred].map(|installation| {
            let line = format!("{} {arguments}", installation.tw().display());
            Measured::new(&line, &installation.home())
        });
        let times = time_commands(&commands, 200);
        println!(
            "  tw {arguments:<16} {:.2} ms → {:.2} ms: {:.2}×",
            times[0] * 1000.0,
            times[1] * 1000.0,
            times[1] / times[0]
        );
    }
}
