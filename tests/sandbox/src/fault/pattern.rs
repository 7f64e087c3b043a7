//! Matches paths against patterns with wildcards.

/// True if the path matches the pattern. `*` matches any text, including the empty text and slashes.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let Some((prefix, rest)) = pattern.split_once('*') else {
        return pattern == path;
    };
    let Some(mut path) = path.strip_prefix(prefix) else {
        return false;
    };
    // Taking the earliest match of each piece is enough, because an earlier match leaves more text for the pieces after it.
    // The last piece must match the end of the path.
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
    fn a_pattern_without_a_wildcard_matches_only_itself() {
        assert!(matches("/pipeline-secrets", "/pipeline-secrets"));
        assert!(!matches("/pipeline-secrets", "/pipeline-secrets/7"));
        assert!(!matches("", "/"));
    }

    #[test]
    fn a_wildcard_matches_any_text() {
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
    fn two_pieces_do_not_match_overlapping_text() {
        assert!(!matches("/aba*ba", "/aba"));
        assert!(matches("/aba*ba", "/ababa"));
    }
}
