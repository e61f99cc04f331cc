//! What a driver is started with, beside the machine's own configuration.

use futures_rustls::pki_types::CertificateDer;

use crate::trace::TraceFile;

/// What a driver is started with, beside the machine's own configuration.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// Root certificates that are trusted beside the system's: an embedded relay's own, for one.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Where the hand-off is written down for a bug report; nowhere if absent. See [`TraceFile`].
    pub trace: Option<TraceFile>,
}

impl Options {
    /// Trusts these certificates, beside the system's roots.
    pub fn with_extra_roots(mut self, roots: Vec<CertificateDer<'static>>) -> Self {
        self.extra_roots = roots;
        self
    }

    /// Writes the hand-off down in this file.
    pub fn with_trace(mut self, trace: TraceFile) -> Self {
        self.trace = Some(trace);
        self
    }
}
