//! Plugins: where they are, what they say of themselves, whether they are trusted, and how they are loaded.
//!
//! A file a job: `locate` finds libraries, `index` remembers what they are, `describe` asks one that isn't known yet,
//! `inspect` reads a file without mapping it, `trust` asks who could replace it, `loader` maps it, `crash` names it when it dies; `catalog`
//! puts them together.

mod catalog;
pub(crate) mod crash;
pub(crate) mod describe;
mod index;
mod inspect;
mod loader;
mod locate;
mod problem;
mod trust;

pub(crate) use catalog::{Catalog, Known, Owner};
pub(crate) use loader::Library;
pub(crate) use locate::Origin;
pub(crate) use problem::Problem;
