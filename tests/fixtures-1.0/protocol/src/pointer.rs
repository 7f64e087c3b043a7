//! JSON pointers (RFC 6901), with which views refer to parts of a value.

/// A JSON value that JSON pointers lead into: a `serde_json::Value`, or the host's own type, whose numbers keep their spelling.
pub trait Json: Sized {
    /// Returns the field of this name. `None` if the value is no object, or has no such field.
    fn field(&self, name: &str) -> Option<&Self>;

    /// Returns the elements of an array. `None` if the value is no array.
    fn items(&self) -> Option<&[Self]>;

    /// True if the value is `null`.
    fn is_null(&self) -> bool;

    /// Returns the field or the element that a name or an index of a JSON pointer refers to.
    fn child(&self, token: &str) -> Option<&Self> {
        match self.items() {
            Some(items) => items.get(array_index(token)?),
            None => self.field(token),
        }
    }

    /// Returns the value at a JSON pointer. `None` if the pointer matches nothing.
    fn find(&self, pointer: &str) -> Option<&Self> {
        pointer_tokens(pointer)?.try_fold(self, |value, token| value.child(&token))
    }

    /// True if the pointer matches a value, or leads through a `null`, because `null` means that an object is missing.
    fn reaches(&self, pointer: &str) -> bool {
        let Some(tokens) = pointer_tokens(pointer) else {
            return false;
        };
        let mut value = self;
        for token in tokens {
            if value.is_null() {
                return true;
            }
            match value.child(&token) {
                Some(child) => value = child,
                None => return false,
            }
        }
        true
    }
}

impl Json for serde_json::Value {
    fn field(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    fn items(&self) -> Option<&[Self]> {
        self.as_array().map(Vec::as_slice)
    }

    fn is_null(&self) -> bool {
        self.is_null()
    }
}

/// Splits a JSON pointer into the names and indices that it consists of. `None` if the pointer is neither empty nor begins with a slash.
///
/// ```
/// let tokens = tw_plugin_protocol::pointer_tokens("/a~1b/0").unwrap();
/// assert_eq!(tokens.collect::<Vec<_>>(), ["a/b", "0"]);
/// ```
pub fn pointer_tokens(pointer: &str) -> Option<impl Iterator<Item = String>> {
    let mut tokens = pointer.split('/');
    let before_slash = tokens.next()?;
    let tokens = tokens.map(|token| token.replace("~1", "/").replace("~0", "~"));
    before_slash.is_empty().then_some(tokens)
}

/// Parses an index of an array. RFC 6901 allows neither a sign nor leading zeros.
///
/// ```
/// assert_eq!(tw_plugin_protocol::array_index("10"), Some(10));
/// assert_eq!(tw_plugin_protocol::array_index("01"), None);
/// ```
pub fn array_index(token: &str) -> Option<usize> {
    let has_leading_zero = token.len() > 1 && token.starts_with('0');
    let index = token.parse().ok()?;
    (!has_leading_zero && !token.starts_with('+')).then_some(index)
}
