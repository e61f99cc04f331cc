//! Files in and out.

use super::{
    Row,
    Way::{self, Nothing, Passes},
};
use crate::{
    gallery::Visit,
    human::{Device, Papers},
};

/// More than one part of it is sent.
static SCAN: [u8; 30_000] = [b'.'; 30_000];

const ONE: Way = Passes(|visit| Box::pin(uploads_a_document(visit)));
const MANY: Way = Passes(|visit| Box::pin(uploads_two_pictures(visit)));
const PHOTO: Way = Passes(|visit| Box::pin(uploads_a_photo(visit)));

pub(super) const ROWS: &[Row] = &[
    Row::of("upload-one", ONE, ONE),
    Row::of("upload-many", MANY, MANY),
    Row::of("upload-photo", PHOTO, PHOTO),
    Row::of(
        "drop-files",
        Passes(|visit| Box::pin(drops_a_document(visit))),
        Nothing("there is no desktop to drag a file from"),
    ),
    Row::of(
        "download",
        Passes(|visit| Box::pin(downloads(visit))),
        Passes(|visit| Box::pin(downloads(visit))),
    ),
];

async fn uploads_a_document(visit: &Visit<'_>) {
    let papers = Papers::none();
    let scan = papers.with("Reisepaß (Kopie).pdf", &SCAN);
    visit.clicks("#file").await;
    visit.human().picks("#files-input", &[&scan]).await;
    let got = "wall.log.some(({ files }) => files?.length === 1 && files[0].name === 'Reisepaß (Kopie).pdf'
        && files[0].type === 'application/pdf' && files[0].size === 30000)";
    visit.comes_true(got).await;
    visit.human().is_done_with_files().await;
    let log = visit.passes().await;
    log.has_in_order(&["click", "input", "change"]);
}

async fn uploads_two_pictures(visit: &Visit<'_>) {
    let papers = Papers::none();
    let [front, back] = ["front.jpg", "back.jpg"].map(|name| papers.with(name, name.as_bytes()));
    visit.clicks("#file").await;
    visit.human().picks("#files-input", &[&front, &back]).await;
    let got = "wall.log.some(({ files }) =>
        files?.map(({ name, size }) => name + size).join() === 'front.jpg9,back.jpg8')";
    visit.comes_true(got).await;
    visit.human().is_done_with_files().await;
    visit.passes().await;
}

async fn uploads_a_photo(visit: &Visit<'_>) {
    let papers = Papers::none();
    let photo = papers.with("IMG_0001.jpg", &SCAN);
    visit.clicks("#file").await;
    // At a desk there is no camera: a picture from the disk does, too.
    let input = match visit.device() {
        Device::Phone => "#files-camera",
        Device::Desktop => "#files-input",
    };
    visit.human().picks(input, &[&photo]).await;
    visit.human().is_done_with_files().await;
    visit.passes().await;
}

async fn drops_a_document(visit: &Visit<'_>) {
    let papers = Papers::none();
    let scan = papers.with("scan.pdf", &SCAN);
    let tile = visit.middle("#tile").await;
    visit.human().drops(&[&scan], tile).await;
    let log = visit.passes().await;
    log.has_in_order(&["dragenter", "dragover", "drop"]);
    visit.human().is_done_with_files().await;
}

async fn downloads(visit: &Visit<'_>) {
    visit.clicks("#download").await;
    visit.human().is_told("downloads a file").await;
    visit.clicks("#on").await;
    visit.passes().await;
}
