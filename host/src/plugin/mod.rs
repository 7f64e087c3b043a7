//! Plugins: where they are, what they say of themselves, whether they are trusted, and how they are loaded.
//!
//! A file a job: `locate` finds libraries, `survey` finds out what they are, `index` remembers it, `describe` asks one that isn't known yet,
//! `inspect` reads a file without mapping it; `store` and `lock` have what is installed; `policy` says what may be loaded, `trust` who could replace
//! a bundled library, `sealed` sees that nobody replaces an installed one; `loader` maps it, `crash` names it when it dies; `catalog` puts them together.

mod catalog;
pub(crate) mod crash;
pub(crate) mod describe;
mod digest;
mod index;
pub(crate) mod inspect;
mod loader;
pub(crate) mod locate;
pub(crate) mod lock;
pub(crate) mod manifest;
mod policy;
mod problem;
mod sealed;
pub(crate) mod store;
mod survey;
mod trust;

pub(crate) use catalog::{Catalog, Owner};
pub(crate) use digest::Digest;
pub(crate) use loader::{Image, Library, glibc};
pub(crate) use locate::Origin;
pub(crate) use lock::Lock;
pub(crate) use policy::{Policy, Subject};
pub(crate) use problem::Problem;
pub(crate) use store::{Change, Store};
pub(crate) use survey::Known;
