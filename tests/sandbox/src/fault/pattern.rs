//! Paths with wildcards.

/// Whether a path matches a pattern, in which `*` stands for any text, also none and also slashes.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let Some((prefix, rest)) = pattern.split_once('*') else {
        return pattern == path;
    };
    let Some(mut path) = path.strip_prefix(prefix) else {
        return false;
    };
    // Of the pieces between wildcards, the earliest place is never worse than a later one; the last piece ends it.
    let mut pieces = rest.split('*').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return path.ends_with(piece);
        }
        match path.find(piece) {
            Some(at) => path = &path[at + piece.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn without_a_wildcard_the_path_is_meant_exactly() {
        assert!(matches("/pipeline-secrets", "/pipeline-secrets"));
        assert!(!matches("/pipeline-secrets", "/pipeline-secrets/7"));
        assert!(!matches("", "/"));
    }

    #[test]
    fn a_wildcard_stands_for_any_text() {
        for pattern in [
            "*",
            "/*",
            "/user/*/workspaces",
            "*/workspaces",
            "/user*",
            "/*er*spaces",
            "**",
            "/user/1/workspaces*",
        ] {
            assert!(matches(pattern, "/user/1/workspaces"), "{pattern}");
        }
        for pattern in [
            "/user/*/orgs",
            "/orgs*",
            "*/user",
            "/user/*/workspaces/*",
            "*1*1*",
        ] {
            assert!(!matches(pattern, "/user/1/workspaces"), "{pattern}");
        }
    }

    #[test]
    fn two_pieces_never_share_text() {
        assert!(!matches("/aba*ba", "/aba"));
        assert!(matches("/aba*ba", "/ababa"));
    }
}
