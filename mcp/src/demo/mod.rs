//! A hand-off to try without an account, a browser or an agent of one's own.
//!
//! [`site`] is a small web site with a password and a one-time code, [`chromium`] the agent's
//! browser, [`guard`] what makes sure that nothing is left behind. [`run`] is the demo itself: the
//! hand-off is real, and `story` tells it.

pub mod chromium;
pub mod guard;
mod qr;
pub mod site;
mod story;
mod tour;

pub use tour::run;
