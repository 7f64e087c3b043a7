//! Checks that a package has the plugin that its source names.

use semver::Version;
use tw_plugin_protocol::Manifest;
use tw_render::text::visible;

use super::{archive, oci::Place};
use crate::{
    error::{Error, ErrorKind},
    trust::keys::is_name,
};

/// The prefix that the name of a repository may have before the plugin's name, as the name of a crate has.
const PREFIX: &str = "tw-plugin-";

/// Checks that a file with a name from `tw plugin pack` has the package of this name. A file with another name can have any package.
///
/// # Errors
/// The name is that of another package.
pub(super) fn check_file_name(file: &str, plugin: &Manifest) -> Result<(), Error> {
    let (name, version, target) = (&plugin.name, &plugin.version, &plugin.target);
    let expected = format!("{name}-{version}-{target}{}", archive::SUFFIX);
    if file == expected || !is_package_name(file) {
        return Ok(());
    }
    let (file, expected) = (visible(file), visible(&expected));
    let message = format!(
        "the file is called {file}, but has the plugin `{}` {}",
        visible(name),
        visible(version)
    );
    Err(Error::new(ErrorKind::Refused, message).hint(format!(
        "get it again from its publisher; its right name is {expected}"
    )))
}

/// True if a file's name has the form `NAME-VERSION-TARGET.tar.gz`.
fn is_package_name(file: &str) -> bool {
    let is_target = |text: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        text.contains('-') && text.bytes().all(is_letter)
    };
    let ends_in_target = |text: &str| {
        text.match_indices('-')
            .any(|(at, _)| text[..at].parse::<Version>().is_ok() && is_target(&text[at + 1..]))
    };
    file.strip_suffix(archive::SUFFIX).is_some_and(|stem| {
        stem.match_indices('-')
            .any(|(at, _)| is_name(&stem[..at]) && ends_in_target(&stem[at + 1..]))
    })
}

/// Checks that a repository has the name of the plugin in it.
///
/// # Errors
/// The repository has another name.
pub(crate) fn check_repository(place: &Place, plugin: &str) -> Result<(), Error> {
    let repository = place.repository();
    let last = repository.rsplit('/').next().unwrap_or_default();
    if last == plugin || last.strip_prefix(PREFIX) == Some(plugin) {
        return Ok(());
    }
    let plugin = visible(plugin);
    let message = format!("the repository is called `{last}`, but has the plugin `{plugin}`");
    Err(Error::new(ErrorKind::Refused, message).hint(format!(
        "a plugin is in a repository of its own name: oci://HOST/…/{plugin}"
    )))
}

/// Checks that a tag that is a version is the version of the package.
///
/// # Errors
/// The package has another version.
pub(super) fn check_tag(place: &Place, version: &str) -> Result<(), Error> {
    match place.version() {
        Some(tag) if tag.to_string() != version => Err(Error::new(
            ErrorKind::Input,
            format!("{place} has the version {}, not {tag}", visible(version)),
        )
        .hint("tell the plugin's publisher")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_file_names_of_packages_name_a_package() {
        for file in [
            "hello-1.0.0-x86_64-linux.tar.gz",
            "my-hello-1.0.0-aarch64-linux-musl.tar.gz",
            "hello-1.0.0-rc.1-x86_64-macos.tar.gz",
            "hello-1.0.0+build.5-x86_64-windows.tar.gz",
        ] {
            assert!(is_package_name(file), "{file}");
        }
        for file in [
            "hello.tar.gz",
            "hello-1.0.tar.gz",
            "hello-1.0.0.tar.gz",
            "hello-1.0.0-linux.tar.gz",
            "hello-1.0.0-x86_64-linux (1).tar.gz",
            "Hello-1.0.0-x86_64-linux.tar.gz",
            "hello-1.0.0-x86_64-linux.zip",
        ] {
            assert!(!is_package_name(file), "{file}");
        }
    }

    #[test]
    fn a_file_name_must_be_that_of_its_package() {
        let plugin = Manifest {
            name: "hello".to_owned(),
            version: "1.0.0".to_owned(),
            target: "x86_64-linux".to_owned(),
            ..Manifest::default()
        };
        let check = |file: &str| check_file_name(file, &plugin);
        assert!(check("hello-1.0.0-x86_64-linux.tar.gz").is_ok());
        assert!(check("download.tar.gz").is_ok());
        for other in [
            "goodbye-1.0.0-x86_64-linux.tar.gz",
            "hello-1.0.1-x86_64-linux.tar.gz",
            "hello-1.0.0-x86_64-linux-musl.tar.gz",
        ] {
            let message = check(other).unwrap_err().to_string();
            assert!(message.contains(other) && message.contains("`hello` 1.0.0"));
        }
    }
}
