//! The anchors of a document, and a limit for what aliases copy.

use std::collections::HashMap;

use tw_plugin_protocol::{Entry, Node, NodeValue};

use super::super::{MAX_DEPTH, TOO_DEEP};

/// How many bytes anchors and aliases may copy: enough for a real document, and too little for one that expands exponentially.
const MAX_COPIED: usize = 4 * 1024 * 1024;

/// The values of complete anchors, by the parser's number for each anchor.
#[derive(Default)]
pub(super) struct Anchors {
    nodes: HashMap<usize, Node>,
    copied: usize,
}

impl Anchors {
    /// Keeps the value of an anchor. The number 0 means that the value has none.
    pub(super) fn keep(&mut self, anchor: usize, node: &Node) -> Result<(), &'static str> {
        if anchor != 0 {
            self.charge(size(node))?;
            self.nodes.insert(anchor, node.clone());
        }
        Ok(())
    }

    /// Returns the value of an alias that is nested `depth` deep.
    pub(super) fn expand(
        &mut self,
        anchor: usize,
        depth: usize,
    ) -> Result<NodeValue, &'static str> {
        let Some(node) = self.nodes.get(&anchor) else {
            return Err("an alias refers to a value that contains it");
        };
        if depth + height(node) > MAX_DEPTH {
            return Err(TOO_DEEP);
        }
        // Charged before it is copied, so that a refused copy takes no memory.
        let size = size(node);
        self.charge(size)?;
        Ok(self
            .nodes
            .get(&anchor)
            .map(|node| node.value.clone())
            .unwrap_or_default())
    }

    fn charge(&mut self, size: usize) -> Result<(), &'static str> {
        self.copied = self.copied.saturating_add(size);
        if self.copied > MAX_COPIED {
            return Err("anchors and aliases expand to more than 4 MiB");
        }
        Ok(())
    }
}

/// Returns roughly how many bytes a copy takes.
fn size(node: &Node) -> usize {
    let content = match &node.value {
        NodeValue::Text(text) | NodeValue::Number(text) => text.len(),
        NodeValue::List(items) => items.iter().map(size).sum(),
        NodeValue::Map(entries) => entries
            .iter()
            .map(|entry| entry.key.len() + size(&entry.value))
            .sum(),
        _ => 0,
    };
    content + size_of::<Entry>()
}

/// Returns how deep lists and maps are nested in a value.
fn height(node: &Node) -> usize {
    match &node.value {
        NodeValue::List(items) => 1 + items.iter().map(height).max().unwrap_or_default(),
        NodeValue::Map(entries) => {
            1 + entries
                .iter()
                .map(|entry| height(&entry.value))
                .max()
                .unwrap_or_default()
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::DocumentFormat::Yaml;
    use super::super::super::parse;
    use super::super::super::tests::{error_of, render};

    #[test]
    fn an_alias_has_the_value_of_its_anchor() {
        let text = "a: &x {k: v}\nb: *x\n";
        assert_eq!(
            render(text, Yaml),
            r#"{a@1: {k@1: "v"@1}@1, b@2: {k@1: "v"@1}@2}@1"#
        );
        assert_eq!(
            render("&k a: 1\nb: *k\n", Yaml),
            r#"{a@1: 1@1, b@2: "a"@2}@1"#
        );
        assert_eq!(
            error_of("a: *x", Yaml),
            "line 1, column 4: an alias has no anchor before it"
        );
    }

    #[test]
    fn aliases_that_expand_exponentially_are_refused() {
        let mut laughs = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (name, before) in ('b'..='z').zip('a'..) {
            laughs += &format!(
                "{name}: &{name} [{}]\n",
                vec![format!("*{before}"); 10].join(", ")
            );
        }
        assert!(error_of(&laughs, Yaml).ends_with("anchors and aliases expand to more than 4 MiB"));
        assert_eq!(
            error_of("a: &a [*a]", Yaml),
            "line 1, column 8: an alias refers to a value that contains it"
        );
    }

    #[test]
    fn the_depth_of_an_alias_counts() {
        for (open, close) in [("[", "]"), ("{a: ", "}")] {
            let nest = |depth: usize, inner: &str| {
                format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
            };
            // The document itself is a map: 1 + 15 + 14 levels are allowed, and 1 + 16 + 14 are not.
            let text = |depth| format!("a: &a {}\nb: {}\n", nest(14, "1"), nest(depth, "*a "));
            assert!(parse(&text(15), Yaml).is_ok(), "{open}");
            assert!(error_of(&text(16), Yaml).contains("more than 30 deep"));
        }
    }

    #[test]
    fn the_size_of_aliases_is_limited() {
        let string = "x".repeat(1 << 20);
        for value in [
            format!("'{string}'"),
            format!("['{string}']"),
            format!("{{k: '{string}'}}"),
        ] {
            let text =
                |aliases| format!("a: &a {value}\nb: [{}]\n", vec!["*a"; aliases].join(", "));
            assert!(parse(&text(2), Yaml).is_ok());
            assert!(error_of(&text(3), Yaml).ends_with("expand to more than 4 MiB"));
        }
    }
}
