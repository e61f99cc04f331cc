//! A hand-off to try without an account, a browser or an agent of one's own.
//!
//! [`run`] tells the story, [`site`] is a small web site with a password and a one-time code, [`chromium`] the agent's
//! browser, [`guard`] what makes sure that nothing is left behind.

pub mod chromium;
pub mod guard;
pub mod run;
pub mod site;
