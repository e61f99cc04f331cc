//! Every wall of the gallery that can be passed is passed: at a desk and on a phone, in version 2, with the
//! real `authloop-mcp`, the real viewer page and a browser on both ends.
//!
//! `GALLERY_TIMES=20` tries each row 20 times in a row. As with any test, a part of a name tries
//! only some: `cargo test --test gallery desktop::six`.

use std::{env, process::ExitCode, sync::Arc};

use authloop_testkit::{
    gallery::{
        Stands,
        rows::{self, Way},
    },
    human::Device,
};
use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    let times = match env::var("GALLERY_TIMES").ok() {
        Some(times) => times.parse().expect("GALLERY_TIMES is a number"),
        None => 1,
    };
    let runtime = Arc::new(Runtime::new().expect("threads"));
    let stands = Arc::new(Stands::new(env!("CARGO_TARGET_TMPDIR")));
    let mut trials = Vec::new();
    for row in rows::all() {
        // In turn, so that desk and phone are both busy.
        for (device, name) in [(Device::Desktop, "desktop"), (Device::Phone, "phone")] {
            let Way::Passes(pass) = row.with(device) else {
                continue;
            };
            let (runtime, stands) = (Arc::clone(&runtime), Arc::clone(&stands));
            trials.push(Trial::test(format!("{name}::{}", row.name), move || {
                runtime.block_on(async {
                    for _ in 0..times {
                        stands.pass(device, row, pass).await;
                    }
                });
                Ok(())
            }));
        }
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    runtime.block_on(stands.clear());
    conclusion.exit_code()
}
