//! The window as a project remembers it.
use serde::{Deserialize, Serialize};
use take::Bpm;

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Dark grounds.
    #[default]
    Dark,
    /// Light grounds.
    Light,
}

/// Size, scale, tab, theme, and the tempo that is set in it. What a newer Continuo wrote here and this one does not know becomes the default: a
/// window is no reason to refuse a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowState {
    /// Points, 760..=2560. Default 1120.
    #[serde(deserialize_with = "lenient")]
    pub width_points: u16,
    /// Points, 480..=1600. Default 790.
    #[serde(deserialize_with = "lenient")]
    pub height_points: u16,
    /// The user's own scale on top of the system's, percent, 100..=250. Default 100.
    #[serde(deserialize_with = "lenient")]
    pub scale_percent: u16,
    /// The open tab by the window's own name for it; empty is the first one.
    #[serde(deserialize_with = "lenient")]
    pub tab: String,
    /// Light or dark.
    #[serde(deserialize_with = "lenient")]
    pub theme: Theme,
    /// Tempo of takes made from the window, BPM; the host's where absent.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub own_tempo_bpm: Option<f64>,
}

/// Longest name of a tab, in characters.
const MAX_TAB_CHARS: usize = 64;

impl WindowState {
    /// Every field within its range.
    pub fn clamped(mut self) -> Self {
        let first = Self::default();
        // A zero is what a field that could not be read has become.
        let within = |value: u16, low, high, first| if value == 0 { first } else { value.clamp(low, high) };
        self.width_points = within(self.width_points, 760, 2560, first.width_points);
        self.height_points = within(self.height_points, 480, 1600, first.height_points);
        self.scale_percent = within(self.scale_percent, 100, 250, first.scale_percent);
        if self.tab.chars().count() > MAX_TAB_CHARS {
            self.tab.clear();
        }
        self.own_tempo_bpm = self.own_tempo_bpm.filter(|bpm| Bpm::new(*bpm).is_ok());
        self
    }
}

impl Default for WindowState {
    fn default() -> Self {
        Self {
            width_points: 1120,
            height_points: 790,
            scale_percent: 100,
            tab: String::new(),
            theme: Theme::default(),
            own_tempo_bpm: None,
        }
    }
}

/// The value, or the type's own default where it is something else.
fn lenient<'de, D: serde::Deserializer<'de>, T: Default + serde::de::DeserializeOwned>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> WindowState {
        serde_json::from_str::<WindowState>(json).unwrap().clamped()
    }

    #[test]
    fn what_nobody_knows_yet_becomes_the_default_and_the_rest_is_kept() {
        let window = read(r#"{"width_points": 900, "theme": "sepia", "scale_percent": "huge", "tab": 3, "new": []}"#);
        assert_eq!(window, WindowState { width_points: 900, ..WindowState::default() });
        assert_eq!(read("{}"), WindowState::default());
    }

    #[test]
    fn sizes_stay_within_what_a_window_can_be() {
        let window = read(r#"{"width_points": 60000, "height_points": 1, "scale_percent": 999}"#);
        assert_eq!((window.width_points, window.height_points, window.scale_percent), (2560, 480, 250));
    }
}
