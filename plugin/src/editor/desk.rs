//! What the window remembers from one opening to the next, and how that reads in the project.
use engine::DeckIndex;
use studio::{Theme, WindowState};

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

    /// Permanent: projects hold it.
    pub fn id(self) -> &'static str {
        match self {
            Tab::Notes => "notes",
            Tab::Chords => "chords",
            Tab::Library => "library",
            Tab::Mix => "mix",
            Tab::Settings => "settings",
        }
    }

    /// `None` for the decks, and for a page of a newer Continuo.
    fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.id() == id)
    }
}

/// Scales of the window that can be chosen, percent.
pub const ZOOMS: [u16; 7] = [100, 125, 150, 175, 200, 225, 250];

/// The window's own settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Desk {
    /// Colours.
    pub theme: Theme,
    /// Chosen page; `None` is the decks alone, beside which a wide window shows the notes.
    pub tab: Option<Tab>,
    /// Scale in percent; on top of the system's.
    pub zoom_percent: u16,
    /// Width and height, points.
    pub size: (u16, u16),
    /// The deck that the prompt and the pages are about.
    pub target: DeckIndex,
    /// Tempo of takes made from this window, BPM; the host's where absent.
    pub own_tempo: Option<f64>,
}

impl Desk {
    /// As the project has it.
    pub fn of(window: &WindowState) -> Self {
        let target = DeckIndex::all().next().expect("there are eight decks");
        let mut desk = Self { theme: Theme::Dark, tab: None, zoom_percent: 100, size: (0, 0), target, own_tempo: None };
        desk.follow(window);
        desk
    }

    /// Takes over what the project remembers.
    pub fn follow(&mut self, window: &WindowState) {
        self.theme = window.theme;
        self.tab = Tab::from_id(&window.tab);
        self.zoom_percent = window.scale_percent;
        self.size = (window.width_points, window.height_points);
        self.own_tempo = window.own_tempo_bpm;
    }

    /// For the project.
    pub fn to_state(self) -> WindowState {
        WindowState {
            width_points: self.size.0,
            height_points: self.size.1,
            scale_percent: self.zoom_percent,
            tab: self.tab.map_or("decks", Tab::id).to_owned(),
            theme: self.theme,
            own_tempo_bpm: self.own_tempo,
        }
        .clamped()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desk_comes_back_from_the_project() {
        for tab in [None].into_iter().chain(Tab::ALL.map(Some)) {
            let mut desk = Desk::of(&WindowState::default());
            desk.tab = tab;
            desk.theme = Theme::Light;
            desk.zoom_percent = 175;
            desk.size = (900, 700);
            desk.own_tempo = tab.is_some().then_some(137.5);
            assert_eq!(Desk::of(&desk.to_state()), desk);
        }
    }

    #[test]
    fn a_page_of_a_newer_continuo_leaves_the_decks() {
        let window = WindowState { tab: "hologram".to_owned(), ..WindowState::default() };
        assert_eq!(Desk::of(&window).tab, None);
    }
}
