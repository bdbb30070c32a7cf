//! Who plays: a provider, and the styles it can play.
use jobs::Provider;
use std::sync::Arc;
use take::{BUILT_IN_STYLES, Bpm, StyleId};

/// A provider with its styles, read once.
pub(crate) struct Band {
    pub provider: Arc<dyn Provider>,
    /// Built in first, in their permanent order, then the user's.
    pub styles: Vec<StyleEntry>,
    /// A sentence for each style file of the user's that cannot be used.
    pub problems: Vec<String>,
}

/// A line of `--list-styles`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StyleEntry {
    pub id: String,
    pub name: String,
    pub tempo: Bpm,
}

impl Band {
    /// Reads the user's style files; disk work.
    pub(crate) fn new(provider: Arc<dyn Provider>) -> Self {
        let report = provider.reload_styles();
        let built_in = BUILT_IN_STYLES.iter().map(|&(id, name)| (StyleId::from(id), name.to_owned()));
        let entry = |(id, name): (StyleId, String)| {
            let tempo = provider.tempo_for("", &id);
            StyleEntry { id: id.0, name, tempo }
        };
        let styles = built_in.chain(report.user_styles).map(entry).collect();
        Self { styles, problems: report.problems, provider }
    }
}
