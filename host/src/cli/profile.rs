//! `tw profile`: lists, shows, chooses and changes the profiles of the configuration.

mod keys;

use clap::{ArgMatches, Command, FromArgMatches, Subcommand};
use clap_complete::engine::ArgValueCompleter;
use serde_json::{Value, json};
use tw_render::text::visible;

use self::keys::{complete_assignment, complete_key, describe_keys, find_key};
use super::{config, line::Line, plugin::add_root_options, plugin::view::table, show};
use crate::{
    config::{
        Configuration, Origin, Settings, Sourced,
        edit::Edit,
        kind::{PROFILE_NAME, is_profile},
        options,
        schema::{self, DEFAULT_PROFILE, PROFILE, Shape},
    },
    credentials::{self, Place},
    error::{Error, ErrorKind},
    files::show_path,
};

pub(super) const ABOUT: &str = "List, choose and change profiles";

#[derive(Debug, Subcommand)]
enum Profile {
    /// List the profiles
    List,
    /// Show the settings of a profile, and where each comes from
    Show {
        /// The profile; the one in use if left out
        #[arg(add = ArgValueCompleter::new(options::complete_profile))]
        name: Option<String>,
    },
    /// Choose the profile that commands use
    Use {
        /// The profile
        #[arg(required_unless_present = "none", add = ArgValueCompleter::new(options::complete_profile))]
        name: Option<String>,
        /// Use no profile
        #[arg(long, conflicts_with = "name")]
        none: bool,
    },
    /// Set keys of a profile, and add the profile if it is new
    #[command(after_help = "Examples:
  tw profile set work endpoint=https://tower.example.com/api workspace=acme/research
  tw profile set work http.retries=5 cacert=/etc/ssl/acme.pem")]
    Set {
        /// The profile
        #[arg(add = ArgValueCompleter::new(options::complete_profile))]
        name: String,
        /// A key and its value: endpoint=URL
        #[arg(required = true, value_name = "KEY=VALUE", add = ArgValueCompleter::new(complete_assignment))]
        assignments: Vec<String>,
    },
    /// Remove keys of a profile
    Unset {
        /// The profile
        #[arg(add = ArgValueCompleter::new(options::complete_profile))]
        name: String,
        /// A key: endpoint
        #[arg(required = true, value_name = "KEY", add = ArgValueCompleter::new(complete_key))]
        keys: Vec<String>,
    },
    /// Remove a profile
    Remove {
        /// The profile
        #[arg(add = ArgValueCompleter::new(options::complete_profile))]
        name: String,
    },
}

/// Returns the command with its subcommands.
pub(super) fn command(line: &Line) -> Command {
    let command = Profile::augment_subcommands(Command::new("profile").about(ABOUT));
    let command = command.mut_subcommand("set", |set| {
        let examples = set.get_after_help().map(ToString::to_string);
        set.after_help(format!(
            "{}\n\n{}",
            describe_keys(),
            examples.unwrap_or_default()
        ))
    });
    add_root_options(command, line)
}

/// Runs the subcommand that was given, and returns the exit code.
pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<u8, Error> {
    let profile =
        Profile::from_arg_matches(matches).map_err(|error| Error::usage(error.to_string()))?;
    match profile {
        Profile::List => list(settings),
        Profile::Show { name } => show(settings, name),
        Profile::Use { name, .. } => choose(settings, name.as_deref()),
        Profile::Set { name, assignments } => set(settings, &name, &assignments),
        Profile::Unset { name, keys } => unset(settings, &name, &keys),
        Profile::Remove { name } => remove(settings, &name),
    }
}

fn list(settings: &Settings) -> Result<u8, Error> {
    let configuration = Configuration::load()?;
    let used = settings.profile.as_ref();
    let rows = configuration.profiles().into_iter().map(|name| {
        let value = |key: &str| {
            let (path, key) = schema::setting(key)?;
            let Shape::Value(kind) = key.shape else {
                return None;
            };
            let found = configuration.profile_value(&path, kind, Some(name))?;
            Some(config::mask(kind, found.value))
        };
        json!({
            "name": name,
            "chosenBy": used.filter(|used| used.value == name).map(|used| used.origin.to_string()),
            "endpoint": value("endpoint"),
            "workspace": value("workspace"),
        })
    });
    let rows: Vec<Value> = rows.collect();
    let columns = [
        ("Name", "/name"),
        ("Chosen by", "/chosenBy"),
        ("Endpoint", "/endpoint"),
        ("Workspace", "/workspace"),
    ];
    let view = table("Profiles", "/profiles", &columns, "No profiles found");
    show::print(settings, &json!({ "profiles": rows }), &view)
}

