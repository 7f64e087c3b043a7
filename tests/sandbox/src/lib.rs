//! A local stand-in for the Seqera Platform API. It keeps state and fails on demand.
//!
//! A test starts its own sandbox, sends real HTTP or HTTPS requests to it, and then inspects the requests and the state:
//!
//! ```
//! use tw_sandbox::{Fault, Sandbox, Secret};
//!
//! let sandbox = Sandbox::builder()
//!     .secret(Secret::new("API_KEY", "s3cret").workspace(100).id(7).created("2022-10-05T12:42:21Z"))
//!     .start();
//! sandbox.fault(Fault::on("POST", "/pipeline-secrets").status(503).header("Retry-After", "0").times(1));
//!
//! // Run a program here with TOWER_API_ENDPOINT=sandbox.url() and TOWER_ACCESS_TOKEN=sandbox.token().
//!
//! assert_eq!(sandbox.secrets(Some(100))[0].value, "s3cret");
//! assert_eq!(sandbox.hits("POST", "/pipeline-secrets"), 0);
//! ```
//!
//! The program `tw-sandbox` starts a sandbox from the command line. See `tw-sandbox --help`.
//!
//! # Endpoints
//!
//! The sandbox serves the endpoints of secrets, users, organizations and workspaces, and `/service-info`, at `/` and below `/api`.
//! They follow version 1.187 of the API. The API leaves some answers undocumented; the sandbox gives these:
//!
//! | Situation | Status |
//! |---|---|
//! | The token is missing or unknown | 401 without a body |
//! | The caller is not a member of the workspace or organization, which may not exist, or asks about another user | 403 |
//! | The secret belongs to another owner than the request names | 403 |
//! | No secret has the id | 404 |
//! | The owner already has a secret of that name | 409, with "already exists" in the message |
//! | The body is not `application/json` | 415 |
//! | The body is larger than 16 MiB | 413 |
//! | The token made more requests within a second than [`Builder::rate`] allows | 429 with `Retry-After: 1` |
//! | Anything else is malformed or missing | 400 |
//!
//! A secret's value may be any text, including the empty one. Names follow [`name::is_valid`].

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
pub use server::ServerCertificate;
pub use state::{DEMO_TOKEN, FIRST_SECRET_ID, State};
