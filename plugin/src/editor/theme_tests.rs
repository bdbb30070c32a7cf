use super::*;

/// Relative luminance of WCAG 2.1.
fn luminance(color: Color32) -> f64 {
    let linear = |channel: u8| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
}

/// Contrast ratio of WCAG 2.1, 1.0..=21.0.
fn contrast(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Every ink that is drawn as text, on every ground it is drawn on.
fn text_pairs(palette: &Palette) -> Vec<(&'static str, Color32, Color32)> {
    let Palette { background, panel, strip, well, button, button_hot, text, dim, accent, warning, star, .. } = *palette;
    let grounds = [background, panel, strip, well, button, button_hot];
    let quiet = [background, panel, strip, well, button];
    let mut pairs: Vec<_> = grounds.map(|ground| ("text", text, ground)).to_vec();
    pairs.extend(quiet.map(|ground| ("dim", dim, ground)));
    for ground in [background, panel, strip, well, button] {
        pairs.extend([("accent", accent, ground), ("warning", warning, ground), ("star", star, ground)]);
        pairs.extend(palette.stems.map(|stem| ("stem", stem, ground)));
    }
    pairs.push(("on accent", palette.on_accent, accent));
    pairs.extend([warning, star].map(|fill| ("on warning", palette.on_warning, fill)));
    pairs.extend(palette.stems.map(|fill| ("on a stem", palette.on_warning, fill)));
    pairs
}

#[test]
fn the_formula_gives_the_extremes_and_a_known_pair() {
    assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-9);
    assert!((contrast(Color32::WHITE, Color32::WHITE) - 1.0).abs() < 1e-9);
    // #767676 on white is the best-known borderline pair: 4.54.
    assert!((contrast(Color32::from_rgb(0x76, 0x76, 0x76), Color32::WHITE) - 4.54).abs() < 0.005);
}

#[test]
fn every_text_is_at_least_four_and_a_half_to_one_in_both_themes() {
    let mut worst = f64::MAX;
    for (theme, palette) in [("dark", &DARK), ("light", &LIGHT)] {
        for (name, ink, ground) in text_pairs(palette) {
            let ratio = contrast(ink, ground);
            assert!(ratio >= 4.5, "{theme}: {name} {ink:?} on {ground:?} is {ratio:.2}:1");
            worst = worst.min(ratio);
        }
    }
    println!("lowest text contrast {worst:.2}:1");
}

#[test]
fn what_is_drawn_is_at_least_three_to_one() {
    for (theme, palette) in [("dark", &DARK), ("light", &LIGHT)] {
        for (stem, fill) in StemKind::ALL.iter().zip(palette.fills) {
            let ratio = contrast(fill, palette.well);
            assert!(ratio >= 3.0, "{theme}: {} is {ratio:.2}:1", stem.name());
        }
        assert!(contrast(palette.accent, palette.panel) >= 3.0);
    }
}

#[test]
fn stems_are_told_apart() {
    for palette in [&DARK, &LIGHT] {
        for (i, a) in palette.stems.iter().enumerate() {
            for b in &palette.stems[i + 1..] {
                let distance: i32 = (0..3).map(|c| (i32::from(a[c]) - i32::from(b[c])).abs()).sum();
                assert!(distance > 80, "{a:?} and {b:?}");
            }
        }
    }
}

#[test]
fn no_text_is_smaller_than_eleven_points() {
    let ctx = Context::default();
    apply(&ctx, Theme::Light);
    for theme in [egui::Theme::Dark, egui::Theme::Light] {
        for (style, font) in &ctx.style_of(theme).text_styles {
            assert!(font.size >= 11.0, "{style:?} is {}", font.size);
        }
    }
}
