//! The settings of plugins: the sections `[plugin.NAME]` of the configuration file. A plugin declares its settings as it declares arguments.

use std::{ops::Range, path::PathBuf, sync::OnceLock};

use toml::de::{DeTable, DeValue};
use tw_plugin_protocol::{Arg, ArgKind, ArgValue, Arguments, ValueKind};
use tw_render::text::visible;

use super::file::{invalid, not_a_section, path, read_text, unusable};
use crate::{
    error::Error,
    files,
    typed::{Number, Typed, find_possible, noun},
};

/// The configuration file, with the section of a plugin.
struct File<'a> {
    path: PathBuf,
    text: &'a str,
    plugin: &'a str,
}

/// Returns the values of a plugin's settings. A setting that isn't in the file has its default.
///
/// # Errors
/// If the file can't be read. If the section has a key that isn't declared, or a value that doesn't fit its declaration. If a required setting is
/// missing.
pub(crate) fn read_settings(plugin: &str, declared: &[Arg]) -> Result<Arguments, Error> {
    let mut values = Arguments::default();
    with_section(plugin, |file, section| {
        for key in section.keys() {
            let name: &str = key.get_ref();
            if declared.iter().all(|setting| setting.name != name) {
                return Err(file.unknown(name, key.span(), declared));
            }
        }
        for setting in declared {
            if let Some(value) = file.find(section, setting)? {
                values.0.insert(setting.name.clone(), value);
            } else if setting.required {
                let name = visible(&setting.name);
                let reason = format!("`[plugin.{plugin}]` needs the setting `{name}`");
                return Err(unusable(&file.path, reason));
            }
        }
        Ok(())
    })?;
    Ok(values)
}

/// Returns the value that the configuration file has for an argument. `None` if the argument has no setting, or if the file doesn't have it.
///
/// # Errors
/// If the file can't be read, or if the value doesn't fit the declaration.
pub(crate) fn read_for_argument(plugin: &str, argument: &Arg) -> Result<Option<ArgValue>, Error> {
    if argument.setting.is_empty() {
        return Ok(None);
    }
    let setting = Arg {
        name: argument.setting.clone(),
        default: Vec::new(),
        ..argument.clone()
    };
    let mut value = None;
    with_section(plugin, |file, section| {
        value = file.find(section, &setting)?;
        Ok(())
    })?;
    Ok(value)
}

/// The names of the plugins that have a section, if the file was read for the settings of a plugin.
static SECTIONS: OnceLock<Vec<String>> = OnceLock::new();

/// Returns the names of the plugins that have a section. Returns none if the file was not read for the settings of a plugin.
pub(crate) fn sections() -> &'static [String] {
    SECTIONS.get().map_or(&[], Vec::as_slice)
}

/// Reads the file for [`sections`].
///
/// # Errors
/// If the file can't be read.
pub(crate) fn read_sections() -> Result<(), Error> {
    with_section("", |_, _| Ok(()))
}

/// Passes the section of a plugin to `work`. A missing file or section is an empty one.
fn with_section(
    plugin: &str,
    work: impl FnOnce(&File<'_>, &DeTable<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let path = path().unwrap_or_default();
    let text = match path.as_os_str().is_empty() {
        true => String::new(),
        false => read_text(&path)?,
    };
    let document = DeTable::parse(&text).map_err(|error| invalid(&path, &text, &error))?;
    let file = File {
        path,
        text: &text,
        plugin,
    };
    let Some(plugins) = file.find_table(document.get_ref(), "plugin", &["plugin"])? else {
        return work(&file, &DeTable::new());
    };
    let names = plugins.keys().map(|key| key.get_ref().to_string());
    SECTIONS.get_or_init(|| names.collect());
    let section = file.find_table(plugins, plugin, &["plugin", plugin])?;
    work(&file, section.unwrap_or(&DeTable::new()))
}

impl File<'_> {
    /// Returns the table of this key. `None` if there is none. `path` are the keys that lead to it.
    fn find_table<'t, 'd>(
        &self,
        table: &'t DeTable<'d>,
        key: &str,
        path: &[&str],
    ) -> Result<Option<&'t DeTable<'d>>, Error> {
        match table.get(key).map(toml::Spanned::get_ref) {
            None => Ok(None),
            Some(DeValue::Table(table)) => Ok(Some(table)),
            Some(_) => Err(not_a_section(&self.path, path)),
        }
    }

    /// Returns the value of a setting, or its default. `None` if the setting is not in the file and has no default.
    fn find(&self, section: &DeTable<'_>, setting: &Arg) -> Result<Option<ArgValue>, Error> {
        let Some(value) = section.get(setting.name.as_str()) else {
            return Ok(default(setting));
        };
        let read = read_value(setting, value.get_ref());
        read.map(Some).map_err(|expected| {
            let key = format!("plugin.{}.{}", self.plugin, visible(&setting.name));
            self.wrong(value.span(), &format!("`{key}` should be {expected}"))
        })
    }

    fn unknown(&self, name: &str, span: Range<usize>, declared: &[Arg]) -> Error {
        let names = declared.iter().map(|setting| setting.name.as_str());
        let similarity = |known: &&str| strsim::jaro_winkler(known, name);
        let nearest = names.max_by(|one, other| similarity(one).total_cmp(&similarity(other)));
        let nearest = nearest.filter(|known| similarity(known) > 0.8);
        let reason = format!(
            "`{}` is no setting of the plugin `{}`",
            visible(name),
            self.plugin
        );
        let error = self.wrong(span, &reason);
        match nearest {
            Some(known) => error.hint(format!("write `{known}`")),
            None => error.hint(format!(
                "`tw plugin info {}` shows the settings",
                self.plugin
            )),
        }
    }

    /// Returns an error that names the file and the line, and doesn't quote the value, which may be a secret.
    fn wrong(&self, span: Range<usize>, reason: &str) -> Error {
        let line = files::line_of(self.text, Some(span));
        unusable(&self.path, format!("line {line}: {reason}"))
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
