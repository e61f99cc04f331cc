//! Wire formats: what the parties' messages look like.

pub mod v1;
pub mod v2;
