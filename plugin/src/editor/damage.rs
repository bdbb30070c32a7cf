//! Repaints only what has changed since the last frame.
//!
//! On a software renderer every pixel of a frame is paid for, and of a window that plays hardly anything changes:
//! playheads, meters, a few digits. The shapes of a frame are compared with those of the last one; what differs is
//! gathered into a few rectangles, and only those are painted, over the picture that is still there. The picture is
//! still there only where nobody clears it and the driver keeps it: see [`super::canvas`]. A window of another size gets
//! an empty surface, some time after the first frame of that size: until it has settled every frame is painted whole.
mod repaint;

use egui::epaint::{ClippedShape, RectShape, Shape};
use egui::{Color32, Context, FullOutput, Rect, Ui};
use std::time::Duration;

/// More rectangles than this are merged, the ones that waste least first.
const MAX_RECTS: usize = 24;
/// The longest run of shapes that is looked for as put in, taken out or changed, in both frames together.
const LONGEST_CHANGE: usize = 48;
/// How far outlines and smoothed edges reach beyond a shape, points.
const SOFT_EDGE: f32 = 1.0;
/// A rectangle more costs about as much as painting so many square points.
const COST_OF_A_RECT: f32 = 300.0;
/// A window has settled so long after its last change, seconds.
const SETTLING_S: f64 = 1.0;
/// Between two frames until then.
const SETTLING_INTERVAL: Duration = Duration::from_millis(50);

/// The last frame, and what to do about the next.
pub struct Damage {
    last: Vec<ClippedShape>,
    /// What `last` was drawn onto: points, pixels a point, colour below everything.
    onto: Option<(Rect, f32, Color32)>,
    ground: fn(&Context) -> Color32,
    /// When the window will have settled, seconds of its clock.
    settled_at: f64,
}

impl Damage {
    /// `ground` is the colour below everything.
    pub fn new(ground: fn(&Context) -> Color32) -> Self {
        Self { last: Vec::new(), onto: None, ground, settled_at: 0.0 }
    }

    /// The window has another surface now, or may have.
    pub fn unsettle(&mut self) {
        self.onto = None;
    }
}

impl egui::Plugin for Damage {
    fn debug_name(&self) -> &'static str {
        "continuo damage"
    }

    fn on_end_pass(&mut self, ui: &mut Ui) {
        let (ctx, now) = (ui.ctx(), ui.input(|input| input.time));
        let onto = (ctx.viewport_rect(), ctx.pixels_per_point(), (self.ground)(ctx));
        if self.onto.replace(onto) != Some(onto) {
            self.settled_at = now + SETTLING_S;
        }
        if now < self.settled_at {
            ctx.request_repaint_after(SETTLING_INTERVAL);
        }
    }

    fn output_hook(&mut self, ctx: &Context, output: &mut FullOutput) {
        let Some((whole, scale, ground)) = self.onto else { return };
        let is_settled = ctx.input(|input| input.time) >= self.settled_at;
        let new = std::mem::take(&mut output.shapes);
        let rects = if is_settled { damaged(&self.last, &new, scale) } else { None };
        output.shapes = repaint::repaint(&new, &rects.unwrap_or_else(|| vec![whole]), ground);
        self.last = new;
    }
}

/// Where the frames differ, in whole pixels; `None` where that cannot be told.
fn damaged(old: &[ClippedShape], new: &[ClippedShape], scale: f32) -> Option<Vec<Rect>> {
    let (mut old, mut new) = (old, new);
    let mut rects = Vec::new();
    while !old.is_empty() || !new.is_empty() {
        let (gone, come) = until_same(old, new);
        for rect in difference(&old[..gone], &new[..come]) {
            rects.extend(Some(on_pixels(rect?, scale)).filter(Rect::is_positive));
        }
        // What both have after that is painted already.
        (old, new) = (old.get(gone + 1..).unwrap_or_default(), new.get(come + 1..).unwrap_or_default());
    }
    Some(merged(rects))
}

