//! Colours, spacing and text sizes of the window. One accent per stem, everything else quiet.
use egui::{Color32, CornerRadius, FontFamily, FontId, Stroke, TextStyle, Visuals};
use take::StemKind;

pub const BACKGROUND: Color32 = Color32::from_rgb(0x14, 0x16, 0x1b);
pub const PANEL: Color32 = Color32::from_rgb(0x1b, 0x1e, 0x25);
pub const STRIP: Color32 = Color32::from_rgb(0x20, 0x24, 0x2c);
pub const WELL: Color32 = Color32::from_rgb(0x11, 0x13, 0x17);
pub const LINE: Color32 = Color32::from_rgb(0x33, 0x38, 0x43);
pub const TEXT: Color32 = Color32::from_rgb(0xe6, 0xe8, 0xec);
/// Secondary text: 5.6:1 against [`STRIP`].
pub const DIM: Color32 = Color32::from_rgb(0x9a, 0xa2, 0xb0);
pub const ACCENT: Color32 = Color32::from_rgb(0x6f, 0xd3, 0xc0);
/// Text on [`ACCENT`].
pub const ON_ACCENT: Color32 = Color32::from_rgb(0x0c, 0x1c, 0x19);
pub const STAR: Color32 = Color32::from_rgb(0xf0, 0xd0, 0x6d);
pub const WARNING: Color32 = Color32::from_rgb(0xff, 0x9b, 0x7d);

/// Corner radius of strips and buttons, points.
pub const RADIUS: CornerRadius = CornerRadius::same(5);

/// One accent per stem, in bus order.
pub fn stem_color(stem: StemKind) -> Color32 {
    match stem {
        StemKind::Drums => Color32::from_rgb(0xf0, 0xa8, 0x5d),
        StemKind::Bass => Color32::from_rgb(0x79, 0x9a, 0xff),
        StemKind::Harmony => Color32::from_rgb(0xb9, 0x92, 0xf5),
        StemKind::Melody => Color32::from_rgb(0x6f, 0xd3, 0xa0),
        StemKind::Other => Color32::from_rgb(0xe8, 0x86, 0xa9),
    }
}

/// Sets the look of everything egui draws by itself.
pub fn apply(ctx: &egui::Context) {
    ctx.set_theme(egui::Theme::Dark);
    ctx.all_styles_mut(|style| {
        style.visuals = visuals();
        style.spacing.item_spacing = egui::vec2(6.0, 4.0);
        style.spacing.button_padding = egui::vec2(8.0, 3.0);
        style.interaction.selectable_labels = false;
        for (text_style, size) in
            [(TextStyle::Small, 11.0), (TextStyle::Body, 13.0), (TextStyle::Button, 13.0), (TextStyle::Heading, 17.0)]
        {
            style.text_styles.insert(text_style, FontId::new(size, FontFamily::Proportional));
        }
    });
}

fn visuals() -> Visuals {
    let mut visuals = Visuals::dark();
    visuals.panel_fill = BACKGROUND;
    visuals.window_fill = PANEL;
    visuals.extreme_bg_color = WELL;
    visuals.override_text_color = Some(TEXT);
    visuals.selection.bg_fill = ACCENT.gamma_multiply(0.35);
    visuals.selection.stroke = Stroke::new(1.0, ACCENT);
    visuals.window_stroke = Stroke::new(1.0, LINE);
    let widgets = &mut visuals.widgets;
    for (widget, fill) in [
        (&mut widgets.noninteractive, PANEL),
        (&mut widgets.inactive, Color32::from_rgb(0x2b, 0x30, 0x3a)),
        (&mut widgets.hovered, Color32::from_rgb(0x37, 0x3d, 0x4a)),
        (&mut widgets.active, Color32::from_rgb(0x42, 0x4a, 0x59)),
        (&mut widgets.open, Color32::from_rgb(0x37, 0x3d, 0x4a)),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.corner_radius = RADIUS;
        widget.expansion = 0.0;
        widget.bg_stroke = Stroke::NONE;
    }
    widgets.noninteractive.bg_stroke = Stroke::new(1.0, LINE);
    widgets.hovered.bg_stroke = Stroke::new(1.0, LINE);
    // A focused widget wears the `active` look: it has to be visible for keyboard users.
    widgets.active.bg_stroke = Stroke::new(1.5, ACCENT);
    visuals
}
