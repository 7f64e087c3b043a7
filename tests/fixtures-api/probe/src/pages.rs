//! Lists that the server returns page by page.

use serde::Deserialize;
use tw_plugin_api::prelude::*;

use crate::report::{failure, got};

/// Read a list of pets page by page
#[derive(Args)]
struct Read {
    /// The path or URL to read
    url: String,
    /// The cursor's name
    #[arg(long)]
    cursor: Option<String>,
    /// The number of items on a page
    #[arg(long)]
    size: Option<i64>,
    /// The maximum number of pages
    #[arg(long)]
    max_pages: Option<i64>,
    /// The label of the progress display
    #[arg(long)]
    label: Option<String>,
    /// Stop after this number of pets
    #[arg(long)]
    first: Option<i64>,
    /// Add a query parameter, name=value
    #[arg(long)]
    query: Vec<String>,
}

#[derive(Deserialize)]
struct Pet {
    name: String,
}

fn read(args: Read, host: &Host) -> Result<Output> {
    let mut request = host.http().get(&args.url);
    for pair in &args.query {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        request = request.query(name, value);
    }
    let mut pages = request.pages::<Pet>("pets");
    if let Some(name) = &args.cursor {
        pages = pages.cursor(name);
    }
    if let Some(size) = args.size {
        pages = pages.size(size.unsigned_abs());
    }
    if let Some(most) = args.max_pages {
        pages = pages.max_pages(u32::try_from(most).unwrap_or(u32::MAX));
    }
    if let Some(label) = &args.label {
        pages = pages.label(label);
    }
    let (mut names, mut error) = (Vec::new(), None);
    let first = args
        .first
        .map_or(usize::MAX, |first| first.unsigned_abs() as usize);
    for pet in pages.by_ref().take(first) {
        match pet {
            Ok(pet) => names.push(pet.name),
            Err(failed) => error = Some(failed),
        }
    }
    let ended = error.is_none() || pages.next().is_none();
    let error = error.as_ref().map(failure);
    got(
        host,
        Ok(json!({ "names": names, "error": error, "ended": ended })),
    )
}

pub(crate) fn group() -> Group {
    Group::new("pages", "Lists in pages").command(Command::new("read", read))
}
