//! Looks up the names of servers, with a time limit of its own: the client's limit is about the whole connection, and its error doesn't say that
//! no name server answers.

use std::{io, time::Duration};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::{net::lookup_host, time::timeout};

/// A look-up has this part of the time limit for connecting, so that it fails before the connection does.
const PART: f64 = 0.9;

/// Looks up names with the system's resolver.
pub(super) struct Resolver {
    limit: Duration,
}

impl Resolver {
    pub(super) fn new(connect_timeout: Duration) -> Self {
        Self {
            limit: connect_timeout.mul_f64(PART),
        }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let limit = self.limit;
        Box::pin(async move {
            let name = name.as_str();
            let Ok(found) = timeout(limit, lookup_host((name, 0))).await else {
                let message = format!("no name server answered for `{name}` in time");
                return Err(io::Error::other(message).into());
            };
            let found = found.map_err(|error| {
                let text = error.to_string();
                let why = text.rsplit(": ").next().unwrap_or_default();
                io::Error::new(
                    error.kind(),
                    format!("the name `{name}` can't be looked up: {why}"),
                )
            })?;
            let addresses: Vec<_> = found.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
