//! libFuzzer, on [`socketio_fuzz::engineio4`].
#![cfg_attr(fuzzing, no_main, allow(unsafe_code))]

socketio_fuzz::target!(socketio_fuzz::engineio4);
