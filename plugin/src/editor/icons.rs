//! Small vector marks: no font has to carry them, and they stay crisp at any scale.
use egui::{Color32, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo};

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
    /// A five-pointed star, filled or not.
    Star {
        /// Filled.
        is_on: bool,
    },
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

/// A button that shows only a mark; `hint` is its tooltip and its accessible name. True when clicked.
pub fn button(ui: &mut Ui, icon: Icon, size: Vec2, (fill, ink): (Option<Color32>, Color32), hint: &str) -> bool {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, hint));
    if ui.is_rect_visible(rect) {
        let look = ui.style().interact(&response);
        let corner = look.corner_radius;
        ui.painter().rect_filled(rect, corner, fill.unwrap_or(look.weak_bg_fill));
        ui.painter().rect_stroke(rect, corner, look.bg_stroke, egui::StrokeKind::Inside);
        paint(ui.painter(), icon, rect.center(), size.min_elem() * 0.24, ink);
    }
    let is_clicked = response.clicked();
    response.on_hover_text(hint);
    is_clicked
}
