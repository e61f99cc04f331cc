//! Files in and out.

use super::{
    Row,
    Way::{Missing, Passes},
};
use crate::gallery::Visit;

const NO_FILES: &str = "files can't be sent yet";

pub(super) const ROWS: &[Row] = &[
    Row::of("upload-one", Missing(NO_FILES), Missing(NO_FILES)),
    Row::of("upload-many", Missing(NO_FILES), Missing(NO_FILES)),
    Row::of("upload-photo", Missing(NO_FILES), Missing(NO_FILES)),
    Row::of("drop-files", Missing(NO_FILES), Missing(NO_FILES)),
    Row::of(
        "download",
        Passes(|visit| Box::pin(downloads(visit))),
        Passes(|visit| Box::pin(downloads(visit))),
    ),
];

async fn downloads(visit: &Visit<'_>) {
    visit.clicks("#download").await;
    visit.comes_true("wall.log.length === 1").await;
    visit.clicks("#on").await;
    visit.passes().await;
}