fn show(settings: &Settings, name: Option<String>) -> Result<u8, Error> {
    let configuration = Configuration::load()?;
    let used = settings.profile.as_ref();
    let chosen = match (name, used) {
        (Some(value), _) => Sourced {
            value,
            origin: Origin::Option("profile"),
        },
        (None, Some(used)) => used.clone(),
        (None, None) => {
            return Err(Error::new(ErrorKind::NotFound, "No profile is in use")
                .hint("`tw profile list` shows the profiles; `tw profile use NAME` chooses one"));
        }
    };
    configuration.check_profile(&chosen)?;
    let name = chosen.value.as_str();
    let rows = schema::settings().filter_map(|(path, key)| {
        let Shape::Value(kind) = key.shape else {
            return None;
        };
        let found = configuration.profile_value(&path, kind, Some(name))?;
        let place = match found.origin {
            Origin::Profile { place, .. } => place.to_string(),
            _ => String::new(),
        };
        Some(json!({
            "key": path.join("."),
            "value": config::mask(kind, found.value),
            "origin": place,
        }))
    });
    let rows: Vec<Value> = rows.collect();
    let columns = [("Key", "/key"), ("Value", "/value"), ("Origin", "/origin")];
    let heading = format!("Profile {name}");
    let view = table(&heading, "/settings", &columns, "No keys are set");
    let is_used = used.is_some_and(|used| used.value == name);
    show::print(
        settings,
        &json!({ "profile": name, "inUse": is_used, "settings": rows }),
        &view,
    )
}

fn choose(settings: &Settings, name: Option<&str>) -> Result<u8, Error> {
    let mut edit = Edit::begin()?;
    let Some(name) = name else {
        edit.remove(&[DEFAULT_PROFILE]);
        if Configuration::read()?
            .without_user()
            .default_profile()
            .is_some()
        {
            edit.set(&[DEFAULT_PROFILE], "".into());
        }
        edit.save()?;
        return show::print_message(settings, &json!({ "profile": null }), "No profile is used");
    };
    check_exists(&Configuration::read()?, name)?;
    edit.set(&[DEFAULT_PROFILE], name.into());
    edit.save()?;
    show::print_message(
        settings,
        &json!({ "profile": name }),
        format!("Profile '{name}' is used"),
    )
}

/// Checks that there is a profile of this name. A user who chooses or removes one doesn't want to add it.
fn check_exists(configuration: &Configuration, name: &str) -> Result<(), Error> {
    let named = Sourced {
        value: name.to_owned(),
        origin: Origin::Option("profile"),
    };
    let found = configuration.check_profile(&named);
    found.map_err(|error| error.hint(configuration.suggest_profile(name)))
}

fn set(settings: &Settings, name: &str, assignments: &[String]) -> Result<u8, Error> {
    if !is_profile(name) {
        return Err(Error::invalid_value(format!(
            "'{}' can't be {PROFILE_NAME}",
            visible(name)
        )));
    }
    let mut edit = Edit::begin()?;
    let is_new = !Configuration::read()?.profiles().contains(name);
    for assignment in assignments {
        let Some((key, text)) = assignment.split_once('=') else {
            // The text is not quoted unless it is a key, because it may be a secret.
            let key = schema::setting(assignment)
                .map(|_| format!("write `{assignment}=VALUE`, without blanks around `=`"));
            let example = || "write, for example, `endpoint=https://HOST/api`".to_owned();
            let message = "A key and its value are written KEY=VALUE";
            return Err(Error::invalid_value(message).hint(key.unwrap_or_else(example)));
        };
        let (path, kind) = find_key(key)?;
        let value = kind.to_toml(text).ok_or_else(|| {
            Error::invalid_value(format!(
                "`{}` should be {}",
                path.join("."),
                kind.expected_typed()
            ))
        })?;
        edit.set(&[&[PROFILE, name], &*path].concat(), value);
    }
    edit.save()?;
    let done = match is_new {
        true => format!("Profile '{name}' added"),
        false => format!("Profile '{name}' changed"),
    };
    show::print_message(settings, &json!({ "profile": name }), done)
}

