//! A local stand-in for the Seqera Platform API: it remembers what it is told, and fails as it is told.
//!
//! Tests start one each, talk to it over real HTTP or HTTPS, and then ask it what it saw and what it holds:
//!
//! ```
//! use tw_sandbox::{Fault, Sandbox, Secret};
//!
//! let sandbox = Sandbox::builder()
//!     .secret(Secret::new("API_KEY", "s3cret").workspace(100).id(7).created("2022-10-05T12:42:21Z"))
//!     .start();
//! sandbox.fault(Fault::on("POST", "/pipeline-secrets").status(503).header("Retry-After", "0").times(1));
//!
//! // … run something with TOWER_API_ENDPOINT=sandbox.url() and TOWER_ACCESS_TOKEN=sandbox.token() …
//!
//! assert_eq!(sandbox.secrets(Some(100))[0].value, "s3cret");
//! assert_eq!(sandbox.hits("POST", "/pipeline-secrets"), 0);
//! ```
//!
//! The program `tw-sandbox` is the same for people: `tw-sandbox --help`.
//!
//! # What it answers
//!
//! The endpoints of secrets, of the user, of organisations and workspaces, and `/service-info`, each at `/` and below
//! `/api`, as version 1.187 of the API describes them. Where the description is silent:
//!
//! | Situation | Status |
//! |---|---|
//! | no token, or an unknown one | 401, no body |
//! | a workspace, an organisation or another user that the caller has no part in, known or not | 403 |
//! | a secret of another context than the request's | 403 |
//! | a secret id that nobody has | 404 |
//! | a new secret's name that the context has already | 409, with "already exists" in the message |
//! | a body that isn't `application/json` | 415 |
//! | a body of more than 16 MB | 413 |
//! | more requests within a second than [`Builder::rate`] | 429, `Retry-After: 1` |
//! | anything malformed or missing | 400 |
//!
//! Values are kept as they come, the empty one too; names follow [`name::is_valid`].

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod account;
mod api;
mod builder;
mod clock;
mod error;
mod fault;
mod journal;
mod lock;
pub mod name;
mod platform;
mod rate;
mod request;
mod sandbox;
mod secret;
mod server;
mod state;
mod state_file;

pub use account::{Organization, User, Workspace};
pub use builder::Builder;
pub use clock::Clock;
pub use error::Error;
pub use fault::{Fault, FaultError, LANGUAGE as FAULT_LANGUAGE};
pub use request::{Outcome, Request};
pub use sandbox::Sandbox;
pub use secret::{Owner, Secret, StoredSecret};
pub use state::{DEMO_TOKEN, FIRST_SECRET_ID, State};
