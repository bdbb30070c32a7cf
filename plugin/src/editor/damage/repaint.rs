//! Painting some places of a frame again: as few triangles as give the same pixels.
use super::{SOFT_EDGE, largest_corner};
use egui::epaint::{ClippedShape, Shape};
use egui::{Color32, Mesh, Rect};

/// A mesh of fewer triangles is not worth looking through.
const LARGE_MESH: usize = 64;

/// The shapes again, those that meet a rectangle, each within it, over fresh ground.
pub fn repaint(shapes: &[ClippedShape], rects: &[Rect], ground: Color32) -> Vec<ClippedShape> {
    if rects.is_empty() {
        return Vec::new();
    }
    let seen: Vec<Rect> = shapes.iter().map(|shape| shape.shape.visual_bounding_rect().expand(SOFT_EDGE)).collect();
    let mut painted = Vec::new();
    for rect in rects {
        // What lies under something that hides it need not be painted.
        let hiding = shapes.iter().enumerate().rev().find_map(|(place, shape)| Some((place, hides(shape, *rect)?)));
        let (begin, ground) = hiding.map_or((0, ground), |(place, color)| (place + 1, color));
        // Larger than what is shown of it: its own edge is soft.
        let fill = Shape::rect_filled(rect.expand(4.0), 0.0, ground);
        painted.push(ClippedShape::new(*rect, fill));
        for (shape, seen) in shapes[begin..].iter().zip(&seen[begin..]) {
            let clip_rect = shape.clip_rect.intersect(*rect);
            if clip_rect.is_positive() && seen.intersects(clip_rect) {
                painted.push(ClippedShape { clip_rect, shape: within(&shape.shape, clip_rect), ..shape.clone() });
            }
        }
    }
    painted
}

/// The colour of a shape of which nothing is seen in `rect` but this one colour, and nothing below it.
fn hides(shape: &ClippedShape, rect: Rect) -> Option<Color32> {
    let Shape::Rect(plate) = &shape.shape else { return None };
    let inner = plate.rect.shrink(largest_corner(plate) + plate.stroke.width + SOFT_EDGE);
    let is_plain = plate.brush.is_none() && plate.blur_width == 0.0 && plate.angle == 0.0;
    let is_still = shape.transform_after_tessellation == Default::default();
    let is_over = inner.contains_rect(rect) && shape.clip_rect.contains_rect(rect);
    (plate.fill.is_opaque() && is_plain && is_still && is_over).then_some(plate.fill)
}

/// The shape, or what of it can be seen in `clip`.
fn within(shape: &Shape, clip: Rect) -> Shape {
    match shape {
        Shape::Mesh(mesh) if mesh.indices.len() >= 3 * LARGE_MESH => Shape::mesh(cropped(mesh, clip)),
        shape => shape.clone(),
    }
}

/// The triangles of a mesh that can meet `clip`.
fn cropped(mesh: &Mesh, clip: Rect) -> Mesh {
    let mut crop = Mesh::with_texture(mesh.texture_id);
    for corners in mesh.indices.as_chunks::<3>().0 {
        let corners = corners.map(|corner| mesh.vertices[corner as usize]);
        let hull = corners.iter().fold(Rect::NOTHING, |hull, corner| hull | Rect::from_pos(corner.pos));
        if hull.intersects(clip) {
            let begin = crop.vertices.len() as u32;
            crop.vertices.extend(corners);
            crop.indices.extend([begin, begin + 1, begin + 2]);
        }
    }
    crop
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Stroke, StrokeKind, Vec2, pos2};

    const EVERYWHERE: Rect = Rect::EVERYTHING;

    fn square(x: f32, y: f32, side: f32) -> Rect {
        Rect::from_min_size(pos2(x, y), Vec2::splat(side))
    }

    fn filled(rect: Rect, radius: f32, color: Color32) -> ClippedShape {
        ClippedShape::new(EVERYWHERE, Shape::rect_filled(rect, radius, color))
    }

    fn colors(painted: &[ClippedShape]) -> Vec<Color32> {
        let rects = painted.iter().map(|shape| match &shape.shape {
            Shape::Rect(rect) => rect.fill,
            other => panic!("{other:?}"),
        });
        rects.collect()
    }

    #[test]
    fn nothing_is_painted_where_nothing_has_changed() {
        assert!(repaint(&[filled(square(0.0, 0.0, 10.0), 0.0, Color32::RED)], &[], Color32::BLACK).is_empty());
    }

    #[test]
    fn whatever_lies_over_a_changed_place_is_painted_there_again_in_its_order() {
        let shapes = [
            filled(square(0.0, 0.0, 100.0), 50.0, Color32::RED),
            filled(square(10.0, 10.0, 20.0), 0.0, Color32::GREEN),
            filled(square(60.0, 60.0, 20.0), 0.0, Color32::BLUE),
        ];
        let place = square(8.0, 8.0, 8.0);
        let painted = repaint(&shapes, &[place], Color32::BLACK);
        assert_eq!(colors(&painted), [Color32::BLACK, Color32::RED, Color32::GREEN]);
        assert!(painted.iter().all(|shape| place.contains_rect(shape.clip_rect)));
        assert_eq!((&painted[1].shape, &painted[2].shape), (&shapes[0].shape, &shapes[1].shape));
    }

    #[test]
    fn what_lies_under_something_that_hides_it_is_not_painted() {
        let under = filled(square(0.0, 0.0, 100.0), 0.0, Color32::RED);
        let over = |shape: ClippedShape, place: Rect| {
            colors(&repaint(&[under.clone(), shape], &[place], Color32::BLACK)).len() == 1
        };
        let plate = filled(square(20.0, 20.0, 40.0), 4.0, Color32::BLUE);
        assert!(over(plate.clone(), square(26.0, 26.0, 20.0)));
        assert!(!over(plate.clone(), square(22.0, 26.0, 20.0)), "the corner is round there");
        assert!(!over(plate.clone(), square(50.0, 50.0, 20.0)), "it reaches beyond");
        let clip = square(0.0, 0.0, 40.0);
        assert!(!over(ClippedShape { clip_rect: clip, ..plate }, square(26.0, 26.0, 20.0)), "it is cut off");
        let faint = filled(square(20.0, 20.0, 40.0), 4.0, Color32::BLUE.gamma_multiply(0.5));
        assert!(!over(faint, square(26.0, 26.0, 20.0)), "one sees through it");
        let line =
            Shape::rect_stroke(square(20.0, 20.0, 40.0), 4.0, Stroke::new(2.0, Color32::BLUE), StrokeKind::Inside);
        assert!(!over(ClippedShape::new(EVERYWHERE, line), square(26.0, 26.0, 20.0)), "it has no filling");
    }

    #[test]
    fn of_a_large_mesh_only_what_can_be_seen_is_painted() {
        let mut mesh = Mesh::default();
        (0..100).for_each(|x| mesh.add_colored_rect(square(x as f32 * 10.0, 0.0, 8.0), Color32::RED));
        let shapes = [ClippedShape::new(EVERYWHERE, Shape::mesh(mesh.clone()))];
        let painted = repaint(&shapes, &[square(501.0, 1.0, 4.0)], Color32::BLACK);
        let Shape::Mesh(crop) = &painted[1].shape else { panic!("{painted:?}") };
        assert_eq!(crop.indices.len(), 6);
        assert!(crop.is_valid());
        assert!(crop.vertices.iter().all(|vertex| (500.0..=508.0).contains(&vertex.pos.x)));
        assert!(crop.vertices.iter().all(|vertex| mesh.vertices.contains(vertex)));
    }
}
