//! Colours, spacing and text sizes of the window: two palettes, one accent per stem, everything else quiet.
//!
//! A test holds every ink on every ground it is drawn on to the contrast of WCAG 2.1: 4.5:1 for text, 3:1 for shapes.
use egui::{Color32, Context, CornerRadius, FontFamily, FontId, Stroke, TextStyle, Ui, Visuals};
use studio::Theme;
use take::StemKind;

#[cfg(test)]
#[path = "theme_tests.rs"]
mod tests;

/// The smallest text there is, points.
pub const SMALL: f32 = 11.0;
/// Ordinary text, points.
pub const BODY: f32 = 13.0;
/// Corner radius of strips and buttons, points.
pub const RADIUS: CornerRadius = CornerRadius::same(5);
/// Space between things that do not belong together, points.
pub const GAP: f32 = 8.0;

/// Every colour of one theme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Palette {
    /// Behind everything.
    pub background: Color32,
    /// Top bar, side panel, menus.
    pub panel: Color32,
    /// A deck.
    pub strip: Color32,
    /// What holds values: waveforms, fields, meters.
    pub well: Color32,
    /// A button at rest.
    pub button: Color32,
    /// A button under the pointer.
    pub button_hot: Color32,
    /// Hairlines.
    pub line: Color32,
    /// Text.
    pub text: Color32,
    /// Secondary text.
    pub dim: Color32,
    /// What is on, what is chosen, what makes something new.
    pub accent: Color32,
    /// Text on [`Palette::accent`].
    pub on_accent: Color32,
    /// Favourites.
    pub star: Color32,
    /// What went wrong, what is muted.
    pub warning: Color32,
    /// Text on `warning` and `star`.
    pub on_warning: Color32,
    /// Per stem, in bus order, as text and outline.
    pub stems: [Color32; 5],
    /// Per stem, as waveform and notes.
    pub fills: [Color32; 5],
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// For dark rooms, and the default.
pub static DARK: Palette = Palette {
    background: rgb(0x15_17_1b),
    panel: rgb(0x1b_1e_24),
    strip: rgb(0x20_24_2b),
    well: rgb(0x12_14_18),
    button: rgb(0x2c_31_3a),
    button_hot: rgb(0x39_40_4c),
    line: rgb(0x35_3b_46),
    text: rgb(0xe8_ea_ee),
    dim: rgb(0xa6_ae_bb),
    accent: rgb(0x6f_d3_c0),
    on_accent: rgb(0x0b_1d_19),
    star: rgb(0xf0_d0_6d),
    warning: rgb(0xff_9b_7d),
    on_warning: rgb(0x25_12_09),
    stems: [rgb(0xf0_a8_5d), rgb(0x86_a6_ff), rgb(0xc7_9b_f2), rgb(0x79_d6_93), rgb(0xee_8f_b2)],
    fills: [rgb(0xf0_a8_5d), rgb(0x86_a6_ff), rgb(0xc7_9b_f2), rgb(0x79_d6_93), rgb(0xee_8f_b2)],
};

/// For daylight.
pub static LIGHT: Palette = Palette {
    background: rgb(0xe6_e9_ed),
    panel: rgb(0xf4_f5_f7),
    strip: rgb(0xfd_fd_fe),
    well: rgb(0xee_f0_f3),
    button: rgb(0xe3_e6_eb),
    button_hot: rgb(0xd6_da_e1),
    line: rgb(0xc8_cd_d6),
    text: rgb(0x1a_1e_26),
    dim: rgb(0x4e_5664),
    accent: rgb(0x0b_6b_60),
    on_accent: rgb(0xff_ff_ff),
    star: rgb(0x7a_5a_00),
    warning: rgb(0xa8_38_12),
    on_warning: rgb(0xff_ff_ff),
    stems: [rgb(0x8f_4d_00), rgb(0x2b_50_c4), rgb(0x6e_3c_bb), rgb(0x13_68_3c), rgb(0xa6_2a_63)],
    fills: [rgb(0xc0_6f_10), rgb(0x5c_7f_ee), rgb(0x9b_6f_e3), rgb(0x2b_8f_5a), rgb(0xd6_58_94)],
};

