//! Checks who signed a package, before the package is parsed.

use tw_render::text::visible;

use super::{archive::Package, install::Allowed};
use crate::{
    error::{Error, ErrorKind},
    store::Locked,
    trust::{
        Signer,
        keys::Signature,
        trusted::{Keys, Signers},
    },
};

/// Finds the trusted keys that signed these bytes; returns `None` if there are none, and unsigned packages are allowed.
///
/// # Errors
/// No trusted key signed the bytes and unsigned packages aren't allowed, or the signature is wrong.
pub(super) fn find_signers(
    bytes: &[u8],
    signature: Option<&[u8]>,
    allowed: Allowed,
) -> Result<Option<Signers>, Error> {
    let signature = signature.map(Signature::parse).transpose()?;
    let signers = match &signature {
        Some(signature) => Keys::of_user().find_signers(signature, bytes)?,
        None => None,
    };
    match signers {
        None if !allowed.unsigned => {
            let key_id = signature.map(|signature| signature.key_id());
            Err(untrusted(key_id.as_deref()))
        }
        signers => Ok(signers),
    }
}

/// Returns the signer of a package; `None` if no trusted key signed the package.
///
/// # Errors
/// The key is not trusted for the package's plugin.
pub(super) fn signer_of(
    signers: Option<Signers>,
    package: &Package,
) -> Result<Option<Signer>, Error> {
    let name = &package.manifest.plugin.name;
    signers.map(|signers| signers.for_plugin(name)).transpose()
}

/// Checks that the publisher whom an index names signed the package. Returns `None` if the package is unsigned, and unsigned packages are allowed.
///
/// # Errors
/// Another key signed the package, or the signature is missing or wrong.
pub(super) fn check_publisher(
    publisher: Signer,
    bytes: &[u8],
    signature: Option<&[u8]>,
    allowed: Allowed,
) -> Result<Option<Signer>, Error> {
    match signature {
        Some(signature) => {
            publisher.key.verify(&Signature::parse(signature)?, bytes)?;
            Ok(Some(publisher))
        }
        None if allowed.unsigned => Ok(None),
        None => Err(untrusted(None)),
    }
}

/// Checks that the signer in the lock file signed the package.
///
/// # Errors
/// Another key signed the package, or the signature is missing or wrong.
pub(super) fn check_signature(
    locked: &Locked,
    bytes: &[u8],
    signature: Option<&[u8]>,
) -> Result<(), Error> {
    let Some(signer) = &locked.signer else {
        return Ok(());
    };
    let signature = signature.ok_or_else(|| {
        Error::new(
            ErrorKind::Refused,
            format!(
                "the lock file says that {} signed it, but it has no signature",
                visible(&signer.name)
            ),
        )
        .hint("put the signature (`.minisig`) beside the package")
    })?;
    signer.key.verify(&Signature::parse(signature)?, bytes)
}

/// Makes the error of a package that no trusted key signed.
fn untrusted(key_id: Option<&str>) -> Error {
    let reason = match key_id {
        Some(id) => format!("the key {id} signed it"),
        None => "it has no signature".to_owned(),
    };
    Error::new(
        ErrorKind::Refused,
        format!("it isn't signed with a trusted key ({reason})"),
    )
    .hint(
        "`tw plugin key trust NAME KEY --plugin PLUGIN` trusts its publisher's key; \
         `--allow-unsigned` makes an exception for this plugin, which every listing shows",
    )
}