/// How many shapes of each list come before the first that both have, counted together as few as possible; where they
/// differ for longer than anything that comes or goes by itself, all that is left.
///
/// Whatever is taken for the same keeps its order in both lists. So a pixel that none of the others covers has the same
/// shapes above each other in both.
fn until_same(old: &[ClippedShape], new: &[ClippedShape]) -> (usize, usize) {
    let mut pairs = (0..=LONGEST_CHANGE).flat_map(|both| (0..=both).map(move |gone| (gone, both - gone)));
    let is_found = |(gone, come): &(usize, usize)| match (old.get(*gone), new.get(*come)) {
        (Some(old), Some(new)) => is_same(old, new),
        _ => false,
    };
    pairs.find(is_found).unwrap_or((old.len(), new.len()))
}

/// Equal pictures. Text is the same while egui's cache gives the same layout.
fn is_same(a: &ClippedShape, b: &ClippedShape) -> bool {
    let is_same_shape = match (&a.shape, &b.shape) {
        (Shape::Text(a), Shape::Text(b)) => {
            std::sync::Arc::ptr_eq(&a.galley, &b.galley)
                && (a.pos, a.angle, a.opacity_factor) == (b.pos, b.angle, b.opacity_factor)
                && (a.fallback_color, a.override_text_color, a.underline)
                    == (b.fallback_color, b.override_text_color, b.underline)
        }
        (Shape::Text(_), _) | (_, Shape::Text(_)) => false,
        (a, b) => a == b,
    };
    is_same_shape && a.clip_rect == b.clip_rect && a.transform_after_tessellation == b.transform_after_tessellation
}

/// Where shapes differ that come one in place of the other; `None` where that cannot be told.
fn difference(gone: &[ClippedShape], come: &[ClippedShape]) -> Vec<Option<Rect>> {
    if let ([gone], [come]) = (gone, come)
        && gone.clip_rect == come.clip_rect
        && [gone, come].iter().all(|shape| shape.transform_after_tessellation == Default::default())
        && let (Shape::Rect(old), Shape::Rect(new)) = (&gone.shape, &come.shape)
        && let Some(grown) = growth(old, new)
    {
        return vec![Some(grown.intersect(gone.clip_rect))];
    }
    gone.iter().chain(come).map(seen).collect()
}

/// Where a bar differs that has grown or shrunk at its upper end, as meters do.
fn growth(old: &RectShape, new: &RectShape) -> Option<Rect> {
    let low = old.rect.top().max(new.rect.top());
    let raised = |shape: &RectShape| RectShape { rect: shape.rect.with_min_y(low), ..shape.clone() };
    let radius = largest_corner(old);
    // The corners of a bar that is hardly there are smaller, and so is a line.
    let has_corners = low + 2.0 * radius + 3.0 <= new.rect.bottom();
    let is_plain = old.stroke.is_empty() && old.brush.is_none() && old.blur_width == 0.0 && old.angle == 0.0;
    let top = old.rect.top().min(new.rect.top());
    (has_corners && is_plain && raised(old) == raised(new))
        .then(|| Rect::from_x_y_ranges(new.rect.x_range(), top..=low + radius).expand(SOFT_EDGE))
}

/// The largest radius of its corners, points.
fn largest_corner(shape: &RectShape) -> f32 {
    let corners = shape.corner_radius;
    f32::from(corners.nw.max(corners.ne).max(corners.sw).max(corners.se))
}

/// What a shape covers with its soft edge; `None` where that cannot be told.
fn seen(shape: &ClippedShape) -> Option<Rect> {
    let is_known = shape.transform_after_tessellation == Default::default();
    let seen = shape.shape.visual_bounding_rect().expand(SOFT_EDGE).intersect(shape.clip_rect);
    (is_known && !matches!(shape.shape, Shape::Callback(_))).then_some(seen)
}

/// The pixels that a rectangle touches; nothing of what has no area.
fn on_pixels(rect: Rect, scale: f32) -> Rect {
    if !rect.is_positive() {
        return Rect::NOTHING;
    }
    let min = (rect.min.to_vec2() * scale).floor() / scale;
    let max = (rect.max.to_vec2() * scale).ceil() / scale;
    Rect::from_min_max(min.to_pos2(), max.to_pos2())
}

