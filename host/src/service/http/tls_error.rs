//! Failures of TLS in words: rustls names most of them with a word for programmers.

use std::borrow::Cow;

use rustls::{AlertDescription, CertificateError, Error as TlsError, pki_types::UnixTime};
use tw_render::text::visible;

const TRUST_CA: &str =
    "`--cacert FILE` trusts the certificate of a private CA, or of a single server";

/// The failure of a certificate authority's certificate that a server uses as its own.
pub(super) const IS_CA: &str = "CaUsedAsEndEntity";

/// The names that a message lists at most.
const MOST_NAMES: usize = 5;

/// Returns what went wrong, about the server: `its certificate expired on …`.
pub(super) fn explain(error: &TlsError) -> String {
    match error {
        TlsError::InvalidCertificate(error) => explain_certificate(error),
        TlsError::AlertReceived(alert) => explain_alert(*alert),
        TlsError::InvalidMessage(_) => "it does not answer in TLS".to_owned(),
        TlsError::PeerIncompatible(why) => {
            format!(
                "it and tw have no common TLS: {}",
                words(&format!("{why:?}"))
            )
        }
        TlsError::PeerMisbehaved(why) => {
            format!(
                "it violates the rules of TLS: {}",
                words(&format!("{why:?}"))
            )
        }
        TlsError::NoApplicationProtocol => "it knows neither HTTP/1.1 nor HTTP/2".to_owned(),
        other => visible(&other.to_string()).into_owned(),
    }
}

/// Returns the option or the change that may help. `None` if none is known.
pub(super) fn hint(error: &TlsError) -> Option<Cow<'static, str>> {
    use CertificateError::*;
    let hint = match error {
        TlsError::InvalidCertificate(UnknownIssuer) => Some(TRUST_CA),
        TlsError::InvalidCertificate(Other(other)) if other.to_string() == IS_CA => Some(TRUST_CA),
        TlsError::InvalidCertificate(
            ExpiredContext { time, .. } | NotValidYetContext { time, .. },
        ) => {
            let now = date(*time);
            return Some(
                format!(
                    "check this machine's clock, which says {now}; if it is right, the server needs another certificate"
                )
                .into(),
            );
        }
        TlsError::AlertReceived(AlertDescription::CertificateRequired) => {
            Some("`--client-cert FILE` presents a client certificate")
        }
        TlsError::InvalidMessage(_) => {
            Some("the address of a server without TLS begins with http://, and needs `--insecure`")
        }
        _ => None,
    };
    hint.map(Cow::Borrowed)
}

fn explain_certificate(error: &CertificateError) -> String {
    use CertificateError::*;
    match error {
        UnknownIssuer => "its certificate is signed by an unknown authority".to_owned(),
        ExpiredContext { not_after, .. } => {
            format!("its certificate expired on {}", date(*not_after))
        }
        NotValidYetContext { not_before, .. } => {
            format!("its certificate is not valid before {}", date(*not_before))
        }
        NotValidForNameContext {
            expected,
            presented,
        } => format!(
            "its certificate is {}, not for {}",
            list_names(presented),
            visible(&expected.to_str())
        ),
        Other(other) => match other.to_string().as_str() {
            IS_CA => "its certificate is that of an authority, and is not trusted".to_owned(),
            "UnsupportedCertVersion" => {
                "its certificate, or that of its authority, is of X.509 version 1 or 2, and version 3 is required"
                    .to_owned()
            }
            text => format!("its certificate can't be used: {}", words(text)),
        },
        other => format!("its certificate can't be used: {}", words(&other.to_string())),
    }
}

/// Lists the names of a certificate: `for a.example and b.example`. rustls writes each with its kind, such as `DnsName("a.example")`.
fn list_names(presented: &[String]) -> String {
    let names = presented.iter().take(MOST_NAMES).map(|name| {
        let name = name.split_once('(').map_or(&**name, |(_, name)| name);
        visible(name.trim_end_matches(')').trim_matches('"')).into_owned()
    });
    let mut names: Vec<String> = names.collect();
    match presented.len().saturating_sub(MOST_NAMES) {
        0 => {}
        more => names.push(format!("{more} more")),
    }
    match names.pop() {
        None => "for no name".to_owned(),
        Some(last) if names.is_empty() => format!("for {last}"),
        Some(last) => format!("for {} and {last}", names.join(", ")),
    }
}

fn explain_alert(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::CertificateRequired => "it requires a client certificate".to_owned(),
        alert => format!(
            "it ends TLS with the alert `{}`",
            words(&format!("{alert:?}"))
        ),
    }
}

fn date(time: UnixTime) -> String {
    let ms = time.as_secs().saturating_mul(1000);
    tw_render::format_date(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// Turns a programmer's word into words: `BadEncoding` into `bad encoding`. A text of several words stays, and so does what follows the first word.
fn words(text: &str) -> String {
    let end = text.find(|letter: char| !letter.is_alphanumeric());
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    if rest.starts_with(' ') && !rest.starts_with(" {") {
        return visible(text).into_owned();
    }
    let mut words = String::new();
    let mut before = '_';
    for letter in word.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
        before = letter;
    }
    words
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_certificate_that_is_out_of_date_has_its_date() {
        let time = |secs| UnixTime::since_unix_epoch(Duration::from_secs(secs));
        let expired = CertificateError::ExpiredContext {
            time: time(2_000_000_000),
            not_after: time(1_664_973_741),
        };
        assert_eq!(
            explain(&expired.into()),
            "its certificate expired on Wed, 5 Oct 2022 12:42:21 GMT"
        );
        let early = CertificateError::NotValidYetContext {
            time: time(0),
            not_before: time(1_664_973_741),
        };
        assert_eq!(
            explain(&early.into()),
            "its certificate is not valid before Wed, 5 Oct 2022 12:42:21 GMT"
        );
    }

    #[test]
    fn a_certificate_for_another_name_has_both_names() {
        for (presented, shown) in [
            (vec![], "for no name"),
            (vec!["DnsName(\"a.example\")"], "for a.example"),
            (
                vec!["DnsName(\"a.example\")", "IpAddress(127.0.0.1)"],
                "for a.example and 127.0.0.1",
            ),
            (vec!["DnsName(\"a\")"; 7], "for a, a, a, a, a and 2 more"),
        ] {
            let error = CertificateError::NotValidForNameContext {
                expected: "host.example".try_into().expect("a name"),
                presented: presented.into_iter().map(str::to_owned).collect(),
            };
            assert_eq!(
                explain(&error.into()),
                format!("its certificate is {shown}, not for host.example")
            );
        }
    }

    #[test]
    fn any_other_failure_is_in_words() {
        for (error, shown) in [
            (
                CertificateError::BadEncoding.into(),
                "its certificate can't be used: bad encoding",
            ),
            (
                CertificateError::UnhandledCriticalExtension.into(),
                "its certificate can't be used: unhandled critical extension",
            ),
            (
                TlsError::AlertReceived(AlertDescription::HandshakeFailure),
                "it ends TLS with the alert `handshake failure`",
            ),
            (
                TlsError::AlertReceived(AlertDescription::UnknownCA),
                "it ends TLS with the alert `unknown ca`",
            ),
            (
                rustls::PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig.into(),
                "it and tw have no common TLS: server tls version is disabled by our config",
            ),
        ] {
            assert_eq!(explain(&error), shown);
        }
    }
}
