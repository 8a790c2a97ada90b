//! Encrypted connections: the server's certificate is checked against the root certificates of the machine, or against
//! those in the file that `SSL_CERT_FILE` names.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::engine::EngineError;

/// The connector for addresses with `sslmode=require`.
pub(crate) fn connector() -> Result<MakeRustlsConnect, EngineError> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "a root certificate can't be read");
    }
    let mut roots = RootCertStore::empty();
    let (known, _) = roots.add_parsable_certificates(found.certs);
    if known == 0 {
        return Err(EngineError::Failed(
            "sslmode=require, but this machine has no root certificates: install them, or name a file of them with \
             SSL_CERT_FILE"
                .into(),
        ));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| EngineError::Failed(format!("connections can't be encrypted: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
