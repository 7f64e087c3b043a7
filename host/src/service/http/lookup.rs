//! The look-up of names, which remembers the names that are still being looked up: the client's error for a look-up that never ends is that of a server
//! that doesn't answer.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::lock;

#[derive(Clone, Default)]
pub(super) struct Lookups(Arc<Mutex<HashSet<String>>>);

impl Lookups {
    /// Returns a name whose look-up has not ended. `None` if there is none.
    pub(super) fn pending(&self) -> Option<String> {
        lock(&self.0).iter().next().cloned()
    }
}

impl Resolve for Lookups {
    fn resolve(&self, name: Name) -> Resolving {
        let (this, name) = (self.clone(), name.as_str().to_owned());
        lock(&this.0).insert(name.clone());
        Box::pin(async move {
            // The connector puts the port of the URL in the place of 0.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            // If the call ends first, this is never reached, and the name stays.
            lock(&this.0).remove(&name);
            let addresses: Vec<_> = found?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::runtime;

    #[test]
    fn a_name_is_pending_until_its_lookup_ends() {
        let lookups = Lookups::default();
        let resolve = |name: &str| lookups.resolve(name.parse().unwrap());
        assert_eq!(lookups.pending(), None);
        assert!(runtime().unwrap().block_on(resolve("localhost")).is_ok());
        assert_eq!(lookups.pending(), None);
        // A call that ends first drops its look-up.
        drop(resolve("host.example"));
        assert_eq!(lookups.pending(), Some("host.example".to_owned()));
    }
}
