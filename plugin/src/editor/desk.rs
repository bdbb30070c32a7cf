//! What the window remembers from one opening to the next.
use super::theme::Theme;
use engine::DeckIndex;

/// Pages of the side panel, in the order of their tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Piano roll of the selected deck's take.
    Notes,
    /// The live band.
    Chords,
    /// Every take ever made.
    Library,
    /// Mixer and effects.
    Mix,
    /// Engines, folders, looks.
    Settings,
}

impl Tab {
    /// Every page.
    pub const ALL: [Tab; 5] = [Tab::Notes, Tab::Chords, Tab::Library, Tab::Mix, Tab::Settings];

    /// What the tab says.
    pub fn name(self) -> &'static str {
        match self {
            Tab::Notes => "Notes",
            Tab::Chords => "Chords",
            Tab::Library => "Library",
            Tab::Mix => "Mix",
            Tab::Settings => "Settings",
        }
    }
}

/// Scales of the window that can be chosen, percent.
pub const ZOOMS: [u16; 7] = [100, 125, 150, 175, 200, 225, 250];

/// The window's own settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Desk {
    /// Colours.
    pub theme: Theme,
    /// Open page; `None` leaves all the room to the decks.
    pub tab: Option<Tab>,
    /// Scale in percent, one of [`ZOOMS`]; on top of the system's.
    pub zoom_percent: u16,
    /// The deck that the prompt and the pages are about.
    pub target: DeckIndex,
    /// Tempo of takes made from this window, BPM; the host's where absent.
    pub own_tempo: Option<f64>,
}

impl Default for Desk {
    fn default() -> Self {
        let target = DeckIndex::all().next().expect("there are eight decks");
        Self { theme: Theme::Dark, tab: Some(Tab::Notes), zoom_percent: 100, target, own_tempo: None }
    }
}
