//! Continuo from the terminal.
fn main() {}
