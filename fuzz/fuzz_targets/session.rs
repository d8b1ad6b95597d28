//! libFuzzer, on `socketio_core::fuzz::session`.
#![cfg_attr(fuzzing, no_main, allow(unsafe_code))]

socketio_fuzz::target!(socketio_core::fuzz::session);
