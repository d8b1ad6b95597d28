//! libFuzzer, on [`socketio_fuzz::legacy`].
#![cfg_attr(fuzzing, no_main, allow(unsafe_code))]

socketio_fuzz::target!(socketio_fuzz::legacy);
