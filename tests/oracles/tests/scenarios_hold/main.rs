//! Every machine's scenario, told many thousand times by proptest: what the fuzzer tells at length, for a
//! moment and with the shortest story that fails.

mod runner;
