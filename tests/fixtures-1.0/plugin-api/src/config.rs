//! The plugin's section of the configuration file.

use tw_plugin_protocol as protocol;

use crate::{Arg, Error, Host, Result, Values};

/// The settings of a plugin, as a type. [Derive it](derive@crate::Config) on a struct with a field for each setting.
/// `()` is a plugin without settings. [`Host::config`] returns the values, and [`Plugin::config`](crate::Plugin::config) declares the settings to the host.
///
/// The settings are in the section `[plugin.NAME]` of `config.toml` in `tw`'s configuration folder, which is
/// `~/.config/tw` on Linux. The host checks them when the plugin reads them: a key that isn't declared, and a value that
/// doesn't fit its declaration, are errors that name the file, the line and the key.
pub trait Config: Sized {
    #[doc(hidden)]
    fn settings() -> Vec<Arg>;

    #[doc(hidden)]
    fn from_values(values: &mut Values) -> Result<Self>;
}

impl Config for () {
    fn settings() -> Vec<Arg> {
        Vec::new()
    }

    fn from_values(_: &mut Values) -> Result<Self> {
        Ok(())
    }
}

/// Returns the declarations of the settings, as the host gets them.
pub(crate) fn declare<T: Config>() -> Vec<protocol::Arg> {
    let settings = T::settings().into_iter();
    settings.map(|setting| setting.message).collect()
}

pub(crate) fn read<T: Config>(host: &Host) -> Result<T> {
    let request = protocol::ConfigSectionRequest {
        settings: declare::<T>(),
        ..Default::default()
    };
    let reply = host.ask::<protocol::ConfigSection>(&request)?;
    let mut values = Values {
        arguments: reply.values,
        ..Default::default()
    };
    T::from_values(&mut values).map_err(Error::of_setting)
}
