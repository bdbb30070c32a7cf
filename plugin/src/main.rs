//! Continuo without a host: sound and MIDI devices found by themselves, the transport always rolling.
//!
//! `--help` lists the options; with no sound device it falls back to the `dummy` backend and says so.
use std::process::ExitCode;

fn main() -> ExitCode {
    if nice_plug::prelude::nice_export_standalone::<continuo_plugin::Continuo>() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
