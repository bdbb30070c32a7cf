//! A small window for the drag tests: the upper half is a handle that drags the files given, the lower half receives.
//!
//! `drag_window TITLE FILE...` prints one line for everything that happens: `ready`, `start`, `progress ...`,
//! `hover X Y FILE...`, `left`, `dropped X Y FILE...`, `key CODE`. It ends when its window is closed. On X11 a TITLE that
//! is a number is the id of a host's window to lie in, and the key C copies the files to the clipboard (`copied`).
#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<()> {
    linux::main()
}

#[cfg(windows)]
fn main() -> anyhow::Result<()> {
    windows::main()
}

#[cfg(target_os = "macos")]
fn main() {
    println!("the example opens windows of X11 and Windows only");
}
