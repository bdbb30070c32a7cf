//! Right-click on a control: what a controller may do with it.
use super::View;
use egui::Response;
use nice_plug::prelude::Param;

/// The menu of a control. Empty until the studio can learn.
pub fn menu<P: Param>(_response: &Response, _view: &View<'_>, _param: &P) {}
