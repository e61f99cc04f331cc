//! The gallery of walls: everything that stands in a human's way on the web, one page each, and how a
//! human passes it through a hand-off.
//!
//! [`Gallery`] serves the pages, [`walls`] lists them, [`rows`] tells for a desk and for a phone how each
//! is passed; [`Stand`] is the hand-off in which that happens, with the real
//! `authloop-mcp` and the real viewer page, and [`Visit`] the human's doings at one wall. The oracle is the
//! page: what its own listeners were told, and that the browser vouches for it.
//!
//! `cargo test --test gallery` tries every row, `GALLERY_TIMES=20` each one 20 times in a row. `docs/compatibility.md` tells users what is in here, and
//! a test compares.

mod log;
pub mod rows;
mod site;
mod stand;
mod visit;
pub mod walls;

pub use self::{
    log::{Entry, Log},
    site::Gallery,
    stand::{Stand, Stands},
    visit::Visit,
};
