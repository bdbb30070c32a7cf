//! XDND version 5, the X11 protocol of drag and drop, as pure data: messages and state machines.
//!
//! Source: the specification at <https://www.freedesktop.org/wiki/Specifications/XDND/>. Nothing here talks to a server.
pub mod message;
pub mod receive;
pub mod relay;
pub mod send;

/// The version spoken here; with others the lower one is spoken.
pub const VERSION: u8 = 5;
/// The oldest version that says where to find types and actions as they are used here.
pub const MIN_VERSION: u8 = 3;

/// A place on the root window, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootPoint {
    /// To the right.
    pub x: i16,
    /// Downwards.
    pub y: i16,
}
