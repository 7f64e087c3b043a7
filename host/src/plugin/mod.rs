//! The plugins on this machine: where they are, what they say about themselves, and how they are loaded.

mod cache;
mod catalog;
pub(crate) mod crash;
pub(crate) mod describe;
pub(crate) mod inspect;
mod loader;
pub(crate) mod locate;
mod survey;

pub(crate) use self::{
    catalog::{Catalog, Owner},
    loader::{Image, Library, glibc},
    survey::Known,
};
