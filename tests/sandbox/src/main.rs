//! `tw-sandbox`: the sandbox as a program.

#![forbid(unsafe_code)]

mod arguments;
mod greeting;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::mpsc;

use clap::Parser;

use arguments::Arguments;

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tw-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until Ctrl-C.
fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    // First of all, so that whoever has read the greeting can rely on it.
    let (interrupt, interrupted) = mpsc::channel();
    ctrlc::set_handler(move || {
        // The receiver is gone only when the program is ending anyway.
        let _ = interrupt.send(());
    })?;

    let sandbox = arguments.start()?;
    if let (Some(path), Some(pem)) = (&arguments.ca_out, sandbox.ca_pem()) {
        std::fs::write(path, pem)
            .map_err(|error| format!("Could not write the CA to `{}`: {error}", path.display()))?;
    }
    let text = if arguments.print_env {
        greeting::environment(&sandbox)
    } else {
        greeting::welcome(&sandbox, arguments.ca_out.as_deref())
    };
    // Nobody reading along is no reason not to serve.
    let mut stdout = io::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());

    interrupted.recv()?;
    Ok(())
}