fn unset(settings: &Settings, name: &str, keys: &[String]) -> Result<u8, Error> {
    let mut edit = begin_change_of(name)?;
    for key in keys {
        let (path, _) = find_key(key)?;
        if !edit.remove(&[&[PROFILE, name], &*path].concat()) {
            return Err(not_set(name, &path)?);
        }
    }
    edit.save()?;
    show::print_message(
        settings,
        &json!({ "profile": name }),
        format!("Profile '{name}' changed"),
    )
}

/// Makes the error of a key that the user's file doesn't set.
fn not_set(name: &str, path: &[&str]) -> Result<Error, Error> {
    let key = path.join(".");
    let configuration = Configuration::read()?;
    let places = configuration.places(&[&[PROFILE, name], path].concat());
    Ok(match places.first() {
        Some(place) => Error::new(
            ErrorKind::Refused,
            format!("`{key}` of the profile `{name}` is not yours to change: it is in {place}"),
        )
        .hint(format!(
            "`tw profile set {name} {key}=VALUE` takes precedence"
        )),
        None => Error::new(
            ErrorKind::NotFound,
            format!("The profile `{name}` doesn't set `{key}`"),
        )
        .hint(format!("`tw profile show {name}` shows what it sets")),
    })
}

fn remove(settings: &Settings, name: &str) -> Result<u8, Error> {
    let mut edit = begin_change_of(name)?;
    edit.remove(&[PROFILE, name]);
    let was_used = edit.default_profile() == Some(name);
    if was_used {
        edit.remove(&[DEFAULT_PROFILE]);
    }
    let is_elsewhere = Configuration::read()?
        .without_user()
        .profiles()
        .contains(name);
    if !is_elsewhere {
        remove_logins(name)?;
    }
    edit.save()?;
    let left = Configuration::read()?;
    let others = left.places(&[PROFILE, name]).into_iter();
    let others: Vec<String> = others.map(|place| show_path(&place.file)).collect();
    let done = match (was_used, left.default_profile()) {
        _ if !others.is_empty() => format!(
            "Profile '{name}' removed from your file; it is still in {}",
            others.join(", ")
        ),
        (true, Some(other)) => format!(
            "Profile '{name}' removed; profile '{}' is used now",
            other.value
        ),
        (true, None) => format!("Profile '{name}' removed; no profile is used now"),
        (false, _) => format!("Profile '{name}' removed"),
    };
    show::print_message(settings, &json!({ "profile": name }), done)
}

/// Removes the logins of a profile that is about to go, because commands can't use them any more. The keyring comes first: if it can't be changed, nothing is.
fn remove_logins(name: &str) -> Result<(), Error> {
    let mut logins = credentials::list()?;
    logins.retain(|login| login.profile.as_deref() == Some(name));
    logins.sort_by_key(|login| login.place == Place::File);
    logins.iter().try_for_each(|login| {
        let origin = &login.origin;
        credentials::remove(login).map_err(|error| {
            error
                .context(format!(
                    "The profile `{name}` is not removed, because its login for {origin} can't be removed"
                ))
                .hint(format!(
                    "run the command again in a session that has the keyring unlocked; or remove only the login with `tw logout --profile {name} -u {origin} --forget`, which leaves the token in the keyring, and then the profile"
                ))
        })
    })
}

/// Begins a change of a profile that the user's file must have.
fn begin_change_of(name: &str) -> Result<Edit, Error> {
    let edit = Edit::begin()?;
    if edit.has_profile(name) {
        return Ok(edit);
    }
    let configuration = Configuration::read()?;
    check_exists(&configuration, name)?;
    let places = configuration.places(&[PROFILE, name]).into_iter();
    let files: Vec<String> = places.map(|place| show_path(&place.file)).collect();
    Err(Error::new(
        ErrorKind::Refused,
        format!(
            "The profile `{name}` is not yours to change: it is in {}",
            files.join(", ")
        ),
    )
    .hint(format!(
        "`tw profile set {name} KEY=VALUE` takes precedence over its keys"
    )))
}
