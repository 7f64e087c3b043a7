//! What is called: the method, and the path with its placeholders.

use tw_plugin_api::{Workspace, prelude::*};

use crate::content::Parameter;

const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// The texts that stand for the IDs of the selected workspace and of its organization.
const PLACEHOLDERS: [&str; 2] = ["{workspaceId}", "{orgId}"];

/// The method and the path of a call, as the user typed them.
#[derive(Debug, PartialEq)]
pub(crate) struct Target {
    pub(crate) method: &'static str,
    /// A path that begins with a slash, or a complete URL.
    path: String,
}

/// Advises on two words of which the first is no method. `None` if nothing is known about them.
fn advise(first: &str, second: &str) -> Option<String> {
    let is_path = first.starts_with('/') || is_url(first);
    let is_method = METHODS.iter().any(|name| second.eq_ignore_ascii_case(name));
    match second {
        _ if !is_path => None,
        // gh has `-q` for `--jq`.
        _ if second.starts_with('.') => {
            Some(format!("`--jq '{second}'` chooses a part of the answer"))
        }
        _ if is_method => Some(format!(
            "the method stands first: `tw api {second} {first}`"
        )),
        _ => None,
    }
}

impl Target {
    /// Parses `METHOD PATH` or `PATH`. `default` is the method for the latter.
    ///
    /// # Errors
    /// If the method is not known. If there is a method and no path.
    pub(crate) fn parse(first: &str, second: Option<&str>, default: &'static str) -> Result<Self> {
        let mut methods = METHODS.into_iter();
        let method = methods.find(|method| first.eq_ignore_ascii_case(method));
        let (method, path) = match (method, second) {
            (Some(method), Some(path)) => (method, path),
            (None, None) => (default, first),
            (Some(method), None) => {
                return Err(Error::usage(format!(
                    "there is no path after {method}; '/{first}' is a path"
                ))
                .code("missing-argument"));
            }
            (None, Some(second)) => {
                let known = METHODS.join(", ");
                let message = format!("'{first}' is not a method: expected one of {known}");
                let error = Error::usage(message).code("invalid-value");
                return Err(match advise(first, second) {
                    Some(hint) => error.hint(hint),
                    None => error,
                });
            }
        };
        let path = match path.starts_with('/') || is_url(path) {
            true => path.to_owned(),
            false => format!("/{path}"),
        };
        Ok(Self { method, path })
    }

    /// True if fields are sent as a JSON body. The other methods have no body that a server has to read.
    pub(crate) fn has_json_body(&self) -> bool {
        matches!(self.method, "POST" | "PUT" | "PATCH")
    }

    /// True if the selected workspace decides what is called. A complete URL is called as it is.
    pub(crate) fn is_in_workspace(&self) -> bool {
        !is_url(&self.path) || has_placeholder(&self.path)
    }

    /// Returns the path with the IDs of the workspace.
    ///
    /// # Errors
    /// As for [`fill`]. If the path has another placeholder.
    pub(crate) fn fill(&self, workspace: &Workspace) -> Result<String> {
        let path = fill(&self.path, workspace)?;
        let Some((_, rest)) = path.split_once('{') else {
            return Ok(path);
        };
        let name = rest.split('}').next().unwrap_or_default();
        Err(Error::usage(format!(
            "'{{{name}}}' is not a placeholder: write an ID in its place"
        ))
        .code("invalid-value")
        .hint("only {workspaceId} and {orgId} are replaced"))
    }

    /// Returns the ID of the workspace if the query has to name it: the path is not a URL and has no placeholder, and the
    /// user typed no `workspaceId`.
    pub(crate) fn find_missing_workspace(
        &self,
        workspace: &Workspace,
        query: &[Parameter],
    ) -> Option<i64> {
        let inline = self.path.split_once('?').map_or("", |(_, inline)| inline);
        let is_typed = inline
            .split('&')
            .any(|pair| pair.starts_with("workspaceId="))
            || query
                .iter()
                .any(|parameter| parameter.name == "workspaceId");
        let is_missing = !is_url(&self.path) && !has_placeholder(&self.path) && !is_typed;
        workspace.id().filter(|_| is_missing)
    }
}

fn is_url(path: &str) -> bool {
    let has_scheme = |scheme: &str| {
        let head = path.get(..scheme.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    };
    has_scheme("http://") || has_scheme("https://")
}

/// True if the text has one of the [`PLACEHOLDERS`].
pub(crate) fn has_placeholder(text: &str) -> bool {
    PLACEHOLDERS.iter().any(|name| text.contains(name))
}

/// Replaces the [`PLACEHOLDERS`] in a text.
///
/// # Errors
/// If there is a placeholder, and no workspace is selected.
pub(crate) fn fill(text: &str, workspace: &Workspace) -> Result<String> {
    let mut text = text.to_owned();
    let ids = [workspace.id(), workspace.organization_id()];
    for (name, id) in PLACEHOLDERS.into_iter().zip(ids) {
        if text.contains(name) {
            let id = id.ok_or_else(|| {
                Error::usage(format!("'{name}' needs a workspace: select one with '-w'"))
            })?;
            text = text.replace(name, &id.to_string());
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(first: &str, second: Option<&str>) -> Result<(&'static str, String), String> {
        let target = Target::parse(first, second, "GET");
        target
            .map(|target| (target.method, target.path))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_method_is_recognized_in_upper_and_lower_case() {
        for method in METHODS {
            let expected = Ok((method, "/x".to_owned()));
            assert_eq!(parse(method, Some("/x")), expected);
            assert_eq!(parse(&method.to_lowercase(), Some("x")), expected);
        }
    }

    #[test]
    fn a_path_gets_a_leading_slash_and_a_url_does_not() {
        for (typed, path) in [
            ("workflow", "/workflow"),
            ("/workflow?a=b", "/workflow?a=b"),
            ("", "/"),
            ("x?to=http://a", "/x?to=http://a"),
            ("https://a.b/c", "https://a.b/c"),
            ("HTTP://a.b/c", "HTTP://a.b/c"),
            ("httpx", "/httpx"),
        ] {
            assert_eq!(parse(typed, None), Ok(("GET", path.to_owned())));
        }
    }

    #[test]
    fn a_method_without_a_path_and_an_unknown_method_are_refused() {
        let error = parse("delete", None).unwrap_err();
        assert_eq!(error, "there is no path after DELETE; '/delete' is a path");
        let error = parse("FETCH", Some("/x")).unwrap_err();
        assert!(error.starts_with("'FETCH' is not a method: "), "{error}");
    }
}
