//! The settings of plugins: the sections `[plugin.NAME]` of the configuration. A plugin declares its settings as it declares arguments.

use std::{collections::BTreeSet, sync::OnceLock};

use toml::{Spanned, de::DeValue};
use tw_plugin_protocol::{Arg, ArgKind, ArgValue, Arguments, ValueKind};
use tw_render::text::visible;

use super::{
    check::{Mistake, nearest},
    file::{File, unusable},
    layers::Configuration,
};
use crate::{
    error::Error,
    typed::{Number, Typed, find_possible, noun},
};

/// The section of a plugin in all files.
struct Section<'a> {
    configuration: &'a Configuration,
    plugin: &'a str,
}

/// Returns the values of a plugin's settings. A setting that isn't in a file has its default.
///
/// # Errors
/// If the configuration can't be read. If the section has a key that isn't declared, or a value that doesn't fit its declaration. If a required setting
/// is missing.
pub(crate) fn read_settings(plugin: &str, declared: &[Arg]) -> Result<Arguments, Error> {
    let section = Section::of(plugin)?;
    if let Some(error) = section.find_unknown(declared) {
        return Err(error);
    }
    let mut values = Arguments::default();
    for setting in declared {
        if let Some(value) = section.find(setting)? {
            values.0.insert(setting.name.clone(), value);
        } else if setting.required {
            let name = visible(&setting.name);
            let reason = format!("`[plugin.{plugin}]` needs the setting `{name}`");
            let path = super::user_path().unwrap_or_default();
            return Err(unusable(&path, reason));
        }
    }
    Ok(values)
}

/// Returns the value that the configuration has for an argument. `None` if the argument has no setting, or if no file has it.
///
/// # Errors
/// If the configuration can't be read, or if the value doesn't fit the declaration.
pub(crate) fn read_for_argument(plugin: &str, argument: &Arg) -> Result<Option<ArgValue>, Error> {
    if argument.setting.is_empty() {
        return Ok(None);
    }
    let setting = Arg {
        name: argument.setting.clone(),
        default: Vec::new(),
        ..argument.clone()
    };
    Section::of(plugin)?.find(&setting)
}

/// The names of the plugins that have a section, if the configuration was read for the settings of a plugin.
static SECTIONS: OnceLock<BTreeSet<&str>> = OnceLock::new();

/// Returns the names of the plugins that have a section. Returns none if the configuration was not read for the settings of a plugin.
pub(crate) fn sections() -> impl Iterator<Item = &'static str> {
    SECTIONS.get().into_iter().flatten().copied()
}

/// Reads the configuration for [`sections`].
///
/// # Errors
/// If the configuration can't be read.
pub(crate) fn read_sections() -> Result<(), Error> {
    Section::of("").map(drop)
}

impl<'a> Section<'a> {
    fn of(plugin: &'a str) -> Result<Self, Error> {
        let configuration = Configuration::load()?;
        SECTIONS.get_or_init(|| configuration.names("plugin"));
        Ok(Self {
            configuration,
            plugin,
        })
    }

    /// Returns the error of the first key that the plugin doesn't declare. `None` if there is none.
    fn find_unknown(&self, declared: &[Arg]) -> Option<Error> {
        for file in &self.configuration.files {
            let section = file.section(&["plugin", self.plugin]);
            for key in section.into_iter().flat_map(|section| section.keys()) {
                let name: &str = key.get_ref();
                if declared.iter().all(|setting| setting.name != name) {
                    return Some(self.unknown(file, key, declared));
                }
            }
        }
        None
    }

    fn unknown(&self, file: &File, key: &Spanned<impl AsRef<str>>, declared: &[Arg]) -> Error {
        let name = key.get_ref().as_ref();
        let names = declared.iter().map(|setting| setting.name.as_str());
        let hint = match nearest(name, names) {
            Some(known) => format!("write `{known}`"),
            None => format!("`tw plugin info {}` shows the settings", self.plugin),
        };
        file.explain(Mistake {
            line: file.place(key.span()).line,
            message: format!(
                "`{}` is no setting of the plugin `{}`",
                visible(name),
                self.plugin
            ),
            hint: Some(hint),
        })
    }

