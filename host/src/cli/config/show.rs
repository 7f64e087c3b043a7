//! `tw config show`.

use clap::{ArgMatches, Args};
use serde_json::{Value, json};

use super::mask;
use crate::{
    cli::{plugin::view::table, show},
    config::{
        Configuration, Settings,
        chosen::Chosen,
        kind::{self, Kind},
        schema::{self, DEFAULT_PROFILE, Shape},
    },
    error::Error,
    service::http::proxy,
};

#[derive(Debug, Args)]
pub(super) struct Show {
    /// Show also where each value comes from
    #[arg(long)]
    origin: bool,
}

impl Show {
    pub(super) fn run(self, levels: &[&ArgMatches], settings: &Settings) -> Result<u8, Error> {
        let configuration = Configuration::load()?;
        let chosen = Chosen::new(levels, configuration)?;
        let profile = chosen.profile.as_ref();
        let mut rows = vec![row(
            DEFAULT_PROFILE,
            profile.map(|used| (used.value.clone(), used.origin.to_string())),
        )];
        for (path, key) in schema::settings() {
            let key_path = path.join(".");
            let Shape::Value(kind) = key.shape else {
                continue;
            };
            let found = match kind {
                Kind::Proxy => find_proxy(settings),
                _ => chosen
                    .find(&key_path)?
                    .map(|found| (mask(kind, found.value), found.origin.to_string())),
            };
            rows.push(row(&key_path, found));
        }
        rows.extend(named_rows(configuration));
        let columns = [("Key", "/key"), ("Value", "/value"), ("Origin", "/origin")];
        let columns = match self.origin {
            true => &columns[..],
            false => &columns[..2],
        };
        let view = table("Settings", "/settings", columns, "No settings found");
        show::print(settings, &json!({ "settings": rows }), &view)
    }
}

fn row(key: &str, found: Option<(String, String)>) -> Value {
    let (value, origin) = found.unzip();
    json!({ "key": key, "value": value, "origin": origin })
}

/// Returns the proxy for the endpoint, and what names it.
fn find_proxy(settings: &Settings) -> Option<(String, String)> {
    let endpoint = settings.endpoint.parse().ok()?;
    let source = proxy::source_for(&endpoint)?;
    let text = kind::Value::Text(source.text()?);
    Some((mask(Kind::Proxy, text), source.origin().to_string()))
}

/// Returns the keys in sections whose names the user chose. The values of a plugin's settings may be secrets, so they are left out.
fn named_rows(configuration: &Configuration) -> Vec<Value> {
    let values = configuration.named_values().into_iter();
    values
        .map(|(key, value, place)| row(&key, Some((value, place.to_string()))))
        .collect()
}
