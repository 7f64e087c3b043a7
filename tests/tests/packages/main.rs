//! Packages: packed, signed, published, installed, upgraded, locked, forbidden; and what bad input gets at each step.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on says so and ends"
)]

mod artifact;
mod consent;
mod docker;
mod external;
mod external_names;
mod given;
mod indices;
mod indices_trust;
mod install;
mod keys;
mod kill;
mod link;
mod load;
mod lock;
mod machine;
mod pack;
mod policy;
mod policy_files;
mod policy_indices;
mod refused;
mod registry;
mod registry_liars;
mod registry_login;
mod registry_tokens;
mod sealed;
mod shelf;
mod signatures;
mod store;
mod sync;
mod sync_lock;
mod urls;
mod whole;