/// Fewer rectangles that cover the same: those that lie near, and while they are too many those that lie nearest.
fn merged(mut rects: Vec<Rect>) -> Vec<Rect> {
    let mut done: Vec<Rect> = Vec::new();
    while let Some(mut rect) = rects.pop() {
        // A rectangle that has grown may meet others that it did not meet before.
        while let Some(place) = done.iter().position(|other| waste(rect, *other) <= COST_OF_A_RECT) {
            rect |= done.swap_remove(place);
        }
        done.push(rect);
    }
    while done.len() > MAX_RECTS {
        let pairs = (0..done.len()).flat_map(|a| (a + 1..done.len()).map(move |b| (a, b)));
        let cost = |(a, b): &(usize, usize)| waste(done[*a], done[*b]);
        let Some((a, b)) = pairs.min_by(|a, b| cost(a).total_cmp(&cost(b))) else { break };
        let other = done.swap_remove(b);
        done[a] |= other;
    }
    done
}

/// Square points that are painted for nothing when two rectangles become one; negative where they overlap well.
fn waste(a: Rect, b: Rect) -> f32 {
    (a | b).area() - a.area() - b.area()
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Pos2, Vec2, pos2};

    fn square(x: f32, y: f32, side: f32) -> ClippedShape {
        let rect = Rect::from_min_size(pos2(x, y), Vec2::splat(side));
        ClippedShape::new(Rect::EVERYTHING, Shape::rect_filled(rect, 0.0, Color32::RED))
    }

    fn covers(rects: &[Rect], point: Pos2) -> bool {
        rects.iter().any(|rect| rect.contains(point))
    }

    /// Draws a frame of a window `side` points wide; how much of it is painted, square points.
    fn frame(ctx: &Context, time: f64, side: f32) -> f32 {
        let screen_rect = Some(Rect::from_min_size(Pos2::ZERO, Vec2::splat(side)));
        let input = egui::RawInput { screen_rect, time: Some(time), ..Default::default() };
        let mut output = ctx.run_ui(input, |ui| {
            ui.painter().rect_filled(Rect::from_min_size(pos2(10.0, 10.0), Vec2::splat(5.0)), 0.0, Color32::RED);
        });
        // Nobody uploads them here.
        output.textures_delta.clear();
        output.shapes.iter().map(|shape| shape.clip_rect.area()).fold(0.0, f32::max)
    }

    #[test]
    fn a_window_is_painted_whole_until_it_has_settled() {
        let ctx = Context::default();
        ctx.add_plugin(Damage::new(|_| Color32::BLACK));
        assert_eq!(frame(&ctx, 0.0, 100.0), 10_000.0);
        assert_eq!(frame(&ctx, 0.9, 100.0), 10_000.0, "the surface may be a new one yet");
        assert_eq!(frame(&ctx, 1.1, 100.0), 0.0);
        assert_eq!(frame(&ctx, 2.0, 200.0), 40_000.0);
        assert_eq!(frame(&ctx, 2.9, 200.0), 40_000.0);
        assert_eq!(frame(&ctx, 3.1, 200.0), 0.0);
        ctx.with_plugin(Damage::unsettle);
        assert_eq!(frame(&ctx, 3.2, 200.0), 40_000.0, "it was shown anew");
    }

    #[test]
    fn nothing_is_painted_when_nothing_has_changed() {
        let frame = [square(0.0, 0.0, 10.0), square(50.0, 0.0, 10.0)];
        assert_eq!(damaged(&frame, &frame, 1.0), Some(Vec::new()));
    }

    #[test]
    fn what_moves_is_painted_where_it_was_and_where_it_is() {
        let old = [square(0.0, 0.0, 10.0), square(50.0, 0.0, 10.0), square(200.0, 0.0, 10.0)];
        let new = [square(0.0, 0.0, 10.0), square(80.0, 0.0, 10.0), square(200.0, 0.0, 10.0)];
        let rects = damaged(&old, &new, 1.0).expect("plain shapes");
        assert!(covers(&rects, pos2(55.0, 5.0)) && covers(&rects, pos2(85.0, 5.0)), "{rects:?}");
        assert!(!covers(&rects, pos2(5.0, 5.0)) && !covers(&rects, pos2(205.0, 5.0)), "{rects:?}");
    }

    #[test]
    fn what_appears_or_goes_away_is_painted() {
        let old = [square(0.0, 0.0, 10.0), square(200.0, 0.0, 10.0)];
        let new = [square(0.0, 0.0, 10.0), square(50.0, 0.0, 10.0), square(200.0, 0.0, 10.0)];
        for (old, new) in [(&old[..], &new[..]), (&new[..], &old[..])] {
            let rects = damaged(old, new, 1.0).expect("plain shapes");
            assert!(covers(&rects, pos2(55.0, 5.0)) && !covers(&rects, pos2(5.0, 5.0)), "{rects:?}");
        }
    }

    #[test]
    fn what_comes_or_goes_elsewhere_does_not_matter_to_what_stays() {
        // As meters do: one falls silent at the top of the window while another begins to sound at its bottom.
        let stays: Vec<_> = (1..40).map(|i| square(0.0, i as f32 * 100.0, 50.0)).collect();
        let old: Vec<_> = std::iter::once(square(0.0, 0.0, 10.0)).chain(stays.clone()).collect();
        let new: Vec<_> = stays.into_iter().chain([square(0.0, 5_000.0, 10.0)]).collect();
        let rects = damaged(&old, &new, 1.0).expect("plain shapes");
        assert!(covers(&rects, pos2(5.0, 5.0)) && covers(&rects, pos2(5.0, 5_005.0)), "{rects:?}");
        assert!((1..40).all(|i| !covers(&rects, pos2(5.0, i as f32 * 100.0 + 25.0))), "{rects:?}");
    }

    #[test]
    fn frames_that_have_nothing_in_common_are_painted_all_over() {
        let old: Vec<_> = (0..200).map(|i| square(i as f32 * 50.0, 0.0, 10.0)).collect();
        let new: Vec<_> = (0..200).map(|i| square(i as f32 * 50.0, 200.0, 10.0)).collect();
        let rects = damaged(&old, &new, 1.0).expect("plain shapes");
        assert!((0..200).all(|i| covers(&rects, pos2(i as f32 * 50.0 + 5.0, 5.0))));
        assert!((0..200).all(|i| covers(&rects, pos2(i as f32 * 50.0 + 5.0, 205.0))));
    }

    #[test]
    fn of_a_bar_that_grows_only_its_end_is_painted() {
        let bar = |top: f32, bottom: f32, radius: u8| {
            let rect = Rect::from_min_max(pos2(100.0, top), pos2(106.0, bottom));
            [ClippedShape::new(Rect::EVERYTHING, Shape::rect_filled(rect, radius, Color32::RED))]
        };
        for (old, new) in [(40.0, 50.0), (50.0, 40.0)] {
            let rects = damaged(&bar(old, 100.0, 2), &bar(new, 100.0, 2), 1.0).expect("plain shapes");
            assert!(covers(&rects, pos2(103.0, 40.0)) && covers(&rects, pos2(103.0, 52.0)), "{rects:?}");
            assert!(!covers(&rects, pos2(103.0, 60.0)), "{rects:?}");
        }
        // Here the lower corners are not what they were.
        for (old, new) in [(bar(40.0, 100.0, 2), bar(98.0, 100.0, 2)), (bar(40.0, 100.0, 2), bar(40.0, 90.0, 2))] {
            let rects = damaged(&old, &new, 1.0).expect("plain shapes");
            assert!(covers(&rects, pos2(103.0, 99.0)), "{rects:?}");
        }
    }

    #[test]
    fn places_lie_on_whole_pixels_and_merge_when_there_are_too_many() {
        let old: Vec<_> = (0..60).map(|i| square(i as f32 * 30.0, 0.0, 3.3)).collect();
        let new: Vec<_> = (0..60).map(|i| square(i as f32 * 30.0 + 1.2, 0.0, 3.3)).collect();
        let rects = damaged(&old, &new, 1.5).expect("plain shapes");
        assert!(rects.len() <= MAX_RECTS, "{}", rects.len());
        for edge in rects.iter().flat_map(|rect| [rect.left(), rect.right(), rect.top(), rect.bottom()]) {
            let pixels = edge * 1.5;
            assert!((pixels - pixels.round()).abs() < 1e-3, "{edge}");
        }
        for i in 0..60 {
            assert!(covers(&rects, pos2(i as f32 * 30.0 + 2.0, 1.0)));
        }
    }
}
