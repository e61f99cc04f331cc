#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| authloop_oracles::viewer_link::check(data));
