//! Decides whether a version is in a range, for policies.
//!
//! semver leaves open whether `2.0.0-rc.1` is in `<2.0.0`: it precedes 2.0.0, but people mean that version. A policy is read so that a doubt refuses the
//! plugin. A `deny` rule applies to a pre-release if the pre-release is in the range by its place in the order of versions, or if its release would be.
//! An `allow` rule applies only if both are. Build metadata is ignored, as in the order of semver.

use std::cmp::Ordering;

use semver::{Comparator, Op, Prerelease, Version, VersionReq};

/// True if a `deny` rule for this range applies to a version.
pub(super) fn is_denied(range: &VersionReq, version: &Version) -> bool {
    let mut comparators = range.comparators.iter();
    comparators.all(|comparator| is_in_order(comparator, version))
        || range.matches(&release_of(version))
}

/// True if an `allow` rule for this range applies to a version.
pub(super) fn is_allowed(range: &VersionReq, version: &Version) -> bool {
    let release = release_of(version);
    range.comparators.iter().all(|comparator| {
        is_in_order(comparator, version)
            && (names_pre_release_of(comparator, version) || comparator.matches(&release))
    })
}

/// True if two versions are the same but for build metadata.
pub(crate) fn is_same(one: &Version, other: &Version) -> bool {
    one.cmp_precedence(other) == Ordering::Equal
}

/// Returns the release that a pre-release precedes. Returns a release without its build metadata.
fn release_of(version: &Version) -> Version {
    Version::new(version.major, version.minor, version.patch)
}

/// True if a comparator names a pre-release of the same release, so that it is about the pre-releases of this release.
fn names_pre_release_of(comparator: &Comparator, version: &Version) -> bool {
    !comparator.pre.is_empty()
        && (comparator.major, comparator.minor, comparator.patch)
            == (version.major, Some(version.minor), Some(version.patch))
}

/// True if a version meets a comparator by its place in the order of versions.
fn is_in_order(comparator: &Comparator, version: &Version) -> bool {
    let (low, high) = bounds(comparator);
    let is_from = |bound: &Version| version.cmp_precedence(bound).is_ge();
    match comparator.op {
        Op::Greater if comparator.patch.is_some() => version.cmp_precedence(&low).is_gt(),
        Op::Greater => is_from(&high),
        Op::GreaterEq => is_from(&low),
        Op::Less => !is_from(&low),
        Op::LessEq if comparator.patch.is_some() => version.cmp_precedence(&low).is_le(),
        Op::LessEq => !is_from(&high),
        Op::Exact if comparator.patch.is_some() => is_same(version, &low),
        _ => is_from(&low) && !is_from(&high),
    }
}

