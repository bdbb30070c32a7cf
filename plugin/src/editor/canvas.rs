//! The surface that frames are drawn onto, as far as it matters how it works.
#![expect(unsafe_code, reason = "OpenGL's context is a state of the thread")]
use nice_plug_egui::Frame;

/// Renderers that draw with the processor, and keep the picture when it was shown: Mesa's. Elsewhere what is behind
/// the window after a frame was shown is anybody's guess, and pixels cost nothing.
#[cfg(target_os = "linux")]
const KEEPING: [&str; 2] = ["llvmpipe", "softpipe"];

/// Every pixel is drawn by the processor, and stays where it is until it is drawn over.
#[cfg(target_os = "linux")]
pub fn keeps_its_picture(frame: &Frame) -> bool {
    use glow::HasContext;
    // SAFETY: the context is current while the closure runs.
    let name = with_context(frame, |gl| unsafe { gl.get_parameter_string(glow::RENDERER) });
    name.is_some_and(|name| KEEPING.iter().any(|known| name.starts_with(known)))
}

/// Never relied on elsewhere.
#[cfg(not(target_os = "linux"))]
pub fn keeps_its_picture(_frame: &Frame) -> bool {
    false
}

/// The clearing that begins this frame does nothing; the drawing after it switches its own colours on.
pub fn keep(frame: &Frame) {
    use glow::HasContext;
    // SAFETY: the context is current while the closure runs.
    with_context(frame, |gl| unsafe { gl.color_mask(false, false, false, false) });
}

/// Runs `act` with the window's context current on this thread; `None` where that cannot be.
fn with_context<T>(frame: &Frame, act: impl FnOnce(&glow::Context) -> T) -> Option<T> {
    let context = frame.baseview_window().gl_context()?;
    // SAFETY: frames are drawn on the window's own thread, and nothing else holds a context there between two of them.
    unsafe { context.make_current() }.ok()?;
    let result = act(frame.gl());
    // SAFETY: as above; it was made current here.
    unsafe { context.make_not_current() }.ok()?;
    Some(result)
}
