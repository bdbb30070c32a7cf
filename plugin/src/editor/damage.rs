//! Repaints only what has changed since the last frame.
//!
//! On a software renderer every pixel of a frame is paid for, and of a window that plays hardly anything changes:
//! playheads, meters, a few digits. The shapes of a frame are compared with those of the last one; what differs is
//! gathered into a few rectangles, and only those are painted, over the picture that is still there. The picture is
//! still there only where nobody clears it and the driver keeps it: see [`super::canvas`]. A window of another size gets
//! an empty surface, some time after the first frame of that size: until it has settled every frame is painted whole.
use egui::epaint::{ClippedShape, Shape};
use egui::{Color32, Context, FullOutput, Rect, Ui, Vec2};
use std::time::Duration;

/// More rectangles than this are merged, the ones that waste least first.
const MAX_RECTS: usize = 24;
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
        output.shapes = repaint(&new, &rects.unwrap_or_else(|| vec![whole]), ground);
        self.last = new;
    }
}

/// Where the frames differ, in whole pixels; `None` where that cannot be told.
fn damaged(old: &[ClippedShape], new: &[ClippedShape], scale: f32) -> Option<Vec<Rect>> {
    let begin = old.iter().zip(new).take_while(|(old, new)| is_same(old, new)).count();
    let (old, new) = (&old[begin..], &new[begin..]);
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| is_same(old, new)).count();
    let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
    let mut rects = Vec::new();
    let mut add = |shape: &ClippedShape| {
        let is_known = shape.transform_after_tessellation == Default::default();
        let rect = bounds(shape, scale);
        if rect.is_positive() {
            rects.push(rect);
        }
        (is_known && !matches!(shape.shape, Shape::Callback(_))).then_some(())
    };
    if old.len() == new.len() {
        for (old, new) in old.iter().zip(new).filter(|(old, new)| !is_same(old, new)) {
            add(old)?;
            add(new)?;
        }
    } else {
        // Something was put in or taken out: what lies between has moved in the list, and may lie over other things.
        old.iter().chain(new).try_for_each(add)?;
    }
    Some(merged(rects))
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

/// What a shape covers, in whole pixels and with its soft edge.
fn bounds(shape: &ClippedShape, scale: f32) -> Rect {
    let seen = shape.shape.visual_bounding_rect().expand(1.0 / scale).intersect(shape.clip_rect);
    if !seen.is_positive() {
        return Rect::NOTHING;
    }
    let min = (seen.min.to_vec2() * scale).floor() / scale;
    let max = (seen.max.to_vec2() * scale).ceil() / scale;
    Rect::from_min_max(min.to_pos2(), max.to_pos2())
}

/// Fewer rectangles that cover the same: those that overlap, and then those that lie nearest.
fn merged(mut rects: Vec<Rect>) -> Vec<Rect> {
    let mut done: Vec<Rect> = Vec::new();
    while let Some(mut rect) = rects.pop() {
        // A rectangle that has grown may meet others that it did not meet before.
        while let Some(place) = done.iter().position(|other| waste(rect, *other) <= 0.0) {
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

/// The shapes again, those that meet a rectangle, each within it, over fresh ground.
fn repaint(shapes: &[ClippedShape], rects: &[Rect], ground: Color32) -> Vec<ClippedShape> {
    let mut painted = Vec::new();
    for rect in rects {
        // Larger than what is shown of it: its own edge is soft.
        let fill = Shape::rect_filled(rect.expand2(Vec2::splat(4.0)), 0.0, ground);
        painted.push(ClippedShape::new(*rect, fill));
        for shape in shapes {
            let clip = shape.clip_rect.intersect(*rect);
            if clip.is_positive() && shape.shape.visual_bounding_rect().expand(1.0).intersects(clip) {
                painted.push(ClippedShape { clip_rect: clip, ..shape.clone() });
            }
        }
    }
    painted
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Pos2, pos2};

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
        assert!(repaint(&frame, &[], Color32::BLACK).is_empty());
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
    fn whatever_lies_over_or_under_a_changed_place_is_painted_there_again_in_its_order() {
        let shapes = [square(0.0, 0.0, 100.0), square(10.0, 10.0, 20.0), square(60.0, 60.0, 20.0)];
        let place = Rect::from_min_size(pos2(12.0, 12.0), Vec2::splat(4.0));
        let painted = repaint(&shapes, &[place], Color32::BLACK);
        assert_eq!(painted.len(), 3, "ground, and the two that are there");
        assert!(painted.iter().all(|shape| place.contains_rect(shape.clip_rect)));
        assert_eq!((&painted[1].shape, &painted[2].shape), (&shapes[0].shape, &shapes[1].shape));
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
