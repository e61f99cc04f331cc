#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| authloop_oracles::sealed_room::check(data));
