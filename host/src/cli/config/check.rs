//! `tw config check`: compares all configuration files with the schema, and the sections of plugins with what the plugins declare.

use clap::ArgMatches;
use serde_json::{Value, json};
use tw_render::text::visible;

use crate::{
    cli::{plugin::view::table, show},
    config::{
        self, Configuration, Settings,
        chosen::Chosen,
        file::{File, Trust, system_paths},
    },
    error::Error,
    plugin::Catalog,
};

/// What is wrong with the configuration.
struct Problem {
    message: String,
    hint: Option<String>,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self {
            message: error.to_string(),
            hint: error.next_step().map(str::to_owned),
        }
    }
}

pub(super) fn run(
    catalog: &Catalog,
    levels: &[&ArgMatches],
    settings: &Settings,
) -> Result<u8, Error> {
    let user = config::user_path().map(|path| (path, Trust::Own));
    let mut problems = Vec::new();
    let mut rows = Vec::new();
    for (path, trust) in user.into_iter().chain(system_paths()) {
        let (state, found) = match File::read_unchecked(&path, trust) {
            Ok(None) => ("absent", Vec::new()),
            Err(error) => ("invalid", vec![error.into()]),
            Ok(Some(file)) => {
                let mistakes = file.mistakes().into_iter();
                let found: Vec<Problem> = mistakes.map(|one| file.explain(one).into()).collect();
                (if found.is_empty() { "valid" } else { "invalid" }, found)
            }
        };
        problems.extend(found);
        rows.push(json!({ "path": path.to_string_lossy(), "state": state }));
    }
    if problems.is_empty() {
        let configuration = Configuration::load()?;
        problems.extend(Chosen::new(levels, configuration).err().map(Problem::from));
        problems.extend(check_plugins(catalog, configuration));
    }
    let texts: String = problems.iter().map(render).collect();
    let listed: Vec<Value> = problems
        .iter()
        .map(|problem| json!({ "message": problem.message, "hint": problem.hint }))
        .collect();
    let columns = [("File", "/path"), ("State", "/state")];
    let view = table("Configuration files", "/files", &columns, "No files found");
    let after = match settings.format {
        tw_render::Format::Console => texts,
        _ => String::new(),
    };
    let value = json!({ "files": rows, "problems": listed });
    show::print_with(settings, &value, &view, &after)?;
    Ok(u8::from(!problems.is_empty()))
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
