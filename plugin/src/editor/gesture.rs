//! The one gesture that may be open: hosts that record must be told of its end, whatever becomes of the dial.
use nice_plug::context::gui::{GuiContext, ParamSetter};
use nice_plug::prelude::{Param, ParamPtr};
use std::cell::Cell;

/// The parameter that a drag has begun to move.
#[derive(Default)]
pub struct Gesture(Cell<Option<ParamPtr>>);

impl Gesture {
    /// A drag begins.
    pub fn begin<P: Param>(&self, setter: &ParamSetter<'_>, param: &P) {
        self.0.set(Some(param.as_ptr()));
        setter.begin_set_parameter(param);
    }

    /// It ends; nothing happens when it has ended already.
    pub fn end<P: Param>(&self, setter: &ParamSetter<'_>, param: &P) {
        if self.0.take().is_some() {
            setter.end_set_parameter(param);
        }
    }

    /// The dial is gone: its page was left, or the window was closed. The parameter has to be one of the instance that
    /// `gui` belongs to.
    #[expect(unsafe_code, reason = "the framework names parameters of any type by pointers only")]
    pub fn abandon(&self, gui: &GuiContext) {
        if let Some(param) = self.0.take() {
            // SAFETY: the pointer was taken from a parameter of this instance, and the context keeps those alive.
            unsafe { gui.raw_end_set_parameter(param) };
        }
    }
}
