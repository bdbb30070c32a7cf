//! Small vector marks: no font has to carry them, and they stay crisp at any scale.
use super::theme::Palette;
use egui::{Color32, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};

/// What a mark means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// A triangle to the right.
    Play,
    /// A square.
    Stop,
    /// A thin arrow to the left.
    Previous,
    /// A thin arrow to the right.
    Next,
    /// A thin arrow down: opens a list.
    Open,
    /// A cross.
    Close,
    /// An arrow that turns back.
    Undo,
    /// Six dots: can be dragged out of the window.
    Grip,
    /// A five-pointed star, filled or not.
    Star {
        /// Filled.
        is_on: bool,
    },
    /// A loudspeaker: hear it.
    Listen,
    /// One line that becomes three: into stems.
    Split,
}

/// Paints `icon` about `center`, within `radius` points.
pub fn paint(painter: &Painter, icon: Icon, center: Pos2, radius: f32, color: Color32) {
    let at = |x: f32, y: f32| center + Vec2::new(x, y) * radius;
    let pen = Stroke::new(1.5, color);
    let lines = |points: Vec<Pos2>| Shape::line(points, pen);
    let shape = match icon {
        Icon::Play => Shape::convex_polygon(vec![at(-0.6, -0.8), at(0.8, 0.0), at(-0.6, 0.8)], color, Stroke::NONE),
        Icon::Stop => Shape::rect_filled(Rect::from_center_size(center, Vec2::splat(radius * 1.4)), 1.0, color),
        Icon::Previous => lines(vec![at(0.4, -0.8), at(-0.4, 0.0), at(0.4, 0.8)]),
        Icon::Next => lines(vec![at(-0.4, -0.8), at(0.4, 0.0), at(-0.4, 0.8)]),
        Icon::Open => lines(vec![at(-0.8, -0.4), at(0.0, 0.4), at(0.8, -0.4)]),
        Icon::Close => {
            painter.line_segment([at(-0.6, -0.6), at(0.6, 0.6)], pen);
            lines(vec![at(-0.6, 0.6), at(0.6, -0.6)])
        }
        Icon::Undo => {
            painter.add(lines(vec![at(-0.3, -0.95), at(-0.85, -0.4), at(-0.3, 0.15)]));
            lines(vec![at(-0.8, -0.4), at(0.3, -0.4), at(0.8, 0.1), at(0.8, 0.5), at(0.4, 0.9), at(-0.3, 0.9)])
        }
        Icon::Grip => {
            for (x, y) in [(-0.4, -0.7), (0.4, -0.7), (-0.4, 0.0), (0.4, 0.0), (-0.4, 0.7)] {
                painter.circle_filled(at(x, y), radius * 0.2, color);
            }
            Shape::circle_filled(at(0.4, 0.7), radius * 0.2, color)
        }
        Icon::Listen => {
            let horn =
                vec![at(-0.9, -0.3), at(-0.45, -0.3), at(0.1, -0.8), at(0.1, 0.8), at(-0.45, 0.3), at(-0.9, 0.3)];
            painter.add(Shape::closed_line(horn, pen));
            lines(vec![at(0.45, -0.45), at(0.7, 0.0), at(0.45, 0.45)])
        }
        Icon::Split => {
            painter.line_segment([at(-0.9, 0.0), at(0.9, 0.0)], pen);
            painter.add(lines(vec![at(-0.3, 0.0), at(0.1, -0.7), at(0.9, -0.7)]));
            lines(vec![at(-0.3, 0.0), at(0.1, 0.7), at(0.9, 0.7)])
        }
        Icon::Star { is_on } => return star(painter, center, radius, color, is_on),
    };
    painter.add(shape);
}

/// Ten corners, every other one further in. The filled one is a fan of triangles: the outline is not convex.
fn star(painter: &Painter, center: Pos2, radius: f32, color: Color32, is_on: bool) {
    let corner = |i: usize| {
        let reach = if i.is_multiple_of(2) { radius } else { radius * 0.45 };
        center + Vec2::angled(std::f32::consts::PI * (i as f32 / 5.0 - 0.5)) * reach
    };
    if is_on {
        for i in 0..10 {
            painter.add(Shape::convex_polygon(vec![center, corner(i), corner((i + 1) % 10)], color, Stroke::NONE));
        }
    } else {
        painter.add(Shape::closed_line((0..10).map(corner).collect(), Stroke::new(1.2, color)));
    }
}

/// A button that shows only a mark; `hint` is its tooltip and its accessible name.
pub fn button(ui: &mut Ui, icon: Icon, size: Vec2, (fill, ink): (Option<Color32>, Color32), hint: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), hint));
    if ui.is_rect_visible(rect) {
        let look = ui.style().interact(&response);
        let fill = fill.unwrap_or(look.weak_bg_fill);
        ui.painter().rect_filled(rect, look.corner_radius, fill);
        ui.painter().rect_stroke(rect, look.corner_radius, look.bg_stroke, StrokeKind::Inside);
        let ink = if ui.is_enabled() { ink } else { ink.gamma_multiply(0.4) };
        paint(ui.painter(), icon, rect.center(), size.min_elem() * 0.26, ink);
    }
    response.on_hover_text(hint)
}

/// A quiet mark without a ground, for rows.
pub fn bare(ui: &mut Ui, icon: Icon, ink: Color32, hint: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(20.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), hint));
    if ui.is_rect_visible(rect) {
        let palette = Palette::of(ui);
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect, super::theme::RADIUS, palette.button_hot);
        }
        focus_ring(ui, rect, &response);
        paint(ui.painter(), icon, rect.center(), 5.5, if ui.is_enabled() { ink } else { palette.line });
    }
    response.on_hover_text(hint)
}

/// The mark of the widget that has the keyboard.
pub fn focus_ring(ui: &Ui, rect: Rect, response: &Response) {
    if response.has_focus() {
        let pen = Stroke::new(1.5, Palette::of(ui).accent);
        ui.painter().rect_stroke(rect, super::theme::RADIUS, pen, StrokeKind::Inside);
    }
}