impl Palette {
    /// The palette that `ui` is drawn with.
    pub fn of(ui: &Ui) -> &'static Palette {
        if ui.visuals().dark_mode { &DARK } else { &LIGHT }
    }

    /// The palette of a window.
    pub fn in_context(ctx: &Context) -> &'static Palette {
        if ctx.theme() == egui::Theme::Dark { &DARK } else { &LIGHT }
    }

    /// A stem as a surface.
    pub fn fill(&self, stem: StemKind) -> Color32 {
        self.fills[stem as usize]
    }

    /// Accent of a stem.
    pub fn stem(&self, stem: StemKind) -> Color32 {
        self.stems[stem as usize]
    }

    /// Ink for something lit with `fill`.
    pub fn ink_on(&self, fill: Color32) -> Color32 {
        if fill == self.accent { self.on_accent } else { self.on_warning }
    }
}

/// Sets the look of everything egui draws by itself.
pub fn apply(ctx: &Context, theme: Theme) {
    ctx.set_theme(match theme {
        Theme::Dark => egui::Theme::Dark,
        Theme::Light => egui::Theme::Light,
    });
    for (theme, palette) in [(egui::Theme::Dark, &DARK), (egui::Theme::Light, &LIGHT)] {
        ctx.style_mut_of(theme, |style| {
            style.visuals = visuals(theme == egui::Theme::Dark, palette);
            style.spacing.item_spacing = egui::vec2(6.0, 4.0);
            style.spacing.button_padding = egui::vec2(8.0, 3.0);
            style.spacing.menu_margin = egui::Margin::same(6);
            style.interaction.selectable_labels = false;
            style.interaction.tooltip_delay = 0.6;
            // Nothing glides: on a software renderer every in-between frame costs.
            style.animation_time = 0.0;
            for (text_style, size) in [
                (TextStyle::Small, SMALL),
                (TextStyle::Body, BODY),
                (TextStyle::Button, BODY),
                (TextStyle::Monospace, 12.0),
                (TextStyle::Heading, 17.0),
            ] {
                style.text_styles.insert(text_style, FontId::new(size, FontFamily::Proportional));
            }
        });
    }
}

fn visuals(is_dark: bool, palette: &Palette) -> Visuals {
    let mut visuals = if is_dark { Visuals::dark() } else { Visuals::light() };
    visuals.panel_fill = palette.background;
    visuals.window_fill = palette.panel;
    visuals.extreme_bg_color = palette.well;
    visuals.text_edit_bg_color = Some(palette.well);
    visuals.override_text_color = Some(palette.text);
    visuals.weak_text_color = Some(palette.dim);
    visuals.selection.bg_fill = palette.accent.gamma_multiply(0.30);
    visuals.selection.stroke = Stroke::new(1.0, palette.accent);
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.popup_shadow = egui::Shadow { offset: [0, 4], blur: 12, spread: 0, color: Color32::from_black_alpha(60) };
    visuals.striped = false;
    let widgets = &mut visuals.widgets;
    for (widget, fill) in [
        (&mut widgets.noninteractive, palette.panel),
        (&mut widgets.inactive, palette.button),
        (&mut widgets.hovered, palette.button_hot),
        (&mut widgets.active, palette.button_hot),
        (&mut widgets.open, palette.button_hot),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.corner_radius = RADIUS;
        widget.expansion = 0.0;
        widget.bg_stroke = Stroke::NONE;
        widget.fg_stroke = Stroke::new(1.0, palette.text);
    }
    widgets.noninteractive.bg_stroke = Stroke::new(1.0, palette.line);
    widgets.hovered.bg_stroke = Stroke::new(1.0, palette.line);
    // A focused widget wears the `active` look: it has to be visible for keyboard users.
    widgets.active.bg_stroke = Stroke::new(1.5, palette.accent);
    visuals
}
