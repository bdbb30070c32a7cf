//! How parameter values read and how they are typed: every text that comes out goes back in.
//!
//! Parsers refuse what is not a finite number, so that no host can type a NaN into a dial.
use nice_plug::prelude::{FloatParam, FloatRange, IntParam, IntRange};
use std::sync::Arc;

/// At and below this many decibels a level is silence and reads `-inf`.
pub const SILENCE_DB: f32 = -80.0;
/// Loudest level in decibels: a factor of four.
pub const MAX_DB: f32 = 12.0;
/// `Swing` below its range: the style decides.
pub const SWING_OF_STYLE: i32 = -1;

/// Level in decibels, `-inf` (at -80) ..= 12.0, 0.0 = unchanged. Snaps to 0.01 dB, so unity is reachable exactly.
pub fn level(name: String) -> FloatParam {
    // 2.0: puts 0 dB at three quarters of the way and gives the upper 20 dB more than half of it, like a fader.
    let range = FloatRange::Skewed { min: SILENCE_DB, max: MAX_DB, factor: 2.0 };
    FloatParam::new(name, 0.0, range)
        .with_step_size(0.01)
        .with_unit(" dB")
        .with_value_to_string(Arc::new(|db| if db <= SILENCE_DB { "-inf".to_owned() } else { fixed(db, 2) }))
        .with_string_to_value(Arc::new(|text| match bare(text, "db").as_str() {
            "-inf" | "-∞" | "off" => Some(SILENCE_DB),
            number => finite(number),
        }))
}

/// Balance: `L100` ..= `C` ..= `R100`, plain -1.0..=1.0.
pub fn pan(name: String) -> FloatParam {
    FloatParam::new(name, 0.0, FloatRange::Linear { min: -1.0, max: 1.0 })
        .with_step_size(0.01)
        .with_value_to_string(Arc::new(|pan| match (pan * 100.0).round() as i32 {
            0 => "C".to_owned(),
            percent if percent < 0 => format!("L{}", -percent),
            percent => format!("R{percent}"),
        }))
        .with_string_to_value(Arc::new(|text| {
            let text = bare(text, "%");
            match text.as_str() {
                "c" | "center" | "centre" => Some(0.0),
                _ => match (text.contains('l'), text.trim_matches(['l', 'r', ' '])) {
                    (true, number) => finite(number).map(|percent| -percent / 100.0),
                    (false, number) => finite(number).map(|percent| percent / 100.0),
                },
            }
        }))
}

/// Transposition in semitones, -24.00..=24.00, with cents as fractions: `+3.00 st`.
pub fn pitch(name: String) -> FloatParam {
    FloatParam::new(name, 0.0, FloatRange::Linear { min: -24.0, max: 24.0 })
        .with_step_size(0.01)
        .with_unit(" st")
        .with_value_to_string(Arc::new(|semitones| {
            let text = fixed(semitones, 2);
            if text.starts_with('-') || text == "0.00" { text } else { format!("+{text}") }
        }))
        .with_string_to_value(Arc::new(|text| finite(&bare(text, "st"))))
}

/// DJ filter in one dial, plain -1.0..=1.0: `LP 35.0 %`, `Off`, `HP 20.0 %`.
pub fn filter(name: String) -> FloatParam {
    FloatParam::new(name, 0.0, FloatRange::Linear { min: -1.0, max: 1.0 })
        .with_step_size(0.001)
        .with_value_to_string(Arc::new(|filter| match fixed(filter.abs() * 100.0, 1).as_str() {
            "0.0" => "Off".to_owned(),
            percent if filter < 0.0 => format!("LP {percent} %"),
            percent => format!("HP {percent} %"),
        }))
        .with_string_to_value(Arc::new(|text| {
            let text = bare(text, "%");
            match (text.strip_prefix("lp"), text.strip_prefix("hp")) {
                _ if text == "off" => Some(0.0),
                (Some(number), _) => finite(number).map(|percent| -percent / 100.0),
                (None, Some(number)) => finite(number).map(|percent| percent / 100.0),
                (None, None) => finite(&text).map(|percent| percent / 100.0),
            }
        }))
}

/// A share, plain 0.0..=1.0, read as `10.0 %`.
pub fn share(name: String, default: f32) -> FloatParam {
    FloatParam::new(name, default, FloatRange::Linear { min: 0.0, max: 1.0 })
        .with_step_size(0.001)
        .with_unit(" %")
        .with_value_to_string(Arc::new(|share| fixed(share * 100.0, 1)))
        .with_string_to_value(Arc::new(|text| finite(&bare(text, "%")).map(|percent| percent / 100.0)))
}

/// Crossfade in milliseconds, 1.0..=500.0.
pub fn crossfade(name: &str) -> FloatParam {
    // 0.4: half of the way is about 90 ms; the short fades that matter get the room.
    FloatParam::new(name, 20.0, FloatRange::Skewed { min: 1.0, max: 500.0, factor: 0.4 })
        .with_step_size(0.1)
        .with_unit(" ms")
        .with_value_to_string(Arc::new(|ms| fixed(ms, 1)))
        .with_string_to_value(Arc::new(|text| finite(&bare(text, "ms"))))
}

/// A musical amount in whole percent, 0..=100: whole, so that the same dial always asks for the same take.
pub fn percent(name: &str, default: i32) -> IntParam {
    IntParam::new(name, default, IntRange::Linear { min: 0, max: 100 })
        .with_unit(" %")
        .with_value_to_string(Arc::new(|percent| percent.to_string()))
        .with_string_to_value(Arc::new(|text| whole(&bare(text, "%"))))
}

/// Swing in whole percent, 0 straight ..= 100 triplet; below 0 the style's own, read as `Style`.
pub fn swing(name: &str) -> IntParam {
    IntParam::new(name, SWING_OF_STYLE, IntRange::Linear { min: SWING_OF_STYLE, max: 100 })
        .with_value_to_string(Arc::new(|swing| match swing {
            SWING_OF_STYLE => "Style".to_owned(),
            percent => format!("{percent} %"),
        }))
        .with_string_to_value(Arc::new(|text| match bare(text, "%").as_str() {
            "style" => Some(SWING_OF_STYLE),
            number => whole(number),
        }))
}

/// Length in bars, 1..=32.
pub fn bars(name: &str) -> IntParam {
    let range = IntRange::Linear { min: take::BarCount::MIN as i32, max: take::BarCount::MAX as i32 };
    IntParam::new(name, i32::from(take::BarCount::DEFAULT.get()), range)
        .with_value_to_string(Arc::new(|bars| if bars == 1 { "1 bar".to_owned() } else { format!("{bars} bars") }))
        .with_string_to_value(Arc::new(|text| whole(bare(text, "bars").trim_end_matches(" bar"))))
}

/// A fixed number of digits, never `-0.00`.
fn fixed(value: f32, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    if text.starts_with('-') && text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.')) {
        text[1..].to_owned()
    } else {
        text
    }
}

/// Lower case, without the unit and the spaces around it.
fn bare(text: &str, unit: &str) -> String {
    let text = text.trim().to_lowercase();
    text.strip_suffix(unit).unwrap_or(&text).trim().to_owned()
}

fn finite(number: &str) -> Option<f32> {
    number.trim().parse().ok().filter(|value: &f32| value.is_finite())
}

fn whole(number: &str) -> Option<i32> {
    // f64 first: people type `60.0`, and a cast saturates where a parse of `1e12` would fail.
    number.trim().parse().ok().filter(|value: &f64| value.is_finite()).map(|value| value.round() as i32)
}
