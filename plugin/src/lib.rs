//! The plugin shell.
