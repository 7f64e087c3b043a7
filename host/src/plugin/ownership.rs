//! Decides which plugin owns a command, and which plugin is used if several have the same name. No other module decides this.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::known::{Plugin, State};
use crate::trust::Origin;

/// The owners of the commands directly below `tw`, as numbers of plugins in the catalog.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Owners {
    /// By the command's name. A command that several plugins claim belongs to none of them.
    pub(super) commands: BTreeMap<String, Vec<usize>>,
    /// By the alias of a command. An alias that is another command's name or alias is dropped.
    pub(super) aliases: BTreeMap<String, usize>,
}

impl Owners {
    /// Decides which plugin of each name is used and which plugin owns each command. If several have the same name, the one
    /// with the latest [`Origin`] is used. Names of built-in commands belong to no plugin.
    pub(super) fn resolve(plugins: &mut [Plugin], built_in: &[&str]) -> Self {
        let mut used: HashMap<String, Origin> = HashMap::new();
        for plugin in plugins.iter() {
            let origin = used.entry(plugin.name()).or_insert(plugin.origin);
            *origin = plugin.origin.max(*origin);
        }
        for plugin in plugins.iter_mut() {
            plugin.replaced = used[&plugin.name()] > plugin.origin;
        }
        let mut owners = Self::default();
        let mut claims: HashMap<String, usize> = HashMap::new();
        for (number, plugin) in plugins.iter().enumerate() {
            for command in plugin.commands() {
                if !built_in.contains(&command.name.as_str()) {
                    let claimants = owners.commands.entry(command.name.clone());
                    claimants.or_default().push(number);
                }
                for alias in &command.aliases {
                    *claims.entry(alias.clone()).or_default() += 1;
                }
            }
        }
        for (number, plugin) in plugins.iter_mut().enumerate() {
            let State::Usable(summary) = &mut plugin.state else {
                continue;
            };
            for command in &mut summary.commands {
                command.aliases.retain(|alias| {
                    claims.get(alias) == Some(&1)
                        && !owners.commands.contains_key(alias)
                        && !built_in.contains(&alias.as_str())
                });
                if !plugin.replaced {
                    let aliases = command.aliases.iter();
                    owners
                        .aliases
                        .extend(aliases.map(|alias| (alias.clone(), number)));
                }
            }
        }
        owners
    }

    /// Returns the plugin that owns the command with this name or alias; `None` if there is no such command, or several plugins claim it.
    pub(super) fn owner(&self, word: &str) -> Option<usize> {
        match self.commands.get(word).map(Vec::as_slice) {
            Some([number]) => Some(*number),
            Some(_) => None,
            None => self.aliases.get(word).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use tw_plugin_protocol::{Command, Manifest};

    use super::*;
    use crate::{
        plugin::{cache::Writer, locate::Found},
        store::PluginManifest,
    };

    /// Makes a plugin with one command and its aliases.
    fn plugin(name: &str, origin: Origin, command: &str, aliases: &[&str]) -> Plugin {
        let manifest = Manifest {
            name: name.to_owned(),
            commands: vec![Command {
                name: command.to_owned(),
                aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
                ..Default::default()
            }],
            ..Default::default()
        };
        let library = Found {
            path: name.into(),
            origin,
        };
        Plugin::new(
            &library,
            State::Usable(Writer::default().manifest(&PluginManifest::of(&manifest))),
        )
    }

    fn resolve(plugins: &mut [Plugin]) -> Owners {
        Owners::resolve(plugins, &["plugin"])
    }

    #[test]
    fn the_later_origin_of_one_name_is_used() {
        let mut plugins = [
            plugin("greet", Origin::Bundled, "hello", &[]),
            plugin("greet", Origin::Linked, "hello", &[]),
            plugin("greet", Origin::Installed, "hello", &[]),
        ];
        let owners = resolve(&mut plugins);
        assert_eq!(
            plugins.each_ref().map(|plugin| plugin.replaced),
            [true, false, true]
        );
        assert_eq!(owners.owner("hello"), Some(1));
    }

    #[test]
    fn a_command_that_two_plugins_claim_belongs_to_none() {
        let mut plugins = [
            plugin("one", Origin::Bundled, "hello", &[]),
            plugin("two", Origin::Linked, "hello", &[]),
        ];
        let owners = resolve(&mut plugins);
        assert_eq!(owners.owner("hello"), None);
        assert_eq!(owners.commands["hello"], [0, 1]);
    }

    #[test]
    fn a_built_in_command_belongs_to_no_plugin() {
        let owners = resolve(&mut [plugin("one", Origin::Bundled, "plugin", &["plugin"])]);
        assert_eq!(owners, Owners::default());
    }

    #[test]
    fn an_alias_that_is_also_a_command_or_another_alias_is_dropped() {
        let mut plugins = [
            plugin("one", Origin::Bundled, "hello", &["hi", "bye", "hey"]),
            plugin("two", Origin::Bundled, "bye", &["hi"]),
        ];
        let owners = resolve(&mut plugins);
        assert_eq!(plugins[0].commands()[0].aliases, ["hey"]);
        assert_eq!((owners.owner("hey"), owners.owner("hi")), (Some(0), None));
        assert_eq!(owners.owner("bye"), Some(1));
    }
}
