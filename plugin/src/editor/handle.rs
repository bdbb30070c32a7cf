//! A file to take away: dragged out of the window onto a track, or written into the export folder by a click.
use super::View;
use super::icons::{self, Icon};
use super::theme::{self, Palette};
use egui::{Align2, CursorIcon, FontId, Response, Role, Sense, Ui, Vec2, WidgetInfo};
use std::path::PathBuf;
use studio::{Command, DragFiles};
use take::TakeId;

/// Draws the handle of a file of `take`; `text` is short, `what` says what it is. `files` picks what is dragged. The
/// response is clicked when the user wants the file without dragging.
pub fn handle(
    ui: &mut Ui,
    view: &View<'_>,
    take: TakeId,
    (text, what): (&str, &str),
    files: impl Fn(&DragFiles) -> Vec<PathBuf>,
) -> Response {
    let width = if text.is_empty() { 22.0 } else { 58.0 };
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, 22.0), Sense::click_and_drag());
    let is_enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, is_enabled, format!("Drag {what}")));
    let palette = Palette::of(ui);
    let painter = ui.painter();
    let is_hot = is_enabled && (response.hovered() || response.dragged());
    let fill = if is_hot { palette.button_hot } else { palette.button };
    painter.rect_filled(rect, theme::RADIUS, if is_enabled { fill } else { palette.panel });
    let at = if text.is_empty() { rect.center() } else { rect.left_center() + Vec2::new(10.0, 0.0) };
    icons::paint(painter, Icon::Grip, at, 5.0, palette.dim);
    let ink = if is_enabled { palette.text } else { palette.dim };
    let left = rect.left_center() + Vec2::new(19.0, 0.0);
    painter.text(left, Align2::LEFT_CENTER, text, FontId::proportional(theme::SMALL), ink);
    icons::focus_ring(ui, rect, &response);
    if !is_enabled {
        return response;
    }
    if response.hovered() {
        ui.ctx().set_cursor_icon(CursorIcon::Grab);
    }
    if response.hovered() || response.dragged() {
        // The files have to be finished before a drag can begin; one that was begun waits for them.
        view.prepare_drag(take);
    }
    if view.wishes.is_due(&response)
        && let Some(ready) = view.snapshot.drag.files(take)
    {
        view.wishes.wish(files(ready));
    }
    response.on_hover_text(format!("Drag {what} onto a track, or click to write it into the export folder"))
}

/// The way to a finished file, where there is one.
pub fn one(path: Option<&std::path::Path>) -> Vec<PathBuf> {
    path.map(std::path::Path::to_owned).into_iter().collect()
}

impl View<'_> {
    /// Asks once for the files of a take.
    fn prepare_drag(&self, take: TakeId) {
        let drag = &self.snapshot.drag;
        if drag.files(take).is_none() && !drag.preparing.contains(&take) {
            self.studio.send(Command::PrepareDrag { take });
        }
    }
}
