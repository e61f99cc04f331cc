#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| authloop_oracles::viewer_scenario::check(data));
