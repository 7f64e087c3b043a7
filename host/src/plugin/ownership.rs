//! Decides which plugin owns a command, and which plugin is used if several have the same name. No other module decides this.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use super::{
    cache::Writer,
    known::{Plugin, State},
    locate::Found,
};
use crate::{store::PluginManifest, trust::Origin};

/// The owners of the commands directly below `tw`, as numbers of plugins in the catalog.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Owners {
    /// By the command's name. A command with several numbers belongs to none of these plugins.
    pub(super) commands: BTreeMap<String, Vec<usize>>,
    /// By the alias of a command. An alias that is another command's name or alias is dropped.
    pub(super) aliases: BTreeMap<String, usize>,
}

/// The effects on commands that the installation of a plugin would have.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Claims {
    /// The commands and aliases that other plugins would lose, with the names of these plugins.
    pub(crate) taken: Vec<(String, String)>,
    /// The plugin's commands that would not be its own, with the plugin that has the command. `None` if no plugin would have the command.
    pub(crate) missed: Vec<(String, Option<String>)>,
}

impl Owners {
    /// Decides which plugin of each name is used and which plugin owns each command. If several have the same name, the one
    /// with the latest [`Origin`] is used. Names of built-in commands belong to no plugin.
    ///
    /// A bundled plugin keeps its commands and aliases: no plugin of another name can take them. Otherwise, a command that several plugins claim
    /// belongs to the plugin with the command's name, or to none if there is no such plugin.
    pub(super) fn resolve(plugins: &mut [Plugin], built_in: &[&str]) -> Self {
        let mut used: HashMap<String, Origin> = HashMap::new();
        for plugin in plugins.iter() {
            let origin = used.entry(plugin.name()).or_insert(plugin.origin);
            *origin = plugin.origin.max(*origin);
        }
        for plugin in plugins.iter_mut() {
            plugin.replaced = used[&plugin.name()] > plugin.origin;
        }
        let bundled = bundled_words(plugins);
        let may_have =
            |origin: Origin, word: &str| origin == Origin::Bundled || !bundled.contains(word);
        let mut owners = Self::default();
        let mut claims: HashMap<String, usize> = HashMap::new();
        for (number, plugin) in plugins.iter().enumerate() {
            for command in plugin.commands() {
                let name = command.name.as_str();
                if !built_in.contains(&name) && may_have(plugin.origin, name) {
                    let claimants = owners.commands.entry(command.name.clone());
                    claimants.or_default().push(number);
                }
                for alias in &command.aliases {
                    if may_have(plugin.origin, alias) {
                        *claims.entry(alias.clone()).or_default() += 1;
                    }
                }
            }
        }
        for (command, claimants) in &mut owners.commands {
            let named = claimants.iter().copied();
            let mut named = named.filter(|number| plugins[*number].name() == *command);
            if let (Some(owner), None) = (named.next(), named.next()) {
                *claimants = vec![owner];
            }
        }
        for (number, plugin) in plugins.iter_mut().enumerate() {
            let State::Usable(summary) = &mut plugin.state else {
                continue;
            };
            for command in &mut summary.commands {
                command.aliases.retain(|alias| {
                    claims.get(alias) == Some(&1)
                        && may_have(plugin.origin, alias)
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

    /// Returns the effects that the installation of a plugin would have on the commands of these plugins, whose owners these are.
    pub(super) fn claims(
        &self,
        plugins: &[Plugin],
        manifest: &PluginManifest,
        built_in: &[&str],
    ) -> Claims {
        let name = &manifest.name;
        let mut after = plugins.to_vec();
        let is_replaced =
            |plugin: &Plugin| plugin.origin == Origin::Installed && plugin.name() == *name;
        after.retain(|plugin| !is_replaced(plugin));
        let installed = Found {
            path: PathBuf::new(),
            origin: Origin::Installed,
        };
        let state = State::Usable(Writer::default().manifest(manifest));
        after.push(Plugin::new(&installed, state));
        let owners = Self::resolve(&mut after, built_in);
        let owner = |word: &str| owners.owner(word).map(|number| after[number].name());
        let words = self.commands.keys().chain(self.aliases.keys());
        let taken = words.filter_map(|word| {
            let old = plugins[self.owner(word)?].name();
            let is_lost = old != *name && owner(word).as_ref() != Some(&old);
            is_lost.then(|| (word.clone(), old))
        });
        let commands = after.last().map(Plugin::commands).unwrap_or_default();
        let missed = commands.iter().filter_map(|command| {
            let owner = owner(&command.name);
            let is_missed = owner.as_ref() != Some(name);
            is_missed.then(|| (command.name.clone(), owner))
        });
        Claims {
            taken: taken.collect(),
            missed: missed.collect(),
        }
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

/// Returns the words that belong to bundled plugins: their commands and aliases. A bundled plugin that can't be used keeps its name, because one of its
/// commands usually has that name.
fn bundled_words(plugins: &[Plugin]) -> HashSet<String> {
    let bundled = plugins
        .iter()
        .filter(|plugin| plugin.origin == Origin::Bundled && !plugin.replaced);
    let words = bundled.flat_map(|plugin| {
        let commands = plugin.commands().iter();
        let words = commands.flat_map(|command| {
            std::iter::once(command.name.clone()).chain(command.aliases.iter().cloned())
        });
        let name = plugin.problem().map(|_| plugin.name());
        words.chain(name).collect::<Vec<_>>()
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use tw_plugin_protocol::{Command, Manifest};

    use super::*;

    /// Returns the manifest of a plugin with one command and its aliases.
    fn manifest(name: &str, command: &str, aliases: &[&str]) -> PluginManifest {
        PluginManifest::of(&Manifest {
            name: name.to_owned(),
            commands: vec![Command {
                name: command.to_owned(),
                aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
                ..Default::default()
            }],
            ..Default::default()
        })
    }

    /// Makes a plugin with one command and its aliases.
    fn plugin(name: &str, origin: Origin, command: &str, aliases: &[&str]) -> Plugin {
        let library = Found {
            path: name.into(),
            origin,
        };
        Plugin::new(
            &library,
            State::Usable(Writer::default().manifest(&manifest(name, command, aliases))),
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
            plugin("one", Origin::Installed, "hello", &[]),
            plugin("two", Origin::Linked, "hello", &[]),
        ];
        let owners = resolve(&mut plugins);
        assert_eq!(owners.owner("hello"), None);
        assert_eq!(owners.commands["hello"], [0, 1]);
    }

    #[test]
    fn a_bundled_plugin_keeps_its_commands_and_aliases() {
        let mut plugins = [
            plugin("one", Origin::Bundled, "hello", &["hi"]),
            plugin("two", Origin::Installed, "hello", &["hi"]),
            plugin("hi", Origin::Linked, "hi", &["hello"]),
            plugin("hello", Origin::Installed, "hello", &[]),
        ];
        let owners = resolve(&mut plugins);
        assert_eq!(owners.owner("hello"), Some(0));
        assert_eq!(owners.owner("hi"), Some(0));
        assert_eq!(plugins[1].commands()[0].aliases, [""; 0]);
    }

    #[test]
    fn a_bundled_plugin_that_cant_be_used_keeps_its_name() {
        let mut broken = plugin("one", Origin::Bundled, "one", &[]);
        broken.path = "libtw_plugin_one.so".into();
        let damaged = crate::error::Error::usage("it is damaged");
        broken.state = State::Unusable(super::super::known::NoManifest::Fault(damaged));
        let mut plugins = [broken, plugin("two", Origin::Installed, "one", &[])];
        assert_eq!(resolve(&mut plugins).owner("one"), None);
    }

    #[test]
    fn a_command_belongs_to_the_plugin_with_its_name() {
        let mut plugins = [
            plugin("one", Origin::Installed, "two", &[]),
            plugin("two", Origin::Installed, "two", &[]),
            plugin("three", Origin::Linked, "two", &[]),
        ];
        assert_eq!(resolve(&mut plugins).owner("two"), Some(1));
    }

    #[test]
    fn an_installation_takes_what_other_plugins_lose() {
        let mut plugins = [
            plugin("one", Origin::Bundled, "bundled", &[]),
            plugin("two", Origin::Installed, "hello", &["hi"]),
        ];
        let owners = resolve(&mut plugins);
        let claims = |name: &str, command: &str, aliases: &[&str]| {
            let manifest = manifest(name, command, aliases);
            let Claims { taken, missed } = owners.claims(&plugins, &manifest, &["plugin"]);
            let taken = taken
                .into_iter()
                .map(|(word, owner)| format!("{word} of {owner}"));
            let missed = missed
                .into_iter()
                .map(|(word, owner)| format!("not {word}: {owner:?}"));
            taken.chain(missed).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(claims("new", "new", &[]), "");
        assert_eq!(claims("new", "hello", &[]), "hello of two, not hello: None");
        assert_eq!(claims("hello", "hello", &[]), "hello of two");
        assert_eq!(claims("new", "hi", &[]), "hi of two");
        assert_eq!(claims("new", "new", &["hi"]), "hi of two");
        assert_eq!(claims("new", "new", &["hello"]), "");
        assert_eq!(claims("new", "bundled", &[]), "not bundled: Some(\"one\")");
        assert_eq!(claims("two", "other", &[]), "");
        assert_eq!(claims("one", "other", &[]), "");
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
