//! AuthLoop.
