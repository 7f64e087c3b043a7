//! `tw-sandbox`, the program that runs a sandbox.

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
    // The handler is installed before the greeting is printed, so a reader of the greeting can send the signal at once.
    let (interrupt, interrupted) = mpsc::channel();
    ctrlc::set_handler(move || {
        // Sending fails only after the receiver is dropped, when the program is already ending.
        let _ = interrupt.send(());
    })?;

    let sandbox = arguments.start()?;
    if let (Some(path), Some(pem)) = (&arguments.ca_out, sandbox.ca_pem()) {
        std::fs::write(path, pem)
            .map_err(|error| format!("Could not write the CA to `{}`: {error}", path.display()))?;
    }
    let text = if arguments.print_env {
        greeting::render_environment(&sandbox)
    } else {
        greeting::render_welcome(&sandbox, arguments.ca_out.as_deref())
    };
    // The sandbox serves even if its standard output is closed.
    let mut stdout = io::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());

    interrupted.recv()?;
    Ok(())
}