    /// Returns the value of a setting, or its default. `None` if the setting is in no file and has no default.
    fn find(&self, setting: &Arg) -> Result<Option<ArgValue>, Error> {
        let path = ["plugin", self.plugin, setting.name.as_str()];
        let mut files = self.configuration.files.iter();
        let Some((file, value)) = files.find_map(|file| Some((file, file.find(&path)?))) else {
            return Ok(default(setting));
        };
        let read = read_value(setting, value.get_ref());
        read.map(Some).map_err(|expected| {
            let key = format!("plugin.{}.{}", self.plugin, visible(&setting.name));
            let line = file.place(value.span()).line;
            unusable(
                &file.path,
                format!("line {line}: `{key}` should be {expected}"),
            )
        })
    }
}

/// Returns the default of a setting as a value. `None` if it has none.
fn default(setting: &Arg) -> Option<ArgValue> {
    let texts = setting.default.iter();
    let mut values: Vec<ArgValue> = texts
        .filter_map(|text| read_text_value(setting, text).ok())
        .collect();
    match setting.repeated {
        true if values.is_empty() => None,
        true => Some(ArgValue::List(values)),
        false => values.pop(),
    }
}

/// Reads a value of the file. Fails with what was expected there.
fn read_value(setting: &Arg, value: &DeValue<'_>) -> Result<ArgValue, String> {
    if !setting.repeated {
        return read_one(setting, value);
    }
    let DeValue::Array(values) = value else {
        return Err("a list in brackets".to_owned());
    };
    let values = values
        .iter()
        .map(|value| read_one(setting, value.get_ref()));
    values.collect::<Result<_, _>>().map(ArgValue::List)
}

fn read_one(setting: &Arg, value: &DeValue<'_>) -> Result<ArgValue, String> {
    let is_flag = setting.kind == ArgKind::Flag || setting.value == ValueKind::Boolean;
    match (setting.value, value) {
        _ if is_flag => value
            .as_bool()
            .map(ArgValue::Flag)
            .ok_or_else(|| "true or false".to_owned()),
        (ValueKind::Integer | ValueKind::Float | ValueKind::Size, DeValue::Integer(number)) => {
            match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => read_text_value(setting, &number.to_string()),
                Err(_) => Err("a smaller number".to_owned()),
            }
        }
        (ValueKind::Float, DeValue::Float(number)) => read_text_value(setting, number.as_str()),
        (ValueKind::Integer | ValueKind::Float, _) => Err(noun(setting.value).to_owned()),
        (ValueKind::Time, DeValue::Datetime(time)) => read_text_value(setting, &time.to_string()),
        (ValueKind::Workspace, DeValue::Integer(number)) => {
            read_text_value(setting, number.as_str())
        }
        (_, DeValue::String(text)) => read_text_value(setting, text),
        _ => Err("a text in quotes".to_owned()),
    }
}

/// Reads a value as it would be typed on the command line.
fn read_text_value(setting: &Arg, text: &str) -> Result<ArgValue, String> {
    if setting.kind == ArgKind::Flag || setting.value == ValueKind::Boolean {
        return text
            .parse()
            .map(ArgValue::Flag)
            .map_err(|_| "true or false".to_owned());
    }
    if !setting.possible.is_empty() {
        let found = find_possible(setting, text).map(|value| ArgValue::Text(value.name.clone()));
        return found.ok_or_else(|| {
            let names: Vec<&str> = setting
                .possible
                .iter()
                .map(|value| value.name.as_str())
                .collect();
            format!("one of {}", visible(&names.join(", ")))
        });
    }
    match Typed::of(setting)? {
        None => Ok(ArgValue::Text(text.to_owned())),
        Some(typed) => match typed.parse(text) {
            Ok(Number::Integer(number)) => Ok(ArgValue::Integer(number)),
            Ok(Number::Float(number)) => Ok(ArgValue::Float(number)),
            Err(reason) => Err(reason.trim_start_matches("expected ").to_owned()),
        },
    }
}
