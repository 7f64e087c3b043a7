//! `tw config check`: compares all configuration files with the schema, and the sections of plugins with what the plugins declare.

use std::path::PathBuf;

use clap::ArgMatches;
use serde_json::{Value, json};
use tw_render::text::visible;

use crate::{
    cli::{alias, plugin::view::table, show},
    config::{
        self, Configuration, Settings,
        chosen::Chosen,
        file::{File, Trust, system_paths},
    },
    error::Error,
    owners::Obstacle,
    plugin::Catalog,
};

/// A mistake in the configuration.
pub(in crate::cli) struct Problem {
    pub(in crate::cli) message: String,
    pub(in crate::cli) hint: Option<String>,
}

/// The configuration files with their states, and what is wrong with them.
pub(in crate::cli) struct Found {
    pub(in crate::cli) files: Vec<(PathBuf, &'static str)>,
    pub(in crate::cli) problems: Vec<Problem>,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self {
            message: error.to_string(),
            hint: error.next_step().map(str::to_owned),
        }
    }
}

/// Prints the files and their mistakes, and returns the exit code.
pub(super) fn run(
    catalog: &Catalog,
    levels: &[&ArgMatches],
    settings: &Settings,
) -> Result<u8, Error> {
    let Found { files, problems } = find_problems(catalog, levels);
    let rows: Vec<Value> = files
        .iter()
        .map(|(path, state)| json!({ "path": path.to_string_lossy(), "state": state }))
        .collect();
    let listed: Vec<Value> = problems
        .iter()
        .map(|problem| json!({ "message": problem.message, "hint": problem.hint }))
        .collect();
    let columns = [("File", "/path"), ("State", "/state")];
    let view = table("Configuration files", "/files", &columns, "No files found");
    let texts: String = match settings.format {
        tw_render::Format::Console => problems.iter().map(render).collect(),
        _ => String::new(),
    };
    let value = json!({ "files": rows, "problems": listed });
    show::print_with(settings, &value, &view, &texts)?;
    Ok(u8::from(!problems.is_empty()))
}

/// Compares all files with the schema. If they have no mistake, looks for the profile in use, and compares the sections of plugins.
pub(in crate::cli) fn find_problems(catalog: &Catalog, levels: &[&ArgMatches]) -> Found {
    let user = config::user_path().map(|path| (path, Trust::Own));
    let mut problems = Vec::new();
    let mut files = Vec::new();
    for (path, trust) in user.into_iter().chain(system_paths()) {
        let (state, found) = match File::read_unchecked(&path, trust) {
            Ok(None) if Obstacle::find(&path).is_some() => ("unreachable", Vec::new()),
            Ok(None) => ("absent", Vec::new()),
            Err(error) => ("invalid", vec![error.into()]),
            Ok(Some(file)) => {
                let mistakes = file.mistakes().into_iter();
                let found: Vec<Problem> = mistakes.map(|one| file.explain(one).into()).collect();
                (if found.is_empty() { "valid" } else { "invalid" }, found)
            }
        };
        problems.extend(found);
        files.push((path, state));
    }
    if problems.is_empty() {
        match Configuration::load() {
            Ok(configuration) => {
                let chosen = Chosen::new(levels, configuration);
                problems.extend(chosen.err().map(Problem::from));
                problems.extend(check_plugins(catalog, configuration));
                let aliases = configuration.aliases().into_keys();
                let aliases = aliases.filter_map(|name| alias::check_name(catalog, name).err());
                problems.extend(aliases.map(Problem::from));
            }
            Err(error) => problems.push(error.into()),
        }
    }
    Found { files, problems }
}

fn render(problem: &Problem) -> String {
    let hint = problem.hint.as_deref().unwrap_or_default();
    let hint = match hint.is_empty() {
        true => String::new(),
        false => format!("    {}\n", visible(hint)),
    };
    format!("  {}\n{hint}", visible(&problem.message))
}

/// Compares the sections of plugins with what the plugins declare.
fn check_plugins(catalog: &Catalog, configuration: &Configuration) -> Vec<Problem> {
    let names = configuration.names("plugin");
    if names.is_empty() {
        return Vec::new();
    }
    let catalog = catalog.ask_again();
    let check = |name: &str| {
        let Some(plugin) = catalog.named(name) else {
            return Some(Problem {
                message: format!(
                    "The configuration has the section `[plugin.{name}]`, and there is no plugin of that name"
                ),
                hint: Some("`tw plugin list` shows the plugins".to_owned()),
            });
        };
        let manifest = catalog.manifest(plugin)?;
        let read = config::read_settings(name, &manifest.settings);
        read.err().map(Problem::from)
    };
    names.into_iter().filter_map(check).collect()
}
