//! The configuration files as layers: the user's file above the file of the installation above the file of the machine. In each, the keys of the profile
//! in use take precedence over the keys at the top level; a profile's key in a lower file takes precedence over a top-level key in a higher one.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::OnceLock,
};

use super::{
    check::nearest,
    file::{self, File, Trust},
    kind::{Kind, Value, is_profile},
    origin::{Origin, Place, Sourced},
    schema::{self, DEFAULT_PROFILE, PROFILE, Shape},
};
use crate::{
    error::{Error, ErrorKind, code},
    files::show_path,
    process::variable,
    stdio,
};

/// The configuration of this process.
#[derive(Debug, Default)]
pub(crate) struct Configuration {
    /// The files that exist. The first takes precedence.
    pub(crate) files: Vec<File>,
}

/// The profile in use.
pub(crate) type ProfileName = Sourced<String>;

/// Warns if the files of this user have no place because HOME is relative.
fn warn_of_relative_home() {
    if file::user_path().is_none()
        && let Some(home) = variable("HOME")
    {
        let home = show_path(home.as_ref());
        let text = format!(
            "HOME is {home}, which is no absolute path, so no configuration and no login is used"
        );
        stdio::warn(&text, None);
    }
}

impl Configuration {
    /// Returns the configuration, which is read once a process.
    ///
    /// # Errors
    /// If a file can't be read, has a mistake, or could have been written by somebody else.
    pub(crate) fn load() -> Result<&'static Self, Error> {
        static LOADED: OnceLock<Result<Configuration, Error>> = OnceLock::new();
        let loaded = LOADED.get_or_init(|| {
            warn_of_relative_home();
            Self::read()
        });
        loaded.as_ref().map_err(Error::clone)
    }

    /// Reads the configuration for completion: a file with mistakes counts as far as it can be read.
    pub(crate) fn read_leniently() -> Self {
        let user = file::user_path().map(|path| (path, Trust::Own));
        let paths = user.into_iter().chain(file::system_paths());
        let read = |(path, trust): (PathBuf, Trust)| File::read_unchecked(&path, trust).ok();
        Self {
            files: paths.filter_map(read).flatten().collect(),
        }
    }

    /// Reads the configuration as it is now.
    pub(crate) fn read() -> Result<Self, Error> {
        let user = file::user_path().map(|path| (path, Trust::Own));
        let mut files = Vec::new();
        for (path, trust) in user.into_iter().chain(file::system_paths()) {
            files.extend(File::read(&path, trust)?);
        }
        Ok(Self { files })
    }

    /// Returns the first value at this path of keys, and its place. `None` if no file has it.
    fn find_value(&self, path: &[&str], kind: Kind) -> Option<(Value, Place)> {
        find_value(&self.files, path, kind)
    }

    /// Returns the value of a key at a place, or at the next place below it that has the key. `None` if there is none.
    pub(super) fn value_below(&self, path: &[&str], kind: Kind, origin: &Origin) -> Option<Value> {
        let (profile, place) = match origin {
            Origin::Profile { name, place } => (Some(name), place),
            Origin::File(place) => (None, place),
            _ => return None,
        };
        let at = self.files.iter().position(|file| file.path == place.file)?;
        let below = &self.files[at..];
        let found = match profile {
            Some(name) => find_value(below, &[&[PROFILE, name], path].concat(), kind)
                .or_else(|| self.find_value(path, kind)),
            None => find_value(below, path, kind),
        };
        found.map(|(value, _)| value)
    }

    /// Returns the value of a key in the profile in use, or at the top level. `None` if no file has the key.
    pub(crate) fn value(
        &self,
        path: &[&str],
        kind: Kind,
        profile: Option<&str>,
    ) -> Option<Sourced<Value>> {
        self.profile_value(path, kind, profile)
            .or_else(|| self.top_value(path, kind))
    }

    /// Returns the value of a key in a profile. `None` if no file has the key there.
    pub(crate) fn profile_value(
        &self,
        path: &[&str],
        kind: Kind,
        profile: Option<&str>,
    ) -> Option<Sourced<Value>> {
        let name = profile?;
        let path = [&[PROFILE, name], path].concat();
        let (value, place) = self.find_value(&path, kind)?;
        let name = name.to_owned();
        let origin = Origin::Profile { name, place };
        Some(Sourced { value, origin })
    }

    fn top_value(&self, path: &[&str], kind: Kind) -> Option<Sourced<Value>> {
        let (value, place) = self.find_value(path, kind)?;
        let origin = Origin::File(place);
        Some(Sourced { value, origin })
    }

    /// Returns the flag of a section: `external.NAME.token`. False if no file has the key.
    pub(super) fn flag(&self, path: &[&str]) -> bool {
        self.find_value(path, Kind::Flag)
            .is_some_and(|(value, _)| value == Value::Flag(true))
    }

    /// Returns the text of a section: `registry.HOST.realm`. `None` if no file has the key.
    pub(super) fn text(&self, path: &[&str]) -> Option<String> {
        self.find_value(path, Kind::Text)?.0.into_text()
    }

    /// True if the external command of this name may have the token.
    pub(crate) fn external_has_token(&self, name: &str) -> bool {
        self.flag(&["external", name, "token"])
    }

    /// Returns the names in a section of sections, such as `registry`, in all files.
    pub(crate) fn names(&self, section: &str) -> BTreeSet<&str> {
        let tables = self
            .files
            .iter()
            .filter_map(|file| file.section(&[section]));
        tables
            .flat_map(|table| table.keys().map(|key| &**key.get_ref()))
            .collect()
    }

    /// Returns the places that have a key or a section, the one that takes precedence first.
    pub(crate) fn places(&self, path: &[&str]) -> Vec<Place> {
        let files = self.files.iter();
        let found = files.filter_map(|file| Some(file.place(file.find(path)?.span())));
        found.collect()
    }

    /// Returns the keys of the sections whose names the user chose, except for profiles: each with its value and its place. The values of a plugin's
    /// settings may be secrets, so they are left out.
    pub(crate) fn named_values(&self) -> Vec<(String, String, Place)> {
        let mut found = BTreeMap::new();
        for key in schema::TOP_LEVEL.iter().filter(|key| key.name != PROFILE) {
            for file in &self.files {
                let Some(value) = file.find(&[key.name]).filter(|_| key.option.is_none()) else {
                    continue;
                };
                file.collect(
                    key.name,
                    value,
                    matches!(key.shape, Shape::Plugins),
                    &mut found,
                );
            }
        }
        let values = found.into_iter();
        values
            .map(|(key, (value, place))| (key, value, place))
            .collect()
    }

    /// Returns the names of all profiles.
    pub(crate) fn profiles(&self) -> BTreeSet<&str> {
        self.names(PROFILE)
    }

    /// Returns the user's own command names, and the text that each stands for.
    pub(crate) fn aliases(&self) -> BTreeMap<&str, String> {
        let names = self.names("alias").into_iter();
        names
            .filter_map(|name| Some((name, self.text(&["alias", name])?)))
            .collect()
    }

    /// Returns the path of the older `tw`, which has the commands that this one lacks. `None` if no file names it.
    pub(crate) fn legacy_command(&self) -> Option<PathBuf> {
        match self.find_value(&["legacy-command"], Kind::Path)?.0 {
            Value::Path(path) => Some(path),
            _ => None,
        }
    }

    /// Returns the profile that the files choose. `None` if they choose none; an empty name stands for none too.
    pub(crate) fn default_profile(&self) -> Option<ProfileName> {
        let found = self.top_value(&[DEFAULT_PROFILE], Kind::Profile)?;
        let value = found.value.into_text().filter(|name| !name.is_empty())?;
        let origin = found.origin;
        Some(Sourced { value, origin })
    }

    /// Removes the user's file.
    pub(crate) fn without_user(mut self) -> Self {
        let own = file::user_path();
        self.files.retain(|file| Some(&file.path) != own.as_ref());
        self
    }

    /// Checks that a profile exists.
    ///
    /// # Errors
    /// If no file has the profile. The message names the place that names the profile.
    pub(crate) fn check_profile(&self, chosen: &ProfileName) -> Result<(), Error> {
        let name = &chosen.value;
        if self.profiles().contains(&**name) {
            return Ok(());
        }
        let name = tw_render::text::visible(name);
        let (kind, from) = match &chosen.origin {
            Origin::File(place) => (ErrorKind::Input, format!(", which {place} chooses")),
            Origin::Variable(variable) => (ErrorKind::Usage, format!(", which {variable} names")),
            _ => (ErrorKind::Usage, String::new()),
        };
        let mut hint = self.suggest_profile(&name);
        if is_profile(&name) {
            hint += &format!(", and `tw profile set {name} endpoint=URL` adds this one");
        }
        let error = Error::new(kind, format!("There is no profile `{name}`{from}"));
        Err(error.code(code::PROFILE_NOT_FOUND).hint(hint))
    }

    /// Returns the hint for a name that no profile has.
    pub(crate) fn suggest_profile(&self, name: &str) -> String {
        let near = nearest(name, self.profiles().into_iter());
        let near = near.map(|near| format!("did you mean `{near}`? "));
        near.unwrap_or_default() + "`tw profile list` shows the profiles"
    }
}

/// Returns the first value at this path of keys in these files, and its place. `None` if no file has it.
fn find_value(files: &[File], path: &[&str], kind: Kind) -> Option<(Value, Place)> {
    let mut files = files.iter();
    let (value, file) = files.find_map(|file| Some((file.find(path)?, file)))?;
    let read = kind.read_toml(value.get_ref(), file.folder())?;
    Some((read, file.place(value.span())))
}
