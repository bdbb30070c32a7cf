//! Tests that drive Continuo from outside: a CLAP host of our own, and what the host tests share.
//!
//! Knows the plugin only as a host does: a library file, named parameters, blocks of audio, streams of state.
pub mod accompany;
#[cfg(target_os = "linux")]
pub mod deadlines;
pub mod host;
pub mod isolate;
pub mod measure;
pub mod onsets;
pub mod reference;
#[cfg(target_os = "linux")]
pub mod removal;
pub mod session;
pub mod vst3;
pub mod wav;
#[cfg(windows)]
pub mod win32;
#[cfg(target_os = "linux")]
pub mod window;
