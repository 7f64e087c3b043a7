//! Packages of plugins: pack, sign, publish, install, upgrade, lock and forbid them; and how each step treats bad input.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed test panics with its reason"
)]

mod archives;
mod artifact;
mod child_processes;
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
mod login;
mod machine;
mod minisign;
mod names;
mod pack;
mod policy;
mod policy_files;
mod policy_indices;
mod refused;
mod registry;
mod registry_bounds;
mod registry_hosts;
mod registry_liars;
mod registry_login;
mod registry_plain;
mod registry_stored;
mod registry_tokens;
mod resume;
mod retries;
mod retries_registry;
mod sealed;
mod services;
mod shelf;
mod signatures;
mod store;
mod strangers;
mod strangers_crates;
mod strangers_programs;
mod strangers_rules;
mod sync;
mod sync_lock;
mod urls;
mod users;
mod versions;
mod ways;
mod whole;
