//! The plugins on this machine: where they are, what they say about themselves, and how they are loaded.

pub(crate) mod cache;
mod catalog;
pub(crate) mod crash;
pub(crate) mod dependencies;
pub(crate) mod describe;
pub(crate) mod elf;
pub(crate) mod inspect;
mod known;
mod load_error;
mod loader;
mod locate;
mod ownership;

pub(crate) use self::{
    catalog::{Catalog, Need, Owner},
    known::{Plugin, Stub},
    loader::{Image, Library, glibc},
    ownership::Claims,
};