/// Returns the first version of the range that a comparator's numbers stand for, and the first release after that range.
fn bounds(comparator: &Comparator) -> (Version, Version) {
    let Comparator {
        op,
        major,
        minor,
        patch,
        ..
    } = *comparator;
    let low = Version {
        pre: match patch {
            Some(_) => comparator.pre.clone(),
            None => Prerelease::EMPTY,
        },
        ..Version::new(major, minor.unwrap_or(0), patch.unwrap_or(0))
    };
    let next_major = Version::new(major.saturating_add(1), 0, 0);
    let next_minor = |minor: u64| Version::new(major, minor.saturating_add(1), 0);
    let high = match (op, minor, patch) {
        (_, None, _) => next_major,
        (Op::Caret, Some(_), _) if major > 0 => next_major,
        (Op::Caret, Some(0), Some(patch)) => Version::new(0, 0, patch.saturating_add(1)),
        (_, Some(minor), _) => next_minor(minor),
    };
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the versions that a range denies, and those that it allows, of a list of versions.
    fn decide(range: &str, versions: &str) -> (String, String) {
        let range: VersionReq = range.parse().unwrap();
        let filter = |is_in: fn(&VersionReq, &Version) -> bool| {
            let versions = versions.split(' ').filter(|version| {
                let version: Version = version.parse().unwrap();
                is_in(&range, &version)
            });
            versions.collect::<Vec<_>>().join(" ")
        };
        (filter(is_denied), filter(is_allowed))
    }

    #[test]
    fn a_pre_release_at_the_end_of_a_range_is_refused() {
        let versions = "1.9.9 2.0.0-rc.1 2.0.0 2.0.1-rc.1 2.0.1 2.1.0-rc.1 2.1.0 3.0.0-rc.1 3.0.0";
        for (range, denied, allowed) in [
            (
                ">2.0.0",
                "2.0.1-rc.1 2.0.1 2.1.0-rc.1 2.1.0 3.0.0-rc.1 3.0.0",
                "2.0.1-rc.1 2.0.1 2.1.0-rc.1 2.1.0 3.0.0-rc.1 3.0.0",
            ),
            (
                ">=2.0.0",
                "2.0.0-rc.1 2.0.0 2.0.1-rc.1 2.0.1 2.1.0-rc.1 2.1.0 3.0.0-rc.1 3.0.0",
                "2.0.0 2.0.1-rc.1 2.0.1 2.1.0-rc.1 2.1.0 3.0.0-rc.1 3.0.0",
            ),
            ("<2.0.0", "1.9.9 2.0.0-rc.1", "1.9.9"),
            (
                "<=2.0.0",
                "1.9.9 2.0.0-rc.1 2.0.0",
                "1.9.9 2.0.0-rc.1 2.0.0",
            ),
            ("=2.0.0", "2.0.0-rc.1 2.0.0", "2.0.0"),
            (
                "=2.0",
                "2.0.0-rc.1 2.0.0 2.0.1-rc.1 2.0.1 2.1.0-rc.1",
                "2.0.0 2.0.1-rc.1 2.0.1",
            ),
            (
                "2.0.*",
                "2.0.0-rc.1 2.0.0 2.0.1-rc.1 2.0.1 2.1.0-rc.1",
                "2.0.0 2.0.1-rc.1 2.0.1",
            ),
            ("~2.0.1", "2.0.1-rc.1 2.0.1 2.1.0-rc.1", "2.0.1"),
            (
                "^2.0.1",
                "2.0.1-rc.1 2.0.1 2.1.0-rc.1 2.1.0 3.0.0-rc.1",
                "2.0.1 2.1.0-rc.1 2.1.0",
            ),
            (
                "<2.1",
                "1.9.9 2.0.0-rc.1 2.0.0 2.0.1-rc.1 2.0.1 2.1.0-rc.1",
                "1.9.9 2.0.0-rc.1 2.0.0 2.0.1-rc.1 2.0.1",
            ),
            (
                "<=2.0",
                "1.9.9 2.0.0-rc.1 2.0.0 2.0.1-rc.1 2.0.1 2.1.0-rc.1",
                "1.9.9 2.0.0-rc.1 2.0.0 2.0.1-rc.1 2.0.1",
            ),
            (
                ">2.0",
                "2.1.0-rc.1 2.1.0 3.0.0-rc.1 3.0.0",
                "2.1.0 3.0.0-rc.1 3.0.0",
            ),
            (">2", "3.0.0-rc.1 3.0.0", "3.0.0"),
            ("*", versions, versions),
            (
                ">=2.0.0, <2.1.0",
                "2.0.0-rc.1 2.0.0 2.0.1-rc.1 2.0.1 2.1.0-rc.1",
                "2.0.0 2.0.1-rc.1 2.0.1",
            ),
        ] {
            let (is_denied, is_allowed) = decide(range, versions);
            assert_eq!(is_denied, denied, "deny {range}");
            assert_eq!(is_allowed, allowed, "allow {range}");
        }
    }

    #[test]
    fn a_range_can_name_pre_releases() {
        let versions = "2.0.0-alpha 2.0.0-rc.1 2.0.0-rc.2 2.0.0 2.0.1-rc.1";
        for (range, denied, allowed) in [
            (
                ">2.0.0-rc.1",
                "2.0.0-alpha 2.0.0-rc.1 2.0.0-rc.2 2.0.0 2.0.1-rc.1",
                "2.0.0-rc.2 2.0.0 2.0.1-rc.1",
            ),
            (
                ">=2.0.0-rc.1",
                "2.0.0-alpha 2.0.0-rc.1 2.0.0-rc.2 2.0.0 2.0.1-rc.1",
                "2.0.0-rc.1 2.0.0-rc.2 2.0.0 2.0.1-rc.1",
            ),
            (
                "<2.0.0-rc.2",
                "2.0.0-alpha 2.0.0-rc.1",
                "2.0.0-alpha 2.0.0-rc.1",
            ),
            (
                "<=2.0.0-rc.1",
                "2.0.0-alpha 2.0.0-rc.1",
                "2.0.0-alpha 2.0.0-rc.1",
            ),
            ("=2.0.0-rc.1", "2.0.0-rc.1", "2.0.0-rc.1"),
            (
                "^2.0.0-rc.2",
                "2.0.0-alpha 2.0.0-rc.1 2.0.0-rc.2 2.0.0 2.0.1-rc.1",
                "2.0.0-rc.2 2.0.0 2.0.1-rc.1",
            ),
            (
                "~2.0.0-rc.2",
                "2.0.0-alpha 2.0.0-rc.1 2.0.0-rc.2 2.0.0 2.0.1-rc.1",
                "2.0.0-rc.2 2.0.0 2.0.1-rc.1",
            ),
            (">2.0.0-alpha, <2.0.0", "2.0.0-rc.1 2.0.0-rc.2", ""),
        ] {
            let (is_denied, is_allowed) = decide(range, versions);
            assert_eq!(is_denied, denied, "deny {range}");
            assert_eq!(is_allowed, allowed, "allow {range}");
        }
    }

    #[test]
    fn a_caret_range_below_one_ends_at_the_next_breaking_version() {
        let versions = "0.0.3 0.0.4-rc.1 0.0.4 0.1.0 0.1.9 0.2.0-rc.1 0.2.0 1.0.0";
        assert_eq!(decide("^0.0.3", versions).0, "0.0.3 0.0.4-rc.1");
        assert_eq!(decide("^0.0", versions).1, "0.0.3 0.0.4-rc.1 0.0.4");
        assert_eq!(decide("^0.1.2", versions).0, "0.1.9 0.2.0-rc.1");
        assert_eq!(
            decide("^0", versions).1,
            "0.0.3 0.0.4-rc.1 0.0.4 0.1.0 0.1.9 0.2.0-rc.1 0.2.0"
        );
    }

    #[test]
    fn build_metadata_changes_no_decision() {
        let versions = "1.4.2 1.4.2+a 1.4.2+b";
        for range in ["=1.4.2", "<=1.4.2", ">=1.4.2", "^1.4.2", "~1.4.2"] {
            assert_eq!(
                decide(range, versions),
                (versions.to_owned(), versions.to_owned())
            );
        }
        for range in ["<1.4.2", ">1.4.2"] {
            assert_eq!(decide(range, versions), (String::new(), String::new()));
        }
    }

    #[test]
    fn without_pre_releases_a_policy_agrees_with_semver() {
        for range in [
            "=1.2.3",
            "=1.2",
            "=1",
            ">1.2.3",
            ">1.2",
            ">1",
            ">=1.2.3",
            ">=1.2",
            ">=1",
            "<1.2.3",
            "<1.2",
            "<1",
            "<=1.2.3",
            "<=1.2",
            "<=1",
            "~1.2.3",
            "~1.2",
            "~1",
            "^1.2.3",
            "^1.2",
            "^1",
            "^0.2.3",
            "^0.0.3",
            "^0.0",
            "^0",
            "1.2.*",
            "1.*",
            "*",
            ">=1.2, <2",
        ] {
            let wanted: VersionReq = range.parse().unwrap();
            for number in 0..64 {
                let version = Version::new(number / 16, number / 4 % 4, number % 4);
                let expected = wanted.matches(&version);
                assert_eq!(is_denied(&wanted, &version), expected, "{range} {version}");
                assert_eq!(is_allowed(&wanted, &version), expected, "{range} {version}");
            }
        }
    }
}
