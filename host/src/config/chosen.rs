//! The settings in force: an option takes precedence over a variable, a variable over the configuration, and the configuration over the default.

use std::{ffi::OsString, path::Path, path::PathBuf, time::Duration};

use clap::ArgMatches;
use tw_render::text::visible;

use super::{
    kind::{Kind, Value},
    layers::{Configuration, ProfileName},
    options,
    origin::{Origin, Sourced},
    schema::{self, Key, Shape},
    to_text,
};
use crate::{error::Error, process::variable};

/// The choices of the user in all places, by precedence.
pub(crate) struct Chosen<'a> {
    /// The matches of every level of the command line, from the outermost level to the deepest.
    levels: &'a [&'a ArgMatches],
    configuration: &'a Configuration,
    /// The profile in use; `None` if there is none.
    pub(crate) profile: Option<ProfileName>,
}

impl<'a> Chosen<'a> {
    /// Finds the profile in use.
    ///
    /// # Errors
    /// If there is no such profile.
    pub(crate) fn new(
        levels: &'a [&'a ArgMatches],
        configuration: &'a Configuration,
    ) -> Result<Self, Error> {
        let profile = find_profile(levels, configuration)?;
        if let Some(profile) = &profile {
            configuration.check_profile(profile)?;
        }
        Ok(Self {
            levels,
            configuration,
            profile,
        })
    }

    /// Leaves all profiles out.
    pub(super) fn without_profile(
        levels: &'a [&'a ArgMatches],
        configuration: &'a Configuration,
    ) -> Self {
        Self {
            levels,
            configuration,
            profile: None,
        }
    }

    /// Returns the value of a setting, and where it comes from. `None` if no one has set it and it has no default.
    ///
    /// # Errors
    /// If an environment variable has an invalid value.
    pub(crate) fn find(&self, path: &str) -> Result<Option<Sourced<Value>>, Error> {
        let Some((keys, key)) = schema::setting(path) else {
            return Ok(None);
        };
        let Shape::Value(kind) = key.shape else {
            return Ok(None);
        };
        if let Some(given) = find_outside(self.levels, key, kind)? {
            return Ok(Some(given));
        }
        let profile = self.profile.as_ref().map(|profile| profile.value.as_str());
        let found = self.configuration.value(&keys, kind, profile);
        Ok(found.or_else(|| {
            let value = kind.read_text(key.default?, Path::new(""))?;
            let origin = Origin::Default;
            Some(Sourced { value, origin })
        }))
    }

    /// Returns the value of a setting in the configuration. `None` if it is not there.
    pub(super) fn find_in_files(&self, path: &str) -> Option<Sourced<Value>> {
        let (keys, key) = schema::setting(path)?;
        let Shape::Value(kind) = key.shape else {
            return None;
        };
        let profile = self.profile.as_ref().map(|profile| profile.value.as_str());
        self.configuration.value(&keys, kind, profile)
    }

    /// Returns the endpoint that the configuration has at this place, or at the next place below it that has one. `None` if there is none.
    pub(super) fn endpoint_below(&self, origin: &Origin) -> Option<String> {
        let found = self
            .configuration
            .value_below(&["endpoint"], Kind::Endpoint, origin);
        found?.into_text()
    }

    pub(super) fn text(&self, path: &str) -> Result<Option<Sourced<String>>, Error> {
        Ok(self.find(path)?.and_then(|found| {
            let origin = found.origin;
            let value = found.value.into_text()?;
            Some(Sourced { value, origin })
        }))
    }

    pub(super) fn path(&self, path: &str) -> Result<Option<Sourced<PathBuf>>, Error> {
        Ok(self.find(path)?.and_then(|found| match found.value {
            Value::Path(value) => Some(Sourced {
                value,
                origin: found.origin,
            }),
            _ => None,
        }))
    }

    pub(super) fn seconds(&self, path: &str) -> Result<Duration, Error> {
        Ok(match self.find(path)?.map(|found| found.value) {
            Some(Value::Seconds(time)) => time,
            _ => Duration::ZERO,
        })
    }

    pub(super) fn count(&self, path: &str) -> Result<Option<Sourced<u32>>, Error> {
        Ok(self.find(path)?.and_then(|found| match found.value {
            Value::Count(value) => Some(Sourced {
                value,
                origin: found.origin,
            }),
            _ => None,
        }))
    }
}

/// Returns the profile that the option, the variable, or a file names. `None` if no one has chosen a profile.
pub(crate) fn find_profile(
    levels: &[&ArgMatches],
    configuration: &Configuration,
) -> Result<Option<ProfileName>, Error> {
    if let Some(name) = options::value::<String>(levels, options::PROFILE) {
        return Ok(Some(Sourced {
            value: name,
            origin: Origin::Option("profile"),
        }));
    }
    let variable = super::text_variable("TW_PROFILE")?;
    let variable = variable.map(|value| Sourced {
        value,
        origin: Origin::Variable("TW_PROFILE"),
    });
    Ok(variable.or_else(|| configuration.default_profile()))
}

/// Returns the value of an option, or of a variable. `None` if neither is given.
fn find_outside(
    levels: &[&ArgMatches],
    key: &Key,
    kind: Kind,
) -> Result<Option<Sourced<Value>>, Error> {
    if let Some((id, long)) = key.option
        && let Some(value) = kind.read_option(levels, id)
    {
        let origin = Origin::Option(long);
        return Ok(Some(Sourced { value, origin }));
    }
    let Some((name, found)) = key.variable.and_then(|name| Some((name, variable(name)?))) else {
        return Ok(None);
    };
    let value = read_variable(name, found, kind)?;
    let origin = Origin::Variable(name);
    Ok(Some(Sourced { value, origin }))
}

/// Reads the value of a variable. A path can be any text of the system, and is relative to the working directory.
fn read_variable(name: &'static str, value: OsString, kind: Kind) -> Result<Value, Error> {
    if kind == Kind::Path {
        return Ok(Value::Path(value.into()));
    }
    let text = to_text(name, Some(value))?.unwrap_or_default();
    match kind {
        Kind::Format => kind.read_text(&text, Path::new("")).ok_or_else(|| {
            let text = visible(&text);
            let expected = kind.expected();
            Error::invalid_variable(
                name,
                format!("Invalid value '{text}' for {name}: expected {expected}"),
            )
        }),
        // The parts that use the other values say what is wrong with them.
        _ => Ok(Value::Text(text)),
    }
}
