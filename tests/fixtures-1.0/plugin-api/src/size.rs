//! Sizes in bytes.

/// A size in bytes, as the type of an argument: a user types `10MiB`, `1.5GB` or `4096`.
///
/// `KiB`, `MiB`, `GiB` and `TiB` are powers of 1024; `kB`, `MB`, `GB` and `TB` are powers of 1000.
///
/// ```
/// use tw_plugin_api::{Size, prelude::*};
///
/// /// Upload a file
/// #[derive(Args)]
/// struct Upload {
///     /// Size of a part
///     #[arg(long, default = "10MiB", min = "5MiB", max = "5GiB")]
///     part_size: Size,
/// }
///
/// assert_eq!(Size::from_bytes(4096).bytes(), 4096);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(u64);

impl Size {
    /// Creates a size from a number of bytes.
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Returns the number of bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}
