//! The plugins on this machine: where they are, what they say about themselves, and how they are loaded.

mod cache;
mod catalog;
pub(crate) mod crash;
pub(crate) mod describe;
pub(crate) mod inspect;
mod loader;
mod locate;

pub(crate) use self::{
    cache::Stub,
    catalog::{Catalog, Need, Owner, Plugin},
    loader::{Image, Library, glibc},
};
